#include "CPlatform.h"

static int resource(platform_limit limit) {
  switch (limit) {
  case platform_limit_open_files: return RLIMIT_NOFILE;
  case platform_limit_data: return RLIMIT_DATA;
  case platform_limit_core_file: return RLIMIT_CORE;
  }
  return -1;
}

int platform_get_limit(platform_limit limit, struct rlimit *bounds) { return getrlimit(resource(limit), bounds); }

int platform_set_limit(platform_limit limit, const struct rlimit *bounds) { return setrlimit(resource(limit), bounds); }
