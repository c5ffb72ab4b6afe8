#include "VectorKernels.h"

#include "Machines.h"

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

// Eight at a time, so that roots and quotients of some lanes are worked out while those of others
// are waited for.
enum { record_size = 6, lanes = 8 };

typedef double Vector __attribute__((vector_size(lanes * sizeof(double))));
typedef int64_t Mask __attribute__((vector_size(lanes * sizeof(int64_t))));

#define PART static inline __attribute__((always_inline))

#define CHOOSE(mask, yes, no) ((Vector)(((mask) & (Mask)(yes)) | (~(mask) & (Mask)(no))))
#define LARGER(x, y) CHOOSE((x) > (y), x, y)
#define SMALLER(x, y) CHOOSE((x) < (y), x, y)
#define ANY(mask) (__builtin_reduce_or(mask) != 0)
#define ALL_LANES(number) ((Vector){} + (number))

/// The smallest T = tanh(z/2) in (0, 1) at which distance + p (cosh z - 1) + q sinh z falls below
/// zero, for a distance of at least 0: a root of (2p - distance) T^2 + 2q T + distance = 0.
/// Infinite if there is none.
PART void first_root(const Vector *distance, const Vector *p, const Vector *q, Vector *root) {
  Vector discriminant = *q * *q - *distance * (2 * *p - *distance);
  Vector square_root = __builtin_elementwise_sqrt(LARGER(discriminant, ALL_LANES(0.0)));
  Mask rises = *q > 0;
  Vector numerator = CHOOSE(rises, *q + square_root, *distance);
  Vector denominator = CHOOSE(rises, *distance - 2 * *p, square_root - *q);
  Mask exists = (discriminant >= 0) & ((rises & (denominator > numerator)) | (~rises & (denominator > 0)));
  *root = CHOOSE(exists, numerator / denominator, ALL_LANES(__builtin_inf()));
}

/// z = 2 artanh t = log ((1 + t) / (1 - t)) for 0 <= t <= tanh 1.
///
/// Source: the polynomial is that of log in fdlibm (Sun Microsystems, 1993), right to 2^-58.
PART void twice_artanh(const Vector *t, Vector *z) {
  Vector s = *t, offset = ALL_LANES(0.0);
  // The quotient 2^k (1 + s) / (1 - s) with (1 + s) / (1 - s) between sqrt 1/2 and sqrt 2.
  Mask large = *t > 0.1715;
  if (ANY(large)) {
    Mask larger = *t > 0.4776, largest = *t > 0.6995;
    Vector power = CHOOSE(largest, ALL_LANES(8.0), CHOOSE(larger, ALL_LANES(4.0), ALL_LANES(2.0)));
    Vector exponent = CHOOSE(largest, ALL_LANES(3.0), CHOOSE(larger, ALL_LANES(2.0), ALL_LANES(1.0)));
    Vector up = 1 + *t, down = power * (1 - *t);
    s = CHOOSE(large, (up - down) / (up + down), s);
    offset = CHOOSE(large, exponent * 0x1.62e42fefa39efp-1, offset);
  }
  Vector v = s * s;
  Vector rest = ALL_LANES(1.479819860511658591e-01);
  rest = rest * v + 1.531383769920937332e-01;
  rest = rest * v + 1.818357216161805012e-01;
  rest = rest * v + 2.222219843214978396e-01;
  rest = rest * v + 2.857142874366239149e-01;
  rest = rest * v + 3.999999999940941908e-01;
  rest = rest * v + 6.666666666666735130e-01;
  *z = offset + (2 * s + s * (v * rest));
}

