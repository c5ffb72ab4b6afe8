"""Phase diagrams of neural networks over initialisation exponents.

Workers of one's own (:func:`worker`), results (:func:`open`), figures (:mod:`gammaplane.figures`),
initial values with an exponent (:mod:`gammaplane.torch.init`, :mod:`gammaplane.jax.init`,
:func:`two_layer`) and the scaling of a network with its width (:func:`check_scaling`). The package
itself needs the standard library only.
"""

from __future__ import annotations

from . import _threads  # noqa: F401  before anything that starts threads
from ._version import __version__
from .programs import ProgramMissing, program
from .results import Sweep, open
from .scaling import LayerScaling, Scaling, check_scaling
from .schemes import TwoLayerScales, scale_factor, two_layer
from .worker import (
    Parameter,
    Problem,
    Quantity,
    Refusal,
    Result,
    Run,
    Suspended,
    Worker,
    worker,
)

__all__ = [
    "LayerScaling",
    "Parameter",
    "Problem",
    "ProgramMissing",
    "Quantity",
    "Refusal",
    "Result",
    "Run",
    "Scaling",
    "Suspended",
    "Sweep",
    "TwoLayerScales",
    "Worker",
    "__version__",
    "check_scaling",
    "open",
    "program",
    "scale_factor",
    "two_layer",
    "worker",
]


def __getattr__(name: str) -> object:
    """Modules that need more than the standard library are imported when they are used."""
    if name in {"figures", "jax", "torch"}:
        import importlib

        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
