#ifndef DESCENT_NEURONS_H
#define DESCENT_NEURONS_H

#include <stddef.h>
#include <stdint.h>

#include "SmoothNeurons.h"

/// The activation max(0, z), beside those of `SmoothKind`; its derivative at 0 is 0.
#define descent_relu 7

/// Some samples, as neurons see them that are trained by steps.
///
/// A neuron has an output weight a and d input weights w, in blocks of `smooth_lanes` neurons,
/// component by component: a, then w. With s the scale, p the multiplicity of the activation and
/// z_i = w . x_i, it contributes to sample i
///
///     a h_i,   h_i = offset + g(z_i),   g(z) = (activation(s z) - activation(0)) / s^p
struct DescentBatch {
  /// A `SmoothKind`, or `descent_relu`.
  int32_t activation;
  /// How many samples there are, and of how many components.
  size_t sample_count;
  size_t dimension;
  /// x_i, one after the other.
  const double *_Nonnull inputs;
  /// s, at least 1e-150.
  double scale;
  /// activation(0) / s^p.
  double offset;
  /// With which probability a neuron is kept for a sample, in (0, 1], by independent bits of
  /// (key, step, neuron, sample); what is kept counts by its inverse. 1: all are kept.
  double keep;
  uint32_t key[2];
  uint64_t step;
};

/// How a step changes parameters by the gradient.
enum DescentKind {
  /// theta -= rate gradient
  descent_plain = 0,
  /// first = decay gradient_before + gradient; theta -= rate first
  descent_momentum = 1,
  /// Kingma, Ba, *Adam*, ICLR 2015, algorithm 1.
  descent_adam = 2
};

/// A step of descent.
struct DescentStep {
  /// A `DescentKind`.
  int32_t rule;
  /// The rates of output and input weights.
  double rate[2];
  /// Of the first and, for Adam, the second moment: by which they decay.
  double decay[2];
  /// 1 / (1 - decay^t) of both, t the number of this step from 1 on; Adam.
  double correction[2];
  /// What is added to the root of the second moment of output and of input weights; Adam.
  double epsilon[2];
};

/// How many numbers of room the functions below need.
size_t descent_room(size_t sample_count, size_t dimension);

/// Makes a step with the residuals of a batch: the gradient is
///
///     d/da = sum_i r_i k_i h_i,   d/dw = a sum_i r_i k_i g'(z_i) x_i
///
/// with k_i = 0 for dropped neurons, else 1 / keep. The result does not depend on the instruction
/// set, nor on how neurons are divided into calls.
///
/// @param first_block  the number of the first block among all, by which random bits are chosen.
/// @param weights      by block a, then d components of w.
/// @param first        first moments, in the same order; used by momentum and Adam.
/// @param second       second moments; used by Adam.
/// @param residuals    r_i, of which all factors are part.
/// @param room         `descent_room` numbers.
void descent_neurons_step(
    const struct DescentBatch *_Nonnull batch, const struct DescentStep *_Nonnull step, size_t first_block,
    size_t block_count, double *_Nonnull weights, double *_Nullable first, double *_Nullable second,
    const double *_Nonnull residuals, double *_Nonnull room);

/// Sums of a k_i h_i over neurons, for all samples of a batch.
///
/// @param sums n numbers, which are set.
/// @param room `descent_room` numbers.
void descent_neurons_function(
    const struct DescentBatch *_Nonnull batch, size_t first_block, size_t block_count,
    const double *_Nonnull weights, double *_Nonnull sums, double *_Nonnull room);

/// Sums over neurons of a^2 and of |w - w(0)|^2.
///
/// @param initial by block d components of w(0).
/// @param sums    two numbers, which are set.
void descent_neurons_squares(
    size_t dimension, size_t block_count, const double *_Nonnull weights, const double *_Nonnull initial,
    double *_Nonnull sums);

/// How many numbers of room `descent_neurons_kernel` needs.
size_t descent_kernel_room(size_t sample_count);

/// The two parts of the kernel: sums over neurons of h_i h_j and of a^2 g'(z_i) g'(z_j), in turn,
/// for j >= i, row by row; n (n + 1) numbers, which are set. Nothing is dropped.
///
/// @param room `descent_kernel_room` numbers.
void descent_neurons_kernel(
    const struct DescentBatch *_Nonnull batch, size_t block_count, const double *_Nonnull weights,
    double *_Nonnull sums, double *_Nonnull room);

#endif
