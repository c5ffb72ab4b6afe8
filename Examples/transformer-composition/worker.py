"""Does a transformer compose what it has seen apart? By initial values and weight decay (XZZ25, Fig. 10).

A sequence of 9 tokens has a key x of 20 … 99 and after it two anchors; the label is x + f(a₁) + f(a₂),
where f of the anchors 1, 2, 3, 4 is +5, +1, −2, −8. The pairs (3, 4) and (4, 3) never occur in
training. A network that has learned f of single anchors is right about them; one that has learned
pairs by heart is not. All matrices are drawn with the standard deviation fan_in^(−γ).

After Xu, Zhang, Zhou, arXiv:2504.09484, with a smaller model: width d, 2 layers, 1 head.
"""

import gammaplane as gp  # first: it tells the libraries below to use one thread
import gammaplane.jax.init
import jax
import jax.numpy as jnp
import numpy as np
import optax

LENGTH, TOKENS = 9, 100
STEP = np.array([0, 5, 1, -2, -8])  # of the anchors 1, 2, 3, 4
PAIRS = np.array([(a, b) for a in range(1, 5) for b in range(1, 5)])
HELD_OUT = np.array([(3, 4), (4, 3)])
SEEN = np.array([p for p in PAIRS if tuple(p) not in {(3, 4), (4, 3)}])
LAYERS = 2


def draw(random, count, pairs, for_test):
    """Sequences and labels; in tests the key is its position modulo 9, in training never."""
    tokens = random.integers(20, TOKENS, (count, LENGTH))
    positions = random.integers(0, LENGTH - 2, count)
    rows = np.arange(count)
    keys = tokens[rows, positions]
    # The nearest number of the remainder that is asked for, or the next one of another.
    shift = (positions - keys) % 9
    test_keys = np.where(keys + shift < TOKENS, keys + shift, keys + shift - 9)
    train_keys = np.where(shift == 0, np.where(keys < TOKENS - 1, keys + 1, keys - 1), keys)
    tokens[rows, positions] = keys = test_keys if for_test else train_keys
    chosen = pairs[random.integers(0, len(pairs), count)]
    tokens[rows, positions + 1], tokens[rows, positions + 2] = chosen.T
    return tokens, keys + STEP[chosen].sum(1)


def initial(key, d, gamma):
    """All matrices, with the standard deviation fan_in^−γ."""
    def matrix(fan_in, fan_out):
        nonlocal key
        key, own = jax.random.split(key)
        # N(0, 1) times fan_in^−γ.
        return gammaplane.jax.init.normal(1.0, gamma=gamma, width=fan_in)(own, (fan_in, fan_out))

    layers = [
        dict(q=matrix(d, d), k=matrix(d, d), v=matrix(d, d), o=matrix(d, d),
             up=matrix(d, 3 * d), down=matrix(3 * d, d))
        for _ in range(LAYERS)
    ]
    return dict(token=matrix(TOKENS, d), position=matrix(LENGTH, d), layers=layers,
                out=matrix(d, TOKENS + 10))


def normed(x):
    """Layer normalisation without parameters."""
    x = x - x.mean(-1, keepdims=True)
    return x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)


def logits(parameters, tokens):
    """Of the last token."""
    x = parameters["token"][tokens] + parameters["position"]
    mask = jnp.tril(jnp.ones((LENGTH, LENGTH), bool))
    for layer in parameters["layers"]:
        h = normed(x)
        q, k, v = h @ layer["q"], h @ layer["k"], h @ layer["v"]
        scores = jnp.einsum("nid,njd->nij", q, k) / q.shape[-1] ** 0.5
        weights = jax.nn.softmax(jnp.where(mask, scores, -1e9), axis=-1)
        x = x + (weights @ v) @ layer["o"]
        x = x + jax.nn.relu(normed(x) @ layer["up"]) @ layer["down"]
    return normed(x[:, -1]) @ parameters["out"]


def loss_of(parameters, tokens, labels):
    """The mean cross-entropy."""
    return optax.softmax_cross_entropy_with_integer_labels(logits(parameters, tokens), labels).mean()


@gp.worker(
    method="composition/1",
    title="transformer on composite functions",
    parameters=[
        gp.Parameter("gamma", "exponent of all matrices, std = fan_in^−γ", "γ", min=0, max=2),
        gp.Parameter("decay", "weight decay of AdamW", "λ", min=0),
    ],
    quantities=[
        gp.Quantity("held_out", "accuracy on the pairs that never occur in training"),
        gp.Quantity("seen", "accuracy on the pairs of training, with new keys"),
        gp.Quantity("loss", "cross-entropy of the last batch"),
        gp.Quantity("alignment", "mean |cosine| of the rows of the first W_Q"),
    ],
    plane=["gamma", "decay"],
    recordables={"queries": "rows of the first W_Q after training"},
    progress=True,
    checkpoints=True,
)
def train(setting, width, seed, run):
    """Trains a transformer of width d."""
    network = run.problem.network
    steps = int(run.max_steps)
    rate = optax.warmup_cosine_decay_schedule(
        0, network.get("rate", 1e-3), min(100, steps // 2), steps
    )
    optimiser = optax.adamw(rate, weight_decay=setting["decay"])
    gradient = jax.value_and_grad(loss_of)

    @jax.jit
    def update(parameters, state, tokens, labels):
        loss, gradients = gradient(parameters, tokens, labels)
        updates, state = optimiser.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    parameters = initial(jax.random.key(seed % 2**63), width, setting["gamma"])
    step, state, random = 0, optimiser.init(parameters), np.random.default_rng(seed)
    saved = run.resume()
    if saved is not None:
        step, leaves, random = saved
        parameters, state = jax.tree.unflatten(jax.tree.structure((parameters, state)), leaves)
    loss = jnp.inf
    while step < run.max_steps and run.seconds < run.max_seconds:
        tokens, labels = draw(random, network.get("batch", 256), SEEN, for_test=False)
        parameters, state, loss = update(parameters, state, tokens, labels)
        step += 1
        run.progress(step, loss=float(loss))
        run.checkpoint(lambda: (step, [np.asarray(x) for x in jax.tree.leaves((parameters, state))], random))

    def accuracy(pairs):
        tokens, labels = draw(np.random.default_rng(1), 1000, pairs, for_test=True)
        return float((logits(parameters, tokens).argmax(1) == labels).mean())

    queries = np.asarray(parameters["layers"][0]["q"], dtype=float)
    rows = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    cosines = np.abs(rows @ rows.T)[np.triu_indices(width, 1)]
    # Trained for as long as the grid says, whatever came of it.
    return gp.Result(
        outcome="converged" if step >= run.max_steps else "budget_exhausted",
        reason=f"{step} steps",
        quantities=dict(held_out=accuracy(HELD_OUT), seen=accuracy(SEEN), loss=float(loss),
                        alignment=float(cosines.mean())),
        arrays={"queries": queries} if "queries" in run.record else {},
    )


if __name__ == "__main__":
    train.serve()
