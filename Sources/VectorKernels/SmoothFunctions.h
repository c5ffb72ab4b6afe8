#ifndef SMOOTH_FUNCTIONS_H
#define SMOOTH_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "SmoothNeurons.h"

// Activations of eight neurons at a time.

enum { lanes = smooth_lanes };

typedef double Vector __attribute__((vector_size(lanes * sizeof(double))));
typedef Vector Unaligned __attribute__((aligned(8), may_alias));
typedef int64_t Mask __attribute__((vector_size(lanes * sizeof(int64_t))));

#define PART static inline __attribute__((always_inline))

#define CHOOSE(mask, yes, no) ((Vector)(((mask) & (Mask)(yes)) | (~(mask) & (Mask)(no))))
#define ALL_LANES(number) ((Vector){} + (number))
#define MAGNITUDE(x) ((Vector)((Mask)(x) & INT64_MAX))
#define SIGN(x) ((Mask)(x) & INT64_MIN)

/// The vector at a position of numbers, which need not be aligned.
#define AT(numbers, position) (*((Unaligned *)(numbers) + (position)))
#define FROM(numbers, position) ((Vector) * ((const Unaligned *)(numbers) + (position)))

/// e^(y + rest) - 1 and e^(y + rest) for |y| <= 700 and a rest below 1e-3, both right to about one
/// unit in the last place.
///
/// y = k log 2 + r with |r| <= log(2) / 2, and e^r - 1 by a polynomial right to 2^-60.
PART void exponential(const Vector *y, const Vector *rest, Vector *minus_one, Vector *whole) {
  const double shift = 0x1.8p52;
  Vector shifted = *y * 0x1.71547652b82fep0 + shift;
  Vector k = shifted - shift;
  // log 2 in two parts, the first of 32 bits: its products with k are exact.
  Vector r = (*y - k * 0x1.62e42feep-1) - (k * 0x1.a39ef35793c76p-33 - *rest);
  static const double coefficients[] = {
    0x1.5555555555557p-3, 0x1.5555555555556p-5, 0x1.11111111100dcp-7, 0x1.6c16c16c162d4p-10,
    0x1.a01a01abe7fe1p-13, 0x1.a01a01a6d889cp-16, 0x1.71de0231960ebp-19, 0x1.27e4db646b17ep-22,
    0x1.af4de97ca4194p-26, 0x1.1f730349868cep-29,
  };
  enum { count = sizeof coefficients / sizeof coefficients[0] };
  Vector q = ALL_LANES(coefficients[count - 1]);
  for (int j = count - 2; j >= 0; j--) q = q * r + coefficients[j];
  Vector part = r + r * r * (0.5 + r * q);
  // 2^k: the shifted number ends with k.
  Vector power = (Vector)(((Mask)shifted + 1023) << 52);
  *minus_one = power * part + (power - 1);
  *whole = power * part + power;
}

/// The same of |u|, where that is at most 700, with a sign.
PART void exponential_of_magnitude(const Vector *u, double factor, Vector *minus_one, Vector *whole) {
  Vector y = MAGNITUDE(*u);
  y = factor * CHOOSE(y > 350, ALL_LANES(350.0), y);
  Vector none = ALL_LANES(0.0);
  exponential(&y, &none, minus_one, whole);
}

/// tanh u and 1 - tanh^2 u, both right relative to themselves, for any u.
PART void tanh_parts(const Vector *u, Vector *value, Vector *slope) {
  Vector minus_one, whole;
  exponential_of_magnitude(u, 2, &minus_one, &whole);
  Vector inverse = 1 / (minus_one + 2);
  *value = (Vector)((Mask)(minus_one * inverse) | SIGN(*u));
  *slope = 4 * (whole * inverse) * inverse;
}

/// log (1 + e/2) for -1 <= e <= 0, where e/2 may be tiny.
///
/// Source: the polynomial is that of log in fdlibm (Sun Microsystems, 1993), right to 2^-58.
PART void log_one_plus_half(const Vector *e, Vector *result) {
  // 1 + e/2 or twice that, between sqrt 1/2 and sqrt 2, is (1 + s) / (1 - s).
  Mask is_small = *e < -0.5857864376269049;
  Vector up = CHOOSE(is_small, 1 + *e, 0.5 * *e);
  Vector down = CHOOSE(is_small, 3 + *e, 2 + 0.5 * *e);
  Vector s = up / down;
  Vector v = s * s;
  static const double coefficients[] = {
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
  };
  enum { count = sizeof coefficients / sizeof coefficients[0] };
  Vector rest = ALL_LANES(coefficients[count - 1]);
  for (int j = count - 2; j >= 0; j--) rest = rest * v + coefficients[j];
  Vector log = 2 * s + s * (v * rest);
  *result = log - CHOOSE(is_small, ALL_LANES(0x1.62e42fefa39efp-1), ALL_LANES(0.0));
}

