#include "DescentNeurons.h"

#include "Machines.h"

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

#include "SmoothFunctions.h"

typedef uint64_t Words __attribute__((vector_size(lanes * sizeof(uint64_t))));

// Samples that are taken together, so that a weight is read once for all of them.
enum { tile = 4 };

/// g(z) and g'(z), rectified or smooth.
PART void activate_any(int activation, double s, double inverse_s, const Vector *z, Vector *value, Vector *slope) {
  if (activation == descent_relu) {
    Mask active = *z > 0;
    *value = CHOOSE(active, *z, ALL_LANES(0.0));
    *slope = CHOOSE(active, ALL_LANES(1.0), ALL_LANES(0.0));
  } else {
    activate(activation, s, inverse_s, z, value, slope);
  }
}

/// Which of eight neurons are kept for four samples: words below keep 2^32 of Philox4x32-10, with
/// the counter (neuron, quarter of the sample, step).
///
/// Source: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC 2011.
PART void kept_of_four(const struct DescentBatch *batch, size_t block, size_t quarter, Mask *kept) {
  const Words low = (Words){} + 0xffffffff;
  const uint64_t limit = (uint64_t)(batch->keep * 0x1p32);
  const Words lane = {0, 1, 2, 3, 4, 5, 6, 7};
  Words c0 = lane + (uint32_t)(block * lanes), c1 = (Words){} + (uint32_t)quarter;
  Words c2 = (Words){} + (uint32_t)batch->step, c3 = (Words){} + (uint32_t)(batch->step >> 32);
  uint32_t k0 = batch->key[0], k1 = batch->key[1];
  for (int round = 0; round < 10; round++) {
    Words p0 = c0 * 0xD2511F53, p1 = c2 * 0xCD9E8D57;
    c0 = (p1 >> 32) ^ c1 ^ k0;
    c1 = p1 & low;
    c2 = (p0 >> 32) ^ c3 ^ k1;
    c3 = p0 & low;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  kept[0] = (Mask)(c0 < limit);
  kept[1] = (Mask)(c1 < limit);
  kept[2] = (Mask)(c2 < limit);
  kept[3] = (Mask)(c3 < limit);
}

/// z = w . x for four samples and a block of neurons.
PART void arguments(size_t d, const double *weights, const double *x, Vector *z) {
  Vector w = FROM(weights, 1);
  for (int t = 0; t < tile; t++) z[t] = w * x[t * d];
  for (size_t c = 1; c < d; c++) {
    w = FROM(weights, 1 + c);
    for (int t = 0; t < tile; t++) z[t] += w * x[t * d + c];
  }
}

/// The same for one sample.
PART void argument(size_t d, const double *weights, const double *x, Vector *z) {
  *z = FROM(weights, 1) * x[0];
  for (size_t c = 1; c < d; c++) *z += FROM(weights, 1 + c) * x[c];
}

/// The same for the samples of a tile, of which the last one may be incomplete.
///
/// @param left how many samples there are from its first one on.
/// @return how many the tile has.
PART int arguments_of_tile(size_t d, const double *weights, const double *x, size_t left, Vector *z) {
  if (left >= tile) {
    arguments(d, weights, x, z);
    return tile;
  }
  for (size_t t = 0; t < left; t++) argument(d, weights, x + t * d, z + t);
  return (int)left;
}

/// Factors by which the neurons of a block count for the samples of a tile.
PART void factors(const struct DescentBatch *batch, size_t block, size_t first, Vector *factor) {
  if (batch->keep < 1) {
    Mask kept[tile];
    kept_of_four(batch, block, first / tile, kept);
    for (int t = 0; t < tile; t++) factor[t] = CHOOSE(kept[t], ALL_LANES(1 / batch->keep), ALL_LANES(0.0));
  } else {
    for (int t = 0; t < tile; t++) factor[t] = ALL_LANES(1.0);
  }
}

/// The gradient of a block, a component after the other.
PART void gradient_of(
    const struct DescentBatch *batch, int activation, size_t d, size_t block, const double *weights, const double *r,
    double *gradient) {
  double inverse_s = 1 / batch->scale;
  size_t n = batch->sample_count;
  Vector da = {};
  for (size_t c = 1; c <= d; c++) AT(gradient, c) = ALL_LANES(0.0);
  const double *x = batch->inputs;
  for (size_t i = 0; i < n; i += tile, x += tile * d) {
    Vector factor[tile], z[tile], value, slope[tile];
    factors(batch, block, i, factor);
    int present = arguments_of_tile(d, weights, x, n - i, z);
    for (int t = 0; t < present; t++) {
      activate_any(activation, batch->scale, inverse_s, z + t, &value, slope + t);
      Vector push = r[i + t] * factor[t];
      da += push * (batch->offset + value);
      slope[t] *= push;
    }
    if (present == tile) {
      for (size_t c = 0; c < d; c++) {
        AT(gradient, 1 + c) +=
            (slope[0] * x[c] + slope[1] * x[d + c]) + (slope[2] * x[2 * d + c] + slope[3] * x[3 * d + c]);
      }
    } else {
      for (int t = 0; t < present; t++) {
        for (size_t c = 0; c < d; c++) AT(gradient, 1 + c) += slope[t] * x[t * d + c];
      }
    }
  }
  AT(gradient, 0) = da;
  for (size_t c = 1; c <= d; c++) AT(gradient, c) *= FROM(weights, 0);
}

PART void step_of(
    const struct DescentBatch *batch, const struct DescentStep *step, int activation, size_t d, size_t first_block, size_t block_count,
    double *weights, double *first, double *second, const double *residuals, double *gradient) {
  for (size_t b = 0; b < block_count; b++) {
    size_t place = b * lanes * (1 + d);
    gradient_of(batch, activation, d, first_block + b, weights + place, residuals, gradient);
    for (size_t c = 0; c <= d; c++) {
      int kind = c > 0;
      Vector g = FROM(gradient, c);
      if (step->rule == descent_plain) {
        AT(weights + place, c) -= step->rate[kind] * g;
        continue;
      }
      if (step->rule == descent_momentum) {
        Vector m = step->decay[0] * FROM(first + place, c) + g;
        AT(first + place, c) = m;
        AT(weights + place, c) -= step->rate[kind] * m;
        continue;
      }
      Vector m = step->decay[0] * FROM(first + place, c) + (1 - step->decay[0]) * g;
      Vector v = step->decay[1] * FROM(second + place, c) + (1 - step->decay[1]) * (g * g);
      AT(first + place, c) = m;
      AT(second + place, c) = v;
      Vector root = __builtin_elementwise_sqrt(v * step->correction[1]);
      AT(weights + place, c) -= step->rate[kind] * ((m * step->correction[0]) / (root + step->epsilon[kind]));
    }
  }
}

/// The sum of the lanes, in a fixed order.
PART double lane_sum(const Vector *x) {
  return (((*x)[0] + (*x)[4]) + ((*x)[2] + (*x)[6])) + (((*x)[1] + (*x)[5]) + ((*x)[3] + (*x)[7]));
}

PART void outputs_of(
    const struct DescentBatch *batch, int activation, size_t d, size_t first_block, size_t block_count,
    const double *weights, double *totals, double *sums) {
  double inverse_s = 1 / batch->scale;
  size_t n = batch->sample_count;
  for (size_t i = 0; i < n; i++) AT(totals, i) = ALL_LANES(0.0);
  for (size_t b = 0; b < block_count; b++, weights += lanes * (1 + d)) {
    const double *x = batch->inputs;
    Vector a = FROM(weights, 0);
    for (size_t i = 0; i < n; i += tile, x += tile * d) {
      Vector factor[tile], z[tile], value, slope;
      factors(batch, first_block + b, i, factor);
      int present = arguments_of_tile(d, weights, x, n - i, z);
      for (int t = 0; t < present; t++) {
        activate_any(activation, batch->scale, inverse_s, z + t, &value, &slope);
        AT(totals, i + t) += (a * factor[t]) * (batch->offset + value);
      }
    }
  }
  for (size_t i = 0; i < n; i++) sums[i] = lane_sum((const Vector *)totals + i);
}

// Code for every activation, and for one input and a bias.
#define FOR_ACTIVATION(kind, d, call) \
  case kind: \
    call(kind, d); \
    break;
#define FOR_ALL(activation, d, call) \
  switch (activation) { \
    FOR_ACTIVATION(smooth_tanh, d, call) \
    FOR_ACTIVATION(smooth_x_tanh, d, call) \
    FOR_ACTIVATION(smooth_x2_tanh, d, call) \
    FOR_ACTIVATION(smooth_sigmoid, d, call) \
    FOR_ACTIVATION(smooth_softplus, d, call) \
    FOR_ACTIVATION(smooth_gelu, d, call) \
    FOR_ACTIVATION(descent_relu, d, call) \
    default: \
      call(smooth_linear, d); \
  }
#define BY_DIMENSION(activation, d, call) \
  if (d == 2) { \
    FOR_ALL(activation, 2, call) \
  } else { \
    FOR_ALL(activation, d, call) \
  }

size_t descent_room(size_t sample_count, size_t dimension) {
  // For the alignment of vectors, one more.
  return lanes * ((sample_count > dimension ? sample_count : dimension) + 2);
}

/// The first number of room at which a vector may begin.
static double *aligned(double *room) {
  uintptr_t address = (uintptr_t)room, unit = lanes * sizeof(double);
  return room + ((unit - address % unit) % unit) / sizeof(double);
}

FOR_EVERY_MACHINE
void descent_neurons_step(
    const struct DescentBatch *batch, const struct DescentStep *step, size_t first_block, size_t block_count,
    double *weights, double *first, double *second, const double *residuals, double *room) {
  double *gradient = aligned(room);
#define STEP(kind, d) \
  step_of(batch, step, kind, d, first_block, block_count, weights, first, second, residuals, gradient);
  BY_DIMENSION(batch->activation, batch->dimension, STEP)
#undef STEP
}

FOR_EVERY_MACHINE
void descent_neurons_function(
    const struct DescentBatch *batch, size_t first_block, size_t block_count, const double *weights, double *sums,
    double *room) {
  double *totals = aligned(room);
#define OUTPUTS(kind, d) outputs_of(batch, kind, d, first_block, block_count, weights, totals, sums);
  BY_DIMENSION(batch->activation, batch->dimension, OUTPUTS)
#undef OUTPUTS
}

/// The kernel of a block: h_i h_j and a^2 g'_i g'_j, for j >= i, row by row.
PART void kernel_of(
    const struct DescentBatch *batch, int activation, size_t d, size_t block_count, const double *weights,
    double *room, double *totals) {
  double inverse_s = 1 / batch->scale;
  size_t n = batch->sample_count;
  for (size_t b = 0; b < block_count; b++, weights += lanes * (1 + d)) {
    for (size_t i = 0; i < n; i++) {
      Vector z, value, slope;
      argument(d, weights, batch->inputs + i * d, &z);
      activate_any(activation, batch->scale, inverse_s, &z, &value, &slope);
      AT(room, i) = batch->offset + value;
      AT(room, n + i) = FROM(weights, 0) * slope;
    }
    size_t place = 0;
    for (size_t i = 0; i < n; i++) {
      Vector h = FROM(room, i), s = FROM(room, n + i);
      for (size_t j = i; j < n; j++, place += 2) {
        AT(totals, place) += h * FROM(room, j);
        AT(totals, place + 1) += s * FROM(room, n + j);
      }
    }
  }
}

size_t descent_kernel_room(size_t sample_count) {
  return lanes * (2 * sample_count + sample_count * (sample_count + 1) + 1);
}

FOR_EVERY_MACHINE
void descent_neurons_kernel(
    const struct DescentBatch *batch, size_t block_count, const double *weights, double *sums, double *room) {
  size_t n = batch->sample_count;
  double *values = aligned(room), *totals = values + 2 * n * lanes;
  for (size_t k = 0; k < n * (n + 1); k++) AT(totals, k) = ALL_LANES(0.0);
#define KERNEL(kind, d) kernel_of(batch, kind, d, block_count, weights, values, totals);
  BY_DIMENSION(batch->activation, batch->dimension, KERNEL)
#undef KERNEL
  for (size_t k = 0; k < n * (n + 1); k++) sums[k] = lane_sum((const Vector *)totals + k);
}

FOR_EVERY_MACHINE
void descent_neurons_squares(
    size_t d, size_t block_count, const double *weights, const double *initial, double *sums) {
  Vector all = {}, moved = {};
  for (size_t b = 0; b < block_count; b++, weights += lanes * (1 + d), initial += lanes * d) {
    all += FROM(weights, 0) * FROM(weights, 0);
    for (size_t c = 0; c < d; c++) {
      Vector difference = FROM(weights, 1 + c) - FROM(initial, c);
      moved += difference * difference;
    }
  }
  sums[0] = lane_sum(&all);
  sums[1] = lane_sum(&moved);
}
