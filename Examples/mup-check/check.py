"""How a three-layer network scales in the standard, the NTK and the µP parametrisation.

    python3 check.py [FILE]

Prints an exponent with its interval for each part, and draws them into FILE. Half a minute.
"""

import sys

import gammaplane as gp  # first: it tells the libraries below to use one thread
import numpy as np

INPUTS, STEPS = 8, 20

# Multipliers, standard deviations and rates of the three layers as powers of the width m, for
# gradient descent: layer l computes m^a W, W ~ N(0, m^(2b)), and its rate is rate · m^c.
# Yang, Hu, arXiv:2011.14522, table 1; standard: with the rate at which it just does not diverge.
SCHEMES = {
    "standard": dict(a=(0, 0, 0), b=(0, -0.5, -0.5), c=(-1, -1, -1)),
    "NTK": dict(a=(0, -0.5, -0.5), b=(0, 0, 0), c=(0, 0, 0)),
    "µP": dict(a=(0.5, 0, -0.5), b=(-0.5, -0.5, -0.5), c=(0, 0, 0)),
}


def model_of(scheme, rate=0.1):
    """A model for check_scaling: the weights, and the features of both hidden layers."""
    a, b, c = scheme["a"], scheme["b"], scheme["c"]

    def make_model(width, seed):
        random = np.random.default_rng(seed)
        x = np.random.default_rng(99).standard_normal((16, INPUTS)) / INPUTS**0.5
        y = np.sin(3 * x[:, 0])
        m = float(width)
        shapes = [(INPUTS, width), (width, width), (width, 1)]
        weights = [m**power * random.standard_normal(shape) for power, shape in zip(b, shapes)]
        scales = [m**power for power in a]

        offset = 0.0

        def forward():
            first = np.tanh(scales[0] * x @ weights[0])
            second = np.tanh(scales[1] * first @ weights[1])
            return first, second, (scales[2] * second @ weights[2])[:, 0] - offset

        # What f is at first differs from seed to seed, and by a power of the width: it is removed.
        offset = forward()[2]

        def state():
            first, second, _ = forward()
            return {"features 1": first, "features 2": second}

        yield state()
        for _ in range(STEPS):
            first, second, output = forward()
            error = ((output - y) / len(y))[:, None]
            back2 = (error @ weights[2].T) * scales[2] * (1 - second**2)
            back1 = (back2 @ weights[1].T) * scales[1] * (1 - first**2)
            gradients = [scales[0] * x.T @ back1, scales[1] * first.T @ back2, scales[2] * second.T @ error]
            for layer, gradient in enumerate(gradients):
                weights[layer] -= rate * m ** c[layer] * gradient
            yield state()

    return make_model


def check(widths=(64, 128, 256, 512, 1024), seeds=8):
    """The scaling of each scheme."""
    return {name: gp.check_scaling(model_of(s), widths, seeds=seeds) for name, s in SCHEMES.items()}


def main():
    found = check()
    for name, scaling in found.items():
        print(f"{name}\n  " + str(scaling).replace("\n", "\n  "))
    if len(sys.argv) > 1:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        fig, axes = plt.subplots(1, len(found), figsize=(4 * len(found), 3.6), sharey=True, layout="constrained")
        for ax, (name, scaling) in zip(axes, found.items()):
            scaling.plot(ax).set(title=name)
        fig.savefig(sys.argv[1], dpi=120)


if __name__ == "__main__":
    main()
