#ifndef SPIN_WAIT_H
#define SPIN_WAIT_H

#include <sched.h>

/// Lets a thread that waits in a loop do nothing for a moment, so that others on the same core are
/// not disturbed; from some microseconds on it offers its place to threads that have none.
///
/// @param round how often it has waited before.
static inline void spin_wait(int round) {
  if (round > 256) {
    sched_yield();
    return;
  }
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#endif
