#ifndef SLIDING_KINKS_H
#define SLIDING_KINKS_H

#include "VectorKernels.h"

/// Kinks on which a neuron is, and what becomes of it there under an impulse.
///
/// With the multipliers l of the kinks, in [0, 1], it is driven by u = p - sum l_i q_i x_i, p the
/// drive of its active samples.
struct Kinks {
  /// How many, and the sample of each.
  size_t count;
  uint16_t *sample;
  /// In: x_i.p.
  double *push;
  /// Out: the multiplier, 1 where the neuron leaves to the active side, 0 where to the inactive
  /// one.
  double *multiplier;
  /// Out: 0 where it slides, 1 or -1 where it leaves.
  int8_t *side;
  /// Room for count^2 + 4 count numbers.
  double *room;
};

/// Decides about all kinks at once. Those with sign q_i > 0 attract: the multipliers minimise |u|.
/// The others repel: the neuron leaves to the side of the larger multiplier if both lead away.
///
/// @param sign the sign of a, 1 or -1.
void resolve_kinks(
    const struct Kinks *kinks, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse, double sign);

/// Cholesky factorisation of x_i.x_j of the samples of some kinks into rows of a lower triangle, of
/// `count` numbers each.
///
/// @return the first sample that depends on those before it, or count.
size_t factor_kinks(size_t count, const uint16_t *sample, const struct SpaceInputs *inputs, double *factor);

#endif
