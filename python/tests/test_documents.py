"""The examples of docs/python.md and README.md run as they stand, one after the other."""

from __future__ import annotations

import pathlib
import re

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


def blocks(path):
    return re.findall(r"(<!-- needs (\w+) -->\n)?```python\n(.*?)```", path.read_text(), re.DOTALL)


def test_the_guide(tiny, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    pytest.importorskip("xarray")
    # The sweep of the examples, small; its widths have other numbers.
    (tmp_path / "results").mkdir()
    (tmp_path / "results/quickstart").symlink_to(tiny)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "guide", "__file__": "guide.py"}
    for _, needed, code in blocks(TOP / "docs/python.md"):
        if needed:
            try:
                __import__(needed)
            except ImportError:
                continue
        exec(compile(code.replace("width=1000", "width=200"), "docs/python.md", "exec"), names)


def test_the_readme():
    for _, _, code in blocks(TOP / "python/README.md"):
        names = {"__name__": "readme"}
        exec(compile(code, "python/README.md", "exec"), names)
        assert names["train"]({"power": 0.5}, 100).quantities == {"movement": 10.0}
