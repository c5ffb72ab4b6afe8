#!/usr/bin/env python3
"""A gammaplane worker: two-layer ReLU networks by plain gradient descent with NumPy.

It follows docs/worker-protocol.md and integrates the normalised flow of docs/method.md, section 1,

    dâ/dτ = −(1/n) Σ_i σ(w·x_i) r_i,   dw/dτ = −(1/n) Σ_i â σ'(w·x_i) x_i r_i,   f_i = c Σ_k â_k σ(w_k·x_i),

with explicit Euler steps. The initial values are NumPy's own, so that a run agrees with one of gammaplane-worker
as two seeds agree, not digit by digit. To sweep another network, replace `Network`, and HELLO, which tells what it is.
"""

import base64
import io
import json
import os
import queue
import resource
import sys
import threading
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the orchestrator counts a worker as one core
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

HELLO = dict(
    type="hello", worker="numpy-worker 2", protocol=1, methods=["numpy-gd/1"], abilities=["progress"],
    title="two-layer ReLU network, gradient descent",
    parameters=[
        dict(name="gamma", symbol="γ", summary="exponent of the output scale, κ = m^−γ"),
        dict(name="gamma_prime", symbol="γ′", summary="exponent of output over input weights, κ' = m^−γ'"),
    ],
    plane=["gamma", "gamma_prime"],
    quantities=[  # the first is the order parameter
        dict(name="sup_rd", symbol="sup RD", summary="largest relative change of the input weights"),
        dict(name="rd", symbol="RD", summary="relative change of the input weights at the end"),
        dict(name="mean_squared_residual", summary="mean squared residual at the end"),
        dict(name="time", symbol="t̄", summary="normalised time at the end"),
    ],
    recordables=[dict(name="trajectory", summary="mean squared residual and RD against time")],
)
NETWORK = dict(activation="relu", bias=True, antisymmetric=False)  # what the grid may say under `network`

GROWTH = 1.05  # of the learning rate after a step that lowered the loss
MIN_RATE = 0.1
MAX_STEP = 0.02  # of a neuron, relative to itself
MAX_POINTS = 256  # of a trajectory


