#include "SmoothNeurons.h"

#include "Machines.h"

// Fused products would make results depend on the machine.
#pragma STDC FP_CONTRACT OFF

#include "SmoothFunctions.h"

// How many blocks share the sums of the kernel, and how many rows of it are added up at a time.
enum { kernel_blocks = 32, kernel_rows = 4 };

// More steps along an impulse are of no use: one that needs them is too long.
enum { max_steps = 32 };

/// z = w . x for the state (a, w).
PART void argument(size_t d, const double *state, const double *x, Vector *z) {
  *z = FROM(state, 1) * x[0];
  for (size_t c = 1; c < d; c++) *z += FROM(state, 1 + c) * x[c];
}

/// The drive (da, dw) of a block by an impulse at the state (a, w).
PART void drive(
    const struct SmoothNetwork *net, int activation, size_t d, const double *impulse, double constant,
    const double *state, double *rates) {
  double inverse_s = 1 / net->scale;
  Vector da = ALL_LANES(constant);
  for (size_t c = 1; c <= d; c++) AT(rates, c) = ALL_LANES(0.0);
  const double *x = net->inputs;
  for (size_t i = 0; i < net->sample_count; i++, x += d) {
    Vector z, value, slope;
    argument(d, state, x, &z);
    activate(activation, net->scale, inverse_s, &z, &value, &slope);
    da += value * impulse[i];
    slope *= impulse[i];
    for (size_t c = 0; c < d; c++) AT(rates, 1 + c) += slope * x[c];
  }
  AT(rates, 0) = da;
  for (size_t c = 1; c <= d; c++) AT(rates, c) *= FROM(state, 0);
}

/// The square of the relative change of the fastest neuron of a block; not a number if any is none.
PART double squared_change(
    const struct SmoothNetwork *net, size_t d, const double *multiplicity, const double *state, const double *rates) {
  Vector a = FROM(state, 0), da = FROM(rates, 0), w2 = {}, dw2 = {};
  for (size_t c = 1; c <= d; c++) {
    w2 += FROM(state, c) * FROM(state, c);
    dw2 += FROM(rates, c) * FROM(rates, c);
  }
  Vector all = a * a + w2, change;
  if (net->is_higher_order) {
    Vector inner = dw2 / CHOOSE(w2 > 0, w2, ALL_LANES(1.0));
    change = da * da / all;
    change = CHOOSE(inner > change, inner, change);
  } else {
    change = (da * da + dw2) / all;
  }
  Vector outer = net->reach * net->reach * dw2;
  change = CHOOSE(outer > change, outer, change);
  // Absent neurons, and those that vanish altogether, do not count.
  change = CHOOSE((FROM(multiplicity, 0) > 0) & (all > 0), change, ALL_LANES(0.0));
  double result = 0;
  for (int i = 0; i < lanes; i++) {
    if (!(change[i] <= result)) result = change[i];
    if (result != result) return result;
  }
  return result;
}

PART double total(const double *numbers, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += numbers[i];
  return sum;
}

/// The sum of the lanes, in a fixed order.
PART double lane_sum(const Vector *x) {
  return (((*x)[0] + (*x)[4]) + ((*x)[2] + (*x)[6])) + (((*x)[1] + (*x)[5]) + ((*x)[3] + (*x)[7]));
}

/// The state (a, w(0) + v) where a and v have moved on by h times the rates.
PART void state_behind(
    size_t d, const double *fixed, const double *moving, double h, const double *rates, double *state) {
  AT(state, 0) = FROM(moving, 0) + h * FROM(rates, 0);
  for (size_t c = 1; c <= d; c++) AT(state, c) = FROM(fixed, c) + (FROM(moving, c) + h * FROM(rates, c));
}

/// The present state (a, w(0) + v).
PART void present_state(size_t d, const double *fixed, const double *moving, double *state) {
  AT(state, 0) = FROM(moving, 0);
  for (size_t c = 1; c <= d; c++) AT(state, c) = FROM(fixed, c) + FROM(moving, c);
}