/// cosh z - 1 and sinh z for |z| <= max_rapidity_of_exits, by their series: right to rounding
/// up to 1.5, and to 1.1e-14 at the end.
PART void growth(const Vector *z, Vector *cosh_minus_one, Vector *sinh) {
  static const double inverse_factorial[] = {
    1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880,
    1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0, 1.0 / 87178291200.0,
    1.0 / 1307674368000.0, 1.0 / 20922789888000.0, 1.0 / 355687428096000.0, 1.0 / 6402373705728000.0,
    1.0 / 121645100408832000.0, 1.0 / 2432902008176640000.0,
  };
  Vector v = *z * *z;
  Vector even = ALL_LANES(inverse_factorial[20]), odd = ALL_LANES(inverse_factorial[19]);
  for (int k = 18; k >= 2; k -= 2) {
    even = even * v + inverse_factorial[k];
    odd = odd * v + inverse_factorial[k - 1];
  }
  *cosh_minus_one = even * v;
  *sinh = *z * odd;
}

FOR_EVERY_MACHINE
void neurons_leaving_cone(
    const double *neurons, const uint32_t *positions, size_t count, const double *frame,
    const struct ConeSurroundings *pieces, size_t piece_count, struct ConeExit *exits) {
  for (size_t first = 0; first < count; first += lanes) {
    size_t present = count - first < lanes ? count - first : lanes;
    Vector a0, w0, b0;
    for (size_t i = 0; i < lanes; i++) {
      // The last one again in the place of those that are missing.
      const double *record = neurons + record_size * positions[first + (i < present ? i : present - 1)];
      a0[i] = record[0];
      w0[i] = record[1];
      b0[i] = record[2];
    }
    Vector a = a0 + (frame[0] * a0 + frame[3] * w0 + frame[6] * b0);
    Vector w = w0 + (frame[1] * a0 + frame[4] * w0 + frame[7] * b0);
    Vector b = b0 + (frame[2] * a0 + frame[5] * w0 + frame[8] * b0);

    // Where the neurons are: at home, on one of the two rays, or in the cone beyond it.
    Mask at_home = (Mask){} - 1, on_ray = {}, beyond = {}, doubtful = {};
    // Whether it is the second ray.
    Mask second = {};
    for (size_t p = 0; p < piece_count; p++) {
      const struct ConeSurroundings *piece = pieces + p;
      // The share of the impulse that is still to come.
      Vector remaining = ALL_LANES(1.0);
      if (ANY(at_home)) {
        const struct ConeMotion *home = &piece->home;
        Vector along = home->direction[0] * w + home->direction[1] * b;
        Vector distance = home->normal[0][0] * w + home->normal[0][1] * b;
        distance = LARGER(distance, ALL_LANES(0.0));
        Vector p0 = home->slope[0] * along, q0 = home->slope[0] * a, root;
        first_root(&distance, &p0, &q0, &root);
        Vector t = ALL_LANES(home->half_tanh);
        Mask hit_first = root < t;
        t = CHOOSE(hit_first, root, t);
        distance = home->normal[1][0] * w + home->normal[1][1] * b;
        distance = LARGER(distance, ALL_LANES(0.0));
        p0 = home->slope[1] * along;
        q0 = home->slope[1] * a;
        first_root(&distance, &p0, &q0, &root);
        Mask hit_second = root < t;
        t = CHOOSE(hit_second, root, t);
        Mask hit = at_home & (hit_first | hit_second);

        Vector scale = 2 / ((1 - t) * (1 + t));
        Vector c = CHOOSE(hit, t * t * scale, ALL_LANES(home->cosh_minus_one));
        Vector s = CHOOSE(hit, t * scale, ALL_LANES(home->sinh));
        Vector moved = along * c + a * s;
        Vector w1 = w + home->direction[0] * moved, b1 = b + home->direction[1] * moved;
        a = CHOOSE(at_home, a + a * c + along * s, a);
        if (ANY(hit)) {
          Vector travelled;
          twice_artanh(&t, &travelled);
          Vector rest = 1 - travelled / home->rapidity;
          remaining = CHOOSE(hit, LARGER(rest, ALL_LANES(0.0)), remaining);
          // Exactly onto the ray.
          Vector unit_w = CHOOSE(hit_second, ALL_LANES(piece->side[1].unit[0]), ALL_LANES(piece->side[0].unit[0]));
          Vector unit_b = CHOOSE(hit_second, ALL_LANES(piece->side[1].unit[1]), ALL_LANES(piece->side[0].unit[1]));
          Vector length = w1 * unit_w + b1 * unit_b;
          length = LARGER(length, ALL_LANES(0.0));
          w1 = CHOOSE(hit, unit_w * length, w1);
          b1 = CHOOSE(hit, unit_b * length, b1);
        }
        w = CHOOSE(at_home, w1, w);
        b = CHOOSE(at_home, b1, b);
        second |= hit & hit_second;
        on_ray |= hit;
        at_home &= ~hit;
      }

#define OF_SIDE(part) CHOOSE(second, ALL_LANES(piece->side[1].part), ALL_LANES(piece->side[0].part))
      Mask entered = {};
      if (ANY(on_ray)) {
        Vector sign = CHOOSE(a > 0, ALL_LANES(1.0), ALL_LANES(-1.0));
        Mask held = OF_SIDE(push_home) * sign > 0, driven_back = OF_SIDE(push_beyond) * sign > 0;
        Vector u = OF_SIDE(along) * remaining;
        Vector unit_w = OF_SIDE(unit[0]), unit_b = OF_SIDE(unit[1]);
        Vector length = w * unit_w + b * unit_b;
        Vector size = CHOOSE(a < 0, -a, a), size_u = CHOOSE(u < 0, -u, u);
        Vector less = SMALLER(size, length), more = LARGER(size, length);
        // It may return, or a or w may vanish on the way.
        Mask may_end = (sign * u < 0) & (size_u * more >= less);
        doubtful |= on_ray & (~held | (driven_back & may_end));
        Mask slides = on_ray & driven_back;
        Vector c, s;
        growth(&u, &c, &s);
        Vector slid = length + length * c + a * s;
        a = CHOOSE(slides, a + a * c + length * s, a);
        w = CHOOSE(slides, unit_w * slid, w);
        b = CHOOSE(slides, unit_b * slid, b);
        entered = on_ray & ~driven_back;
        on_ray &= driven_back;
        beyond |= entered;
      }
      if (ANY(beyond)) {
        Vector direction_w = OF_SIDE(beyond.direction[0]), direction_b = OF_SIDE(beyond.direction[1]);
        Vector along = direction_w * w + direction_b * b;
        Vector z = OF_SIDE(beyond.rapidity) * remaining, c, s;
        growth(&z, &c, &s);
        Vector t = s / (2 + c);
        Vector distance = OF_SIDE(beyond.normal[0][0]) * w + OF_SIDE(beyond.normal[0][1]) * b;
        // The ray that was just left counts as exactly 0 away.
        distance = CHOOSE(entered | ~(distance > 0), ALL_LANES(0.0), distance);
        Vector slope = OF_SIDE(beyond.slope[0]), p0 = slope * along, q0 = slope * a, root;
        first_root(&distance, &p0, &q0, &root);
        Mask hit = root < t;
        distance = OF_SIDE(beyond.normal[1][0]) * w + OF_SIDE(beyond.normal[1][1]) * b;
        distance = LARGER(distance, ALL_LANES(0.0));
        slope = OF_SIDE(beyond.slope[1]);
        p0 = slope * along;
        q0 = slope * a;
        first_root(&distance, &p0, &q0, &root);
        doubtful |= beyond & (hit | (root < t));
        Vector moved = along * c + a * s;
        a = CHOOSE(beyond, a + a * c + along * s, a);
        w = CHOOSE(beyond, w + direction_w * moved, w);
        b = CHOOSE(beyond, b + direction_b * moved, b);
      }
#undef OF_SIDE
    }
    for (size_t i = 0; i < present; i++) {
      int64_t kind = doubtful[i]    ? exit_is_doubtful
                     : at_home[i]   ? exit_stays
                     : on_ray[i]    ? exit_slides_on_first - second[i]
                                    : exit_is_beyond_first - second[i];
      exits[first + i] = (struct ConeExit){a[i], w[i], b[i], kind};
    }
  }
}
