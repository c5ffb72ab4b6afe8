#include <math.h>
#include <string.h>

#include "Machines.h"
#include "SpaceRows.h"

/// Neurons are moved by so many together.
enum { block_size = 8 };

/// The largest rapidity for which the series of `growth` are right to rounding.
static const double max_rapidity_of_series = 1.5;
/// A neuron that is nearer to w = 0 than this share of the way there meets it.
static const double origin_distance = 1e-10;
/// It goes there if the part of w across its way is smaller than this share of it.
static const double origin_width = 1e-7;
/// How far behind w = 0 it goes on, as a share of the way there.
static const double origin_offset = 1e-9;
/// How often it may come to w = 0 under one impulse.
enum { max_origins = 3 };

/// cosh z - 1 and sinh z for 0 <= z <= max_rapidity_of_series, by their series.
PART void growth(const Vector *z, Vector *cosh_minus_one, Vector *sinh) {
  static const double inverse_factorial[] = {
    1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880,
    1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0, 1.0 / 87178291200.0,
    1.0 / 1307674368000.0, 1.0 / 20922789888000.0, 1.0 / 355687428096000.0, 1.0 / 6402373705728000.0,
    1.0 / 121645100408832000.0, 1.0 / 2432902008176640000.0,
  };
  Vector v = *z * *z;
  Vector even = (Vector){} + inverse_factorial[20], odd = (Vector){} + inverse_factorial[19];
  for (int k = 18; k >= 2; k -= 2) {
    even = even * v + inverse_factorial[k];
    odd = odd * v + inverse_factorial[k - 1];
  }
  *cosh_minus_one = even * v;
  *sinh = *z * odd;
}

/// The rapidity in which a neuron gets from a by h along its direction, b the component of w along
/// it: exp is (a' + b') / (a + b), or (a - b) / (a' - b').
static double rapidity_of(double a, double b, double h, double a_after) {
  double change = a_after + a != 0 && a_after != 0 ? h * (2 * b + h) / (a_after + a) : a_after - a;
  double sum = a + b, difference = a - b;
  return fabs(sum) >= fabs(difference) ? log1p((change + h) / sum) : -log1p((change - h) / difference);
}

/// A neuron as it is moved.
struct Neuron {
  double a;
  double *z;
  uint64_t *active;
  uint64_t *sliding;
  /// Of what is written; null if nothing is.
  double *c;
};

/// Room for a neuron at kinks.
struct KinkRoom {
  /// x_j.p, x_j.u and the multipliers, rows.
  double *pushes;
  double *slopes;
  double *multiplier;
  /// z at another time, a row.
  double *before;
  /// By kink: x_i.p, the multipliers behind it, the sample, and where it leaves to.
  double *push;
  uint16_t *sample;
  int8_t *side;
  /// A set.
  uint64_t *set;
  double *resolving;
};

/// z <- z + s g, and what goes with it.
PART void go(
    struct Neuron *neuron, double s, const double *g, const double *multiplier, const struct SpaceImpulse *impulse,
    size_t stride, size_t words) {
  add_row(s, g, neuron->z, stride);
  if (neuron->c == 0) return;
  for (size_t v = 0; v < stride / lanes; v++) {
    Mask mask;
    members(neuron->active, v, &mask);
    ((Vector *)neuron->c)[v] -= s * (Vector)(mask & ((const Mask *)impulse->q)[v]);
  }
  FOR_EACH_MEMBER(i, neuron->sliding, words) neuron->c[i] -= s * (multiplier[i] * impulse->q[i]);
}

/// Whether a sample would change its side on the way from z to z + s g.
PART int changes_side(const struct Neuron *neuron, double s, const double *g, size_t stride) {
  Mask any = {};
  for (size_t v = 0; v < stride / lanes; v++) {
    Mask mask;
    members(neuron->active, v, &mask);
    Vector end = ((const Vector *)neuron->z)[v] + s * ((const Vector *)g)[v];
    any |= (mask & (end < 0)) | (~mask & (end > 0));
  }
  return __builtin_reduce_or(any) != 0;
}