/// Moves a block along one impulse.
PART void move_block(
    const struct SmoothNetwork *net, int activation, size_t d, const double *fixed, const double *impulse,
    double *moved, double *room) {
  static const double node[] = {0, 0.5, 0.5, 1}, weight[] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
  double constant = net->offset * total(impulse, net->sample_count);
  double *state = room, *rates = state + lanes * (1 + d), *sum = rates + lanes * (1 + d);
  double remaining = 1;
  for (int step = 1; remaining > 0; step++) {
    double h = remaining;
    present_state(d, fixed, moved, state);
    for (int stage = 0; stage < 4; stage++) {
      if (stage > 0) state_behind(d, fixed, moved, h * node[stage], rates, state);
      drive(net, activation, d, impulse, constant, state, rates);
      if (stage == 0) {
        memcpy(sum, moved, lanes * (1 + d) * sizeof(double));
        double change = h * __builtin_sqrt(squared_change(net, d, fixed, state, rates));
        if (change > net->max_change && step < max_steps) {
          double count = __builtin_ceil(change / net->max_change);
          h /= count < max_steps ? count : max_steps;
        }
      }
      for (size_t c = 0; c <= d; c++) AT(sum, c) += h * weight[stage] * FROM(rates, c);
    }
    memcpy(moved, sum, lanes * (1 + d) * sizeof(double));
    remaining = h < remaining ? remaining - h : 0;
  }
}

PART void move_all(
    const struct SmoothNetwork *net, int activation, size_t d, const double *fixed, const double *moving,
    size_t block_count, const double *pieces, size_t piece_count, double *moved, double *sums, double *room) {
  size_t n = net->sample_count;
  double inverse_s = 1 / net->scale;
  double *state = room, *totals = room + 3 * lanes * (1 + d);
  memset(totals, 0, (n + 2) * lanes * sizeof(double));
  memcpy(moved, moving, block_count * lanes * (1 + d) * sizeof(double));
  for (size_t b = 0; b < block_count; b++, fixed += lanes * (1 + d), moved += lanes * (1 + d)) {
    for (size_t k = 0; k < piece_count; k++) move_block(net, activation, d, fixed, pieces + k * n, moved, room);
    present_state(d, fixed, moved, state);
    Vector multiplicity = FROM(fixed, 0), output = multiplicity * FROM(state, 0), square = {};
    const double *x = net->inputs;
    for (size_t i = 0; i < n; i++, x += d) {
      Vector z, value, slope;
      argument(d, state, x, &z);
      activate(activation, net->scale, inverse_s, &z, &value, &slope);
      AT(totals, i) += output * value;
    }
    AT(totals, n) += output;
    for (size_t c = 1; c <= d; c++) square += FROM(moved, c) * FROM(moved, c);
    AT(totals, n + 1) += multiplicity * square;
  }
  for (size_t i = 0; i < n + 2; i++) {
    Vector sum = FROM(totals, i);
    sums[i] += lane_sum(&sum);
  }
}

PART double change_of_all(
    const struct SmoothNetwork *net, int activation, size_t d, const double *fixed, const double *moving,
    size_t block_count, const double *impulse, double *path, double *room) {
  double constant = net->offset * total(impulse, net->sample_count), result = 0;
  double *state = room, *rates = room + lanes * (1 + d);
  Vector paths = {};
  for (size_t b = 0; b < block_count; b++, fixed += lanes * (1 + d), moving += lanes * (1 + d)) {
    present_state(d, fixed, moving, state);
    drive(net, activation, d, impulse, constant, state, rates);
    double change = squared_change(net, d, fixed, state, rates);
    if (!(change <= result)) result = change;
    if (result != result) return result;
    Vector along = {};
    for (size_t c = 1; c <= d; c++) along += FROM(moving, c) * FROM(rates, c);
    paths += FROM(fixed, 0) * along;
  }
  *path += lane_sum(&paths);
  return __builtin_sqrt(result);
}

PART size_t padded(size_t n) { return (n + kernel_rows - 1) / kernel_rows * kernel_rows; }

/// sqrt(M) (offset + g(z_i)) and sqrt(M) a g'(z_i) of some blocks: a row for every sample.
PART void contributions(
    const struct SmoothNetwork *net, int activation, size_t d, const double *fixed, const double *moving, size_t count,
    double *values, double *slopes, double *state) {
  size_t n = net->sample_count, row_size = kernel_blocks * lanes;
  double inverse_s = 1 / net->scale;
  memset(values, 0, padded(n) * row_size * sizeof(double));
  memset(slopes, 0, padded(n) * row_size * sizeof(double));
  for (size_t b = 0; b < count; b++, fixed += lanes * (1 + d), moving += lanes * (1 + d)) {
    present_state(d, fixed, moving, state);
    Vector root = __builtin_elementwise_sqrt(FROM(fixed, 0)), output = root * FROM(state, 0);
    const double *x = net->inputs;
    for (size_t i = 0; i < n; i++, x += d) {
      Vector z, value, slope;
      argument(d, state, x, &z);
      activate(activation, net->scale, inverse_s, &z, &value, &slope);
      AT(values + i * row_size, b) = root * (net->offset + value);
      AT(slopes + i * row_size, b) = output * slope;
    }
  }
}

