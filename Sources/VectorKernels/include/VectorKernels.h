#ifndef VECTOR_KERNELS_H
#define VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "DenseMatrix.h"
#include "DescentNeurons.h"
#include "SmoothNeurons.h"
#include "SpaceNeurons.h"
#include "SpinWait.h"

/// Two linear functionals v·θ of a neuron's state θ = (a, w, b), by components.
struct FunctionalPair {
  double a[2];
  double w[2];
  double b[2];
};

/// Finds the neurons that may come to a border: those of which the least functional is negative, or
/// smaller than the dip, that is than √dip_squared |θ|.
///
/// The result does not depend on the instruction set: products and sums are never fused, and their
/// order is that in which they are written.
///
/// @param neurons  the first of records of six doubles, or eight bytes each, that begin with a, w,
///                 b.
/// @param count    how many records.
/// @param pairs    the functionals.
/// @param pair_count how many pairs, at least 1.
/// @param dip_squared the square of the dip, at least 0; dimensionless.
/// @param found    room for `count` positions, which are written in ascending order.
/// @return how many were found.
size_t neurons_at_border(
    const double *_Nonnull neurons, size_t count, const struct FunctionalPair *_Nonnull pairs, size_t pair_count,
    double dip_squared, uint32_t *_Nonnull found);

/// The largest rapidity for which `neurons_leaving_cone` is made.
#define max_rapidity_of_exits 2.0

/// What a straight impulse does in a cone.
struct ConeMotion {
  /// The unit vector of its drive, in (w, b).
  double direction[2];
  /// Its rapidity z, at least 0.
  double rapidity;
  /// cosh z - 1, sinh z and tanh (z/2).
  double cosh_minus_one;
  double sinh;
  double half_tanh;
  /// The inward unit normals of its two rays, and their components along the direction.
  double normal[2][2];
  double slope[2];
};

/// What a straight impulse does on a ray and behind it, as neurons see it that come from a cone
/// beside it.
struct RaySide {
  /// The unit vector of the ray.
  double unit[2];
  /// How hard a neuron with a > 0 is pushed towards the ray from the cone from which it comes.
  double push_home;
  /// The same from the cone beyond.
  double push_beyond;
  /// The rapidity along the ray.
  double along;
  /// The cone beyond; its first ray is this one.
  struct ConeMotion beyond;
};

/// What a straight impulse does in a cone, and where neurons may go that leave it.
struct ConeSurroundings {
  struct ConeMotion home;
  /// By ray of the cone.
  struct RaySide side[2];
};

enum ExitKind {
  /// The neuron stays in its cone.
  exit_stays = 0,
  /// It slides on the first ray of the cone, or on the second.
  exit_slides_on_first = 1,
  exit_slides_on_second = 2,
  /// It is in the cone beyond the first ray, or beyond the second.
  exit_is_beyond_first = 3,
  exit_is_beyond_second = 4,
  /// More happened to it; its state was not found.
  exit_is_doubtful = 5
};

/// Where a neuron is that may have left its cone; its state (a, w, b).
struct ConeExit {
  double a;
  double w;
  double b;
  /// An `ExitKind`.
  int64_t kind;
};

/// Moves neurons of a cone one by one through a sequence of straight impulses, to where they are
/// after the last.
///
/// What happens to most is worked out: that they reach a ray, slide on it or go on to the cone
/// beyond. Where more happens, it says so. The result does not depend on the instruction set, nor
/// on which neurons are worked out together.
///
/// @param neurons   the first of records of six doubles, or eight bytes each, that begin with a, w,
///                  b in the frame of their group.
/// @param positions which of them, by position.
/// @param count     how many positions.
/// @param frame     what the frame of the group adds to a state, a 3 x 3 matrix by columns.
/// @param pieces    the impulses, of rapidities up to `max_rapidity_of_exits`.
/// @param piece_count how many, at least 1.
/// @param exits     room for `count` exits, in the order of positions.
void neurons_leaving_cone(
    const double *_Nonnull neurons, const uint32_t *_Nonnull positions, size_t count, const double *_Nonnull frame,
    const struct ConeSurroundings *_Nonnull pieces, size_t piece_count, struct ConeExit *_Nonnull exits);

/// A sample as a line in the plane of input weights.
struct SampleLine {
  /// The sample, with its bias; neurons are active at it on the side to which it points.
  double x[2];
  /// The same as a unit vector.
  double normal[2];
};

/// Finds out in which cone neurons are, and how close to its border: the number of the cone times
/// (classes + 1), plus the class of the slack: j for a distance to the nearest ray in [2^-(j+1),
/// 2^-j) of the norm of the state, and `classes` for all that are smaller.
///
/// @param a, w, b output weights, input weights and biases of the neurons.
/// @param count   how many neurons.
/// @param scale   by which output weights are multiplied before.
/// @param samples the samples, ascending.
/// @param sample_count how many, at least 1.
/// @param classes the last class.
/// @param keys    room for `count` keys.
void cones_of_neurons(
    const double *_Nonnull a, const double *_Nonnull w, const double *_Nonnull b, size_t count, double scale,
    const struct SampleLine *_Nonnull samples, size_t sample_count, int32_t classes, uint32_t *_Nonnull keys);

#endif
