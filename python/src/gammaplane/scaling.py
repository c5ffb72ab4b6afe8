"""How much the parts of a network change in training, as a power of its width. Needs NumPy.

µP's coordinate check shows curves and leaves their flatness to the eye; here exponents have
intervals, and the regime is named only where an interval decides it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

MakeModel = Callable[[int, int], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class LayerScaling:
    """The relative change of one array, RD = sup_t ‖θ(t) − θ(0)‖ / ‖θ(0)‖, against the width."""

    name: str
    points: tuple[tuple[float, float], ...]
    """Width and RD of every model."""
    exponent: float
    """The slope of log RD over log m."""
    low: float
    """The lower end of its 95 % interval."""
    high: float
    """The upper end."""
    intercept: float
    drift: float
    """The slope over the upper half of the widths less that over all: near 0 in a power law."""

    def law(self, width: float) -> float:
        """RD of the fitted power law at a width."""
        return math.exp(self.intercept + self.exponent * math.log(width))

    @property
    def trend(self) -> str:
        """What the interval decides: ``vanishing``, ``bounded``, ``growing`` or ``undecided``.

        Bounded means that the interval is within ±0.1: over a few octaves of widths, corrections of
        finite width look like powers as small as that.
        """
        if -RESOLUTION < self.low and self.high < RESOLUTION:
            return "bounded"
        if self.high < 0:
            return "vanishing"
        return "growing" if self.low > 0 else "undecided"


RESOLUTION = 0.1
"""Exponents nearer to 0 are taken for 0."""

REGIMES = {
    "vanishing": "linear: this part hardly moves in wide networks (as in the NTK scaling)",
    "bounded": "feature learning: this part moves alike at all widths (as in mean-field, µP)",
    "growing": "condensed: this part moves ever more (as with small initial values)",
    "undecided": "undecided: more widths or seeds are needed",
}


@dataclass(frozen=True)
class Scaling:
    """What :func:`check_scaling` finds."""

    layers: Mapping[str, LayerScaling]

    def __getitem__(self, name: str) -> LayerScaling:
        """The scaling of an array by its name."""
        return self.layers[name]

    def rows(self) -> list[dict[str, Any]]:
        """A dictionary for each array."""
        names = ("name", "exponent", "low", "high", "drift", "trend")
        return [{key: getattr(layer, key) for key in names} for layer in self.layers.values()]

    def frame(self) -> Any:
        """The same as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self.rows()).set_index("name")

    def plot(self, ax: Any = None) -> Any:
        """RD against the width; see :func:`gammaplane.figures.scaling`."""
        from . import figures

        return figures.scaling(self, ax)

    def __str__(self) -> str:
        """A line for each array: exponent, interval and regime."""
        return "\n".join(
            f"{layer.name}: RD ~ m^{layer.exponent:+.3f}, "
            f"95 % [{layer.low:+.3f}, {layer.high:+.3f}]; {REGIMES[layer.trend]}"
            for layer in self.layers.values()
        )


def check_scaling(
    make_model: MakeModel, widths: Sequence[int], *, seeds: int = 3, normalise: str = "relative"
) -> Scaling:
    """Trains a model at several widths and fits how far its parts move.

    Args:
        make_model: ``make_model(width, seed)`` yields a mapping of names to arrays before training,
            and again after each step or some of them. Weights show how far a layer moves; outputs
            of a hidden layer on fixed inputs show how far its features move, as in µP's coordinate
            check.
        widths: at least three.
        seeds: how many models a width.
        normalise: ``relative``, ‖θ(t) − θ(0)‖ / ‖θ(0)‖, or ``entry``, the root mean square of the
            change of an entry, which µP looks at.

    Raises:
        ValueError: with fewer than three widths, or if an array does not change.
    """
    if len(set(widths)) < 3:
        raise ValueError("a power of the width needs three widths at least")
    changes: dict[str, list[tuple[float, float]]] = {}
    for width in widths:
        for seed in range(seeds):
            for name, change in _largest_changes(make_model(width, seed), normalise).items():
                if not (change > 0 and math.isfinite(change)):
                    raise ValueError(f"{name} changes by {change} at m = {width}: no power law")
                changes.setdefault(name, []).append((float(width), change))
    return Scaling({name: _fitted(name, points) for name, points in changes.items()})


def _largest_changes(states: Iterable[Mapping[str, Any]], normalise: str) -> dict[str, float]:
    import numpy as np

    if normalise not in {"relative", "entry"}:
        raise ValueError(f"normalise is relative or entry, not {normalise!r}")
    initial: dict[str, Any] = {}
    largest: dict[str, float] = {}
    for state in states:
        for name, values in state.items():
            if hasattr(values, "detach"):
                values = values.detach().cpu()
            # A copy, as arrays may change in place.
            entries = np.array(values, dtype=float)
            if name not in initial:
                initial[name] = entries
                largest[name] = 0.0
                continue
            start = initial[name]
            scale = float(np.linalg.norm(start)) if normalise == "relative" else start.size**0.5
            change = float(np.linalg.norm(entries - start))
            largest[name] = max(largest[name], change / scale if scale > 0 else math.inf)
    return largest


def _slope(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Slope and intercept of log y over log x, and the standard error of the slope."""
    xs = [math.log(x) for x, _ in points]
    ys = [math.log(y) for _, y in points]
    n = len(xs)
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / spread
    intercept = mean_y - slope * mean_x
    rest = sum((y - intercept - slope * x) ** 2 for x, y in zip(xs, ys))
    return slope, intercept, math.sqrt(rest / max(n - 2, 1) / spread)


def _fitted(name: str, points: Sequence[tuple[float, float]]) -> LayerScaling:
    slope, intercept, error = _slope(points)
    widths = sorted({x for x, _ in points})
    middle = widths[len(widths) // 2 - 1] if len(widths) > 2 else widths[0]
    upper = [p for p in points if p[0] >= middle]
    drift = _slope(upper)[0] - slope
    # Deviations from a power law are common to all seeds of a width: means count, not models.
    means = [
        (
            w,
            math.exp(
                sum(math.log(y) for x, y in points if x == w) / sum(x == w for x, _ in points)
            ),
        )
        for w in widths
    ]
    half = max(
        _student(len(points) - 2) * error, _student(len(means) - 2) * _slope(means)[2], abs(drift)
    )
    return LayerScaling(name, tuple(points), slope, slope - half, slope + half, intercept, drift)


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by bisection of its integral."""
    n = max(freedom, 1)
    constant = math.exp(math.lgamma((n + 1) / 2) - math.lgamma(n / 2)) / math.sqrt(n * math.pi)

    def mass(t: float) -> float:
        """From 0 to t, by Simpson's rule in the angle atan(t/√n), where the integrand is smooth."""
        end, steps = math.atan(t / math.sqrt(n)), 400
        terms = [math.cos(end * i / steps) ** (n - 1) for i in range(steps + 1)]
        total = terms[0] + terms[-1] + 4 * sum(terms[1:-1:2]) + 2 * sum(terms[2:-1:2])
        return constant * math.sqrt(n) * total * end / steps / 3

    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mass(middle) < 0.475 else (low, middle)
    return low
