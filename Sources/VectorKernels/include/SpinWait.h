#ifndef SPIN_WAIT_H
#define SPIN_WAIT_H

/// Lets a thread that waits in a loop do nothing for a moment, so that others on the same core are not disturbed.
static inline void spin_wait(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#endif