/// kernel += rows rowsᵀ, elementwise times the weights where there are any.
PART void add_products(size_t n, const double *rows, const double *weights, size_t row_size, double *kernel) {
  for (size_t i = 0; i < n; i += kernel_rows) {
    for (size_t j = i; j < n; j += kernel_rows) {
      Vector sums[kernel_rows][kernel_rows] = {};
      const double *left = rows + i * row_size, *right = rows + j * row_size;
      for (size_t k = 0; k < row_size; k += lanes) {
        for (int s = 0; s < kernel_rows; s++) {
          for (int t = 0; t < kernel_rows; t++)
            sums[s][t] += FROM(left + s * row_size + k, 0) * FROM(right + t * row_size + k, 0);
        }
      }
      for (int s = 0; s < kernel_rows; s++) {
        for (int t = 0; t < kernel_rows; t++) {
          if (i + s >= n || j + t >= n || j + t < i + s) continue;
          size_t position = (i + s) * n + j + t;
          kernel[position] += lane_sum(&sums[s][t]) * (weights ? weights[position] : 1);
        }
      }
    }
  }
}

PART void kernel_of_all(
    const struct SmoothNetwork *net, int activation, size_t d, const double *fixed, const double *moving,
    size_t block_count, const double *products, double *kernel, double *room) {
  size_t n = net->sample_count, row_size = kernel_blocks * lanes;
  double *state = room, *values = room + lanes * (1 + d), *slopes = values + padded(n) * row_size;
  for (size_t begin = 0; begin < block_count; begin += kernel_blocks) {
    size_t count = block_count - begin < kernel_blocks ? block_count - begin : kernel_blocks;
    size_t first = begin * lanes * (1 + d);
    contributions(net, activation, d, fixed + first, moving + first, count, values, slopes, state);
    add_products(n, values, NULL, row_size, kernel);
    add_products(n, slopes, products, row_size, kernel);
  }
}

PART double product(const double *x, const double *y, size_t size) {
  Vector sum = {};
  for (size_t k = 0; k < size; k += lanes) sum += FROM(x + k, 0) * FROM(y + k, 0);
  return lane_sum(&sum);
}

/// Makes the triangle R that of the matrix [R; columns], by Householder reflections; the columns
/// are used up.
PART void reduce(size_t n, double *columns, size_t size, double *triangle) {
  for (size_t j = 0; j < n; j++) {
    double *column = columns + j * size;
    double squared = product(column, column, size);
    if (!(squared > 0)) continue;
    double head = triangle[j * n + j], norm = __builtin_sqrt(head * head + squared);
    double value = head > 0 ? -norm : norm, first = head - value, scale = 2 / (first * first + squared);
    triangle[j * n + j] = value;
    for (size_t k = j + 1; k < n; k++) {
      double *other = columns + k * size;
      double share = scale * (first * triangle[j * n + k] + product(column, other, size));
      triangle[j * n + k] -= share * first;
      for (size_t i = 0; i < size; i += lanes) AT(other + i, 0) -= share * FROM(column + i, 0);
    }
  }
}

PART void factor_of_all(
    const struct SmoothNetwork *net, int activation, size_t d, const double *fixed, const double *moving,
    size_t block_count, double *triangle, double *room) {
  size_t n = net->sample_count, row_size = kernel_blocks * lanes;
  double *state = room, *values = room + lanes * (1 + d), *slopes = values + padded(n) * row_size;
  for (size_t begin = 0; begin < block_count; begin += kernel_blocks) {
    size_t count = block_count - begin < kernel_blocks ? block_count - begin : kernel_blocks;
    size_t first = begin * lanes * (1 + d);
    contributions(net, activation, d, fixed + first, moving + first, count, values, slopes, state);
    reduce(n, values, row_size, triangle);
    for (size_t c = 0; c < d; c++) {
      for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < row_size; k += lanes)
          AT(values + i * row_size + k, 0) = net->inputs[i * d + c] * FROM(slopes + i * row_size + k, 0);
      }
      reduce(n, values, row_size, triangle);
    }
  }
}