/// The sample that changes its side first on the way from z to z + s g, as a share of s; `none` if
/// there is none, or only those that rounding put behind their kinks.
PART size_t first_change(
    const struct Neuron *neuron, double s, const double *g, size_t stride, size_t words, size_t none, uint64_t *set,
    double *distance) {
  memset(set, 0, words * sizeof(uint64_t));
  for (size_t v = 0; v < stride / lanes; v++) {
    Mask mask;
    members(neuron->active, v, &mask);
    Vector step = s * ((const Vector *)g)[v], end = ((const Vector *)neuron->z)[v] + step;
    Mask changes = (mask & (end < 0) & (step < 0)) | (~mask & (end > 0) & (step > 0));
    insert_lanes(&changes, set, v);
  }
  size_t first = none;
  *distance = INFINITY;
  FOR_EACH_MEMBER(i, set, words) {
    double found = fabs(neuron->z[i]) / fabs(g[i]);
    if (found < *distance) {
      *distance = found;
      first = i;
    }
  }
  return first;
}

/// Puts samples on their kinks that rounding took across.
PART void clamp(struct Neuron *neuron, size_t stride) {
  for (size_t v = 0; v < stride / lanes; v++) {
    Mask mask;
    members(neuron->active, v, &mask);
    Vector *z = (Vector *)neuron->z + v;
    Mask wrong = (mask & (*z < 0)) | (~mask & (*z > 0));
    *z = (Vector)(~wrong & (Mask)*z);
  }
}

/// The samples on whose kinks a neuron is, and that attract it there.
PART void attracting(
    const struct Neuron *neuron, double sign, const double *q, const double *norm, size_t stride, size_t words,
    uint64_t *set) {
  memset(set, 0, words * sizeof(uint64_t));
  for (size_t v = 0; v < stride / lanes; v++) {
    Vector z = ((const Vector *)neuron->z)[v], pull = sign * ((const Vector *)q)[v];
    Mask attracts = (z == 0) & (pull > 0) & (((const Vector *)norm)[v] > 0);
    insert_lanes(&attracts, set, v);
  }
}

/// Whether w has the direction of the motion: b g_i is z_i then.
PART int leads_to_origin(
    const struct Neuron *neuron, double b, double rapidity, const double *g, const struct SpaceInputs *inputs) {
  for (size_t i = 0; i < inputs->count; i++) {
    double across = fabs(neuron->z[i] - b * (g[i] / rapidity));
    if (!contains(neuron->sliding, i) && across > origin_width * (fabs(b) * inputs->norm[i])) return 0;
  }
  return 1;
}

/// Resolves the kinks on which a neuron is: who leaves, and the multipliers of those that stay.
///
/// @return how many kinks there were; which, and where they leave to, is in the room.
PART size_t settle(
    struct Neuron *neuron, double sign, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse,
    const struct KinkRoom *room) {
  size_t count = 0;
  // Without an active sample it is dead: small steps end on the inactive side.
  if (is_empty(neuron->active, inputs->words)) {
    memset(neuron->sliding, 0, inputs->words * sizeof(uint64_t));
    return 0;
  }
  FOR_EACH_MEMBER(i, neuron->sliding, inputs->words) {
    room->push[count] = room->pushes[i];
    room->sample[count++] = (uint16_t)i;
  }
  if (count == 0) return 0;
  double *multiplier = room->push + inputs->stride;
  struct Kinks kinks = {count, room->sample, room->push, multiplier, room->side, room->resolving};
  resolve_kinks(&kinks, inputs, impulse, sign);
  for (size_t j = 0; j < count; j++) {
    size_t i = room->sample[j];
    room->multiplier[i] = multiplier[j];
    if (room->side[j] == 0) continue;
    drop(neuron->sliding, i);
    if (room->side[j] < 0) continue;
    insert(neuron->active, i);
    add_row(1, impulse->columns + i * inputs->stride, room->pushes, inputs->stride);
  }
  return count;
}

