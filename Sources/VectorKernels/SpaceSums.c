#include <math.h>
#include <string.h>

#include "Machines.h"
#include "SpaceRows.h"

/// Room for the kinks of a neuron.
struct KinkRoom {
  /// u and the way, rows of the factor.
  double *u;
  double *way;
  double *push;
  double *multiplier;
  uint16_t *sample;
  int8_t *side;
  double *resolving;
};

PART struct KinkRoom divide(double *room, const struct SpaceInputs *inputs) {
  struct KinkRoom result;
  result.u = room;
  result.way = result.u + inputs->rank_stride;
  result.push = result.way + inputs->rank_stride;
  result.multiplier = result.push + inputs->stride;
  result.sample = (uint16_t *)(result.multiplier + inputs->stride);
  result.side = (int8_t *)(result.sample + inputs->stride);
  result.resolving = result.multiplier + 2 * inputs->stride;
  return result;
}

/// u of a neuron in the basis of the factor, and |u|^2.
PART double drive(
    const struct SpaceNeurons *neurons, size_t k, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse,
    const struct KinkRoom *room) {
  const size_t rank = inputs->rank_stride, words = inputs->words;
  const uint64_t *active = neurons->active + k * words, *sliding = neurons->sliding + k * words;
  sum_rows(impulse->drives, rank, active, words, room->u);
  if (!is_empty(sliding, words) && !is_empty(active, words)) {
    size_t count = 0;
    FOR_EACH_MEMBER(i, sliding, words) {
      room->push[count] = product_of(inputs->factor + i * rank, room->u, rank);
      room->sample[count++] = (uint16_t)i;
    }
    double sign = neurons->a[k] > 0 ? 1 : -1;
    if (neurons->a[k] == 0) {
      double qz, unused;
      const double *z = neurons->z + k * inputs->stride;
      pair_of_products(impulse->q, z, z, active, inputs->stride, &unused, &qz);
      sign = qz > 0 ? -1 : 1;
    }
    struct Kinks kinks = {count, room->sample, room->push, room->multiplier, room->side, room->resolving};
    resolve_kinks(&kinks, inputs, impulse, sign);
    for (size_t j = 0; j < count; j++) {
      if (room->multiplier[j] == 0) continue;
      add_row(room->multiplier[j], impulse->drives + room->sample[j] * rank, room->u, rank);
    }
  }
  return product_of(room->u, room->u, rank);
}

FOR_EVERY_MACHINE
double space_mobility_squared(
    const struct SpaceNeurons *neurons, size_t first, size_t count, const struct SpaceInputs *inputs,
    const struct SpaceImpulse *impulse, double *room) {
  struct KinkRoom space = divide(room, inputs);
  double largest = 0;
  for (size_t k = first; k < first + count; k++) {
    double squared = drive(neurons, k, inputs, impulse, &space);
    // No comparison would find a number that is none.
    if (squared != squared) return INFINITY;
    if (squared > largest) largest = squared;
  }
  return largest;
}

FOR_EVERY_MACHINE
struct SpaceSums space_sums(
    const struct SpaceNeurons *neurons, size_t first, size_t count, const struct SpaceInputs *inputs,
    const struct SpaceImpulse *impulse, double *room) {
  const size_t rank = inputs->rank_stride;
  struct KinkRoom space = divide(room, inputs);
  struct SpaceSums sums = {0, 0, 0};
  for (size_t k = first; k < first + count; k++) {
    double squared = drive(neurons, k, inputs, impulse, &space);
    if (squared != squared) squared = INFINITY;
    if (squared > sums.mobility) sums.mobility = squared;
    combine_rows(neurons->c + k * inputs->stride, inputs->count, inputs->factor, rank, space.way);
    sums.displacement += product_of(space.way, space.way, rank);
    sums.rate += neurons->a[k] * product_of(space.way, space.u, rank);
  }
  return sums;
}

/// Rows that are added to a matrix together.
enum { batch_size = 8 };

