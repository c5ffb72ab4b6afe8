"""Scales of two-layer networks as exponents of the width.

    f(x) = (1/α) Σ_k a_k σ(w_k·x),   a_k ~ N(0, β1²),   w_k ~ N(0, β2² I)
    κ = β1 β2 / α = m^−γ,   κ' = β1 / β2 = m^−γ'

Source: Luo, Xu, Ma, Zhang, JMLR 22(71), 2021.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class TwoLayerScales(NamedTuple):
    """The scale of the output and the standard deviations of both layers."""

    alpha: float
    """α, by which the output is divided."""
    beta1: float
    """β1, the standard deviation of the output weights."""
    beta2: float
    """β2, the standard deviation of the input weights."""


def two_layer(
    gamma: float,
    gamma_prime: float,
    width: float,
    *,
    fixed_scale: str = "alpha",
    fixed_exponent: float = 0.0,
) -> TwoLayerScales:
    """(α, β1, β2) of a two-layer network at (γ, γ') and a width m.

    κ and κ' leave one scale free. ReLU networks do not depend on it, others do.

    Args:
        gamma: γ.
        gamma_prime: γ'.
        width: m, above 0.
        fixed_scale: which scale is given: ``alpha`` or ``beta2``.
        fixed_exponent: its exponent e; the scale is m^e.
    """
    m = float(width)
    if not m > 0:
        raise ValueError(f"a width is above 0, not {width}")
    e = fixed_exponent
    if fixed_scale == "alpha":
        beta1, beta2 = e / 2 - (gamma + gamma_prime) / 2, e / 2 - (gamma - gamma_prime) / 2
        return TwoLayerScales(m**e, m**beta1, m**beta2)
    if fixed_scale == "beta2":
        return TwoLayerScales(m ** (gamma - gamma_prime + 2 * e), m ** (e - gamma_prime), m**e)
    raise ValueError(f"fixed_scale is alpha or beta2, not {fixed_scale!r}")


def scale_factor(gamma: float, default: float, width: float | None) -> float:
    """m^(default − γ), by which an initialiser with exponent γ differs from the framework's own.

    Args:
        gamma: the exponent that is asked for.
        default: the exponent of the framework's initialiser.
        width: m; may be left out if both exponents are the same.
    """
    if gamma == default:
        return 1.0
    if width is None:
        raise TypeError(f"gamma = {gamma} needs the width m: pass width=")
    if not width > 0:
        raise ValueError(f"a width is above 0, not {width}")
    return math.pow(width, default - gamma)