/// x_j.u of all samples, on the kinks zero.
PART const double *slopes(
    const struct Neuron *neuron, double sign, size_t settled, const struct SpaceInputs *inputs,
    const struct SpaceImpulse *impulse, const struct KinkRoom *room) {
  if (settled == 0 && is_empty(neuron->sliding, inputs->words)) return room->pushes;
  double *g = room->slopes;
  memcpy(g, room->pushes, inputs->stride * sizeof(double));
  FOR_EACH_MEMBER(i, neuron->sliding, inputs->words)
    add_row(room->multiplier[i], impulse->columns + i * inputs->stride, g, inputs->stride);
  FOR_EACH_MEMBER(i, neuron->sliding, inputs->words) g[i] = 0;
  // Rounding must not lead back what leaves.
  for (size_t j = 0; j < settled; j++) {
    size_t i = room->sample[j];
    if (sign * room->side[j] * g[i] < 0) g[i] = 0;
  }
  return g;
}

/// A neuron that may cross kinks, slide on them, turn its sign or come to w = 0, through one
/// impulse. The pushes are in the room.
PART void move_through_kinks(
    struct Neuron *neuron, const struct SpaceInputs *inputs, const struct SpaceImpulse *impulse,
    const struct KinkRoom *room) {
  const size_t n = inputs->count, stride = inputs->stride, words = inputs->words;
  const double *q = impulse->q;
  double rest = 1, sign = neuron->a > 0 ? 1 : neuron->a < 0 ? -1 : 0;
  int settles = 1, origins = 0;
  // No neuron should meet so many kinks; the bound only makes the loop finite whatever the input.
  for (size_t events = 0; events < 20 * n + 50; events++) {
    double qg, qz;
    if (sign == 0) {
      pair_of_products(q, room->pushes, neuron->z, neuron->active, stride, &qg, &qz);
      sign = qz > 0 ? -1 : 1;
    }
    size_t settled = settles ? settle(neuron, sign, inputs, impulse, room) : 0;
    settles = 0;
    const double *g = slopes(neuron, sign, settled, inputs, impulse, room);
    pair_of_products(q, g, neuron->z, neuron->active, stride, &qg, &qz);
    if (!(-qg > 0)) break;
    double rapidity = sqrt(-qg), b = -qz / rapidity, a = neuron->a;
    double left = rapidity * rest, e = expm1(left);
    double sinh = 0.5 * (e + e / (1 + e)), cosh_minus_one = 0.5 * e * (e / (1 + e));
    double end = a + (a * cosh_minus_one + b * sinh), h = b * cosh_minus_one + a * sinh;
    int turns = end * sign < 0;
    if (turns) {
      double root = sqrt(fmax(0, b * b - a * a));
      h = -a * a / (b + copysign(root, b));
      end = 0;
    }
    if (!changes_side(neuron, h / rapidity, g, stride)) {
      go(neuron, h / rapidity, g, room->multiplier, impulse, stride, words);
      neuron->a = end;
      if (!turns) break;
      rest -= rapidity_of(a, b, h, 0) / rapidity;
      if (!(rest > 0)) break;
      sign = -sign;
      settles = 1;
      continue;
    }
    double distance;
    size_t i = first_change(neuron, h / rapidity, g, stride, words, n, room->set, &distance);
    // Only rounding is behind its kink: the motion leads it back.
    if (i == n) {
      clamp(neuron, stride);
      continue;
    }
    double way = distance * rapidity;
    int meets_origin = sign * b < 0 && way >= fabs(b) * (1 - origin_distance)
      && leads_to_origin(neuron, b, rapidity, g, inputs);
    h = meets_origin ? -b : sign * way;
    double after = sign * sqrt(fmax(0, a * a + h * (2 * b + h)));
    if (meets_origin) {
      memcpy(room->before, neuron->z, stride * sizeof(double));
      go(neuron, (1 + origin_offset) * h / rapidity, g, room->multiplier, impulse, stride, words);
      origins++;
      // Behind w = 0 the other samples are active.
      for (size_t j = 0; j < n; j++) {
        if (contains(neuron->sliding, j)) continue;
        neuron->z[j] = -origin_offset * room->before[j];
        drop(neuron->active, j);
        if (neuron->z[j] > 0) insert(neuron->active, j);
      }
      if (origins >= max_origins) {
        memset(neuron->active, 0, words * sizeof(uint64_t));
        memset(neuron->sliding, 0, words * sizeof(uint64_t));
        memset(neuron->z, 0, stride * sizeof(double));
        neuron->a = after;
        break;
      }
      sum_rows(impulse->columns, stride, neuron->active, words, room->pushes);
      settles = 1;
    } else {
      go(neuron, sign * distance, g, room->multiplier, impulse, stride, words);
      clamp(neuron, stride);
      neuron->z[i] = 0;
      if (sign * q[i] > 0) {
        settles = 1;
        attracting(neuron, sign, q, inputs->norm, stride, words, room->set);
        for (size_t w = 0; w < words; w++) neuron->sliding[w] |= room->set[w];
        for (size_t w = 0; w < words; w++) room->set[w] &= neuron->active[w];
        FOR_EACH_MEMBER(j, room->set, words)
          add_row(-1, impulse->columns + j * stride, room->pushes, stride);
        for (size_t w = 0; w < words; w++) neuron->active[w] &= ~room->set[w];
      } else {
        double change = contains(neuron->active, i) ? -1 : 1;
        add_row(change, impulse->columns + i * stride, room->pushes, stride);
        if (change < 0) drop(neuron->active, i); else insert(neuron->active, i);
        settles = !is_empty(neuron->sliding, words);
      }
    }
    rest -= rapidity_of(a, b, h, after) / rapidity;
    neuron->a = after;
    if (!(rest > 0)) {
      // What is on a kink now is decided with the next impulse; until then it slides there.
      break;
    }
  }
}

