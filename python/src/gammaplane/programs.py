"""Where the programs are: a wheel for Linux brings them along."""

from __future__ import annotations

import os
import shutil
import sysconfig


class ProgramMissing(RuntimeError):
    """A program that neither the package nor PATH has."""


def program(name: str = "gammaplane") -> str:
    """The path of a program: the one that was installed with the package, else the one in PATH.

    Args:
        name: ``gammaplane`` or ``gammaplane-worker``.

    Raises:
        ProgramMissing: if there is none.
    """
    installed = os.path.join(sysconfig.get_path("scripts"), name)
    if os.access(installed, os.X_OK):
        return installed
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(
            f"there is no {name}: install the wheel for this platform, or put the program into PATH"
        )
    return found
