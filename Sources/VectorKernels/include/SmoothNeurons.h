#ifndef SMOOTH_NEURONS_H
#define SMOOTH_NEURONS_H

#include <stddef.h>
#include <stdint.h>

/// Activations of two-layer networks, as `SmoothActivation` defines them.
enum SmoothKind {
  smooth_linear = 0,
  smooth_tanh = 1,
  smooth_x_tanh = 2,
  smooth_x2_tanh = 3,
  smooth_sigmoid = 4,
  smooth_softplus = 5,
  smooth_gelu = 6
};

/// Neurons stand in blocks of so many, component by component.
#define smooth_lanes 8

/// What neurons of a two-layer network are moved by, whatever their values.
///
/// A neuron has an output weight a and input weights w = w(0) + v. With s the scale, p the
/// multiplicity of the activation and z_i = w . x_i, it contributes to sample i
///
///     a (offset + g(z_i)),   g(z) = (activation(s z) - activation(0)) / s^p
struct SmoothNetwork {
  /// A `SmoothKind`.
  int32_t activation;
  /// Whether input weights move in proportion to themselves where they are small: p > 1.
  int32_t is_higher_order;
  /// n and d: how many samples there are, and of how many components.
  size_t sample_count;
  size_t dimension;
  /// x_i, n vectors one after the other.
  const double *_Nonnull inputs;
  /// s, at least 1e-150.
  double scale;
  /// activation(0) / s^p.
  double offset;
  /// s times the largest |x_i|: the largest change of an argument of the activation by a change of
  /// w.
  double reach;
  /// Along a straight impulse, neurons are moved in steps in which they change by at most so much
  /// relative to themselves; positive.
  double max_change;
};

/// The activation g(z) and its derivative at some z, by the code that neurons are moved with.
void smooth_activation(
    int32_t activation, double scale, const double *_Nonnull z, size_t count, double *_Nonnull value,
    double *_Nonnull derivative);

/// How many numbers of room the functions below need.
size_t smooth_room(size_t sample_count, size_t dimension);

/// Moves neurons by a sequence of straight impulses.
///
/// An impulse p moves them by da/ds = sum_i p_i (offset + g(z_i)), dw/ds = a sum_i p_i g'(z_i) x_i
/// from s = 0 to s = 1: classical Runge-Kutta steps, as many as the fastest neuron of a block
/// needs. The result does not depend on the instruction set: products and sums are fused where that
/// is written, and nowhere else.
///
/// @param fixed   by block the multiplicities of the neurons, then d components of w(0).
/// @param moving  by block a, then d components of v.
/// @param pieces  the impulses, n numbers each.
/// @param moved   room for what `moving` becomes.
/// @param sums    room for n + 2 numbers, to which the sums over the neurons are added: of a g(z_i)
///                for each sample, of a, and of |v|^2, each times the multiplicity.
/// @param room    `smooth_room` numbers.
void smooth_neurons_move(
    const struct SmoothNetwork *_Nonnull network, const double *_Nonnull fixed, const double *_Nonnull moving,
    size_t block_count, const double *_Nonnull pieces, size_t piece_count, double *_Nonnull moved,
    double *_Nonnull sums, double *_Nonnull room);

/// The largest relative change of any neuron by an impulse, to first order in it; not a number if
/// any is none.
///
/// @param path room for a number, to which the sum over the neurons of multiplicity times v . dw is
///             added.
double smooth_neurons_change(
    const struct SmoothNetwork *_Nonnull network, const double *_Nonnull fixed, const double *_Nonnull moving,
    size_t block_count, const double *_Nonnull impulse, double *_Nonnull path, double *_Nonnull room);

/// How many numbers of room `smooth_neurons_kernel` needs.
size_t smooth_kernel_room(size_t sample_count, size_t dimension);

/// The kernel of the neurons: the sum of multiplicity times
/// (offset + g(z_i)) (offset + g(z_j)) + a^2 g'(z_i) g'(z_j) x_i . x_j.
///
/// @param products x_i . x_j, an n x n matrix.
/// @param kernel   an n x n matrix, to whose upper triangle the sums are added.
/// @param room     `smooth_kernel_room` numbers.
void smooth_neurons_kernel(
    const struct SmoothNetwork *_Nonnull network, const double *_Nonnull fixed, const double *_Nonnull moving,
    size_t block_count, const double *_Nonnull products, double *_Nonnull kernel, double *_Nonnull room);

/// How many numbers of room the functions below need.
size_t smooth_factor_room(size_t sample_count, size_t dimension);

/// A factor of the kernel: the upper triangle R of the QR factorisation of what the neurons
/// contribute, a row each of multiplicity^(1/2) times offset + g(z_i), and of a g'(z_i) times a
/// component of x_i. The kernel is the product of the transpose of R with R.
///
/// Source: Golub, Van Loan, *Matrix computations*, 4th ed., section 5.2.2.
///
/// @param triangle an n x n matrix, R of the neurons before; zeros without any.
/// @param room     `smooth_factor_room` numbers.
void smooth_neurons_factor(
    const struct SmoothNetwork *_Nonnull network, const double *_Nonnull fixed, const double *_Nonnull moving,
    size_t block_count, double *_Nonnull triangle, double *_Nonnull room);

/// The factor of neurons of which some have one factor and the others have another.
///
/// @param room `smooth_factor_room` numbers.
void smooth_join_factors(
    size_t sample_count, const double *_Nonnull other, double *_Nonnull triangle, double *_Nonnull room);

#endif
