"""One convolutional layer with small initial values on MNIST: kernels condense (XZZ25, Fig. 3).

    f(x) = A vec(tanh(W ∗ x + b)) + c,   all parameters ~ N(0, (3m)^(−2γ)),   m kernels of 3 × 3

Full-batch Adam on the cross-entropy, until all training images are classified. Xu, Zhang, Zhou,
arXiv:2504.09484, have m = 32 and γ = 4.
"""

import pathlib

import gammaplane as gp  # first: it tells the libraries below to use one thread
import jax
import jax.numpy as jnp
import numpy as np
import optax

FOLDER = pathlib.Path(__file__).parent
BATCH = 500  # images whose activations are in memory at a time


def load(count, pool):
    """The first images as patches (count, positions, 9), averaged over pool × pool pixels; labels."""
    table = np.loadtxt(FOLDER / "mnist.csv", delimiter=",", max_rows=count)
    size = 28 // pool
    images = table[:, 1:].reshape(-1, size, pool, size, pool).mean((2, 4)) / 255
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), (1, 2))
    return windows.reshape(len(images), -1, 9).astype(np.float32), table[:, 0].astype(np.int32)


def forward(parameters, patches):
    """Logits, and the outputs of the kernels."""
    kernels, bias, output, offset = parameters
    hidden = jnp.tanh(patches @ kernels.T + bias)
    return jnp.einsum("npk,pkc->nc", hidden, output) + offset, hidden


def loss_of(parameters, patches, labels):
    """The mean cross-entropy."""
    logits, _ = forward(parameters, patches)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def cosines(vectors):
    """The cosines between all pairs of rows."""
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return rows @ rows.T


def groups(vectors, cosine=0.95):
    """How many orientations there are: rows nearer than this to one taken before are one with it."""
    left, count = cosines(vectors), 0
    while len(left):
        near = left[0] >= cosine
        left = left[~near][:, ~near]
        count += 1
    return count


@gp.worker(
    method="cnn-adam/1",
    title="one convolutional layer, tanh, MNIST",
    parameters=[gp.Parameter("gamma", "exponent of all initial values", "γ", min=0, max=8)],
    quantities=[
        gp.Quantity("alignment", "mean |cosine| of pairs of kernels", "⟨|cos|⟩"),
        gp.Quantity("output_alignment", "the same of the outputs of kernels on 100 images"),
        gp.Quantity("groups", "orientations of kernels, at a cosine of 0.95"),
        gp.Quantity("initial_alignment", "alignment before training"),
        gp.Quantity("training_accuracy", "share of the training images"),
    ],
    plane=["gamma"],
    recordables={"kernels": "kernels before and after training"},
    progress=True,
)
def train(setting, width, seed, run):
    """Trains a network of `width` kernels."""
    network = run.problem.network
    patches, labels = load(network.get("images", 500), network.get("pool", 1))
    std = float(3 * width) ** -setting["gamma"]
    keys = jax.random.split(jax.random.key(seed % 2**63), 4)
    shapes = [(width, 9), (width,), (patches.shape[1], width, 10), (10,)]
    parameters = [std * jax.random.normal(key, shape) for key, shape in zip(keys, shapes)]
    optimiser = optax.adam(network.get("rate", 2e-4))
    state = optimiser.init(parameters)
    initial = np.asarray(parameters[0], dtype=float)

    @jax.jit
    def gradient(parameters, patches, labels):
        return jax.value_and_grad(loss_of)(parameters, patches, labels)

    @jax.jit
    def update(gradients, state, parameters):
        updates, state = optimiser.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state

    @jax.jit
    def correct(parameters, patches, labels):
        return (forward(parameters, patches)[0].argmax(1) == labels).sum()

    parts = [(patches[i : i + BATCH], labels[i : i + BATCH]) for i in range(0, len(labels), BATCH)]
    outcome, step, accuracy = "budget_exhausted", 0, 0.0
    while not run.is_out_of_budget:
        gradients, loss = None, 0.0
        for images, targets in parts:
            share = len(targets) / len(labels)
            value, part = gradient(parameters, images, targets)
            part = jax.tree.map(lambda g: share * g, part)
            gradients = part if gradients is None else jax.tree.map(jnp.add, gradients, part)
            loss += share * float(value)
        parameters, state = update(gradients, state, parameters)
        step += 1
        run.progress(step, loss=loss)
        if step % 10 == 0:
            accuracy = sum(int(correct(parameters, *part)) for part in parts) / len(labels)
            if accuracy == 1:
                outcome = "converged"
                break

    kernels = np.asarray(parameters[0], dtype=float)
    hidden = np.asarray(forward(parameters, patches[:100])[1], dtype=float)
    pairs = np.triu_indices(width, 1)

    def alignment(vectors):
        return float(np.abs(cosines(vectors)[pairs]).mean())

    return gp.Result(
        outcome=outcome,
        reason="all training images are classified" if outcome == "converged" else "out of budget",
        quantities=dict(
            alignment=alignment(kernels),
            output_alignment=alignment(hidden.reshape(-1, width).T),
            groups=groups(kernels),
            initial_alignment=alignment(initial),
            training_accuracy=accuracy,
        ),
        arrays={"kernels": np.stack([initial, kernels])} if "kernels" in run.record else {},
    )


if __name__ == "__main__":
    train.serve()
