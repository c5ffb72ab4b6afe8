#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <sched.h>

int platform_get_affinity(pid_t thread, unsigned long *mask, size_t words) {
#if defined(__linux__)
  return sched_getaffinity(thread, words * sizeof *mask, (cpu_set_t *)mask);
#else
  errno = ENOSYS;
  return -1;
#endif
}

int platform_set_affinity(pid_t thread, const unsigned long *mask, size_t words) {
#if defined(__linux__)
  return sched_setaffinity(thread, words * sizeof *mask, (const cpu_set_t *)mask);
#else
  errno = ENOSYS;
  return -1;
#endif
}

int platform_niceness(pid_t thread) { return getpriority(PRIO_PROCESS, thread); }

int platform_set_niceness(pid_t thread, int niceness) { return setpriority(PRIO_PROCESS, thread, niceness); }
