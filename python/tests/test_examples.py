"""The workers of Examples, with little to do."""

from __future__ import annotations

import importlib.util
import pathlib
import sys

import pytest

import gammaplane as gp

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "Examples"


def load(name, file="worker"):
    spec = importlib.util.spec_from_file_location(
        name.replace("-", "_"), EXAMPLES / name / f"{file}.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_mup_check():
    pytest.importorskip("numpy")
    found = load("mup-check", "check").check(widths=(64, 128, 256), seeds=3)
    for layer in ("features 1", "features 2"):
        assert abs(found["NTK"][layer].exponent + 0.5) < 0.2
        assert abs(found["µP"][layer].exponent) < 0.2
    standard = found["standard"]
    assert standard["features 1"].exponent < standard["features 2"].exponent - 0.7


def test_cnn_condensation(tmp_path):
    np = pytest.importorskip("numpy")
    pytest.importorskip("optax")
    module = load("cnn-condensation")
    module.FOLDER = tmp_path
    random = np.random.default_rng(0)
    labels = np.arange(20) % 10
    images = 255 * (random.random((20, 784)) < 0.1 + 0.08 * labels[:, None])
    np.savetxt(tmp_path / "mnist.csv", np.column_stack([labels, images]), fmt="%d", delimiter=",")
    problem = gp.Problem(network={"images": 20, "pool": 2, "rate": 1e-3})
    run = gp.Run({"budget": {"steps": 60}, "record": ["kernels"]}, problem)
    result = module.train({"gamma": 2}, 8, 0, run)
    assert result.arrays["kernels"].shape == (2, 8, 9)
    # Small kernels turn into few orientations at first.
    assert result.quantities["alignment"] > result.quantities["initial_alignment"]
    assert 1 <= result.quantities["groups"] <= 8


def test_groups():
    np = pytest.importorskip("numpy")
    pytest.importorskip("optax")
    module = load("cnn-condensation")
    assert module.groups(np.array([[1.0, 0], [2, 0.1], [-1, 0], [0, 3]])) == 3


def test_transformer_composition(tmp_path, monkeypatch):
    np = pytest.importorskip("numpy")
    pytest.importorskip("optax")
    module = load("transformer-composition")
    random = np.random.default_rng(0)
    for pairs, for_test in [(module.SEEN, False), (module.HELD_OUT, True)]:
        tokens, labels = module.draw(random, 500, pairs, for_test)
        for sequence, label in zip(tokens, labels):
            (place,) = [i for i in range(8) if sequence[i + 1] < 20 and sequence[i] >= 20]
            key, first, second = sequence[place : place + 3]
            assert 20 <= key < 100 and label == key + module.STEP[first] + module.STEP[second]
            assert ((key - place) % 9 == 0) == for_test
            assert ((first, second) in {(3, 4), (4, 3)}) == for_test
    # A run that is suspended gives the same result.
    problem = gp.Problem(network={"batch": 16})
    setting = {"gamma": 0.5, "decay": 0.1}

    def order(**more):
        return {"run": "a", "budget": {"steps": 6}, **more}

    whole = module.train(setting, 8, 3, gp.Run(order(), problem))
    path = str(tmp_path / "a.checkpoint")

    class Asked:
        asked = False

        def is_asked(self, run):
            return first.steps == 3

    first = gp.Run(order(checkpoint=path), problem, suspension=Asked())
    with pytest.raises(gp.Suspended):
        module.train(setting, 8, 3, first)
    second = gp.Run(order(checkpoint=path), problem)
    assert module.train(setting, 8, 3, second).quantities == whole.quantities
