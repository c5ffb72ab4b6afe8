"""The initialisers of ``jax.nn.initializers`` with an exponent γ of the width m.

Each returns a function ``init(key, shape, dtype)``. The standard deviation is that of the framework
times m^(γ₀ − γ), where γ₀ is the framework's own exponent: ½ for those whose variance is divided by
a fan (LeCun, He, Glorot), 0 for the others. The default is the framework's initialiser, bit for
bit. The fan of a first layer is the dimension of the inputs, not the width of the network:
``width`` is an argument of its own.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

import jax
from jax.nn import initializers as _own

from ..schemes import scale_factor

Initialiser = Callable[..., Any]


def _scaled(own: Any, factor: float) -> Initialiser:
    if factor == 1.0:
        return own  # type: ignore[no-any-return]

    def init(key: Any, shape: Any, dtype: Any = None, **options: Any) -> Any:
        values = own(key, shape, **options) if dtype is None else own(key, shape, dtype, **options)
        return values * jax.numpy.asarray(factor, values.dtype)

    return init


def normal(
    stddev: float = 1e-2, *, gamma: float = 0.0, width: Optional[float] = None
) -> Initialiser:
    """N(0, (stddev m^−γ)²)."""
    return _scaled(_own.normal(stddev), scale_factor(gamma, 0.0, width))


def uniform(
    scale: float = 1e-2, *, gamma: float = 0.0, width: Optional[float] = None
) -> Initialiser:
    """Uniform from 0 to scale m^−γ."""
    return _scaled(_own.uniform(scale), scale_factor(gamma, 0.0, width))


def truncated_normal(
    stddev: float = 1e-2, *, gamma: float = 0.0, width: Optional[float] = None
) -> Initialiser:
    """A truncated normal distribution times m^−γ."""
    return _scaled(_own.truncated_normal(stddev), scale_factor(gamma, 0.0, width))


def _of_fan(name: str) -> Callable[..., Initialiser]:
    def make(*, gamma: float = 0.5, width: Optional[float] = None, **options: Any) -> Initialiser:
        return _scaled(getattr(_own, name)(**options), scale_factor(gamma, 0.5, width))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"``jax.nn.initializers.{name}`` times m^(½ − γ)."
    return make


lecun_normal = _of_fan("lecun_normal")
lecun_uniform = _of_fan("lecun_uniform")
he_normal = kaiming_normal = _of_fan("he_normal")
he_uniform = kaiming_uniform = _of_fan("he_uniform")
glorot_normal = xavier_normal = _of_fan("glorot_normal")
glorot_uniform = xavier_uniform = _of_fan("glorot_uniform")
