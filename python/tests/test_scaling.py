from __future__ import annotations

import math

import pytest

import gammaplane as gp


def mlp(gamma):
    """A two-layer tanh network at (γ, 0) by gradient descent in normalised time."""
    np = pytest.importorskip("numpy")

    def make_model(width, seed):
        alpha, beta1, beta2 = gp.two_layer(gamma, 0, width, fixed_scale="beta2")
        random = np.random.default_rng(seed)
        x = np.array([[-1, 1], [-0.3, 1], [0.4, 1], [1, 1]], dtype=float)
        y = np.array([0.2, -0.4, 0.6, -0.1])
        a, w = beta1 * random.standard_normal(width), beta2 * random.standard_normal((width, 2))
        yield {"w": w, "features": np.tanh(w @ x.T)}
        # The largest eigenvalue of the kernel bounds the rate; it grows where neurons do.
        for _ in range(150):
            h = np.tanh(w @ x.T)
            r = a @ h / alpha - y
            slope = 1 - h**2
            kernel = (
                h.T @ h + ((a[:, None] * slope).T @ (a[:, None] * slope)) * (x @ x.T)
            ) / alpha**2
            rate = 0.5 / np.linalg.eigvalsh(kernel)[-1]
            grad_a, grad_w = h @ r / alpha, (a[:, None] * slope * r) @ x / alpha
            a, w = a - rate * grad_a, w - rate * grad_w
            yield {"w": w, "features": np.tanh(w @ x.T)}

    return make_model


WIDTHS = (64, 128, 256, 512, 1024)


def test_ntk_mean_field_and_small_initial_values_are_told_apart():
    found = {g: gp.check_scaling(mlp(g), WIDTHS, seeds=3)["w"] for g in (0.5, 1.0, 1.5)}
    ntk, mean_field, small = found[0.5], found[1.0], found[1.5]
    assert ntk.trend == "vanishing" and abs(ntk.exponent + 0.5) < 0.1, ntk
    assert mean_field.trend == "bounded", mean_field
    assert small.trend == "growing" and small.exponent > 0.2, small
    for layer in found.values():
        assert layer.high - layer.low < 0.4


def test_intervals_hold_a_known_power():
    import random

    def model(width, seed):
        noise = random.Random(f"{width} {seed}").gauss(0, 0.1)
        yield {"a": [3.0, 4.0]}
        yield {"a": [3.0 + 5 * width**-0.5 * math.exp(noise), 4.0]}

    held = 0
    for shift in range(0, 4000, 100):
        scaling = gp.check_scaling(
            lambda m, s, shift=shift: model(m, s + shift), [8, 16, 32, 64], seeds=3
        )
        held += scaling["a"].low <= -0.5 <= scaling["a"].high
    assert held >= 36
    assert "linear" in str(scaling) and scaling.rows()[0]["name"] == "a"


def test_entries_as_in_the_coordinate_check():
    def model(width, seed):
        yield {"a": [0.0] * width}
        yield {"a": [2.0] * width}

    assert gp.check_scaling(model, [2, 4, 8], normalise="entry")["a"].exponent == pytest.approx(0)
    with pytest.raises(ValueError, match="no power law"):
        gp.check_scaling(model, [2, 4, 8])
    with pytest.raises(ValueError, match="three widths"):
        gp.check_scaling(model, [2, 4])


def test_quantiles_of_student():
    from gammaplane.scaling import _student

    for freedom, quantile in [(1, 12.7062), (2, 4.3027), (4, 2.7764), (10, 2.2281), (100, 1.9840)]:
        assert _student(freedom) == pytest.approx(quantile, abs=1e-3)


def test_plot():
    pytest.importorskip("matplotlib").use("Agg")

    def model(width, seed):
        yield {"a": [1.0]}
        yield {"a": [1.0 + width * (1 + 0.01 * seed)]}

    ax = gp.check_scaling(model, [2, 4, 8]).plot()
    assert ax.get_xscale() == "log" and "+1.00" in ax.get_legend().get_texts()[0].get_text()
