"""Compiled gradient descent on the normalised flow, as the published scripts do it: the peer of `make bench`.

Full-batch gradient descent with the largest stable learning rate. That rate is found by starting large; whenever
the loss rises, the rate is halved and training starts over, until the mean squared residual is at the target. Only
the last attempt, the one that succeeds, is timed, without compilation: it was given the right rate. A rate so
large that it has silenced neurons for good, and the loss does not change any more, is halved, too.

Prints one JSON object: rate, steps, seconds of the successful attempt, RD. Where the time limit came first,
`converged` is false and `seconds` is what the successful attempt would at least have taken. `--probe` only measures
the time of a step. How XLA compiles and how many threads it uses is up to the environment.
"""

import argparse
import functools
import json
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

# An attempt of this many steps without a rise of the loss has followed the flow, before it became unstable.
TRACKING_STEPS = 100

# A rise of the loss by less is rounding: descent has come to rest, its neurons silenced by too large a rate.
ROUNDING = 1 + 1e-10


def matrix_form(x, y, scales, theta, r, rate):
    """A step of descent and the residuals after it, by matrix products."""
    (a, w, b), (_, rate_a, rate_w) = theta, scales
    z = x[:, None] * w + b
    h = jnp.maximum(z, 0)
    active = (z > 0).astype(z.dtype)
    theta = (
        a - rate * rate_a * (r @ h),
        w - rate * rate_w * a * ((r * x) @ active),
        b - rate * rate_w * a * (r @ active),
    )
    return theta, matrix_outputs(x, scales, theta) - y


def matrix_outputs(x, scales, theta):
    """f = κ Σ a σ(w x + b)."""
    a, w, b = theta
    return scales[0] * (jnp.maximum(x[:, None] * w + b, 0) @ a)


def unrolled_form(x, y, scales, theta, r, rate):
    """The same, a sample after the other: fewer and smaller arrays in memory."""
    (a, w, b), (kappa, rate_a, rate_w), n = theta, scales, len(x)
    z = [x[i] * w + b for i in range(n)]
    push = [jnp.where(z[i] > 0, r[i], 0) for i in range(n)]
    theta = (
        a - rate * rate_a * sum(r[i] * jnp.maximum(z[i], 0) for i in range(n)),
        w - rate * rate_w * a * sum(push[i] * x[i] for i in range(n)),
        b - rate * rate_w * a * sum(push),
    )
    a, w, b = theta
    return theta, kappa * jnp.stack([jnp.sum(jnp.maximum(x[i] * w + b, 0) * a) for i in range(n)]) - y


FORMS = {"matrix": matrix_form, "unrolled": unrolled_form}


