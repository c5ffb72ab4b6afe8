// Full-batch gradient descent of a two-layer ReLU network on a line, in C: the fastest peer of
// `make bench`.
//
// A step is one fused pass over the neurons: the update with the residuals of the step before, and
// the outputs after it. There are two forms of it:
//   direct  evaluates every neuron at every sample, 32 neurons in vector registers at a time:
//           7 n operations a neuron;
//   sums    knows that the samples at which a neuron is active are a prefix or a suffix of the
//           sorted samples: what it needs of them are entries of a table of 2 n + 2 sums, however
//           many samples there are.
// The protocol is that of gradient_descent.py: the rate starts large and is halved whenever the
// loss rises; only the attempt that succeeds is timed, in both forms. Same options, same keys in
// the JSON object that it prints.
//
// Compile with -O3 -march=native -ffast-math -pthread -DSAMPLES=n, as
// `Benchmarks/questions/peers.py` does.

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  n = SAMPLES,
  patterns = 2 * n + 2,  // suffixes that start at sample 0 … n, then prefixes of length 0 … n
  lanes = 8,
  rows = 4,             // vectors of each parameter that are in registers together
  block = 32,           // neurons that the form `sums` takes together
  copies = 4,           // of the table of sums: an addition need not wait for the one before
  max_threads = 256,
  tracking_steps = 100  // after as many without a rise of the loss, an attempt has followed the flow
};

typedef double vector __attribute__((vector_size(8 * lanes)));
typedef long long mask __attribute__((vector_size(8 * lanes)));
typedef double pair __attribute__((vector_size(16)));

// A rise of the loss by less is rounding: descent has come to rest, its neurons silenced by too
// large a rate.
static const double rounding = 1 + 1e-10;

typedef struct {
  double p[patterns], q[patterns];  // Σ r x and Σ r over the active samples of a pattern
  double rate_a, rate_w;
} Push;

typedef enum { DIRECT, SUMS, FORMS } Form;
static const char *const form_names[FORMS] = {"direct", "sums"};

typedef enum { GOES_ON, CONVERGED, ROSE, RESTS, LATE, STEPS_DONE } End;

// The case. Samples are sorted, neurons are grouped by their pattern at the start.
static double x[n], y[n], kappa, kappa_prime, target = 1e-6;
static double active_at[patterns], silent_at[patterns];  // the samples beside the border of a pattern
static long width, padded;
static double *initial[3], *theta[3];  // a, w, b
static unsigned short *initial_pattern, *pattern;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "descent: error: %s\n", what);
  exit(64);
}

// ---- A step

static inline vector where(mask on, vector v) { return (vector)(on & (mask)v); }

// Updates a part of the neurons, and adds their new outputs to `f`.
static void direct_pass(long from, long to, const double *r, const Push *push, double *f) {
  vector *a = (vector *)theta[0], *w = (vector *)theta[1], *b = (vector *)theta[2];
  vector sum[n] = {{0}};
  const vector zero = {0};
  double rx[n];
  for (int i = 0; i < n; ++i) rx[i] = r[i] * x[i];
  for (long j = from / lanes; j < to / lanes; j += rows) {
    vector A[rows], W[rows], B[rows], p[rows], q[rows];
    for (int k = 0; k < rows; ++k) {
      A[k] = a[j + k], W[k] = w[j + k], B[k] = b[j + k];
      p[k] = q[k] = zero;
    }
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < rows; ++k) {
        mask on = x[i] * W[k] + B[k] > 0;
        p[k] += where(on, rx[i] + zero);
        q[k] += where(on, r[i] + zero);
      }
    }
    for (int k = 0; k < rows; ++k) {
      vector h = W[k] * p[k] + B[k] * q[k], g = push->rate_w * A[k];
      a[j + k] = A[k] -= push->rate_a * h;
      w[j + k] = W[k] -= g * p[k];
      b[j + k] = B[k] -= g * q[k];
    }
    for (int i = 0; i < n; ++i) {
      vector s = sum[i];
      for (int k = 0; k < rows; ++k) {
        vector z = x[i] * W[k] + B[k];
        s += A[k] * where(z > 0, z);
      }
      sum[i] = s;
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int l = 0; l < lanes; ++l) f[i] += sum[i][l];
  }
}

