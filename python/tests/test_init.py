from __future__ import annotations

import math
import subprocess

import pytest

import gammaplane as gp

TORCH = [
    "normal_",
    "uniform_",
    "trunc_normal_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "xavier_normal_",
    "xavier_uniform_",
]
JAX = [
    "normal",
    "uniform",
    "truncated_normal",
    "lecun_normal",
    "lecun_uniform",
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
]


@pytest.mark.parametrize("name", TORCH)
def test_torch(name):
    torch = pytest.importorskip("torch")

    def drawn(function, **options):
        generator = torch.Generator().manual_seed(7)
        return function(torch.empty(64, 32), generator=generator, **options)

    own = drawn(getattr(torch.nn.init, name))
    ours = getattr(gp.torch.init, name)
    assert torch.equal(drawn(ours), own)
    default = 0.5 if "kaiming" in name or "xavier" in name else 0.0
    assert torch.equal(drawn(ours, gamma=default, width=64), own)
    scaled = drawn(ours, gamma=default + 1, width=64)
    assert torch.allclose(scaled * 64, own, rtol=1e-5)
    with pytest.raises(TypeError, match="width"):
        drawn(ours, gamma=2)
    parameter = torch.nn.Parameter(torch.empty(8, 8))
    assert ours(parameter, gamma=default + 1, width=8) is parameter and parameter.requires_grad


@pytest.mark.parametrize("name", JAX)
def test_jax(name):
    jax = pytest.importorskip("jax")
    key = jax.random.key(7)
    own = getattr(jax.nn.initializers, name)()(key, (64, 32), "float32")
    ours = getattr(gp.jax.init, name)
    assert (ours()(key, (64, 32), "float32") == own).all()
    default = 0.0 if name in JAX[:3] else 0.5
    assert (ours(gamma=default, width=64)(key, (64, 32), "float32") == own).all()
    scaled = ours(gamma=default + 1, width=64)(key, (64, 32), "float32")
    assert scaled.dtype == own.dtype
    assert jax.numpy.allclose(scaled * 64, own, rtol=1e-5)
    with pytest.raises(TypeError, match="width"):
        ours(gamma=2)


@pytest.mark.parametrize("gamma", [0.5, 1, 1.75])
@pytest.mark.parametrize("gamma_prime", [-0.5, 0, 0.8])
@pytest.mark.parametrize("fixed", [("alpha", 0), ("alpha", 0.5), ("beta2", 0), ("beta2", -1)])
def test_two_layer(gamma, gamma_prime, fixed):
    m = 1000
    alpha, beta1, beta2 = gp.two_layer(
        gamma, gamma_prime, m, fixed_scale=fixed[0], fixed_exponent=fixed[1]
    )
    assert math.log(beta1 * beta2 / alpha, m) == pytest.approx(-gamma)
    assert math.log(beta1 / beta2, m) == pytest.approx(-gamma_prime)
    assert math.log({"alpha": alpha, "beta2": beta2}[fixed[0]], m) == pytest.approx(fixed[1])


def test_two_layer_agrees_with_the_program(program):
    import json

    alpha, beta1, beta2 = gp.two_layer(1.25, 0.375, 5000)
    ended = subprocess.run(
        [
            program,
            "schemes",
            "--width",
            "5000",
            "--alpha",
            repr(alpha),
            "--beta1",
            repr(beta1),
            "--beta2",
            repr(beta2),
            "--json",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    text = ended.stdout
    (scheme,) = json.loads(text)
    assert scheme["gamma"] == pytest.approx(1.25, abs=1e-9), text
    assert scheme["gamma_prime"] == pytest.approx(0.375, abs=1e-9), text


def test_wrong_scales_are_refused():
    with pytest.raises(ValueError):
        gp.two_layer(1, 0, 100, fixed_scale="beta1")
    with pytest.raises(ValueError):
        gp.two_layer(1, 0, 0)