class Descent:
    """Gradient descent from given initial values, with one of the ways to write a step."""

    def __init__(self, form, case, initial):
        self.form = form
        self.initial = initial
        self.target = case.target
        self.chunk = max(1, 20_000_000 // len(initial[0]))  # steps between two looks at the clock: below 1 s
        m, n = len(initial[0]), len(case.x)
        kappa, kappa_prime = m**-case.gamma, m**-case.gamma_prime
        x, y = jnp.array(case.x), jnp.array(case.y)
        scales = (kappa, kappa / kappa_prime / n, kappa * kappa_prime / n)
        step_of = functools.partial(FORMS[form], x, y, scales)

        def step(state):
            theta, r, rate, loss, _, count, last = state
            theta, r = step_of(theta, r, rate)
            return theta, r, rate, jnp.mean(r * r), loss, count + 1, last

        def goes_on(state):
            _, _, _, loss, before, count, last = state
            return (loss > case.target) & (loss <= before) & (count < last)

        self._steps = jax.jit(lambda state: jax.lax.while_loop(goes_on, step, state), donate_argnums=0)
        self._residual = jax.jit(lambda theta: matrix_outputs(x, scales, theta) - y)
        self._first_eigenvalue = jax.jit(lambda theta: self._largest_eigenvalue(x, kappa, kappa_prime, theta))

    @staticmethod
    def _largest_eigenvalue(x, kappa, kappa_prime, theta):
        """That of the kernel: descent with a rate above 2/λ cannot be stable."""
        a, w, b = theta
        z = x[:, None] * w + b
        h = jnp.maximum(z, 0)
        pushed = jnp.where(z > 0, a, 0)
        outer = x[:, None] * x + 1
        kernel = kappa**2 * (h @ h.T / kappa_prime + kappa_prime * outer * (pushed @ pushed.T)) / len(x)
        return jnp.linalg.eigvalsh(kernel)[-1]

    def first_rate(self):
        """A power of two, 4 to 8 times what is stable at the start."""
        return 2.0 ** np.ceil(np.log2(8 / float(self._first_eigenvalue(self.initial))))

    def begin(self, rate):
        theta = tuple(jnp.array(v) for v in self.initial)
        r = self._residual(theta)
        return jax.block_until_ready((theta, r, jnp.float64(rate), jnp.mean(r * r), jnp.inf, 0, 0))

    def advance(self, state, steps):
        *state, count, _ = state
        return jax.block_until_ready(self._steps((*state, count, count + steps)))

    def seconds_of(self, steps):
        """The time of some steps after compilation, so short that the loss falls in all of them."""
        state = self.advance(self.begin(self.first_rate() / 1024), 1)
        start = time.perf_counter()
        self.advance(state, steps)
        return time.perf_counter() - start

    def attempt(self, rate, deadline):
        """Descends until the target, a rise of the loss, rest or the deadline: ('converged' | 'rose' | 'rests' | 'late', …)."""
        state = self.begin(rate)
        start = time.perf_counter()
        at_look = float("inf")
        while True:
            state = self.advance(state, self.chunk)
            seconds = time.perf_counter() - start
            theta, _, _, loss, before, count, _ = state
            end = None
            if loss <= self.target:
                end = "converged"
            elif not loss <= before:
                end = "rests" if loss <= before * ROUNDING else "rose"
            elif loss == at_look:
                end = "rests"
            elif time.perf_counter() > deadline:
                end = "late"
            if end:
                return end, seconds, int(count), float(loss), theta
            at_look = float(loss)

    def repeated(self, rate, seconds):
        """The median time of the successful attempt, repeated where that does not take long."""
        times = [seconds]
        while len(times) < 5 and sum(times) + times[-1] < 10:
            times.append(self.attempt(rate, float("inf"))[1])
        return statistics.median(times)


def relative_change(theta, initial):
    """RD = ‖θ_w − θ_w(0)‖ / ‖θ_w(0)‖ over weights and biases."""
    change = sum(float(np.sum((np.asarray(v) - v0) ** 2)) for v, v0 in zip(theta[1:], initial[1:]))
    return (change / sum(float(np.sum(v0**2)) for v0 in initial[1:])) ** 0.5


def measure(case):
    initial = tuple(np.fromfile(case.initial, dtype="<f8").reshape(3, -1))
    candidates = [Descent(form, case, initial) for form in FORMS]
    steps = max(2, candidates[0].chunk // 10)
    seconds = [min(d.seconds_of(steps) for _ in range(5)) / steps for d in candidates]
    descent = candidates[seconds.index(min(seconds))]
    if case.probe:
        return {"step_seconds": min(seconds), "form": descent.form}
    rate = descent.first_rate()
    deadline = time.perf_counter() + case.limit
    halvings, at_least = 0, 0.0
    while True:
        end, seconds, steps, loss, theta = descent.attempt(rate, deadline)
        # An attempt that comes to rest above the target has not followed the flow.
        if end != "rests":
            at_least = max(at_least, seconds)
        if end not in ("rose", "rests"):
            break
        halvings, rate = halvings + 1, rate / 2
        # With half the rate, the way an attempt came takes twice the steps; one that failed at once came no way.
        if end == "rose" and steps >= TRACKING_STEPS:
            at_least *= 2
        if time.perf_counter() > deadline:
            break
    converged = end == "converged"
    if converged:
        seconds = descent.repeated(rate, seconds)
    return {
        "converged": converged,
        "seconds": seconds if converged else at_least,
        "last_seconds": seconds,
        "steps": steps,
        "rate": rate,
        "halvings": halvings,
        "rd": relative_change(theta, initial) if converged else None,
        "mean_squared_residual": loss,
        "form": descent.form,
    }


def main():
    numbers = lambda text: [float(value) for value in text.split(",")]
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--initial", required=True, help="file of initial values: all a, all w, all b, doubles")
    parser.add_argument("--gamma", type=float, required=True)
    parser.add_argument("--gamma-prime", type=float, required=True)
    parser.add_argument("--x", type=numbers, required=True)
    parser.add_argument("--y", type=numbers, required=True)
    parser.add_argument("--target", type=float, default=1e-6, help="mean squared residual at which to stop")
    parser.add_argument("--probe", action="store_true", help="measure the time of a step, and nothing else")
    parser.add_argument("--limit", type=float, default=90, help="seconds for the whole search")
    print(json.dumps(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