// A suffix has its first sample as number, a prefix n + 1 more than its length.
static int pattern_of(double w, double b) {
  int active = 0;
  for (int i = 0; i < n; ++i) active += x[i] * w + b > 0;
  return w < 0 ? n + 1 + active : n - active;
}

// Whether a neuron has left its pattern. A sample at ±10³⁰⁰ beyond the last one decides by the sign
// of the weight.
static inline bool left(int k, double w, double b) {
  return (w * active_at[k] + b <= 0) | (w * silent_at[k] + b > 0);
}

// The same by sums over the active samples: f = x Σ a w + Σ a b over the neurons active at x.
static void sums_pass(long from, long to, const Push *push, double *f) {
  pair sum[patterns][copies];
  memset(sum, 0, sizeof sum);
  const double rate_a = push->rate_a, rate_w = push->rate_w;
  for (long j = from; j < to; j += block) {
    double *restrict a = theta[0] + j, *restrict w = theta[1] + j, *restrict b = theta[2] + j;
    double aw[block], ab[block];
    unsigned short *k = pattern + j;
    unsigned mixed = 0;
    long moved = 0;
    for (int l = 0; l < block; ++l) mixed |= k[l] ^ k[0];
    if (mixed) {
      for (int l = 0; l < block; ++l) {
        double p = push->p[k[l]], q = push->q[k[l]], g = rate_w * a[l];
        double a1 = a[l] - rate_a * (w[l] * p + b[l] * q), w1 = w[l] - g * p, b1 = b[l] - g * q;
        a[l] = a1, w[l] = w1, b[l] = b1;
        aw[l] = a1 * w1, ab[l] = a1 * b1;
        moved |= left(k[l], w1, b1);
      }
    } else {
      double p = push->p[k[0]], q = push->q[k[0]], in = active_at[k[0]], out = silent_at[k[0]];
      double sum_aw = 0, sum_ab = 0;
      for (int l = 0; l < block; ++l) {
        double g = rate_w * a[l];
        double a1 = a[l] - rate_a * (w[l] * p + b[l] * q), w1 = w[l] - g * p, b1 = b[l] - g * q;
        a[l] = a1, w[l] = w1, b[l] = b1;
        sum_aw += a1 * w1, sum_ab += a1 * b1;
        moved |= (w1 * in + b1 <= 0) | (w1 * out + b1 > 0);
      }
      if (!moved) {
        sum[k[0]][0] += (pair){sum_aw, sum_ab};
        continue;
      }
      for (int l = 0; l < block; ++l) aw[l] = a[l] * w[l], ab[l] = a[l] * b[l];
    }
    if (moved) {
      for (int l = 0; l < block; ++l) {
        if (left(k[l], w[l], b[l])) k[l] = pattern_of(w[l], b[l]);
      }
    }
    for (int l = 0; l < block; ++l) sum[k[l]][l % copies] += (pair){aw[l], ab[l]};
  }
  pair suffix = {0, 0}, prefix = {0, 0};
  for (int i = 0; i < n; ++i) {
    for (int c = 0; c < copies; ++c) suffix += sum[i][c], prefix += sum[patterns - 1 - i][c];
    f[i] += suffix[0] * x[i] + suffix[1];
    f[n - 1 - i] += prefix[0] * x[n - 1 - i] + prefix[1];
  }
}

static void sum_residuals(const double *r, Push *push) {
  push->p[n] = push->q[n] = push->p[n + 1] = push->q[n + 1] = 0;
  for (int i = 0; i < n; ++i) {
    int from = n - 1 - i, length = n + 1 + i;
    push->p[from] = push->p[from + 1] + r[from] * x[from];
    push->q[from] = push->q[from + 1] + r[from];
    push->p[length + 1] = push->p[length] + r[i] * x[i];
    push->q[length + 1] = push->q[length] + r[i];
  }
}

// ---- An attempt, by all threads

typedef struct {
  double f[n];
  bool late;
} __attribute__((aligned(128))) Share;

static struct {
  Form form;
  int threads;
  double rate, deadline;
  long max_steps, steps;
  double first_residual[n], loss;
  End end;
  Share shares[2][max_threads];
  atomic_int waiting;
  atomic_uint generation;
} attempt;

