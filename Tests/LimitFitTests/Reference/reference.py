"""Computes reference.json, which the fit of a point has to agree with, from the formulae of docs/fit.md.

Everything here is done in another way than in the Swift code: covariances of all runs at once instead of
innovations seed by seed; crossovers as part of the covariance instead of columns of the normal
equations; Student's t, Fisher's F and roots from SciPy.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scipy
    /tmp/venv/bin/python reference.py > reference.json
"""

import json
from itertools import product

import numpy as np
from scipy import optimize, special, stats

LEVELS = (0.025, 0.5, 0.975)


def data_sets():
    """Runs with decimal values; the draws only make up examples."""
    random = np.random.default_rng(2021)
    half_decades = [10, 32, 100, 316, 1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000, 3_162_278, 10_000_000]

    def bend(x, exponent, change, rate, place):
        return exponent * x + change / rate * np.log1p(np.exp(-rate * (x - np.log(place))))

    cases = [
        # name, nested, widths, seeds, curve, dispersion, share of runs that are missing
        ("power law", True, half_decades[4:11], 3, lambda x: 1 - 0.5 * x, 0.03, 0),
        ("crossover", True, half_decades[4:11], 3, lambda x: bend(x, -0.5, 0.4, 0.5, 3e4), 0.03, 0),
        ("constant, drawn anew at each width", False, half_decades[4:9], 4, lambda x: -1 + np.exp(-0.5 * x), 0.05, 0),
        ("runs missing", True, half_decades[2:9], 5, lambda x: bend(x, 0.25, -0.3, 0.4, 1e3), 0.1, 0.3),
        ("runs missing, drawn anew", False, half_decades[2:9], 5, lambda x: 0.1 * x, 0.2, 0.3),
        ("thirteen widths", True, half_decades, 2, lambda x: bend(x, -1, 0.7, 0.8, 2e4), 0.02, 0.1),
        ("three widths", True, [1000, 10_000, 100_000], 3, lambda x: 0.3 * x, 0.05, 0),
        ("one seed", True, half_decades[4:11], 1, lambda x: bend(x, 0, 0.5, 0.6, 2e3), 0.02, 0),
        ("no model fits", True, half_decades[4:11], 4, lambda x: 0.2 * x + 0.05 * np.sin(3 * x), 0.002, 0),
    ]
    for name, nested, widths, seeds, curve, dispersion, missing in cases:
        runs = []
        for seed in range(seeds):
            walk, before = 0.0, 0
            for m in widths:
                walk += np.sqrt(m - before) * random.normal()
                before = m
                noise = walk / m if nested else random.normal() / np.sqrt(m)
                value = np.exp(curve(np.log(m)) + dispersion * np.sqrt(widths[0]) * noise)
                if random.random() >= missing:
                    runs.append({"width": m, "seed": seed, "value": float(f"{value:.8g}")})
        yield {"name": name, "nested": nested, "runs": runs}


def width_means(runs, widths, decay, nested):
    """Means of the widths by generalised least squares from the covariance matrix of all runs."""
    x = np.log([r["width"] for r in runs])
    seed = np.array([r["seed"] for r in runs])
    y = np.log([r["value"] for r in runs])
    scale = np.exp(-decay * (x - np.log(widths[0])))
    if nested:
        correlation = np.exp(-0.5 * np.abs(x[:, None] - x[None, :])) * (seed[:, None] == seed[None, :])
    else:
        correlation = np.eye(len(x))
    v = scale[:, None] * correlation * scale[None, :]
    design = np.array([[float(r["width"] == m) for m in widths] for r in runs])
    inverse = np.linalg.inv(v)
    covariance = np.linalg.inv(design.T @ inverse @ design)
    means = covariance @ design.T @ inverse @ y
    rest = y - design @ means
    squares = rest @ inverse @ rest
    freedom = len(y) - len(widths)
    likelihood = 0.0
    if freedom > 0:
        likelihood = -0.5 * (freedom * np.log(squares) + np.linalg.slogdet(v)[1] - np.linalg.slogdet(covariance)[1])
    return {
        "decay": decay, "means": means, "covariance": covariance, "squares": squares, "freedom": freedom,
        "likelihood": likelihood,
    }


