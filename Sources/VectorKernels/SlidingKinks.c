#include "SlidingKinks.h"

#include <math.h>

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

/// A sample whose part beyond the span of others is smaller, squared, depends on them.
static const double dependence = 1e-13;
/// What rounding may leave of a push, beside what the impulse could give.
static const double push_rounding = 1e-14;

static double product(const struct SpaceInputs *inputs, size_t i, size_t j) {
  return inputs->gram[i * inputs->stride + j];
}

size_t factor_kinks(size_t count, const uint16_t *sample, const struct SpaceInputs *inputs, double *factor) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = product(inputs, sample[i], sample[j]);
      for (size_t k = 0; k < j; k++) sum -= factor[i * count + k] * factor[j * count + k];
      if (j < i) {
        factor[i * count + j] = sum / factor[j * count + j];
      } else {
        if (!(sum > dependence * product(inputs, sample[i], sample[i]))) return i;
        factor[i * count + i] = sqrt(sum);
      }
    }
  }
  return count;
}

/// x <- L^-T x for the first `count` rows of a lower triangle with rows of `stride` numbers.
static void solve_transposed(const double *factor, size_t count, size_t stride, double *x) {
  for (size_t i = count; i-- > 0;) {
    double sum = x[i];
    for (size_t k = i + 1; k < count; k++) sum -= factor[k * stride + i] * x[k];
    x[i] = sum / factor[i * stride + i];
  }
}

/// x <- L^-1 x.
static void solve_forward(const double *factor, size_t count, size_t stride, double *x) {
  for (size_t i = 0; i < count; i++) {
    double sum = x[i];
    for (size_t k = 0; k < i; k++) sum -= factor[i * stride + k] * x[k];
    x[i] = sum / factor[i * stride + i];
  }
}

/// What a kink's side is while it is not decided: to be found out, or repelling with multiplier
/// 1/2.
enum { slides = 0, leaves = 1, undecided = 2 };

/// x_i.u for the kink at a position, of the multipliers as they are.
static double push_at(
    const struct Kinks *kinks, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse, size_t position) {
  double push = kinks->push[position];
  for (size_t j = 0; j < kinks->count; j++) {
    size_t sample = kinks->sample[j];
    push -= kinks->multiplier[j] * impulse->q[sample] * product(inputs, kinks->sample[position], sample);
  }
  return push;
}

/// Of the kinks that are fixed but lead back, the one that leads back most strongly; count if there
/// is none.
static size_t worst_fixed(
    const struct Kinks *kinks, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse, double sign,
    const int8_t *repels) {
  size_t worst = kinks->count;
  double strength = push_rounding * impulse->size;
  for (size_t j = 0; j < kinks->count; j++) {
    if (repels[j] || kinks->side[j] == slides) continue;
    double back = -sign * kinks->side[j] * push_at(kinks, inputs, impulse, j);
    double relative = back / inputs->norm[kinks->sample[j]];
    if (relative > strength) {
      strength = relative;
      worst = j;
    }
  }
  return worst;
}

/// Minimises |u|^2 over the multipliers of the attracting kinks, in [0, 1], by a primal active set
/// method. Side 0 are those between the bounds, 1 and -1 those at 1 and 0.
static void minimise(
    const struct Kinks *kinks, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse, double sign,
    const int8_t *repels) {
  size_t n = kinks->count;
  double *factor = kinks->room, *x = factor + n * n;
  for (size_t j = 0; j < n; j++) {
    if (repels[j]) continue;
    kinks->side[j] = slides;
    kinks->multiplier[j] = 0.5;
  }
  size_t position[n];
  uint16_t sample[n];
  for (size_t round = 0; round < 20 + 10 * n; round++) {
    size_t count = 0;
    for (size_t j = 0; j < n; j++) {
      if (repels[j] || kinks->side[j] != slides) continue;
      position[count] = j;
      sample[count++] = kinks->sample[j];
    }
    size_t independent = factor_kinks(count, sample, inputs, factor);
    // Where the multipliers of those that are free would go, in steps of 1.
    double reach = 1;
    size_t hit = count;
    if (independent < count) {
      // Along a direction in which u does not change, to the nearest bound.
      for (size_t k = 0; k < independent; k++) x[k] = factor[independent * count + k];
      solve_transposed(factor, independent, count, x);
      for (size_t k = 0; k < independent; k++) x[k] = -x[k] / impulse->q[sample[k]];
      x[independent] = 1 / impulse->q[sample[independent]];
      reach = INFINITY;
      for (size_t k = 0; k <= independent; k++) {
        double l = kinks->multiplier[position[k]];
        double distance = (l < 0.5 ? l : 1 - l) / fabs(x[k]);
        if (distance < reach) {
          reach = distance;
          hit = k;
        }
      }
      if (hit == count) hit = independent;
      double rises = kinks->multiplier[position[hit]] < 0.5 ? -1 : 1;
      double along = x[hit] > 0 ? rises : -rises;
      for (size_t k = 0; k <= independent; k++) {
        double *l = kinks->multiplier + position[k];
        *l = fmin(1, fmax(0, *l + along * reach * x[k]));
      }
      kinks->side[position[hit]] = rises > 0 ? leaves : -leaves;
      kinks->multiplier[position[hit]] = rises > 0 ? 1 : 0;
      continue;
    }
    for (size_t k = 0; k < count; k++) {
      double push = kinks->push[position[k]];
      for (size_t j = 0; j < n; j++) {
        if (!repels[j] && kinks->side[j] == slides) continue;
        push -= kinks->multiplier[j] * impulse->q[kinks->sample[j]] * product(inputs, sample[k], kinks->sample[j]);
      }
      x[k] = push;
    }
    solve_forward(factor, count, count, x);
    solve_transposed(factor, count, count, x);
    for (size_t k = 0; k < count; k++) {
      x[k] /= impulse->q[sample[k]];
      double l = kinks->multiplier[position[k]];
      double share = x[k] < 0 ? l / (l - x[k]) : x[k] > 1 ? (1 - l) / (x[k] - l) : 1;
      if (share < reach) {
        reach = share;
        hit = k;
      }
    }
    for (size_t k = 0; k < count; k++) {
      double *l = kinks->multiplier + position[k];
      *l = hit == count ? x[k] : fmin(1, fmax(0, *l + reach * (x[k] - *l)));
    }
    if (hit < count) {
      int rises = x[hit] > 1;
      kinks->side[position[hit]] = rises ? leaves : -leaves;
      kinks->multiplier[position[hit]] = rises ? 1 : 0;
      continue;
    }
    size_t worst = worst_fixed(kinks, inputs, impulse, sign, repels);
    if (worst == n) return;
    kinks->side[worst] = slides;
  }
}

