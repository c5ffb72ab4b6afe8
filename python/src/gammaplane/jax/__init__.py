"""For JAX: :mod:`gammaplane.jax.init`."""

from . import init

__all__ = ["init"]
