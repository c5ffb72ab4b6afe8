"""The wheel in a clean environment, where there is no compiler and no Swift."""

from __future__ import annotations

import csv
import io
import os
import pathlib
import stat
import subprocess
import sys
import zipfile

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
import gammaplane as gp

sweep = gp.open("results/tiny")
assert len(sweep.rows()) == 36, sweep
assert gp.program() == sys.argv[1], gp.program()
"""

WORKER = """
import random
import gammaplane as gp

@gp.worker(method="own/1", quantities={"movement": "how far the weights move"}, plane=["power"])
def train(setting, width, seed, run):
    noise = random.Random(f"{seed} {width}").gauss(0, 0.01)
    run.progress(1)
    return {"movement": width ** setting["power"] * (1 + noise)}

if __name__ == "__main__":
    train.serve()
"""

GRID = """
name: own
worker: [python, worker.py]
method: own/1
axes: { power: [-0.5, 0, 0.5], width: [16, 64, 256, 1024], seed: { count: 2 } }
"""


def wheel(tag):
    found = sorted((TOP / "dist").glob(f"gammaplane-*-py3-none-{tag}*.whl"))
    if not found:
        pytest.skip("there is no wheel; make wheel")
    return found[-1]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A virtual environment with the wheel, and the variables of a shell that has nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    install = [folder / "venv/bin/python", "-m", "pip", "install", "--no-index", "--quiet"]
    subprocess.run([*install, wheel("manylinux")], check=True)
    return folder, {"PATH": str(folder / "venv/bin"), "HOME": str(folder)}


def run(environment, *command):
    folder, variables = environment
    program = folder / "venv/bin" / command[0]
    return subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )


def test_programs_can_be_executed():
    with zipfile.ZipFile(wheel("manylinux")) as archive:
        modes = {i.filename: i.external_attr >> 16 for i in archive.infolist()}
    scripts = {name: mode for name, mode in modes.items() if "/scripts/" in name}
    assert {pathlib.PurePath(name).name for name in scripts} == {"gammaplane", "gammaplane-worker"}
    assert all(stat.S_IMODE(mode) == 0o755 for mode in scripts.values())
    assert all(stat.S_IMODE(m) == 0o644 for n, m in modes.items() if n not in scripts)


def test_the_pure_wheel_has_the_package_only():
    with zipfile.ZipFile(wheel("any")) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert "gammaplane/worker.py" in names and "gammaplane/py.typed" in names
    assert not any(".data/" in name for name in names)


def test_a_grid_by_name(environment):
    planned = run(environment, "gammaplane", "plan", "quickstart")
    assert "1690" in planned.stdout or "1859" in planned.stdout


@pytest.mark.skipif(os.environ.get("GAMMAPLANE_SLOW_TESTS") != "1", reason="takes a minute")
def test_quickstart(environment):
    run(environment, "gammaplane", "run", "quickstart")
    text = run(environment, "gammaplane", "export", "runs", "quickstart").stdout
    with open(TOP / "Tests/CommandTests/Frozen/quickstart-runs.csv", newline="") as file:
        expected = list(csv.DictReader(file))
    widths = {row["width"] for row in expected}
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["width"] in widths]
    assert [row["sup_rd"] for row in rows] == [row["sup_rd"] for row in expected]


def test_a_sweep_and_its_results(environment):
    from conftest import GRID as tiny

    folder, _ = environment
    (folder / "tiny.yaml").write_text(tiny)
    run(environment, "gammaplane", "run", "tiny.yaml")
    (folder / "read.py").write_text(SCRIPT)
    run(environment, "python", "read.py", str(folder / "venv/bin/gammaplane"))


def test_a_worker_of_ones_own(environment):
    assert len(WORKER.strip().splitlines()) < 30
    folder, _ = environment
    (folder / "worker.py").write_text(WORKER)
    (folder / "own.yaml").write_text(GRID)
    ended = run(environment, "gammaplane", "run", "own.yaml")
    assert "1 vanishing, 1 bounded, 1 growing, 0 undecided" in ended.stdout
