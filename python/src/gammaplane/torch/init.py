"""The initialisers of ``torch.nn.init`` with an exponent γ of the width m, in place.

The standard deviation is that of the framework times m^(γ₀ − γ), where γ₀ is the framework's own
exponent: ½ for Kaiming's and Xavier's, whose variance is divided by a fan, 0 for the others. The
default is the framework's initialiser, bit for bit. The fan of a first layer is the dimension of
the inputs, not the width of the network: ``width`` is an argument of its own.
"""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch.nn import init as _own

from ..schemes import scale_factor

Tensor = torch.Tensor


def _scale(tensor: Any, factor: float) -> Any:
    if factor != 1.0:
        with torch.no_grad():
            tensor.mul_(factor)
    return tensor


def normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    generator: Any = None,
    *,
    gamma: float = 0.0,
    width: Optional[float] = None,
) -> Any:
    """N(mean, (std m^−γ)²)."""
    return _own.normal_(tensor, mean, std * scale_factor(gamma, 0.0, width), generator)


def uniform_(
    tensor: Any,
    a: float = 0.0,
    b: float = 1.0,
    generator: Any = None,
    *,
    gamma: float = 0.0,
    width: Optional[float] = None,
) -> Any:
    """Uniform from a m^−γ to b m^−γ."""
    factor = scale_factor(gamma, 0.0, width)
    return _own.uniform_(tensor, a * factor, b * factor, generator)


def trunc_normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
    *,
    gamma: float = 0.0,
    width: Optional[float] = None,
) -> Any:
    """N(mean, std²) between a and b, times m^−γ."""
    _own.trunc_normal_(tensor, mean, std, a, b, generator)
    return _scale(tensor, scale_factor(gamma, 0.0, width))


def kaiming_normal_(
    tensor: Any,
    a: float = 0,
    mode: Any = "fan_in",
    nonlinearity: Any = "leaky_relu",
    generator: Any = None,
    *,
    gamma: float = 0.5,
    width: Optional[float] = None,
) -> Any:
    """Kaiming's normal distribution times m^(½ − γ)."""
    factor = scale_factor(gamma, 0.5, width)
    return _scale(_own.kaiming_normal_(tensor, a, mode, nonlinearity, generator), factor)


def kaiming_uniform_(
    tensor: Any,
    a: float = 0,
    mode: Any = "fan_in",
    nonlinearity: Any = "leaky_relu",
    generator: Any = None,
    *,
    gamma: float = 0.5,
    width: Optional[float] = None,
) -> Any:
    """Kaiming's uniform distribution times m^(½ − γ)."""
    factor = scale_factor(gamma, 0.5, width)
    return _scale(_own.kaiming_uniform_(tensor, a, mode, nonlinearity, generator), factor)


def xavier_normal_(
    tensor: Any,
    gain: float = 1.0,
    generator: Any = None,
    *,
    gamma: float = 0.5,
    width: Optional[float] = None,
) -> Any:
    """Xavier's normal distribution times m^(½ − γ)."""
    factor = scale_factor(gamma, 0.5, width)
    return _scale(_own.xavier_normal_(tensor, gain, generator), factor)


def xavier_uniform_(
    tensor: Any,
    gain: float = 1.0,
    generator: Any = None,
    *,
    gamma: float = 0.5,
    width: Optional[float] = None,
) -> Any:
    """Xavier's uniform distribution times m^(½ − γ)."""
    factor = scale_factor(gamma, 0.5, width)
    return _scale(_own.xavier_uniform_(tensor, gain, generator), factor)
