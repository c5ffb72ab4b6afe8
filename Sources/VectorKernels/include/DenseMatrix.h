#ifndef DENSE_MATRIX_H
#define DENSE_MATRIX_H

#include <stddef.h>

/// Products of rows with vectors: y_sj = sum_k rows_jk x_sk for all rows j and vectors s.
///
/// The order of sums is fixed: results do not depend on the instruction set, nor on how rows are
/// divided into calls.
///
/// @param rows    row_count rows of `columns` numbers, one after the other.
/// @param vectors `count` vectors of `columns` numbers, one after the other.
/// @param y       y_sj stands at s * stride + j; set.
void dense_products(
    const double *_Nonnull rows, size_t row_count, size_t columns, const double *_Nonnull vectors, size_t count,
    double *_Nonnull y, size_t stride);

/// Adds combinations of rows: y_sk += sum_j f_sj rows_jk for all vectors s.
///
/// @param factors f_sj stands at s * stride + j.
/// @param y       `count` vectors of `columns` numbers, one after the other.
void add_dense_combinations(
    const double *_Nonnull rows, size_t row_count, size_t columns, const double *_Nonnull factors, size_t stride,
    size_t count, double *_Nonnull y);

#endif
