#ifndef MACHINES_H
#define MACHINES_H

// Says which C library it is.
#include <stdint.h>

// A version for machines with vectors of eight or of four doubles, and one for all; which is used
// is decided when the program starts. Vectors may not be passed between functions then: functions
// that take them take pointers, and are made part of their callers.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define FOR_EVERY_MACHINE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EVERY_MACHINE
#endif

#endif
