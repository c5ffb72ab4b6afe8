#include "VectorKernels.h"

#include <string.h>

#include "Machines.h"

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

enum { record_size = 6, lanes = 4 };

typedef double Vector __attribute__((vector_size(lanes * sizeof(double))));
typedef int64_t Mask __attribute__((vector_size(lanes * sizeof(int64_t))));

FOR_EVERY_MACHINE
size_t neurons_at_border(
    const double *neurons, size_t count, const struct FunctionalPair *pairs, size_t pair_count, double dip_squared,
    uint32_t *found) {
  size_t result = 0;
  double last[lanes * record_size];
  for (size_t first = 0; first < count; first += lanes) {
    const double *records = neurons + record_size * first;
    size_t present = lanes;
    if (count - first < lanes) {
      // Zeros in the place of those that are missing; they are not counted.
      present = count - first;
      memset(last, 0, sizeof last);
      memcpy(last, records, present * record_size * sizeof(double));
      records = last;
    }
    // Four records of a, w, b and something else become vectors of their components.
    Vector r0, r1, r2, r3;
    memcpy(&r0, records, sizeof r0);
    memcpy(&r1, records + record_size, sizeof r1);
    memcpy(&r2, records + 2 * record_size, sizeof r2);
    memcpy(&r3, records + 3 * record_size, sizeof r3);
    Vector even01 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6), odd01 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
    Vector even23 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6), odd23 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
    Vector a = __builtin_shufflevector(even01, even23, 0, 1, 4, 5);
    Vector w = __builtin_shufflevector(odd01, odd23, 0, 1, 4, 5);
    Vector b = __builtin_shufflevector(even01, even23, 2, 3, 6, 7);

    Vector least = (Vector){} + __builtin_inf();
    for (size_t p = 0; p < pair_count; p++) {
      Vector one = pairs[p].a[0] * a + pairs[p].w[0] * w + pairs[p].b[0] * b;
      Vector two = pairs[p].a[1] * a + pairs[p].w[1] * w + pairs[p].b[1] * b;
      least = __builtin_elementwise_min(least, __builtin_elementwise_min(one, two));
    }
    Vector norm = a * a + w * w + b * b;
    Mask mask = (least < 0.0) | (least * least < dip_squared * norm);
    if ((mask[0] | mask[1] | mask[2] | mask[3]) == 0) continue;
    for (size_t i = 0; i < present; i++) {
      found[result] = (uint32_t)(first + i);
      result += mask[i] != 0;
    }
  }
  return result;
}