def generalised(columns, y, covariance):
    inverse = np.linalg.inv(covariance)
    about = np.linalg.inv(columns.T @ inverse @ columns)
    coefficients = about @ columns.T @ inverse @ y
    rest = y - columns @ coefficients
    return coefficients, about, rest @ inverse @ rest


def straight_line(x, means, covariance, freedom):
    n = len(x)
    columns = np.stack([np.ones(n), x - x.mean()], axis=1)
    hat = np.linalg.pinv(columns)
    slope = (hat @ means)[1]
    seeds = (hat @ covariance @ hat.T)[1, 1]
    projector = np.eye(n) - columns @ hat
    rest = projector @ means
    bend = max(0, rest @ rest - np.trace(projector @ covariance)) / (n - 2) / np.sum((x - x.mean()) ** 2)
    satterthwaite = (seeds + bend) ** 2 / (seeds**2 / freedom + bend**2 / (n - 2))
    return slope, stats.t.ppf(0.975, satterthwaite) * np.sqrt(seeds + bend)


def crossovers(x):
    """The nodes of the crossover with the three directions in which each may go, as columns over the widths."""
    start, end = x[0] - np.log(10), x[-1] + 0.5 * np.log(10)
    places = max(4, int(np.floor((end - start) / np.log(10) / 0.375 + 0.5)))
    rate_cell, place_cell = np.log(10) / 7, (end - start) / places
    for i, j in product(range(7), range(places)):
        rate = 0.15 * np.exp((i + 0.5) * rate_cell)
        place = start + (j + 0.5) * place_cell

        def curve(rate, place):
            return 0.5 / rate * np.logaddexp(0, -rate * (x - place))

        share = special.expit(-rate * (x - place))
        by_place = 0.5 * share
        by_log_rate = -curve(rate, place) - 0.5 * (x - place) * share
        yield np.stack([curve(rate, place), by_place * place_cell / 12**0.5, by_log_rate * rate_cell / 12**0.5], axis=1)


class Posterior:
    """The mixture over models and nodes: each is a straight line with correlated errors."""

    def __init__(self, x, means, covariance, freedom):
        n = len(x)
        self.freedom = freedom
        nodes = list(crossovers(x))
        curves = [("power", np.zeros((n, 0)), 1 / 3, 1 / 6)]
        curves += [("corrected", b, 1 / 3 / len(nodes), 1 / 6 / len(nodes)) for b in nodes]
        self.parts, self.least = [], np.inf
        for name, basis, sloped, flat in curves:
            marginal = covariance + basis @ basis.T
            for k, prior in ((2, sloped), (1, flat)):
                columns = np.stack([np.ones(n), x - 0.5 * (x[0] + x[-1])], axis=1)[:, :k]
                coefficients, about, squares = generalised(columns, means, marginal)
                log = -0.5 * np.linalg.slogdet(marginal)[1] + 0.5 * np.linalg.slogdet(about)[1]
                log -= 0.5 * (freedom + n - k) * np.log1p(squares / freedom)
                if k == 2:
                    log += np.log(np.sqrt(2 * np.pi) / 4)
                    self.least = min(self.least, squares)
                self.parts.append((
                    name if k == 2 else "constant", log + np.log(prior), coefficients[-1], np.sqrt(about[-1, -1])))
        top = max(p[1] for p in self.parts)
        weights = np.exp([p[1] - top for p in self.parts])
        self.weights = weights / weights.sum()
        self.names = np.array([p[0] for p in self.parts])
        self.location = np.array([p[2] for p in self.parts])
        self.scale = np.array([p[3] for p in self.parts])

    def weight(self, name):
        return self.weights[self.names == name].sum()

    def mean(self):
        return (self.weights * self.location)[self.names != "constant"].sum()

    def exponent(self, level):
        moves = self.names != "constant"

        def below(s):
            return np.sum(self.weights[moves] * stats.t.cdf((s - self.location[moves]) / self.scale[moves], self.freedom))

        atom = self.weight("constant")
        if below(0) < level <= below(0) + atom:
            return 0.0
        return optimize.brentq(lambda s: below(s) + atom * (s >= 0) - level, -1e4, 1e4, xtol=1e-13, rtol=1e-13)

    def log_limit(self, level):
        flat = self.names == "constant"
        weights = self.weights[flat] / self.weights[flat].sum()

        def excess(a):
            return np.sum(weights * stats.t.cdf((a - self.location[flat]) / self.scale[flat], self.freedom)) - level

        return optimize.brentq(excess, -1e4, 1e4, xtol=1e-13, rtol=1e-13)


