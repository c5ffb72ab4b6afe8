"""What tests share: the programs, where they have been built, and a sweep that was run with them."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


def find_program() -> str | None:
    named = os.environ.get("GAMMAPLANE_PROGRAM")
    built = [TOP / ".build" / kind / "gammaplane" for kind in ("release", "debug")]
    for path in [named, *built]:
        if path and os.access(path, os.X_OK):
            return str(path)
    return shutil.which("gammaplane")


@pytest.fixture(scope="session")
def program() -> str:
    path = find_program()
    if path is None:
        pytest.skip("there is no gammaplane; make build")
    return path


GRID = """
name: tiny
axes:
  gamma: [0.5, 1.0, 1.75]
  gamma_prime: [0, 0.5]
  width: [50, 100, 200]
  seed: { count: 2 }
limit: off
network: { activation: relu, bias: true, antisymmetric: false }
samples: { x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1] }
record: [trajectory]
stop: { mean_squared_residual: 1e-3, steps: 100000, wall_seconds: 600 }
"""


@pytest.fixture(scope="session")
def tiny(program: str, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder of a sweep of 36 runs."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "tiny.yaml").write_text(GRID)
    subprocess.run([program, "run", "tiny.yaml"], cwd=folder, check=True, capture_output=True)
    return folder / "results" / "tiny"
