#ifndef VECTOR_KERNELS_H
#define VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Two linear functionals v·θ of a neuron's state θ = (a, w, b), by components.
struct FunctionalPair {
  double a[2];
  double w[2];
  double b[2];
};

/// Finds the neurons that may come to a border: those of which the least functional is negative, or smaller than the
/// dip, that is than √dip_squared |θ|.
///
/// The result does not depend on the instruction set: products and sums are never fused, and their order is that
/// in which they are written.
///
/// @param neurons  the first of records of six doubles, or eight bytes each, that begin with a, w, b.
/// @param count    how many records.
/// @param pairs    the functionals.
/// @param pair_count how many pairs, at least 1.
/// @param dip_squared the square of the dip, at least 0; dimensionless.
/// @param found    room for `count` positions, which are written in ascending order.
/// @return how many were found.
size_t neurons_at_border(
    const double *_Nonnull neurons, size_t count, const struct FunctionalPair *_Nonnull pairs, size_t pair_count,
    double dip_squared, uint32_t *_Nonnull found);

#endif