/// How many kinks are tried without a search.
enum { max_tried = 12 };

/// Whether a neuron goes on sliding on all its kinks: the frequent case, by one factorisation L D
/// L^T.
static int slides_on_all(
    const struct Kinks *kinks, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse, double sign) {
  size_t n = kinks->count;
  if (n > max_tried) return 0;
  double factor[max_tried][max_tried], inverse[max_tried], x[max_tried];
  for (size_t i = 0; i < n; i++) {
    const double *row = inputs->gram + kinks->sample[i] * inputs->stride;
    if (!(sign * impulse->q[kinks->sample[i]] > 0)) return 0;
    double pivot = row[kinks->sample[i]], least = dependence * pivot, push = kinks->push[i];
    for (size_t j = 0; j < i; j++) {
      // In the row are the products with D, until they are divided by it.
      double sum = row[kinks->sample[j]];
      for (size_t k = 0; k < j; k++) sum -= factor[i][k] * factor[j][k];
      factor[i][j] = sum;
    }
    for (size_t j = 0; j < i; j++) {
      double product = factor[i][j];
      factor[i][j] = product * inverse[j];
      pivot -= product * factor[i][j];
      push -= factor[i][j] * x[j];
    }
    if (!(pivot > least)) return 0;
    inverse[i] = 1 / pivot;
    x[i] = push;
  }
  for (size_t i = n; i-- > 0;) {
    double sum = x[i] * inverse[i];
    for (size_t k = i + 1; k < n; k++) sum -= factor[k][i] * x[k];
    x[i] = sum;
    double multiplier = sum / impulse->q[kinks->sample[i]];
    if (!(multiplier > 0 && multiplier < 1)) return 0;
    kinks->multiplier[i] = multiplier;
    kinks->side[i] = slides;
  }
  return 1;
}

void resolve_kinks(
    const struct Kinks *kinks, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse, double sign) {
  size_t n = kinks->count;
  if (n == 1) {
    // The most frequent case, without a search.
    size_t i = kinks->sample[0];
    double q = impulse->q[i];
    if (sign * q > 0) {
      double l = kinks->push[0] / (q * product(inputs, i, i));
      kinks->side[0] = l >= 1 ? leaves : l > 0 ? slides : -leaves;
      kinks->multiplier[0] = l >= 1 ? 1 : l > 0 ? l : 0;
      return;
    }
  }
  if (slides_on_all(kinks, inputs, impulse, sign)) return;
  int8_t repels[n];
  size_t repelling = 0;
  for (size_t j = 0; j < n; j++) {
    repels[j] = !(sign * impulse->q[kinks->sample[j]] > 0);
    if (!repels[j]) continue;
    repelling++;
    kinks->side[j] = undecided;
    kinks->multiplier[j] = 0.5;
  }
  minimise(kinks, inputs, impulse, sign, repels);
  for (; repelling > 0; repelling--) {
    size_t next = n;
    double strength = -1, push = 0;
    for (size_t j = 0; j < n; j++) {
      if (!repels[j] || kinks->side[j] != undecided) continue;
      double found = push_at(kinks, inputs, impulse, j);
      double relative = fabs(found) / inputs->norm[kinks->sample[j]];
      if (relative > strength) {
        strength = relative;
        next = j;
        push = found;
      }
    }
    if (next == n) {
      // No number compares with one that is none.
      for (size_t j = 0; j < n; j++) {
        if (kinks->side[j] == undecided) kinks->side[j] = -leaves;
      }
      return;
    }
    // Off the kink on the inactive and on the active side, q_i has the sign that lets both lead
    // away from it between the two.
    size_t sample = kinks->sample[next];
    double half = 0.5 * fabs(impulse->q[sample]) * product(inputs, sample, sample);
    double middle = sign * push;
    int both = middle - half < 0 && middle + half > 0;
    int active = both ? middle < 0 : middle > 0;
    kinks->side[next] = active ? leaves : -leaves;
    kinks->multiplier[next] = active ? 1 : 0;
    minimise(kinks, inputs, impulse, sign, repels);
  }
}