/// The distribution function of the normal distribution and its density for |u| <= 37.4, both right
/// relative to themselves.
///
/// erfc a = t R(2t - 1) exp(-a^2) with t = 2 / (2 + a): R is a polynomial right to 2^-56.
PART void normal_distribution(const Vector *u, Vector *distribution, Vector *density) {
  Vector x = MAGNITUDE(*u);
  // x^2 in two parts, the first of them exact: the square of the first 24 bits of x.
  Vector first = (Vector)((Mask)x & -0x20000000);
  Vector negative = -0.5 * first * first, rest = -0.5 * (x - first) * (x + first), minus_one, power;
  exponential(&negative, &rest, &minus_one, &power);
  Vector t = 2 / (2 + x * 0x1.6a09e667f3bcdp-1);
  Vector y = 2 * t - 1;
  static const double coefficients[] = {
    0x1.058671b52c776p-1, 0x1.5fd386754eff9p-2, 0x1.1e2deea6b1165p-3, 0x1.2a88e6107d61fp-6,
    -0x1.606e415526489p-7, -0x1.a89eaff881808p-9, 0x1.9517bb6e136bep-10, 0x1.b6fbf9a83ed5bp-12,
    -0x1.5ba437e2ae9fdp-12, -0x1.20541b072ab4fp-16, 0x1.2efa1fe9b74d1p-14, -0x1.1e76295ae36f9p-16,
    -0x1.6c005e2dc2b46p-17, 0x1.0e76b112aded5p-17, -0x1.2e1c648b21067p-21, -0x1.e90f2672fee6ap-20,
    0x1.0ca1eb7ac58fbp-20, -0x1.21cad01abaca5p-30, -0x1.325476eeff8e4p-22, 0x1.5c9852a83932bp-23,
    -0x1.0a69a512b402cp-29, -0x1.db4bf85fb89edp-25, 0x1.f56ea41b9fca5p-26, 0x1.5ba5f53714330p-28,
    -0x1.50959a36add8fp-27, 0x1.c89eaa1725b03p-30, 0x1.4d76b5a69ac22p-30, -0x1.bb47674bfc349p-32,
  };
  enum { count = sizeof coefficients / sizeof coefficients[0] };
  Vector series = ALL_LANES(coefficients[count - 1]);
  for (int j = count - 2; j >= 0; j--) series = series * y + coefficients[j];
  Vector tail = 0.5 * (t * series) * power;
  *distribution = CHOOSE(*u > 0, 1 - tail, tail);
  *density = 0x1.9884533d43651p-2 * power;
}

/// g(z) and g'(z) of an activation that is known when this is compiled.
PART void activate(int activation, double s, double inverse_s, const Vector *z, Vector *value, Vector *slope) {
  Vector u = s * *z;
  switch (activation) {
    case smooth_tanh:
      tanh_parts(&u, value, slope);
      *value *= inverse_s;
      break;
    case smooth_x_tanh: {
      Vector tanh, square;
      tanh_parts(&u, &tanh, &square);
      tanh *= inverse_s;
      *value = *z * tanh;
      *slope = *z * square + tanh;
      break;
    }
    case smooth_x2_tanh: {
      Vector tanh, square;
      tanh_parts(&u, &tanh, &square);
      tanh *= inverse_s;
      *value = *z * *z * tanh;
      *slope = *z * (*z * square + 2 * tanh);
      break;
    }
    case smooth_sigmoid: {
      u *= 0.5;
      tanh_parts(&u, value, slope);
      *value *= 0.5 * inverse_s;
      *slope *= 0.25;
      break;
    }
    case smooth_softplus: {
      Vector negative = -MAGNITUDE(u), none = ALL_LANES(0.0), minus_one, whole, log;
      negative = CHOOSE(negative < -700, ALL_LANES(-700.0), negative);
      exponential(&negative, &none, &minus_one, &whole);
      log_one_plus_half(&minus_one, &log);
      Mask is_positive = *z > 0;
      *value = log * inverse_s + CHOOSE(is_positive, *z, ALL_LANES(0.0));
      *slope = CHOOSE(is_positive, ALL_LANES(1.0), whole) / (2 + minus_one);
      break;
    }
    case smooth_gelu: {
      Vector distribution, density;
      u = CHOOSE(u > 37.4, ALL_LANES(37.4), CHOOSE(u < -37.4, ALL_LANES(-37.4), u));
      normal_distribution(&u, &distribution, &density);
      *value = *z * distribution;
      *slope = u * density + distribution;
      break;
    }
    default:
      *value = *z;
      *slope = ALL_LANES(1.0);
  }
}

#endif
