#include "DenseMatrix.h"

#include "Machines.h"

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

enum { lanes = 8, tile = 4 };

typedef double Vector __attribute__((vector_size(lanes * sizeof(double)), aligned(sizeof(double))));

#define PART static inline __attribute__((always_inline))

PART double sum_of(const Vector *v) {
  const double *x = (const double *)v;
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/// Products of a row with up to four vectors, so that it is read once for all of them.
PART void products(const double *row, size_t columns, const double *vectors, size_t count, double *y, size_t stride) {
  Vector sums[tile] = {};
  size_t k = 0;
  for (; k + lanes <= columns; k += lanes) {
    Vector r = *(const Vector *)(row + k);
    for (size_t s = 0; s < count; s++) sums[s] += r * *(const Vector *)(vectors + s * columns + k);
  }
  for (size_t s = 0; s < count; s++) {
    double sum = sum_of(&sums[s]);
    for (size_t rest = k; rest < columns; rest++) sum += row[rest] * vectors[s * columns + rest];
    y[s * stride] = sum;
  }
}

FOR_EVERY_MACHINE
void dense_products(
    const double *rows, size_t row_count, size_t columns, const double *vectors, size_t count, double *y,
    size_t stride) {
  for (size_t j = 0; j < row_count; j++) {
    const double *row = rows + j * columns;
    size_t s = 0;
    for (; s + tile <= count; s += tile) products(row, columns, vectors + s * columns, tile, y + s * stride + j, stride);
    for (; s < count; s++) products(row, columns, vectors + s * columns, 1, y + s * stride + j, stride);
  }
}

// So many columns of four vectors stay in the first cache.
enum { block = 512 };

FOR_EVERY_MACHINE
void add_dense_combinations(
    const double *rows, size_t row_count, size_t columns, const double *factors, size_t stride, size_t count,
    double *y) {
  for (size_t first = 0; first < columns; first += block) {
    const size_t size = columns - first < block ? columns - first : block;
    for (size_t j = 0; j < row_count; j++) {
      const double *row = rows + j * columns + first;
      for (size_t s = 0; s < count; s++) {
        const double f = factors[s * stride + j];
        double *sum = y + s * columns + first;
        size_t k = 0;
        for (; k + lanes <= size; k += lanes) *(Vector *)(sum + k) += f * *(const Vector *)(row + k);
        for (; k < size; k++) sum[k] += f * row[k];
      }
    }
  }
}