static void wait_for_all(void) {
  unsigned generation = atomic_load(&attempt.generation);
  if (atomic_fetch_add(&attempt.waiting, 1) == attempt.threads - 1) {
    atomic_store(&attempt.waiting, 0);
    atomic_fetch_add(&attempt.generation, 1);
    return;
  }
  for (long spins = 0; atomic_load(&attempt.generation) == generation; ++spins) {
    if (spins > 20000) sched_yield();  // another process has the core
  }
}

// All threads sum the same numbers in the same order, and so decide alike: one barrier a step.
static void *descend(void *argument) {
  int thread = (int)(size_t)argument;
  long blocks = padded / block;
  long from = blocks * thread / attempt.threads * block, to = blocks * (thread + 1) / attempt.threads * block;
  long chunk = 1 + 20000000 / width;  // steps between two looks at the clock
  double r[n], before = DBL_MAX, loss = DBL_MAX, at_look = DBL_MAX;
  Push push;
  push.rate_a = attempt.rate * kappa / kappa_prime / n;
  push.rate_w = attempt.rate * kappa * kappa_prime / n;
  memcpy(r, attempt.first_residual, sizeof r);
  for (long step = 1;; ++step) {
    Share *shares = attempt.shares[step & 1], *own = &shares[thread];
    memset(own->f, 0, sizeof own->f);
    if (attempt.form == SUMS) {
      sum_residuals(r, &push);
      sums_pass(from, to, &push, own->f);
    } else {
      direct_pass(from, to, r, &push, own->f);
    }
    own->late = thread == 0 && step % chunk == 0 && now() > attempt.deadline;
    wait_for_all();
    before = loss, loss = 0;
    for (int i = 0; i < n; ++i) {
      double f = 0;
      for (int t = 0; t < attempt.threads; ++t) f += shares[t].f[i];
      r[i] = kappa * f - y[i];
      loss += r[i] * r[i] / n;
    }
    End end = GOES_ON;
    if (loss <= target) end = CONVERGED;
    else if (!(loss <= before && loss < DBL_MAX)) end = loss <= before * rounding ? RESTS : ROSE;
    else if (shares[0].late) end = LATE;
    else if (step == attempt.max_steps) end = STEPS_DONE;
    else if (step % chunk == 0 && loss == at_look) end = RESTS;
    if (step % chunk == 0) at_look = loss;
    if (end == GOES_ON) continue;
    if (thread == 0) attempt.end = end, attempt.steps = step, attempt.loss = loss;
    return NULL;
  }
}

// Descends from the initial values; returns the seconds.
static double descend_from_start(Form form, int threads, double rate, double deadline, long max_steps) {
  for (int k = 0; k < 3; ++k) memcpy(theta[k], initial[k], padded * sizeof(double));
  memcpy(pattern, initial_pattern, padded * sizeof *pattern);
  attempt.form = form, attempt.threads = threads, attempt.rate = rate;
  attempt.deadline = deadline, attempt.max_steps = max_steps;
  pthread_t others[max_threads];
  double start = now();
  for (int t = 1; t < threads; ++t) {
    if (pthread_create(&others[t], NULL, descend, (void *)(size_t)t)) fail("no thread can be started");
  }
  descend(NULL);
  for (int t = 1; t < threads; ++t) pthread_join(others[t], NULL);
  return now() - start;
}

// ---- The start

// The residuals, and the largest eigenvalue of the kernel: with a rate above 2/λ descent cannot be
// stable.
static double start_residual_and_eigenvalue(double *r) {
  static double kernel[n][n], h[n], pushed[n];
  for (int i = 0; i < n; ++i) r[i] = -y[i];
  for (long j = 0; j < width; ++j) {
    double a = initial[0][j], w = initial[1][j], b = initial[2][j];
    for (int i = 0; i < n; ++i) {
      double z = x[i] * w + b;
      h[i] = z > 0 ? z : 0, pushed[i] = z > 0 ? a : 0;
      r[i] += kappa * a * h[i];
    }
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < n; ++k) {
        kernel[i][k] += h[i] * h[k] / kappa_prime + kappa_prime * (x[i] * x[k] + 1) * pushed[i] * pushed[k];
      }
    }
  }
  double v[n], norm = 0;
  for (int i = 0; i < n; ++i) v[i] = 1 + 0.1 * x[i];
  for (int iteration = 0; iteration < 1000; ++iteration) {
    double u[n] = {0}, square = 0;
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < n; ++k) u[i] += kernel[i][k] * v[k];
      square += u[i] * u[i];
    }
    norm = sqrt(square);
    for (int i = 0; i < n; ++i) v[i] = u[i] / norm;
  }
  return kappa * kappa * norm / n;
}