/// Where the room has what; of rows, one a neuron of the block.
struct BlockRoom {
  double *z;
  double *pushes;
  double *slopes;
  double *multiplier;
  double *before;
  uint64_t *active;
  uint64_t *sliding;
  struct KinkRoom kinks;
};

PART struct BlockRoom divide(double *room, const struct SpaceInputs *inputs) {
  size_t stride = inputs->stride, rows = block_size * stride;
  struct BlockRoom result;
  result.z = room;
  result.pushes = result.z + rows;
  result.slopes = result.pushes + rows;
  result.multiplier = result.slopes + rows;
  result.before = result.multiplier + rows;
  result.kinks.push = result.before + stride;
  result.kinks.sample = (uint16_t *)(result.kinks.push + 2 * stride);
  result.kinks.side = (int8_t *)(result.kinks.sample + stride);
  result.active = (uint64_t *)(result.kinks.push + 3 * stride);
  result.sliding = result.active + stride;
  result.kinks.set = result.sliding + stride;
  result.kinks.resolving = (double *)(result.kinks.set + stride);
  return result;
}

/// The room for one neuron of a block.
PART struct KinkRoom room_of(const struct BlockRoom *room, size_t neuron, size_t stride) {
  struct KinkRoom result = room->kinks;
  result.pushes = room->pushes + neuron * stride;
  result.slopes = room->slopes + neuron * stride;
  result.multiplier = room->multiplier + neuron * stride;
  result.before = room->before;
  return result;
}

