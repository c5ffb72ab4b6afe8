#include "Machines.h"
#include "VectorKernels.h"

#include <string.h>

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

enum { lanes = 8 };

typedef double Vector __attribute__((vector_size(lanes * sizeof(double))));
typedef int64_t Mask __attribute__((vector_size(lanes * sizeof(int64_t))));

#define SMALLER(x, y) ((Vector)((((x) < (y)) & (Mask)(x)) | (~((x) < (y)) & (Mask)(y))))

FOR_EVERY_MACHINE
void cones_of_neurons(
    const double *a, const double *w, const double *b, size_t count, double scale, const struct SampleLine *samples,
    size_t sample_count, int32_t classes, uint32_t *keys) {
  const int64_t n = (int64_t)sample_count;
  for (size_t first = 0; first < count; first += lanes) {
    size_t present = count - first < lanes ? count - first : lanes;
    Vector va = {}, vw = {}, vb = {};
    memcpy(&va, a + first, present * sizeof(double));
    memcpy(&vw, w + first, present * sizeof(double));
    memcpy(&vb, b + first, present * sizeof(double));
    va *= scale;

    // The two rays of a cone lie on the lines that are nearest to any neuron in it.
    Vector nearest = (Vector){} + __builtin_inf();
    Mask active = {};
    for (size_t i = 0; i < sample_count; i++) {
      active -= vw * samples[i].x[0] + vb * samples[i].x[1] > 0;
      Vector distance = vw * samples[i].normal[0] + vb * samples[i].normal[1];
      Vector other = -distance;
      distance = (Vector)(((distance < 0) & (Mask)other) | (~(distance < 0) & (Mask)distance));
      nearest = SMALLER(distance, nearest);
    }
    Mask forward = vw >= 0, all = active == n;
    Mask cone = (forward & (n - active)) | (~forward & ~all & (n + active));

    Vector squared = nearest * nearest / (va * va + vw * vw + vb * vb);
    Mask exponent = (((Mask)squared >> 52) & 0x7ff) - 1023;
    Mask class = (-1 - exponent) >> 1;
    class &= class > 0;
    Mask beyond = (class > classes) | ~(squared > 0);
    class = (beyond & classes) | (~beyond & class);
    Mask key = cone * (classes + 1) + class;
    for (size_t i = 0; i < present; i++) keys[first + i] = (uint32_t)key[i];
  }
}
