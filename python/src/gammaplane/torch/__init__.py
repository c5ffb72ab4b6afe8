"""For PyTorch: :mod:`gammaplane.torch.init`."""

from . import init

__all__ = ["init"]