FOR_EVERY_MACHINE
void move_space_neurons(
    const struct SpaceNeurons *neurons, size_t first, size_t count, const struct SpaceInputs *inputs,
    const struct SpaceImpulse *impulses, size_t impulse_count, const struct SpaceNeurons *moved, double *room,
    double *function) {
  const size_t stride = inputs->stride, words = inputs->words;
  struct BlockRoom space = divide(room, inputs);
  for (size_t start = first; start < first + count; start += block_size) {
    size_t present = first + count - start < block_size ? first + count - start : block_size;
    double *z = space.z, *c = 0;
    uint64_t *active = space.active, *sliding = space.sliding;
    if (moved != 0) {
      z = moved->z + start * stride;
      c = moved->c + start * stride;
      active = moved->active + start * words;
      sliding = moved->sliding + start * words;
      memcpy(c, neurons->c + start * stride, present * stride * sizeof(double));
    }
    memcpy(z, neurons->z + start * stride, present * stride * sizeof(double));
    memcpy(active, neurons->active + start * words, present * words * sizeof(uint64_t));
    memcpy(sliding, neurons->sliding + start * words, present * words * sizeof(uint64_t));
    struct Neuron neuron[block_size];
    for (size_t l = 0; l < present; l++) {
      neuron[l] = (struct Neuron){
        neurons->a[start + l], z + l * stride, active + l * words, sliding + l * words, c == 0 ? 0 : c + l * stride,
      };
    }
    for (size_t p = 0; p < impulse_count; p++) {
      const struct SpaceImpulse *impulse = impulses + p;
      // The squared rapidity, and the rapidity times the component of w along the motion.
      Vector squared = {}, along = {}, a = {};
      const double *g[block_size];
      uint32_t moving = 0, turning = 0;
      for (size_t l = 0; l < present; l++) {
        if (is_empty(neuron[l].active, words) && is_empty(neuron[l].sliding, words)) continue;
        struct KinkRoom kinks = room_of(&space, l, stride);
        sum_rows(impulse->columns, stride, neuron[l].active, words, kinks.pushes);
        g[l] = kinks.pushes;
        if (!is_empty(neuron[l].sliding, words)) {
          if (neuron[l].a == 0) {
            turning |= 1u << l;
            continue;
          }
          double sign = neuron[l].a > 0 ? 1 : -1;
          size_t settled = settle(neuron + l, sign, inputs, impulse, &kinks);
          g[l] = slopes(neuron + l, sign, settled, inputs, impulse, &kinks);
        }
        double qg, qz;
        pair_of_products(impulse->q, g[l], neuron[l].z, neuron[l].active, stride, &qg, &qz);
        squared[l] = -qg;
        along[l] = -qz;
        a[l] = neuron[l].a;
        moving |= (uint32_t)(-qg > 0) << l;
      }
      Vector rapidity = __builtin_elementwise_sqrt(CHOOSE(squared > 0, squared, (Vector){} + 1.0));
      Vector b = along / rapidity, cosh_minus_one, sinh;
      growth(&rapidity, &cosh_minus_one, &sinh);
      Vector end = a + (a * cosh_minus_one + b * sinh);
      Vector way = (b * cosh_minus_one + a * sinh) / rapidity;
      Mask meets = (a * end < 0) | ~(rapidity <= max_rapidity_of_series);
      for (size_t l = 0; l < present; l++) {
        if (((moving | turning) >> l & 1) == 0) continue;
        struct KinkRoom kinks = room_of(&space, l, stride);
        if ((turning >> l & 1) == 0 && meets[l] == 0 && !changes_side(neuron + l, way[l], g[l], stride)) {
          go(neuron + l, way[l], g[l], kinks.multiplier, impulse, stride, words);
          neuron[l].a = end[l];
        } else {
          move_through_kinks(neuron + l, inputs, impulse, &kinks);
        }
      }
    }
    for (size_t l = 0; l < present; l++) {
      if (moved != 0) moved->a[start + l] = neuron[l].a;
      for (size_t v = 0; v < stride / lanes; v++) {
        Mask mask;
        members(neuron[l].active, v, &mask);
        ((Vector *)function)[v] += neuron[l].a * (Vector)(mask & ((const Mask *)neuron[l].z)[v]);
      }
    }
  }
}
