from __future__ import annotations

import hashlib
import json
import math
import os
import signal
import subprocess
import sys
import time

import pytest

import gammaplane as gp

WORKER = """
import sys, time
import gammaplane as gp

@gp.worker(method="toy/1", quantities={"size": "a power of the width", "loss": ""},
           parameters=[gp.Parameter("power", symbol="p", min=-2, max=2)], plane=["power"],
           recordables=["curve"], checkpoints=True, progress=True)
def train(setting, width, seed, run):
    print("this is no answer")
    if setting["power"] == 1.5:
        raise gp.Refusal("not this one")
    if setting["power"] == -1:
        return {"size": width / 0}
    if setting["power"] == -2:
        return {"size": float("nan")}
    step, total = run.resume() or (0, 0.0)
    while step < run.problem.parameters.get("steps", 3):
        total += width ** setting["power"] / (step + 1)
        step += 1
        run.progress(step, loss=1 / step)
        run.checkpoint(lambda: (step, total))
        time.sleep(run.problem.parameters.get("pause", 0))
    return {"size": total, "loss": 0}

if __name__ == "__main__":
    train.serve()
"""


class Session:
    """A worker, as the orchestrator sees it."""

    def __init__(self, path, script=WORKER, **environment):
        (path / "worker.py").write_text(script)
        self.process = subprocess.Popen(
            [sys.executable, "worker.py"],
            cwd=path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GAMMAPLANE_ORCHESTRATOR": str(os.getpid()), **environment},
        )

    def send(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def problem(self, **parameters):
        self.send(
            type="problem",
            protocol=1,
            problem="p",
            method="toy/1",
            network={},
            parameters=parameters,
            target=1e-6,
            tolerance=1e-3,
        )

    def run(self, name="a", power=1.0, width=10, **order):
        self.send(
            type="run",
            run=name,
            problem="p",
            attempt=1,
            setting={"power": power},
            width=width,
            seed=2**63 + 1,
            budget={"steps": 10, "wall_seconds": 60},
            **order,
        )

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=10)
        return code, self.process.stdout.read(), self.process.stderr.read()


@pytest.fixture
def session(tmp_path):
    session = Session(tmp_path)
    yield session
    session.process.kill()
    for stream in (session.process.stdin, session.process.stdout, session.process.stderr):
        stream.close()


def test_hello(session, tmp_path):
    hello = session.receive()
    digest = hashlib.sha256((tmp_path / "worker.py").read_bytes()).hexdigest()
    assert hello.pop("worker") == f"train sha256:{digest[:12]}"
    assert hello == {
        "type": "hello",
        "protocol": 1,
        "methods": ["toy/1"],
        "abilities": ["progress", "checkpoint"],
        "plane": ["power"],
        "parameters": [{"name": "power", "symbol": "p", "min": -2, "max": 2}],
        "quantities": [{"name": "size", "summary": "a power of the width"}, {"name": "loss"}],
        "recordables": ["curve"],
    }
    assert session.end()[0] == 0


def test_a_run_is_answered_and_prints_go_elsewhere(session):
    session.receive()
    session.problem()
    session.run(progress_seconds=0)
    answers = [session.receive() for _ in range(4)]
    assert [a["type"] for a in answers] == ["progress"] * 3 + ["result"]
    assert answers[1]["steps"] == 2 and answers[1]["quantities"] == {"loss": 0.5}
    assert answers[3]["quantities"] == {"size": 10 * (1 + 1 / 2 + 1 / 3), "loss": 0}
    assert answers[3]["steps"] == 3 and answers[3]["outcome"] == "converged"
    code, _, errors = session.end()
    assert code == 0 and "this is no answer" in errors


def test_what_goes_wrong_is_told(session):
    session.receive()
    session.problem()
    session.run("refused", power=1.5)
    assert session.receive() == {"type": "refusal", "run": "refused", "reason": "not this one"}
    session.run("error", power=-1)
    failure = session.receive()
    assert failure["cause"] == "error"
    assert failure["detail"] == "ZeroDivisionError: division by zero (worker.py:13)"
    session.run("nan", power=-2)
    assert "size of the result is not finite" in session.receive()["detail"]
    session.run("good")
    assert session.receive()["type"] == "result"
    code, _, errors = session.end()
    assert code == 0 and "Traceback" in errors


def test_an_unusable_order_ends_the_worker(session):
    session.receive()
    session.send(type="dance")
    assert session.process.wait(timeout=10) == 65


def test_a_suspended_run_gives_the_same_result(session, tmp_path):
    session.receive()
    session.problem(steps=40, pause=0.01)
    session.run("a", checkpoint=str(tmp_path / "a.checkpoint"), progress_seconds=0)
    while session.receive()["steps"] < 5:
        pass
    # Batch systems send signals to all processes of a job.
    session.process.send_signal(signal.SIGTERM)
    session.send(type="checkpoint", run="a")
    while (answer := session.receive())["type"] == "progress":
        pass
    assert answer == {"type": "checkpointed", "run": "a"}
    session.run("a", checkpoint=str(tmp_path / "a.checkpoint"), progress_seconds=0)
    first = session.receive()
    assert 5 < first["steps"] < 40
    while (answer := session.receive())["type"] == "progress":
        pass
    assert answer["quantities"]["size"] == sum_of(40)