/// The upper triangle of M <- M + sign sum x x^T over some rows x.
PART void add_products(double sign, const double *rows, size_t stride, size_t n, double *matrix) {
  for (size_t i = 0; i < n; i++) {
    double factor[batch_size];
    for (size_t r = 0; r < batch_size; r++) factor[r] = sign * rows[r * stride + i];
    for (size_t v = i / lanes; v < stride / lanes; v++) {
      Vector *target = (Vector *)(matrix + i * stride) + v;
      Vector sum = *target;
      for (size_t r = 0; r < batch_size; r++) sum += factor[r] * ((const Vector *)(rows + r * stride))[v];
      *target = sum;
    }
  }
}

FOR_EVERY_MACHINE
void add_space_kernel(
    const struct SpaceNeurons *neurons, size_t first, size_t count, const struct SpaceInputs *inputs, double *room,
    double *products, double *weights) {
  const size_t n = inputs->count, stride = inputs->stride, words = inputs->words;
  double *positive = room, *negative = positive + batch_size * stride, *weighted = negative + batch_size * stride;
  double *factor = weighted + batch_size * stride;
  uint16_t *sample = (uint16_t *)(weighted + batch_size * stride);
  factor += stride;
  memset(negative, 0, batch_size * stride * sizeof(double));
  size_t pending = 0;
  for (size_t start = first; start < first + count; start += batch_size) {
    size_t present = first + count - start < batch_size ? first + count - start : batch_size;
    if (present < batch_size) {
      memset(positive, 0, batch_size * stride * sizeof(double));
      memset(weighted, 0, batch_size * stride * sizeof(double));
    }
    for (size_t l = 0; l < present; l++) {
      size_t k = start + l;
      const double *z = neurons->z + k * stride;
      const uint64_t *active = neurons->active + k * words, *sliding = neurons->sliding + k * words;
      const double a = neurons->a[k];
      for (size_t v = 0; v < stride / lanes; v++) {
        Mask mask;
        members(active, v, &mask);
        ((Vector *)(positive + l * stride))[v] = (Vector)(mask & ((const Mask *)z)[v]);
        ((Vector *)(weighted + l * stride))[v] = (Vector)(mask & (Mask)((Vector){} + a));
      }
      if (is_empty(sliding, words)) continue;
      size_t kinks = 0;
      FOR_EACH_MEMBER(i, sliding, words) sample[kinks++] = (uint16_t)i;
      // Of samples that depend on others the rest is enough.
      size_t independent = factor_kinks(kinks, sample, inputs, factor);
      while (independent < kinks) {
        for (size_t j = independent + 1; j < kinks; j++) sample[j - 1] = sample[j];
        independent = factor_kinks(--kinks, sample, inputs, factor);
      }
      // The rows of L^-1 G_SP, by forward substitution; the earlier ones are kept behind the
      // factor.
      double *found = factor + stride * stride;
      for (size_t t = 0; t < kinks; t++) {
        const double inverse = 1 / factor[t * kinks + t];
        for (size_t v = 0; v < stride / lanes; v++) {
          Mask mask;
          members(active, v, &mask);
          Vector sum = ((const Vector *)(inputs->gram + sample[t] * stride))[v];
          for (size_t u = 0; u < t; u++) sum -= factor[t * kinks + u] * ((const Vector *)(found + u * stride))[v];
          sum = (Vector)(mask & (Mask)(inverse * sum));
          ((Vector *)(found + t * stride))[v] = sum;
          ((Vector *)(negative + pending * stride))[v] = a * sum;
        }
        if (++pending < batch_size) continue;
        add_products(-1, negative, stride, n, products);
        memset(negative, 0, batch_size * stride * sizeof(double));
        pending = 0;
      }
    }
    add_products(1, positive, stride, n, products);
    add_products(1, weighted, stride, n, weights);
  }
  if (pending > 0) add_products(-1, negative, stride, n, products);
}

FOR_EVERY_MACHINE
void combine_space_rows(const double *factors, size_t count, const double *rows, size_t stride, double *sum) {
  combine_rows(factors, count, rows, stride, sum);
}