/// A call with the activation, and with dimensions that are frequent, known to the compiler.
#define FOR_DIMENSION(call, kind) (d == 2 ? call(kind, 2) : call(kind, d))
#define FOR_ACTIVATION(call)                                         \
  switch (network->activation) {                                     \
    case smooth_tanh: return FOR_DIMENSION(call, smooth_tanh);       \
    case smooth_x_tanh: return FOR_DIMENSION(call, smooth_x_tanh);   \
    case smooth_x2_tanh: return FOR_DIMENSION(call, smooth_x2_tanh); \
    case smooth_sigmoid: return FOR_DIMENSION(call, smooth_sigmoid); \
    case smooth_softplus: return FOR_DIMENSION(call, smooth_softplus); \
    case smooth_gelu: return FOR_DIMENSION(call, smooth_gelu);       \
    default: return FOR_DIMENSION(call, smooth_linear);              \
  }

FOR_EVERY_MACHINE
void smooth_neurons_move(
    const struct SmoothNetwork *network, const double *fixed, const double *moving, size_t block_count,
    const double *pieces, size_t piece_count, double *moved, double *sums, double *room) {
  size_t d = network->dimension;
#define CALL(kind, dimension) \
  move_all(network, kind, dimension, fixed, moving, block_count, pieces, piece_count, moved, sums, room)
  FOR_ACTIVATION(CALL)
#undef CALL
}

FOR_EVERY_MACHINE
double smooth_neurons_change(
    const struct SmoothNetwork *network, const double *fixed, const double *moving, size_t block_count,
    const double *impulse, double *path, double *room) {
  size_t d = network->dimension;
#define CALL(kind, dimension) change_of_all(network, kind, dimension, fixed, moving, block_count, impulse, path, room)
  FOR_ACTIVATION(CALL)
#undef CALL
}

FOR_EVERY_MACHINE
void smooth_neurons_kernel(
    const struct SmoothNetwork *network, const double *fixed, const double *moving, size_t block_count,
    const double *products, double *kernel, double *room) {
  size_t d = network->dimension;
#define CALL(kind, dimension) kernel_of_all(network, kind, dimension, fixed, moving, block_count, products, kernel, room)
  FOR_ACTIVATION(CALL)
#undef CALL
}

FOR_EVERY_MACHINE
void smooth_neurons_factor(
    const struct SmoothNetwork *network, const double *fixed, const double *moving, size_t block_count,
    double *triangle, double *room) {
  size_t d = network->dimension;
#define CALL(kind, dimension) factor_of_all(network, kind, dimension, fixed, moving, block_count, triangle, room)
  FOR_ACTIVATION(CALL)
#undef CALL
}

FOR_EVERY_MACHINE
void smooth_join_factors(size_t n, const double *other, double *triangle, double *room) {
  size_t size = (n + lanes - 1) / lanes * lanes;
  for (size_t j = 0; j < n; j++) {
    for (size_t k = 0; k < size; k++) room[j * size + k] = k < n ? other[k * n + j] : 0;
  }
  reduce(n, room, size, triangle);
}

PART void activate_all(
    int activation, double scale, const double *z, size_t count, double *value, double *derivative) {
  double inverse_s = 1 / scale;
  for (size_t first = 0; first < count; first += lanes) {
    size_t present = count - first < lanes ? count - first : lanes;
    Vector argument = {}, g, slope;
    memcpy(&argument, z + first, present * sizeof(double));
    activate(activation, scale, inverse_s, &argument, &g, &slope);
    memcpy(value + first, &g, present * sizeof(double));
    memcpy(derivative + first, &slope, present * sizeof(double));
  }
}

FOR_EVERY_MACHINE
void smooth_activation(
    int32_t activation, double scale, const double *z, size_t count, double *value, double *derivative) {
  switch (activation) {
    case smooth_tanh: return activate_all(smooth_tanh, scale, z, count, value, derivative);
    case smooth_x_tanh: return activate_all(smooth_x_tanh, scale, z, count, value, derivative);
    case smooth_x2_tanh: return activate_all(smooth_x2_tanh, scale, z, count, value, derivative);
    case smooth_sigmoid: return activate_all(smooth_sigmoid, scale, z, count, value, derivative);
    case smooth_softplus: return activate_all(smooth_softplus, scale, z, count, value, derivative);
    case smooth_gelu: return activate_all(smooth_gelu, scale, z, count, value, derivative);
    default: return activate_all(smooth_linear, scale, z, count, value, derivative);
  }
}

size_t smooth_room(size_t sample_count, size_t dimension) {
  return lanes * (3 * (1 + dimension) + sample_count + 2);
}

size_t smooth_kernel_room(size_t sample_count, size_t dimension) {
  return lanes * (1 + dimension) + 2 * padded(sample_count) * kernel_blocks * lanes;
}

size_t smooth_factor_room(size_t sample_count, size_t dimension) {
  return smooth_kernel_room(sample_count, dimension) + sample_count * (sample_count + lanes);
}
