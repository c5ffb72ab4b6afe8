"""Figures of matplotlib in the colours of the program. Needs matplotlib."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

from .results import Sweep
from .scaling import Scaling

INK = "#1f2328"
"""Lines and text on white."""
THEORY = "#0b7a3b"
"""What the literature predicts."""
NO_DATA = "#c4c6c8"
"""Points without a value."""
SERIES = ("#1560bd", "#b84a00", "#0b7a6b", "#8c3fb0", "#8a6100", "#b3245b")
"""Curves, one after the other."""

# Fabio Crameri's scientific colour maps (doi.org/10.5281/zenodo.1243862), as the program has them.
_DIVERGING = (
    "001261 021F69 022B71 023779 034481 045089 0C5E92 1B6D9B 2F7CA6 478DB1 609DBC 79ADC7 92BDD2 "
    "ACCCDC C5DBE5 DCE5E9 ECE5E1 EEDACF E9CBB9 E2BBA4 DCAB8F D59C7B CF8E68 C97F55 C37243 BC6331 "
    "B3531F A5400E 932E06 832106 741506 660A07 590008"
)
_SEQUENTIAL = (
    "011959 08255B 0D315D 0F3B5F 114360 134B61 165262 1B5962 226061 2A655E 356A59 406F54 4D734D "
    "597646 667A3F 737E38 818232 90862D A08A2B B08D2E BF9035 CE923F DB954C E8985B F29D6C F8A27E "
    "FCA891 FDAEA3 FDB4B4 FDBAC5 FCC0D6 FBC6E8 FACCFA"
)


def _colour_map(name: str, colours: str) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name, ["#" + c for c in colours.split()])


def diverging() -> Any:
    """The colour map of exponents: blue below 0, red above."""
    return _colour_map("gammaplane-diverging", _DIVERGING)


def sequential() -> Any:
    """The colour map of quantities that have no natural middle."""
    return _colour_map("gammaplane-sequential", _SEQUENTIAL)


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _edges(centres: Sequence[float]) -> list[float]:
    """Borders of cells around values, halfway between neighbours."""
    if len(centres) == 1:
        return [centres[0] - 0.5, centres[0] + 0.5]
    middles = [(a + b) / 2 for a, b in zip(centres, centres[1:])]
    return [2 * centres[0] - middles[0], *middles, 2 * centres[-1] - middles[-1]]


def plane(
    points: Mapping[tuple[float, float], float],
    ax: Any = None,
    *,
    cmap: Any = None,
    limits: Optional[tuple[float, float]] = None,
    label: str = "",
) -> Any:
    """Values over a plane as cells, each around its point; returns the mesh of matplotlib.

    Args:
        points: values by (x, y).
        ax: where to draw; a new figure without it.
        cmap: the colour map; :func:`sequential` by default.
        limits: the values at the ends of the colour map.
        label: what the colour bar shows; no colour bar without it.
    """
    ax = _axes(ax)
    xs = sorted({x for x, _ in points})
    ys = sorted({y for _, y in points})
    values = [[points.get((x, y), math.nan) for x in xs] for y in ys]
    low, high = limits or (None, None)
    ax.set_facecolor(NO_DATA)
    mesh = ax.pcolormesh(
        _edges(xs), _edges(ys), values, cmap=cmap or sequential(), vmin=low, vmax=high
    )
    if label:
        ax.figure.colorbar(mesh, ax=ax, label=label)
    return mesh


def phase_map(
    sweep: Sweep,
    ax: Any = None,
    *,
    quantity: str = "exponent",
    limit: Optional[float] = None,
    boundary: bool = True,
    fixed: Optional[Mapping[str, float]] = None,
) -> Any:
    """The exponent S, or another column of the fit, over the plane; returns the axes.

    Args:
        sweep: a sweep with a fit.
        ax: where to draw; a new figure without it.
        quantity: a column of ``phase_points``.
        limit: the largest |S| of the colour map; that of the data by default.
        boundary: whether to draw the line S = 0.
        fixed: values of the parameters beside the plane, where there are some.
    """
    if len(sweep.plane) != 2:
        raise ValueError(f"the plane of {sweep.name} has {len(sweep.plane)} parameters, not two")
    x, y = sweep.plane
    rows = [
        r for r in sweep.rows("phase_points") if all(r[k] == v for k, v in (fixed or {}).items())
    ]
    points = {(r[x], r[y]): math.nan if r[quantity] is None else r[quantity] for r in rows}
    if len(points) < len(rows):
        raise ValueError("name the values of the other parameters with fixed=")
    if not points:
        raise ValueError(f"there is no fit of {sweep.name} yet")
    signed = quantity == "exponent"
    size = max((abs(v) for v in points.values() if not math.isnan(v)), default=1.0) or 1.0
    if limit is not None:
        size = limit
    ax = _axes(ax)
    symbol = sweep.symbol(sweep.order_parameter or "")
    label = f"S = lim d log {symbol} / d log m" if signed else quantity
    plane(
        points,
        ax,
        cmap=diverging() if signed else sequential(),
        limits=(-size, size) if signed else None,
        label=label,
    )
    if boundary and signed:
        for line in sweep.boundary():
            ax.plot([p[0] for p in line], [p[1] for p in line], color=INK, linewidth=1.5)
    ax.set(xlabel=sweep.symbol(x), ylabel=sweep.symbol(y), title=sweep.name)
    return ax


def mean_map(
    sweep: Sweep,
    quantity: str,
    ax: Any = None,
    *,
    width: Optional[float] = None,
    limits: Optional[tuple[float, float]] = None,
) -> Any:
    """The mean of a measured quantity over the seeds, at one width, over the plane.

    Args:
        sweep: a sweep with results.
        quantity: its name.
        ax: where to draw; a new figure without it.
        width: m; the largest by default.
        limits: the values at the ends of the colour map.
    """
    x, y = sweep.plane
    rows = [r for r in sweep.rows() if r[quantity] is not None and math.isfinite(r["width"])]
    if not rows:
        raise ValueError(f"no run of {sweep.name} has {quantity}")
    width = max(r["width"] for r in rows) if width is None else width
    groups: dict[tuple[float, float], list[float]] = {}
    for row in rows:
        if row["width"] == width:
            groups.setdefault((row[x], row[y]), []).append(row[quantity])
    means = {point: sum(values) / len(values) for point, values in groups.items()}
    ax = _axes(ax)
    plane(means, ax, limits=limits, label=sweep.symbol(quantity))
    ax.set(xlabel=sweep.symbol(x), ylabel=sweep.symbol(y), title=f"{sweep.name}, m = {width:g}")
    return ax


def cosines(vectors: Any, ax: Any = None, *, sort: bool = True, title: str = "") -> Any:
    """The cosines between all pairs of vectors, which show condensation as blocks.

    Args:
        vectors: n × d, a vector a row.
        ax: where to draw; a new figure without it.
        sort: whether to bring those together that point alike.
        title: what to write above.
    """
    import numpy as np

    rows = np.asarray(vectors, dtype=float)
    norms = np.linalg.norm(rows, axis=1)
    rows = rows[norms > 0] / norms[norms > 0, None]
    if sort and len(rows):
        # Along the main direction, which nearly all have or its opposite where they condense.
        main = np.linalg.svd(rows, full_matrices=False)[2][0]
        rows = rows[np.argsort(-(rows @ main))]
    ax = _axes(ax)
    mesh = ax.imshow(rows @ rows.T, cmap=diverging(), vmin=-1, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[], title=title)
    return mesh


def scaling(result: Scaling, ax: Any = None) -> Any:
    """Relative changes against the width with their power laws; returns the axes.

    Args:
        result: of :func:`gammaplane.check_scaling`.
        ax: where to draw; a new figure without it.
    """
    ax = _axes(ax)
    for colour, layer in zip(SERIES * 10, result.layers.values()):
        label: Union[str, None] = (
            f"{layer.name}: {layer.exponent:+.2f} [{layer.low:+.2f}, {layer.high:+.2f}]"
        )
        widths = sorted({m for m, _ in layer.points})
        ax.plot(*zip(*layer.points), "o", color=colour, markersize=4, alpha=0.6)
        ax.plot(widths, [layer.law(m) for m in widths], color=colour, label=label)
    ax.set(xscale="log", yscale="log", xlabel="width m", ylabel="relative change")
    ax.legend(frameon=False)
    return ax
