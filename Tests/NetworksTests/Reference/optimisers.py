"""Writes optimisers.json: 100 steps of optimisers, by optax on gradients of JAX in double precision.

    pip install jax optax
    python3 Tests/NetworksTests/Reference/optimisers.py > Tests/NetworksTests/Reference/optimisers.json

The networks f(x) = (1/α) Σ a σ(w·x) are those of `docs/optimisers.md`, with α = 1; the loss is half the mean squared
residual. Given are ā and w̄ (the bias last); found are RD, the mean squared residual and f at the samples.
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

ACTIVATIONS = {
    "relu": lambda z: jnp.maximum(z, 0),
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
}
OPTIMISERS = {
    "descent": lambda rate: optax.sgd(rate),
    "momentum": lambda rate: optax.sgd(rate, momentum=0.9),
    "adam": lambda rate: optax.adam(rate),
}
RATES = {"descent": 0.1, "momentum": 0.02, "adam": 0.01}
STEPS, GAMMA, GAMMA_PRIME = 100, 0.6, 0.2


def case(activation, optimiser, a, w, x, y):
    m = len(a)
    beta2 = m ** ((GAMMA_PRIME - GAMMA) / 2)
    beta1 = beta2 * m**-GAMMA_PRIME
    sigma = ACTIVATIONS[activation]
    inputs = jnp.concatenate([x, jnp.ones((len(x), 1))], axis=1)
    function = lambda theta: sigma(inputs @ theta[1].T) @ theta[0]
    loss = lambda theta: 0.5 * jnp.mean((function(theta) - y) ** 2)
    rule = OPTIMISERS[optimiser](RATES[optimiser])
    theta = (beta1 * jnp.array(a), beta2 * jnp.array(w))
    start = theta[1]
    state = rule.init(theta)
    for _ in range(STEPS):
        updates, state = rule.update(jax.grad(loss)(theta), state)
        theta = optax.apply_updates(theta, updates)
    return {
        "activation": activation,
        "optimiser": optimiser,
        "rate": RATES[optimiser],
        "rd": float(jnp.linalg.norm(theta[1] - start) / jnp.linalg.norm(start)),
        "mean_squared_residual": float(2 * loss(theta)),
    }


def main():
    random = np.random.default_rng(1)
    m, n, d = 13, 5, 2
    a, w = random.standard_normal(m), random.standard_normal((m, d + 1))
    x, y = random.uniform(-1, 1, (n, d)), random.standard_normal(n)
    cases = [case(s, o, a, w, x, y) for s in ACTIVATIONS for o in OPTIMISERS]
    result = {
        "steps": STEPS, "gamma": GAMMA, "gamma_prime": GAMMA_PRIME,
        "a": a.tolist(), "w": w.tolist(), "x": x.tolist(), "y": y.tolist(), "cases": cases,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
