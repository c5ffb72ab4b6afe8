#ifndef SPACE_ROWS_H
#define SPACE_ROWS_H

#include "SlidingKinks.h"
#include "VectorKernels.h"

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

#define PART static inline __attribute__((always_inline))

enum { lanes = space_lanes };

typedef double Vector __attribute__((vector_size(lanes * sizeof(double))));
typedef int64_t Mask __attribute__((vector_size(lanes * sizeof(int64_t))));

#define CHOOSE(mask, yes, no) ((Vector)(((mask) & (Mask)(yes)) | (~(mask) & (Mask)(no))))

/// A member of a set, in the order of samples, for as long as there are any.
#define FOR_EACH_MEMBER(i, set, words) \
  for (size_t word_ = 0; word_ < (words); word_++) \
    for (uint64_t rest_ = (set)[word_], i = 0; \
         rest_ != 0 && (i = 64 * word_ + (uint64_t)__builtin_ctzll(rest_), 1); rest_ &= rest_ - 1)

PART int contains(const uint64_t *set, size_t i) { return (int)(set[i / 64] >> (i % 64) & 1); }
PART void insert(uint64_t *set, size_t i) { set[i / 64] |= (uint64_t)1 << (i % 64); }
PART void drop(uint64_t *set, size_t i) { set[i / 64] &= ~((uint64_t)1 << (i % 64)); }

PART int is_empty(const uint64_t *set, size_t words) {
  uint64_t all = 0;
  for (size_t w = 0; w < words; w++) all |= set[w];
  return all == 0;
}

/// All ones in the lanes of vector v that are members.
PART void members(const uint64_t *set, size_t v, Mask *mask) {
  static const Mask lane = {1, 2, 4, 8, 16, 32, 64, 128};
  int64_t bits = (int64_t)(set[v / 8] >> (v % 8 * 8) & 255);
  *mask = (((Mask){} + bits) & lane) != 0;
}

typedef _Bool Bits __attribute__((ext_vector_type(lanes)));

/// The lanes of vector v that are all ones become members.
PART void insert_lanes(const Mask *mask, uint64_t *set, size_t v) {
  Bits bits = __builtin_convertvector(*mask, Bits);
  uint8_t byte;
  __builtin_memcpy(&byte, &bits, 1);
  set[v / 8] |= (uint64_t)byte << (v % 8 * 8);
}

/// The sum of the lanes, in one order on every machine.
PART double sum_of(const Vector *x) {
  const double *l = (const double *)x;
  return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

/// y <- y + s x.
PART void add_row(double s, const double *x, double *y, size_t stride) {
  for (size_t v = 0; v < stride; v += lanes) *(Vector *)(y + v) += s * *(const Vector *)(x + v);
}

/// Some vectors of a sum of rows, kept in registers.
PART void sum_some_rows(
    const double *rows, size_t stride, const uint64_t *set, size_t words, size_t first, const size_t vectors,
    double *sum) {
  Vector total[8] = {};
  FOR_EACH_MEMBER(i, set, words) {
    const Vector *row = (const Vector *)(rows + i * stride) + first;
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) total[v] += row[v];
  }
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) ((Vector *)sum)[first + v] = total[v];
}

/// The sum of the rows of the members.
PART void sum_rows(const double *rows, size_t stride, const uint64_t *set, size_t words, double *sum) {
  size_t vectors = stride / lanes;
  for (size_t first = 0; first < vectors; first += 8) {
    switch (vectors - first) {
    case 1: sum_some_rows(rows, stride, set, words, first, 1, sum); break;
    case 2: sum_some_rows(rows, stride, set, words, first, 2, sum); break;
    case 3: sum_some_rows(rows, stride, set, words, first, 3, sum); break;
    case 4: sum_some_rows(rows, stride, set, words, first, 4, sum); break;
    case 5: sum_some_rows(rows, stride, set, words, first, 5, sum); break;
    case 6: sum_some_rows(rows, stride, set, words, first, 6, sum); break;
    case 7: sum_some_rows(rows, stride, set, words, first, 7, sum); break;
    default: sum_some_rows(rows, stride, set, words, first, 8, sum); break;
    }
  }
}

/// Some vectors of a sum of multiples of rows, kept in registers.
PART void combine_some_rows(
    const double *factors, size_t count, const double *rows, size_t stride, size_t first, const size_t vectors,
    double *sum) {
  Vector total[8] = {};
  for (size_t i = 0; i < count; i++) {
    const Vector *row = (const Vector *)(rows + i * stride) + first;
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) total[v] += factors[i] * row[v];
  }
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) ((Vector *)sum)[first + v] = total[v];
}

/// The sum of multiples of rows.
PART void combine_rows(const double *factors, size_t count, const double *rows, size_t stride, double *sum) {
  size_t vectors = stride / lanes;
  for (size_t first = 0; first < vectors; first += 8) {
    switch (vectors - first) {
    case 1: combine_some_rows(factors, count, rows, stride, first, 1, sum); break;
    case 2: combine_some_rows(factors, count, rows, stride, first, 2, sum); break;
    case 3: combine_some_rows(factors, count, rows, stride, first, 3, sum); break;
    case 4: combine_some_rows(factors, count, rows, stride, first, 4, sum); break;
    case 5: combine_some_rows(factors, count, rows, stride, first, 5, sum); break;
    case 6: combine_some_rows(factors, count, rows, stride, first, 6, sum); break;
    case 7: combine_some_rows(factors, count, rows, stride, first, 7, sum); break;
    default: combine_some_rows(factors, count, rows, stride, first, 8, sum); break;
    }
  }
}

/// sum q_i g_i and sum q_i z_i over the members.
PART void pair_of_products(
    const double *q, const double *g, const double *z, const uint64_t *set, size_t stride, double *qg, double *qz) {
  Vector one = {}, two = {};
  for (size_t v = 0; v < stride / lanes; v++) {
    Mask mask;
    members(set, v, &mask);
    Vector chosen = (Vector)(mask & ((const Mask *)q)[v]);
    one += chosen * ((const Vector *)g)[v];
    two += chosen * ((const Vector *)z)[v];
  }
  *qg = sum_of(&one);
  *qz = sum_of(&two);
}

/// sum x_j y_j.
PART double product_of(const double *x, const double *y, size_t stride) {
  Vector sum = {};
  for (size_t v = 0; v < stride; v += lanes) sum += *(const Vector *)(x + v) * *(const Vector *)(y + v);
  return sum_of(&sum);
}

#endif