def fit(case):
    runs = case["runs"]
    widths = sorted({r["width"] for r in runs})
    x = np.log(widths)
    n = len(x)
    few = len(runs) - n < 4
    candidates = [width_means(runs, widths, decay, case["nested"]) for decay in ([0.5] if few else [0, 0.25, 0.5])]
    best = max(candidates, key=lambda c: c["likelihood"])
    squares, freedom = best["squares"], best["freedom"]
    centred = x - x.mean()
    if few:
        columns = centred[:, None] ** np.arange(3 if n > 3 else 2)
        squares += generalised(columns, best["means"], best["covariance"])[2]
        freedom += n - columns.shape[1]
    variance = squares / freedom
    covariance = variance * best["covariance"]

    slope, half = straight_line(x, best["means"], covariance, freedom)
    parabola, about, _ = generalised(centred[:, None] ** np.arange(3), best["means"], covariance)
    local = []
    for i in range(n - 1):
        direction = np.zeros(n)
        direction[i], direction[i + 1] = -1, 1
        direction /= x[i + 1] - x[i]
        local.append([
            direction @ best["means"],
            stats.t.ppf(0.975, freedom) * np.sqrt(direction @ covariance @ direction)])

    posterior = Posterior(x, best["means"], covariance, freedom)
    lack, freedom_of_limit = 0.0, freedom
    if stats.f.sf(posterior.least / (n - 2), n - 2, freedom) < 0.05:
        def excess(log):
            return Posterior(x, best["means"], covariance + np.exp(2 * log) * np.eye(n), freedom).least - (n - 2)

        lack = np.exp(optimize.brentq(excess, np.log(1e-6), 0, xtol=1e-12))
        freedom_of_limit = min(freedom, n - 2)
        posterior = Posterior(x, best["means"], covariance + lack**2 * np.eye(n), freedom_of_limit)
    return {
        "candidates": [
            {k: c[k].tolist() if isinstance(c[k], np.ndarray) else c[k] for k in ("decay", "means", "squares", "likelihood")}
            | {"covariance": c["covariance"].ravel().tolist()}
            for c in candidates],
        "decay": best["decay"], "variance": variance, "freedom": freedom,
        "slope": [slope, half],
        "drift": [2 * np.log(10) * parabola[2], 2 * stats.t.sf(abs(parabola[2]) / np.sqrt(about[2, 2]), freedom)],
        "local": local,
        "lack_of_fit": lack,
        "weights": {name: posterior.weight(name) for name in ("power", "corrected", "constant")},
        "exponent": [posterior.exponent(0.025), posterior.mean(), posterior.exponent(0.975)],
        "log_limit": [posterior.log_limit(level) for level in LEVELS],
    }


def distributions():
    freedoms = (1, 2, 3.7, 5, 14, 14.5, 60, 1000)
    return {
        "t_tail": [[nu, t, stats.t.cdf(-t, nu)] for nu in freedoms for t in (1e-3, 0.5, 2, 6, 30)],
        "t_quantile": [[nu, p, stats.t.ppf(p, nu)] for nu in freedoms for p in (0.6, 0.9, 0.975, 0.9999)],
        "f_tail": [
            [f, a, b, stats.f.sf(f, a, b)] for f in (0.1, 1, 3, 12) for a in (1, 2, 5, 11) for b in (2, 6.5, 14, 60)],
    }


if __name__ == "__main__":
    cases = [case | {"expected": fit(case)} for case in data_sets()]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, default=float) for case in cases)
    print(f'{{"distributions": {json.dumps(distributions())},\n"cases": [\n{lines}\n]}}')
