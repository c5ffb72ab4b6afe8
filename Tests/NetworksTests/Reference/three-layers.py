"""Writes three-layers.json: gradient flow of three-layer tanh networks by small Runge-Kutta steps.

    pip install numpy
    python3 Tests/NetworksTests/Reference/three-layers.py > Tests/NetworksTests/Reference/three-layers.json

The raw weights of f(x) = aᵀ tanh(W2 tanh(W1 (x, 1))) follow the gradient of half the mean squared residual, all
standard deviations being β = m^(-γ3/3), until the mean squared residual is 1e-6. Steps are a fixed share of the time of
the fastest mode, and of that in which weights change. Given are W1, W2 and a, each divided by β.
"""

import json

import numpy as np

M, SEED, TARGET, SHARE = 64, 1, 1e-6, 0.0625
X = np.array([-1.0, -0.3, 0.4, 1.0])
Y = np.array([0.2, -0.4, 0.6, -0.1])
INPUTS = np.stack([X, np.ones(4)], axis=1)


def forward(theta):
    w1, w2, a = theta
    h1 = np.tanh(INPUTS @ w1.T)
    h2 = np.tanh(h1 @ w2.T)
    return h1, h2, h2 @ a - Y


def errors(theta, h1, h2):
    w1, w2, a = theta
    d2 = a * (1 - h2 * h2)
    return d2, (d2 @ w2) * (1 - h1 * h1)


def velocity(theta):
    h1, h2, r = forward(theta)
    d2, d1 = errors(theta, h1, h2)
    s = -r / len(Y)
    return [(s[:, None] * d1).T @ INPUTS, (s[:, None] * d2).T @ h1, s @ h2]


def fastest(theta):
    h1, h2, _ = forward(theta)
    d2, d1 = errors(theta, h1, h2)
    kernel = h2 @ h2.T + (d2 @ d2.T) * (h1 @ h1.T) + (d1 @ d1.T) * (INPUTS @ INPUTS.T)
    return np.linalg.eigvalsh(kernel)[-1] / len(Y)


def moved(theta, rate, step):
    return [x + step * v for x, v in zip(theta, rate)]


def stepped(theta, h):
    k1 = velocity(theta)
    k2 = velocity(moved(theta, k1, h / 2))
    k3 = velocity(moved(theta, k2, h / 2))
    k4 = velocity(moved(theta, k3, h))
    return [x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(theta, k1, k2, k3, k4)]


def loss(theta):
    return np.mean(forward(theta)[2] ** 2)


def case(start, gamma3):
    beta = M ** (-gamma3 / 3)
    first = theta = [beta * x for x in start]
    time = 0.0
    while True:
        speed = max(np.linalg.norm(v) / np.linalg.norm(x) for x, v in zip(theta, velocity(theta)))
        h = min(SHARE / fastest(theta), 0.05 / speed)
        after = stepped(theta, h)
        if loss(after) <= TARGET:
            break
        theta, time = after, time + h
    low, high = 0.0, h
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if loss(stepped(theta, middle)) > TARGET else (low, middle)
    theta, time = stepped(theta, high), time + high
    change = [b - a for a, b in zip(first, theta)]
    norms = [np.linalg.norm(c) / np.linalg.norm(a) for a, c in zip(first, change)]
    operator = np.linalg.norm(change[1], 2) / np.linalg.norm(first[1], 2)
    return {
        "gamma3": gamma3,
        "rd_1": norms[0],
        "rd_2": norms[1],
        "rd_a": norms[2],
        "rd_2_operator": operator,
        "time": time / beta**2,
    }


def main():
    random = np.random.default_rng(SEED)
    w1, w2, a = random.standard_normal((M, 2)), random.standard_normal((M, M)), random.standard_normal(M)
    cases = [case([w1, w2, a], gamma3) for gamma3 in (1.0, 1.5, 2.1, 3.0)]
    initial = {"w1": w1.ravel().tolist(), "w2": w2.ravel().tolist(), "a": a.tolist()}
    print(json.dumps({"width": M, "x": X.tolist(), "y": Y.tolist(), "initial": initial, "cases": cases}))


if __name__ == "__main__":
    main()
