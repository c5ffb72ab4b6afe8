#ifndef CPLATFORM_H
#define CPLATFORM_H

// Calls that Swift cannot make, or would have to make differently with every C library: extensions
// that headers hide, parameters that are enumerations in some, union members that are macros.

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/// Returns freed memory to the system, where the C library can (malloc_trim(3) of glibc).
///
/// @returns whether there was any to return.
int platform_return_free_memory(void);

/// A pipe for short messages: child processes do not inherit its ends, and writing to a full one
/// fails with EAGAIN.
///
/// @returns 0, or −1 with errno set.
int platform_pipe(int ends[_Nonnull 2]);

/// Starts a detached thread.
///
/// @returns 0, or the error number.
int platform_start_thread(void *_Nullable (*_Nonnull body)(void *_Nullable), void *_Nullable argument);

/// Starts threads until there are so many at the same time, then ends them.
///
/// @returns 0, or the error number of the first that could not be started.
int platform_try_threads(int count);

/// The cores that a thread may use (sched_getaffinity(2)): core i is bit i, counted from the lowest
/// bit of the first word.
///
/// @returns 0, or −1 with errno set: ENOSYS where there are no affinity masks.
int platform_get_affinity(pid_t thread, unsigned long *mask, size_t words);

/// Restricts a thread to some cores (sched_setaffinity(2)); see platform_get_affinity.
int platform_set_affinity(pid_t thread, const unsigned long *mask, size_t words);

/// The niceness, from −20 to 19, of a thread (Linux) or process (elsewhere); 0: the caller's.
int platform_niceness(pid_t thread);

/// Changes it.
///
/// @returns 0, or −1 with errno set.
int platform_set_niceness(pid_t thread, int niceness);

/// A resource with a limit (getrlimit(2)).
typedef enum {
  platform_limit_open_files,
  platform_limit_data,
  platform_limit_core_file,
} platform_limit;

/// getrlimit(2). Returns 0, or −1 with errno set.
int platform_get_limit(platform_limit limit, struct rlimit *bounds);

/// setrlimit(2). Returns 0, or −1 with errno set.
int platform_set_limit(platform_limit limit, const struct rlimit *bounds);

/// Installs a handler, also called while it runs (SA_NODEFER).
///
/// @returns 0, or −1 with errno set.
int platform_catch_signal(int signal, void (*_Nonnull handler)(int));

#pragma clang assume_nonnull end

#endif
