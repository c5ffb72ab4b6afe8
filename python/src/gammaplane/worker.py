"""Functions as workers: what the orchestrator asks for, and what it gets (docs/worker-protocol.md).

    @gp.worker(method="toy/1", quantities={"size": "m to the power of the exponent"})
    def train(setting, width, seed, run):
        return {"size": width ** setting["power"]}

    if __name__ == "__main__":
        train.serve()

The function stays a function: ``train({"power": 1}, width=100, seed=0)`` makes a run in a notebook.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import math
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union, cast

PROTOCOL = 1
OUTCOMES = ("converged", "stationary", "budget_exhausted", "diverged")
UNUSABLE_ORDER = 65
_MAGIC = b"gammaplane.py 1\n"


class Refusal(Exception):
    """This worker can never make the run: it fails with this reason and is not tried again."""


class Suspended(BaseException):
    """The run is in its checkpoint. Raised by :meth:`Run.checkpoint`; not for catching."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of the setting: an axis of the grid."""

    name: str
    summary: str = ""
    symbol: Optional[str] = None
    min: Optional[float] = None
    max: Optional[float] = None


@dataclass(frozen=True)
class Quantity:
    """Something that a run measures. The first of a worker is its order parameter."""

    name: str
    summary: str = ""
    symbol: Optional[str] = None
    unit: Optional[str] = None
    signed: bool = False
    """Whether it can be negative."""


@dataclass
class Result:
    """How a run has ended, and what was measured."""

    outcome: str = "converged"
    """``converged``, ``stationary``, ``budget_exhausted`` or ``diverged``."""
    quantities: Mapping[str, float] = field(default_factory=dict)
    """Numbers by name; finite."""
    reason: str = "the function returned"
    """The evidence for the outcome, in a few words."""
    steps: Optional[int] = None
    """How many steps it took; the latest of :meth:`Run.progress` if it is left out."""
    arrays: Mapping[str, Any] = field(default_factory=dict)
    """What was recorded: NumPy arrays by name."""


@dataclass(frozen=True)
class Problem:
    """What all runs of a sweep have in common."""

    network: Mapping[str, Any] = field(default_factory=dict)
    """The key ``network`` of the grid."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The key ``parameters`` of the grid."""
    samples: Optional[Mapping[str, Any]] = None
    """``x``, n arrays of d numbers, and ``y``, n numbers; None if the grid has none."""
    target: float = 1e-6
    """A run has converged at this mean squared residual."""
    tolerance: float = 1e-3
    """The relative step tolerance of an integrator."""


def _megabytes(text: Union[str, int]) -> int:
    """Bytes of ``2GB``, ``512MiB`` or a number."""
    if isinstance(text, int):
        return text
    units = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
    digits = text.strip().rstrip("kmgibKMGIB ")
    unit = text.strip()[len(digits) :].strip().upper()
    if unit not in units:
        raise ValueError(f"an amount of memory is written as 2GB or 512MiB, not {text!r}")
    return int(float(digits) * units[unit])