static void *allocate(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 4096, bytes)) fail("out of memory");
  return memory;
}

// Neurons may come in any order: those of one pattern are put together.
static void read_initial(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail("the initial values cannot be read");
  width = ftell(file) / (3 * sizeof(double));
  padded = (width + block - 1) / block * block;
  rewind(file);
  size_t count = 3 * width;
  double *values = allocate(count * sizeof(double));
  if (count == 0 || fread(values, sizeof(double), count, file) != count) fail("no initial values");
  fclose(file);
  for (int k = 0; k < 3; ++k) {
    initial[k] = allocate(padded * sizeof(double));
    theta[k] = allocate(padded * sizeof(double));
  }
  initial_pattern = allocate(padded * sizeof *pattern);
  pattern = allocate(padded * sizeof *pattern);
  long position[patterns + 1] = {0};
  for (long j = 0; j < width; ++j) ++position[1 + pattern_of(values[width + j], values[2 * width + j])];
  for (int k = 0; k < patterns; ++k) position[k + 1] += position[k];
  for (long j = 0; j < width; ++j) {
    int k = pattern_of(values[width + j], values[2 * width + j]);
    long to = position[k]++;
    initial_pattern[to] = k;
    for (int c = 0; c < 3; ++c) initial[c][to] = values[c * width + j];
  }
  // The rest of the last block is silent for ever.
  for (long j = width; j < padded; ++j) {
    initial[0][j] = 0, initial[1][j] = 1, initial[2][j] = -1e30;
    initial_pattern[j] = n;
  }
  free(values);
}

static void read_samples(const char *xs, const char *ys) {
  for (int i = 0; i < n; ++i) {
    char *end;
    x[i] = strtod(xs, &end), xs = end + (*end == ',');
    y[i] = strtod(ys, &end), ys = end + (*end == ',');
    for (int k = i; k > 0 && x[k] < x[k - 1]; --k) {
      double t = x[k];
      x[k] = x[k - 1], x[k - 1] = t;
      t = y[k], y[k] = y[k - 1], y[k - 1] = t;
    }
  }
  if (*xs || *ys) fail("compiled for another number of samples");
  for (int s = 0; s <= n; ++s) {
    double below = s > 0 ? x[s - 1] : -1e300, above = s < n ? x[s] : 1e300;
    active_at[s] = silent_at[n + 1 + s] = above;
    silent_at[s] = active_at[n + 1 + s] = below;
  }
}

// RD = ‖θ_w − θ_w(0)‖ / ‖θ_w(0)‖ over weights and biases.
static double relative_change(void) {
  double change = 0, start = 0;
  for (int k = 1; k < 3; ++k) {
    for (long j = 0; j < width; ++j) {
      double d = theta[k][j] - initial[k][j];
      change += d * d, start += initial[k][j] * initial[k][j];
    }
  }
  return sqrt(change / start);
}

// ---- The search for the rate

typedef struct {
  int threads;
  double seconds;  // of a step
} Choice;

