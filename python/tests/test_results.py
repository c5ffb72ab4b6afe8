from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ElementTree

import pytest

import gammaplane as gp


def test_open(tiny, tmp_path, monkeypatch):
    for path in [tiny, tiny / "gammaplane.sqlite", str(tiny)]:
        assert gp.open(path).name == "tiny"
    monkeypatch.chdir(tiny.parents[1])
    assert gp.open("tiny").name == "tiny"
    with pytest.raises(FileNotFoundError):
        gp.open(tmp_path)
    with pytest.raises(LookupError, match="tiny"):
        gp.open(tiny, "other")


def test_names(tiny):
    sweep = gp.open(tiny)
    assert sweep.parameters == sweep.plane == ["gamma", "gamma_prime"]
    assert sweep.order_parameter == "sup_rd"
    assert sweep.symbol("gamma") == "γ" and sweep.symbol("nothing") == "nothing"
    assert sweep.problem["network"]["activation"] == "relu"
    assert repr(sweep) == "<Sweep tiny: 36 converged>"


def test_reading_changes_nothing(tiny):
    before = sorted((p.name, p.stat().st_mtime_ns) for p in tiny.iterdir())
    sweep = gp.open(tiny)
    sweep.rows()
    sweep.rows("phase_points")
    assert sorted((p.name, p.stat().st_mtime_ns) for p in tiny.iterdir()) == before
    with pytest.raises(ValueError):
        sweep.rows("sweep; DROP TABLE runs")


def test_rows_are_those_of_the_database(tiny):
    sweep = gp.open(tiny)
    connection = sqlite3.connect(tiny / "gammaplane.sqlite")
    total = connection.execute("SELECT sum(sup_rd) FROM results").fetchone()[0]
    connection.close()
    rows = sweep.rows()
    assert len(rows) == 36 and sum(r["sup_rd"] for r in rows) == pytest.approx(total, rel=1e-12)
    assert len(sweep.rows("phase_points")) == 6


def test_frames(tiny):
    pytest.importorskip("pandas")
    sweep = gp.open(tiny)
    runs = sweep.runs()
    assert len(runs) == 36 and set(runs.outcome) == {"converged"}
    means = runs.groupby(["gamma", "width"]).sup_rd.mean()
    assert means[(1.75, 200.0)] > means[(0.5, 200.0)]
    assert set(sweep.phase_map().columns) >= {"gamma", "gamma_prime", "exponent", "trend"}


def test_xarray(tiny):
    pytest.importorskip("xarray")
    data = gp.open(tiny).to_xarray()
    assert dict(data.sizes) == {"gamma": 3, "gamma_prime": 2, "width": 3, "seed": 2}
    row = next(r for r in gp.open(tiny).rows() if r["gamma"] == 1 and r["seed"] == 1)
    point = {k: row[k] for k in ("gamma", "gamma_prime", "width", "seed")}
    assert float(data.sup_rd.sel(point)) == row["sup_rd"]


def test_arrays(tiny):
    pytest.importorskip("numpy")
    sweep = gp.open(tiny)
    setting = {"gamma": 1.75, "gamma_prime": 0, "width": 200, "seed": 1}
    trajectory = sweep.array("trajectory", **setting)
    (row,) = [r for r in sweep.rows() if all(r[k] == v for k, v in setting.items())]
    assert trajectory["rd"][-1] == row["rd"]
    assert sum(1 for _ in sweep.arrays("trajectory")) == 36
    with pytest.raises(LookupError, match="0 runs"):
        sweep.array("nothing")
    with pytest.raises(LookupError, match="36 runs"):
        sweep.array("trajectory")


def test_notebook(tiny):
    sweep = gp.open(tiny)
    assert sweep.svg is not None
    ElementTree.fromstring(sweep.svg)
    assert sweep.svg in sweep._repr_html_() and "36 converged" in sweep._repr_html_()


def test_figures(tiny, tmp_path):
    pytest.importorskip("matplotlib").use("Agg")
    sweep = gp.open(tiny)
    ax = gp.figures.phase_map(sweep)
    (mesh,) = ax.collections
    points = {(r["gamma"], r["gamma_prime"]): r["exponent"] for r in sweep.rows("phase_points")}
    # Rows are γ', columns γ; the colour map has its middle at 0.
    assert mesh.get_array().reshape(2, 3)[1, 2] == points[(1.75, 0.5)]
    assert mesh.norm.vmin == -mesh.norm.vmax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("γ", "γ′")
    assert len(ax.lines) == len(sweep.boundary())
    ax.figure.savefig(tmp_path / "map.png")
    mean = gp.figures.mean_map(sweep, "rd")
    rows = [
        r["rd"] for r in sweep.rows() if (r["gamma"], r["gamma_prime"], r["width"]) == (1, 0, 200)
    ]
    assert mean.collections[0].get_array().reshape(2, 3)[0, 1] == pytest.approx(sum(rows) / 2)
    assert "m = 200" in mean.get_title()


def test_colours_are_those_of_the_program():
    from pathlib import Path

    text = (Path(__file__).parents[2] / "Sources/Figures/Drawing/ColourMap.swift").read_text()
    for colours in (gp.figures._DIVERGING, gp.figures._SEQUENTIAL):
        for colour in colours.split():
            assert f"0x{colour}" in text


def test_cosines():
    np = pytest.importorskip("numpy")
    pytest.importorskip("matplotlib").use("Agg")
    vectors = np.array([[1, 0], [-2, 0], [3, 0], [-1, 0], [0, 0]])
    image = gp.figures.cosines(vectors).get_array()
    assert image.shape == (4, 4)  # a vector without direction is left out
    assert sorted(image.ravel()) == [-1] * 8 + [1] * 8
    assert abs(image[:2, :2]).sum() == 4 and (image[:2, :2] == 1).all()  # those alike together
