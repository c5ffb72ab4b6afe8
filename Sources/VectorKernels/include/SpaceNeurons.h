#ifndef SPACE_NEURONS_H
#define SPACE_NEURONS_H

#include <stddef.h>
#include <stdint.h>

/// The numbers of rows come in vectors of so many.
#define space_lanes 8

/// ReLU neurons with inputs in R^d, kept one by one as n samples see them.
///
/// A row has `stride` numbers, a multiple of `space_lanes`, of which those from n on are zero, and
/// begins at a multiple of 64 bytes. Sample i is bit i % 64 of word i / 64 of a set.
struct SpaceNeurons {
  /// The output weights, a number a neuron.
  double *_Nonnull a;
  /// z_i = w.x_i, a row a neuron; on the active side at least 0, else at most 0.
  double *_Nonnull z;
  /// w - w(0) = sum c_i x_i, a row a neuron.
  double *_Nonnull c;
  /// The samples at which a neuron is active, a set a neuron.
  uint64_t *_Nonnull active;
  /// The samples on whose kinks it slides, a set a neuron; none of them is active.
  uint64_t *_Nonnull sliding;
};

/// The samples.
struct SpaceInputs {
  /// n.
  size_t count;
  /// The length of a row, and of a set in words.
  size_t stride;
  size_t words;
  /// x_i.x_j, n rows.
  const double *_Nonnull gram;
  /// |x_i|, a row.
  const double *_Nonnull norm;
  /// The inputs in an orthonormal basis of their span: n rows of `rank_stride` numbers.
  const double *_Nonnull factor;
  size_t rank_stride;
};

/// A straight impulse.
struct SpaceImpulse {
  /// q, a row.
  const double *_Nonnull q;
  /// -q_i x_i.x_j, n rows: what an active sample adds to x_j.u.
  const double *_Nonnull columns;
  /// -q_i x_i in the basis of `factor`, n rows: what it adds to u.
  const double *_Nonnull drives;
  /// sum |q_i| |x_i|.
  double size;
};

/// Moves neurons through straight impulses, one after the other, exactly: with the kinks that they
/// cross or slide on (docs/space.md).
///
/// The result does not depend on the instruction set, nor on which neurons are moved together.
///
/// @param first, count which neurons.
/// @param moved   gets where they are after the last impulse; null if nothing is to be written.
/// @param room    stride (2 stride + 50) + 2 rank_stride numbers, from a multiple of 64 bytes on.
/// @param function a row to which sum a z_i of the active neurons after the last impulse is added.
void move_space_neurons(
    const struct SpaceNeurons *_Nonnull neurons, size_t first, size_t count, const struct SpaceInputs *_Nonnull inputs,
    const struct SpaceImpulse *_Nullable impulses, size_t impulse_count,
    const struct SpaceNeurons *_Nullable moved, double *_Nonnull room, double *_Nonnull function);

/// The largest squared rapidity |u|^2 of neurons under an impulse; infinite if one is no number.
double space_mobility_squared(
    const struct SpaceNeurons *_Nonnull neurons, size_t first, size_t count, const struct SpaceInputs *_Nonnull inputs,
    const struct SpaceImpulse *_Nonnull impulse, double *_Nonnull room);

/// What is seen of neurons.
struct SpaceSums {
  /// sum |w - w(0)|^2.
  double displacement;
  /// sum (w - w(0)).u a.
  double rate;
  /// The largest |u|^2; infinite if one is no number.
  double mobility;
};

/// Sums over neurons under an impulse.
struct SpaceSums space_sums(
    const struct SpaceNeurons *_Nonnull neurons, size_t first, size_t count, const struct SpaceInputs *_Nonnull inputs,
    const struct SpaceImpulse *_Nonnull impulse, double *_Nonnull room);

/// Adds what neurons contribute to the kernel: products gets sum z z^T, of active samples, less
/// what sliding takes away; weights gets sum a^2 over the neurons that are active at both samples,
/// yet to be multiplied by x_i.x_j.
///
/// Of both, n rows, only the upper triangle is right.
void add_space_kernel(
    const struct SpaceNeurons *_Nonnull neurons, size_t first, size_t count, const struct SpaceInputs *_Nonnull inputs,
    double *_Nonnull room, double *_Nonnull products, double *_Nonnull weights);

/// The sum of multiples of rows: sum f_i rows_i.
void combine_space_rows(
    const double *_Nonnull factors, size_t count, const double *_Nonnull rows, size_t stride, double *_Nonnull sum);

#endif