// How many threads make a form fastest, by steps so short that the loss falls in all of them.
static Choice choose(Form form, int cores, double rate) {
  Choice best = {1, DBL_MAX};
  long steps = 2 + 2000000 / width;
  for (int repeat = 0; repeat < 10; ++repeat) {
    for (int threads = 1; threads <= cores; threads += cores > 1 ? cores - 1 : 1) {
      double seconds = descend_from_start(form, threads, rate / 1024, DBL_MAX, steps) / attempt.steps;
      if (seconds < best.seconds) best = (Choice){threads, seconds};
    }
  }
  return best;
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

// The median time of attempts that succeed, repeated where that does not take long.
static double repeated(Form form, int threads, double rate, double seconds) {
  double times[5] = {seconds}, sum = seconds;
  int count = 1;
  for (; count < 5 && sum + times[count - 1] < 10; ++count) {
    sum += times[count] = descend_from_start(form, threads, rate, DBL_MAX, 0);
  }
  qsort(times, count, sizeof times[0], ascending);
  return count % 2 ? times[count / 2] : (times[count / 2 - 1] + times[count / 2]) / 2;
}

static void print_number(const char *key, double value, bool known) {
  if (known) printf("\"%s\": %.17g, ", key, value);
  else printf("\"%s\": null, ", key);
}

static void measure(const Choice *choices, Form form, double rate, double limit) {
  const double deadline = now() + limit;
  double at_least = 0, seconds;
  int halvings = 0;
  while (true) {
    seconds = descend_from_start(form, choices[form].threads, rate, deadline, 0);
    // An attempt that comes to rest above the target has not followed the flow.
    if (attempt.end != RESTS) at_least = fmax(at_least, seconds);
    if (attempt.end != ROSE && attempt.end != RESTS) break;
    ++halvings, rate /= 2;
    // With half the rate, the way an attempt came takes twice the steps; one that failed at once
    // came no way.
    if (attempt.end == ROSE && attempt.steps >= tracking_steps) at_least *= 2;
    if (now() > deadline) break;
  }
  const bool converged = attempt.end == CONVERGED;
  long steps = attempt.steps;
  double loss = attempt.loss, rd = converged ? relative_change() : 0;
  if (converged) {
    seconds = repeated(form, choices[form].threads, rate, seconds);
    // The other form may be the faster one over the whole way; it ends when it is not.
    Form other = form == DIRECT ? SUMS : DIRECT;
    double rival = descend_from_start(other, choices[other].threads, rate, now() + seconds, 0);
    if (attempt.end == CONVERGED) {
      long rival_steps = attempt.steps;
      double rival_loss = attempt.loss, rival_rd = relative_change();
      rival = repeated(other, choices[other].threads, rate, rival);
      if (rival < seconds) {
        form = other, seconds = rival, steps = rival_steps;
        loss = rival_loss, rd = rival_rd;
      }
    }
  }
  printf("{\"converged\": %s, ", converged ? "true" : "false");
  print_number("seconds", converged ? seconds : at_least, true);
  print_number("last_seconds", seconds, true);
  printf("\"steps\": %ld, ", steps);
  print_number("rate", rate, true);
  printf("\"halvings\": %d, ", halvings);
  print_number("rd", rd, converged);
  print_number("mean_squared_residual", loss, true);
  printf("\"form\": \"%s\", \"threads\": %d}\n", form_names[form], choices[form].threads);
}

int main(int count, char **words) {
  const char *path = NULL, *xs = NULL, *ys = NULL;
  double gamma = 0, gamma_prime = 0, limit = 90;
  int cores = 1;
  bool probe = false;
  for (int k = 1; k < count; ++k) {
    char *value = strchr(words[k], '=');
    size_t length = value ? (size_t)(value++ - words[k]) : strlen(words[k]);
#define IS(name) (strlen(name) == length && !strncmp(words[k], name, length))
    if (IS("--probe")) probe = true;
    else if (!value) fail("expected --option=value");
    else if (IS("--initial")) path = value;
    else if (IS("--gamma")) gamma = atof(value);
    else if (IS("--gamma-prime")) gamma_prime = atof(value);
    else if (IS("--x")) xs = value;
    else if (IS("--y")) ys = value;
    else if (IS("--target")) target = atof(value);
    else if (IS("--limit")) limit = atof(value);
    else if (IS("--threads")) cores = atoi(value);
    else fail("unknown option");
  }
  if (!path || !xs || !ys) fail("--initial, --gamma, --gamma-prime, --x and --y are needed");
  if (cores < 1 || cores > max_threads) fail("--threads must be from 1 to 256");
  read_samples(xs, ys);
  read_initial(path);
  kappa = pow(width, -gamma), kappa_prime = pow(width, -gamma_prime);
  // A power of two, 4 to 8 times what is stable at the start.
  double rate = exp2(ceil(log2(8 / start_residual_and_eigenvalue(attempt.first_residual))));
  Choice choices[FORMS];
  Form form = DIRECT;
  for (Form f = DIRECT; f < FORMS; ++f) {
    choices[f] = choose(f, cores, rate);
    if (choices[f].seconds < choices[form].seconds) form = f;
  }
  if (probe) {
    Choice best = choices[form];
    printf("{\"step_seconds\": %.9g, \"form\": \"%s\", ", best.seconds, form_names[form]);
    printf("\"threads\": %d}\n", best.threads);
  } else {
    measure(choices, form, rate, limit);
  }
  return 0;
}