def sum_of(steps):
    total = 0.0
    for step in range(steps):
        total += 10**1.0 / (step + 1)
    return total


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_a_damaged_checkpoint_is_not_used(session, tmp_path, damage):
    path = tmp_path / "a.checkpoint"
    if damage is None:
        # Of another run.
        other = gp.Run({"run": "other", "checkpoint": str(path)}, gp.Problem())
        other._save_seconds = 0
        other.checkpoint((1, 1e9))
        assert path.exists()
    else:
        path.write_bytes(damage)
    session.receive()
    session.problem()
    session.run("a", checkpoint=str(path))
    assert session.receive()["quantities"]["size"] == sum_of(3)
    assert not path.exists()


def test_a_worker_ends_with_its_orchestrator(tmp_path):
    (tmp_path / "worker.py").write_text(
        WORKER.replace('run.problem.parameters.get("pause", 0)', "60")
    )
    script = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, 'worker.py'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "p.stdout.readline()\n"
        'p.stdin.write(b\'{"type":"run","run":"a","setting":{"power":1},"width":1,"seed":0}\\n\')\n'
        "p.stdin.flush()\n"
        "print(p.pid, flush=True)\n"
        "import os; os._exit(0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    pid = int(ended.stdout)
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the worker lives on")


def test_a_function_stays_a_function():
    @gp.worker(method="toy/1", quantities=["size"], memory="1.5GB")
    def train(setting, width, seed, run):
        """Doc."""
        assert run.resume() is None
        run.progress(7, loss=math.nan)
        run.checkpoint(0)
        return {"size": width + setting["a"] + seed}

    result = train({"a": 1}, width=10, seed=5)
    assert result.quantities == {"size": 16} and result.steps == 7
    assert train.__doc__ == "Doc." and train._memory == 1_500_000_000


def test_arrays(tmp_path):
    numpy = pytest.importorskip("numpy")
    import base64
    import io

    script = """
import gammaplane as gp, numpy as np
@gp.worker(method="toy/1", quantities=["size"], recordables=["curve"])
def train(setting, width, seed, run):
    arrays = {"curve": np.arange(6.0).reshape(2, 3).T} if "curve" in run.record else {}
    return gp.Result("stationary", {"size": 1}, arrays=arrays)
train.serve()
"""
    session = Session(tmp_path, script)
    session.receive()
    session.run(record=["curve"])
    answer = session.receive()
    assert answer["outcome"] == "stationary"
    curve = numpy.load(io.BytesIO(base64.b64decode(answer["arrays"]["curve"])))
    assert curve.flags.c_contiguous and curve.tolist() == [[0, 3], [1, 4], [2, 5]]
    session.end()


GRID = """
name: own
worker: [{python}, worker.py]
method: toy/1
axes: {{ power: [-0.5, 0, 0.5], width: [16, 64, 256, 1024], seed: {{ count: {seeds} }} }}
"""


def test_a_sweep_with_a_worker_of_ones_own(program, tmp_path):
    (tmp_path / "worker.py").write_text(WORKER)
    (tmp_path / "own.yaml").write_text(GRID.format(python=sys.executable, seeds=2))
    ended = subprocess.run(
        [program, "run", "own.yaml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    sweep = gp.open(tmp_path / "results" / "own")
    assert sweep.plane == ["power"] and sweep.order_parameter == "size"
    for row in sweep.rows("phase_points"):
        assert row["exponent"] == pytest.approx(row["power"], abs=1e-6)
    # An edited worker is another one.
    (tmp_path / "worker.py").write_text("# edited\n" + WORKER)
    grid = GRID.format(python=sys.executable, seeds=3)
    (tmp_path / "own.yaml").write_text(grid)
    subprocess.run([program, "run", "own.yaml"], cwd=tmp_path, check=True, capture_output=True)
    new, old = gp.open(tmp_path / "results" / "own").provenance
    assert new["worker"] != old["worker"] and all("sha256:" in r["worker"] for r in (new, old))
    assert "by 2 different workers" in repr(gp.open(tmp_path / "results" / "own"))


def test_a_mistake_in_the_worker_ends_the_sweep_early(program, tmp_path):
    (tmp_path / "worker.py").write_text(WORKER.replace("total +=", "totl +="))
    (tmp_path / "own.yaml").write_text(GRID.format(python=sys.executable, seeds=40))
    ended = subprocess.run(
        [program, "run", "own.yaml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "UnboundLocalError" in ended.stderr and "worker.py:18" in ended.stderr, ended.stderr