class Run:
    """The run under way, as the function sees it."""

    def __init__(
        self,
        order: Mapping[str, Any],
        problem: Problem,
        answers: Optional[_Answers] = None,
        suspension: Optional[_Suspension] = None,
    ) -> None:
        """A run of an order of the protocol; without answers, one that nobody waits for."""
        self._answers = answers
        self._suspension = suspension
        budget = order.get("budget", {})
        self.identity: str = order.get("run", "")
        """What identifies the run in the database."""
        self.attempt: int = order.get("attempt", 1)
        """How often the run has been given out, this time included."""
        self.problem = problem
        """What all runs of the sweep have in common."""
        self.record: frozenset[str] = frozenset(order.get("record", ()))
        """What the grid asks to record."""
        self.max_steps: float = budget.get("steps", math.inf)
        """How many steps the run may take."""
        self.max_seconds: float = budget.get("wall_seconds", math.inf)
        """How many seconds it may take."""
        self.max_time: float = budget.get("time", math.inf)
        """The time at which it ends."""
        self.max_epochs: float = budget.get("epochs", math.inf)
        """How often it may use all samples."""
        self.memory: Optional[int] = order.get("memory")
        """How many bytes the process may use; None: not limited."""
        self._path: Optional[str] = order.get("checkpoint")
        self._interval: Optional[float] = order.get("progress_seconds")
        self._start = time.monotonic()
        self._last_progress = self._start
        self._last_save = self._start
        self._save_seconds = float(os.environ.get("GAMMAPLANE_CHECKPOINT_SECONDS", "60"))
        self.steps = 0
        """The latest step that :meth:`progress` was told."""
        self.first_progress: Optional[float] = None
        """Seconds before the first step."""

    @property
    def seconds(self) -> float:
        """How long the run has taken so far, since it began or was resumed."""
        return time.monotonic() - self._start

    @property
    def is_out_of_budget(self) -> bool:
        """Whether its steps or its seconds are used up."""
        return self.steps >= self.max_steps or self.seconds >= self.max_seconds

    def progress(self, steps: int, *, time: Optional[float] = None, **quantities: float) -> None:
        """Tells how far the run is. Cheap enough for every step: it is sent when it is due.

        It is a heartbeat: a run that tells nothing for ``limits.heartbeat_timeout`` seconds is
        taken for dead, so call it from the loop that does the work.
        """
        now = _now()
        if self.first_progress is None:
            self.first_progress = now - self._start
        self.steps = steps
        if self._answers is None or self._interval is None:
            return
        if now - self._last_progress < self._interval:
            return
        self._last_progress = now
        message: dict[str, Any] = {"type": "progress", "run": self.identity, "steps": steps}
        if time is not None:
            message["time"] = time
        finite = {name: float(value) for name, value in quantities.items()}
        finite = {name: value for name, value in finite.items() if math.isfinite(value)}
        if finite:
            message["quantities"] = finite
        self._answers.send(message)

    def resume(self) -> Any:
        """What :meth:`checkpoint` saved of this run; None if it starts anew."""
        if self._path is None or not os.path.exists(self._path):
            return None
        with open(self._path, "rb") as file:
            content = file.read()
        head = len(_MAGIC)
        digest, body = content[head : head + 32], content[head + 32 :]
        if content[:head] != _MAGIC or hashlib.sha256(body).digest() != digest:
            self._discard("it is damaged")
            return None
        identity, steps, state = pickle.loads(body)
        if identity != self.identity:
            self._discard("it is of another run")
            return None
        self.steps = steps
        return state

    def checkpoint(self, state: Union[Any, Callable[[], Any]]) -> None:
        """Saves the run, if that is due, so that it can be resumed with the same result.

        Call it from the loop, between steps. When the orchestrator suspends the run, this saves it
        and raises :class:`Suspended`; every 60 seconds it saves it and returns.

        Args:
            state: all that :meth:`resume` has to return, which can be pickled; or a function
                without arguments that returns it, called only when it is saved.
        """
        if self._path is None:
            return
        is_asked = self._suspension is not None and self._suspension.is_asked(self.identity)
        if not is_asked and _now() - self._last_save < self._save_seconds:
            return
        body = pickle.dumps((self.identity, self.steps, state() if callable(state) else state))
        try:
            temporary = f"{self._path}.{os.getpid()}"
            with open(temporary, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path)
        except OSError as error:
            print(f"the run cannot be written to its checkpoint: {error}", file=sys.stderr)
            return
        self._last_save = _now()
        if is_asked:
            raise Suspended

    def _discard(self, reason: str) -> None:
        print(f"{self._path} is not used: {reason}; the run starts anew", file=sys.stderr)
        if self._path is not None:
            os.remove(self._path)


_now = time.monotonic


