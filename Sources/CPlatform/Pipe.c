#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>
#include <unistd.h>

int platform_pipe(int ends[2]) {
#if defined(__linux__)
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
#else
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
#endif
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  return 0;
}