class Network:
    """The m neurons of a run, and one step of gradient descent."""

    def __init__(self, problem, order):
        network = NETWORK | problem["network"]
        x = np.array(problem["samples"]["x"], dtype=float)
        self.x = np.hstack([x, np.ones((len(x), 1))]) if network["bias"] else x
        self.y = np.array(problem["samples"]["y"], dtype=float)
        m = int(order["width"])
        self.kappa = float(m) ** -order["setting"]["gamma"]
        kappa_prime = float(m) ** -order["setting"]["gamma_prime"]
        self.c = self.kappa / kappa_prime

        antisymmetric = network["antisymmetric"]
        random = np.random.default_rng(order["seed"])
        drawn = random.standard_normal((m // 2 if antisymmetric else m, 1 + self.x.shape[1]))
        self.a = kappa_prime * drawn[:, 0]
        self.w = drawn[:, 1:].copy()
        if antisymmetric:
            self.a = np.concatenate([self.a, -self.a])
            self.w = np.vstack([self.w, self.w])
        self.initial = self.w.copy()
        self.initial_norm = np.linalg.norm(self.w)

        self.tau = 0.0
        self.steps = 0
        self.sup_rd = 0.0
        self.rate = 0.5  # the learning rate times the trace of the kernel, which bounds its largest eigenvalue
        self.z, self.residual = self.forward(self.a, self.w)

    def forward(self, a, w):
        """w·x_i of all neurons and samples, and the residuals."""
        z = w @ self.x.T
        return z, self.c * (a @ np.maximum(z, 0)) - self.y

    @property
    def loss(self):
        """The mean squared residual."""
        return float(np.mean(self.residual**2))

    @property
    def time(self):
        """The normalised time."""
        return self.tau / self.kappa

    @property
    def rd(self):
        """How far the input weights have moved, relative to where they began."""
        return float(np.linalg.norm(self.w - self.initial) / self.initial_norm)

    @property
    def quantities(self):
        """What HELLO promises."""
        rd = self.rd
        return dict(sup_rd=max(self.sup_rd, rd), rd=rd, mean_squared_residual=self.loss, time=self.time)

    def step(self, latest):
        """One step, not beyond a normalised time. The learning rate is halved when the loss has risen."""
        n = len(self.y)
        active = self.z > 0
        sigma = np.where(active, self.z, 0)
        grad_a = sigma @ self.residual / n
        grad_w = self.a[:, None] * ((active * self.residual) @ self.x) / n
        squares = np.sum(self.x**2, axis=1)
        trace = self.c * (np.sum(sigma**2) + np.sum((self.a**2) @ (active * squares))) / n
        drive = np.sum(np.abs(self.residual) * np.sqrt(squares)) / n
        h = min(self.rate / trace if trace > 0 else np.inf, MAX_STEP / drive if drive > 0 else np.inf)
        h = min(h, latest * self.kappa - self.tau)
        before = self.loss
        self.a = self.a - h * grad_a
        self.w = self.w - h * grad_w
        self.z, self.residual = self.forward(self.a, self.w)
        # Neurons that cross to and fro at a sample raise the loss at any rate; they must not bring it to a halt.
        self.rate = max(self.rate / 2, MIN_RATE) if self.loss > before else min(GROWTH * self.rate, 1.0)
        self.tau += h
        self.steps += 1
        self.sup_rd = max(self.sup_rd, self.rd)


class Trajectory:
    """Time, mean squared residual and RD after every step, or every 2ᵏ-th where there are many, and at the end."""

    def __init__(self):
        self.points = []
        self.stride = 1

    def add(self, network, is_last=False):
        if not is_last and network.steps % self.stride != 0:
            return
        if self.points and self.points[-1][0] >= network.time:
            return
        if len(self.points) == MAX_POINTS:
            self.points = self.points[::2]
            self.stride *= 2
            return self.add(network, is_last)
        self.points.append((network.time, network.loss, network.rd))

    def array(self):
        """The points as the protocol wants arrays: an .npy file in base64."""
        columns = [("time", "<f8"), ("mean_squared_residual", "<f8"), ("rd", "<f8")]
        file = io.BytesIO()
        np.save(file, np.array(self.points, dtype=columns))
        return base64.b64encode(file.getvalue()).decode()


def send(**message):
    """Writes a message as one line. NaN and infinity are no JSON: they are errors here."""
    print(json.dumps(message, allow_nan=False), flush=True)


def reason_to_refuse(problem, order):
    """What this worker does not do, if the run asks for it."""
    unknown = sorted(set(problem["network"]) - set(NETWORK))
    if unknown:
        return f"this worker does not know {', '.join(unknown)} in `network`"
    network = NETWORK | problem["network"]
    if network["activation"] != "relu":
        return "this worker knows the activation relu only"
    if "samples" not in problem:
        return "this worker needs samples"
    missing = [name for name in HELLO["plane"] if name not in order["setting"]]
    if missing:
        return f"this worker needs the parameter {missing[0]}"
    if order["width"] != int(order["width"]):
        return "the width must be a whole number"
    if network["antisymmetric"] and order["width"] % 2 != 0:
        return "an antisymmetric network needs an even width"
    return None


def train(problem, order):
    """Makes a run; returns the fields of its result."""
    start = last_progress = time.monotonic()
    network = Network(problem, order)
    trajectory = Trajectory() if "trajectory" in order.get("record", []) else None
    initial_seconds = time.monotonic() - start
    budget = order["budget"]
    latest = budget.get("time", np.inf)
    while True:
        now = time.monotonic()
        if trajectory:
            trajectory.add(network)
        if network.loss <= problem["target"]:
            outcome, reason = "converged", "target reached"
        elif network.steps >= budget["steps"]:
            outcome, reason = "budget_exhausted", f"{budget['steps']} steps"
        elif now - start > budget["wall_seconds"]:
            outcome, reason = "budget_exhausted", "wall time"
        elif network.time >= latest * (1 - 1e-12):
            outcome, reason = "budget_exhausted", "simulated time"
        else:
            network.step(latest)
            # From the loop that does the work, never from a timer: it is a heartbeat.
            if "progress_seconds" in order and now - last_progress >= order["progress_seconds"]:
                last_progress = now
                send(type="progress", run=order["run"], steps=network.steps, time=network.time,
                     quantities=dict(mean_squared_residual=network.loss))
            continue
        result = dict(outcome=outcome, reason=reason, quantities=network.quantities, steps=network.steps,
                      wall_seconds=time.monotonic() - start, initial_seconds=initial_seconds)
        if trajectory:
            trajectory.add(network, is_last=True)
            result["arrays"] = dict(trajectory=trajectory.array())
        return result


def answer(problem, order):
    """Answers an order with a result, a refusal or a failure."""
    run = order["run"]
    # Data beyond a quarter above the allowance are refused by the system, as a MemoryError. `ulimit -d` stays in force.
    _, maximum = resource.getrlimit(resource.RLIMIT_DATA)
    limit = order["memory"] + order["memory"] // 4 if "memory" in order else maximum
    if maximum != resource.RLIM_INFINITY:
        limit = min(limit, maximum)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, maximum))
    refusal = reason_to_refuse(problem, order)
    try:
        if refusal:
            send(type="refusal", run=run, reason=refusal)
        else:
            send(type="result", run=run, **train(problem, order))
    except MemoryError as error:
        send(type="failure", run=run, cause="memory", detail=f"{error} Memory allowed: {order.get('memory')} bytes.")
    except (FloatingPointError, ValueError) as error:
        send(type="failure", run=run, cause="error", detail=str(error))


def read_orders(orders):
    """Reads the input all the time, on a thread. When it has ended and the parent changes, the orchestrator is gone."""
    parent = os.getppid()
    for line in sys.stdin:
        orders.put(line)
    orders.put(None)
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


def main():
    np.seterr(over="raise", invalid="raise", divide="raise")
    send(**HELLO)
    orders = queue.Queue()
    threading.Thread(target=read_orders, args=(orders,), daemon=True).start()
    problem = None
    while (line := orders.get()) is not None:
        order = json.loads(line)
        if order["type"] == "problem" and order["protocol"] == 1:
            problem = order
        elif order["type"] == "run":
            answer(problem, order)
        else:
            print("numpy-worker: unusable order: " + line, file=sys.stderr, flush=True)
            os._exit(65)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(0)  # the answers have lost their reader