class _Answers:
    """Standard output, which belongs to the protocol: what is printed goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._file = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(2, 1)

    def send(self, message: Mapping[str, Any]) -> None:
        try:
            self._file.write(json.dumps(message, allow_nan=False) + "\n")
            self._file.flush()
        except BrokenPipeError:
            os._exit(0)  # the answers have lost their reader


class _Suspension:
    """Which run the orchestrator wants to be suspended."""

    def __init__(self) -> None:
        self._run: Optional[str] = None

    def ask(self, run: Optional[str]) -> None:
        self._run = run

    def is_asked(self, run: str) -> bool:
        return self._run == run


Function = Callable[..., Union[Result, Mapping[str, float]]]


class Worker:
    """A function that makes runs; see :func:`worker`."""

    def __init__(
        self, function: Function, hello: Mapping[str, Any], memory: Optional[int], checkpoints: bool
    ) -> None:
        """A worker; made by :func:`worker`."""
        functools.update_wrapper(self, function)
        self.function = function
        self.hello = hello
        """What the worker says of itself, as a message of the protocol."""
        self._memory = memory
        self._checkpoints = checkpoints

    def __call__(
        self,
        setting: Mapping[str, float],
        width: float,
        seed: int = 0,
        run: Optional[Run] = None,
        *,
        problem: Optional[Problem] = None,
        record: Iterable[str] = (),
    ) -> Result:
        """Makes a run here, without an orchestrator.

        Args:
            setting: the parameters by name.
            width: m.
            seed: the seed.
            run: the run of an order; without it, one without budget and checkpoints.
            problem: what a grid says under ``network``, ``parameters`` and ``samples``.
            record: what to record.
        """
        if run is None:
            run = Run({"record": list(record)}, problem or Problem())
        returned = self.function(setting, width, seed, run)
        result = returned if isinstance(returned, Result) else Result(quantities=returned)
        if result.outcome not in OUTCOMES:
            raise ValueError(f"an outcome is one of {', '.join(OUTCOMES)}, not {result.outcome!r}")
        if result.steps is None:
            result.steps = run.steps
        quantities = {name: float(value) for name, value in result.quantities.items()}
        bad = [name for name, value in quantities.items() if not math.isfinite(value)]
        if bad:
            raise ValueError(
                f"{', '.join(bad)} of the result is not finite; leave it out, or return the last "
                "finite value with the outcome 'diverged'"
            )
        result.quantities = quantities
        return result

    def serve(self) -> None:
        """Follows orders on standard input until it ends; then ends the process."""
        # Asked before hello: the orchestrator may be gone soon after it.
        parent = os.getppid()
        answers = _Answers()
        suspension = _Suspension()
        if self._checkpoints:
            for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGHUP"):
                if "GAMMAPLANE_ORCHESTRATOR" in os.environ and hasattr(signal, name):
                    signal.signal(getattr(signal, name), signal.SIG_IGN)
        answers.send({**self.hello, "worker": f"{self.hello['worker']} {_source(self.function)}"})
        orders: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
        reader = threading.Thread(target=self._read, args=(orders, suspension, parent))
        reader.daemon = True
        reader.start()
        problem = Problem()
        while (line := orders.get()) is not None:
            try:
                order = json.loads(line)
                kind = order["type"]
                if kind == "problem" and order["protocol"] == PROTOCOL:
                    problem = self._problem(order)
                elif kind == "run":
                    self._answer(order, problem, answers, suspension)
                elif kind != "checkpoint":
                    raise ValueError
            except (ValueError, KeyError, TypeError):
                print("unusable order: " + line.rstrip(), file=sys.stderr, flush=True)
                self._end(UNUSABLE_ORDER)
        self._end(0)

    def _read(
        self, orders: queue.SimpleQueue[Optional[str]], suspension: _Suspension, parent: int
    ) -> None:
        for line in iter(sys.stdin.buffer.readline, b""):
            text = line.decode("utf-8")
            if '"checkpoint"' in text:
                order = json.loads(text)
                if order.get("type") == "checkpoint":
                    suspension.ask(order["run"])
                    continue
                # The run is given out again, after it was suspended.
                suspension.ask(None)
            orders.put(text)
        orders.put(None)
        # When the input has ended and the parent changes, the orchestrator is gone.
        while os.getppid() == parent:
            time.sleep(0.2)
        self._end(0)

    @staticmethod
    def _end(code: int) -> None:
        sys.stderr.flush()
        os._exit(code)  # threads of libraries do not keep the process

    @staticmethod
    def _problem(order: Mapping[str, Any]) -> Problem:
        return Problem(
            network=order.get("network", {}),
            parameters=order.get("parameters", {}),
            samples=order.get("samples"),
            target=order.get("target", 1e-6),
            tolerance=order.get("tolerance", 1e-3),
        )

    def _answer(
        self,
        order: Mapping[str, Any],
        problem: Problem,
        answers: _Answers,
        suspension: _Suspension,
    ) -> None:
        identity = order["run"]
        run = Run(order, problem, answers, suspension)
        try:
            if self._memory is not None and run.memory is not None and run.memory < self._memory:
                answers.send(
                    {
                        "type": "failure",
                        "run": identity,
                        "cause": "memory",
                        "detail": f"needs {self._memory} bytes, and may use {run.memory}",
                    }
                )
                return
            width = order["width"]
            width = int(width) if width == int(width) else width
            result = self(order["setting"], width, order["seed"], run)
            message: dict[str, Any] = {
                "type": "result",
                "run": identity,
                "outcome": result.outcome,
                "reason": result.reason,
                "quantities": result.quantities,
                "steps": result.steps,
                "wall_seconds": run.seconds,
            }
            if run.first_progress is not None:
                message["initial_seconds"] = run.first_progress
            if result.arrays:
                message["arrays"] = {n: _npy(values) for n, values in result.arrays.items()}
            answers.send(message)
        except Suspended:
            answers.send({"type": "checkpointed", "run": identity})
        except Refusal as refusal:
            answers.send({"type": "refusal", "run": identity, "reason": str(refusal)})
        except Exception as error:
            traceback.print_exc()
            cause = "memory" if isinstance(error, MemoryError) else "error"
            detail = f"{type(error).__name__}: {error}{_place(error)}"
            answers.send({"type": "failure", "run": identity, "cause": cause, "detail": detail})


def _source(function: Callable[..., Any]) -> str:
    """What a function is made of: the SHA-256 of its file, and the commit of its folder."""
    code = getattr(function, "__code__", None)
    path = os.path.abspath(code.co_filename if code is not None else sys.argv[0])
    try:
        with open(path, "rb") as file:
            words = ["sha256:" + hashlib.sha256(file.read()).hexdigest()[:12]]
    except OSError:
        return "sha256:unknown"
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"]
    try:
        ended = subprocess.run(
            command,
            cwd=os.path.dirname(path),
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
        words.append("git:" + ended.stdout.strip())
    except (OSError, subprocess.SubprocessError):
        pass  # not everything is in a repository
    return " ".join(words)


def _place(error: BaseException) -> str:
    """Where an error was raised: `` (worker.py:17)``."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if os.path.dirname(f.filename) != os.path.dirname(__file__)]
    if not own:
        return ""
    # In the user's file rather than in a library that it calls.
    first = own[0].filename
    frame = [f for f in own if f.filename == first][-1]
    return f" ({os.path.basename(frame.filename)}:{frame.lineno})"


def _npy(values: Any) -> str:
    """An ``.npy`` file in base64, as the protocol has arrays."""
    import numpy

    file = io.BytesIO()
    numpy.save(file, numpy.ascontiguousarray(values), allow_pickle=False)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _described(
    items: Union[Mapping[str, Any], Sequence[Any]], make: Callable[..., Any]
) -> list[Any]:
    """Entries of hello: a name, a name with a summary, or an object."""
    if isinstance(items, Mapping):
        items = [
            make(name, summary if isinstance(summary, str) else "")
            for name, summary in items.items()
        ]
    entries: list[Any] = []
    for item in items:
        if isinstance(item, str):
            entries.append({"name": item})
            continue
        values = {name: value for name, value in vars(item).items() if value not in (None, "")}
        if values.get("signed") is False:
            del values["signed"]
        entries.append(values)
    return entries


def worker(
    *,
    method: str,
    quantities: Union[Mapping[str, Any], Sequence[Union[str, Quantity]]],
    parameters: Union[Mapping[str, Any], Sequence[Union[str, Parameter]]] = (),
    plane: Sequence[str] = (),
    recordables: Union[Mapping[str, str], Sequence[str]] = (),
    title: Optional[str] = None,
    name: Optional[str] = None,
    memory: Union[str, int, None] = None,
    checkpoints: bool = False,
    progress: bool = False,
) -> Callable[[Function], Worker]:
    """Makes a worker of ``f(setting, width, seed, run)``, which returns a result or its quantities.

    Args:
        method: a name and its revision, ``mlp/1``: raise it whenever results change.
        quantities: what a run measures: names, names with a summary, or :class:`Quantity`. The
            first is the order parameter.
        parameters: what a setting may have; empty: anything.
        plane: the one or two parameters that span the phase map.
        recordables: what can be recorded, as arrays of the result.
        title: what is trained, for figures.
        name: the worker's name, the function's own without it. The SHA-256 of its file and the
            commit of its folder are added to it, and recorded with every result.
        memory: what a run needs at least, such as ``2GB``: with less it is not begun.
        checkpoints: whether the function calls :meth:`Run.checkpoint` and :meth:`Run.resume`.
        progress: whether it calls :meth:`Run.progress` more often than every minute; then a run
            that does not is taken for dead.
    """
    abilities = ["progress"] * progress + ["checkpoint"] * checkpoints
    hello: dict[str, Any] = {
        "type": "hello",
        "protocol": PROTOCOL,
        "methods": [method],
        "abilities": abilities,
        "quantities": _described(quantities, Quantity),
    }
    if parameters:
        hello["parameters"] = _described(parameters, Parameter)
    if plane:
        hello["plane"] = list(plane)
    if recordables:
        hello["recordables"] = (
            [{"name": n, "summary": s} for n, s in recordables.items()]
            if isinstance(recordables, Mapping)
            else list(recordables)
        )
    if title is not None:
        hello["title"] = title

    def decorate(function: Function) -> Worker:
        hello["worker"] = name or cast(Any, function).__name__
        return Worker(function, hello, None if memory is None else _megabytes(memory), checkpoints)

    return decorate
