"""How much faster and more accurate is the flow than compiled gradient descent?"""

import json
import os
import subprocess

from measuring import FOLDER, FOUR_SAMPLES, POINTS, Answer, Figure, joined, median, name, power, say, temporary_folder

TITLE = "against compiled gradient descent (JAX) at its largest stable rate, from the same initial weights"
# Of the run that both are compared with. An error below it is not known, and counts as this.
REFERENCE_TOLERANCE = 1e-6
LARGE = 1e300


def ask(program, settings):
    if not settings.peer_python.exists():
        return Answer([], [], [], ["skipped: JAX is not installed; `make bench-peers` installs it"])
    rows = []
    with temporary_folder() as folder:
        for width in (10**4,) if settings.quick else (10**5, 10**6):
            initial = f"{folder}/initial-{width}"
            program.export_initial(width, initial)
            for point in POINTS:
                say(f"  {name(point)}, m = {power(width)}")
                rows.append(_case(program, settings, point, width, initial))
    speed = [row["speed"] for row in rows]
    # A search that was given up might have taken any time.
    fastest = [row["speed"] if row["peer_done"] else LARGE for row in rows]
    error = [row["error_ratio"] for row in rows if row["error_ratio"] is not None]
    late = [row["case"] for row in rows if not row["peer_done"]]
    figures = [
        Figure("gradient descent / flow, least of all cases", min(speed), "≥", 30, at_most=min(fastest)),
        Figure("gradient descent / flow, median of the cases", median(speed), "≥", 100, at_most=median(fastest)),
        Figure("error in RD, gradient descent / flow, least", min(error, default=None), "≥", 10),
        Figure("error in RD, gradient descent / flow, median", median(error) if error else None),
    ]
    notes = []
    if late:
        notes.append(
            f"gradient descent was not done within {settings.peer_limit:g} s, so that the speed ratio is a lower "
            f"bound and its error unknown: {'; '.join(late)}"
        )
    return Answer(figures, rows, ["speed", "error_ratio"], notes)


def _case(program, settings, point, width, initial):
    # The peer uses all cores, too.
    flow = lambda **options: program.measure("flow", [point], width, threads=len(os.sched_getaffinity(0)), **options)
    reference = flow(tolerance=REFERENCE_TOLERANCE, wall=600)[0]
    # Before and after the peer: load that comes or goes in between shows as a spread.
    runs = flow(repeats=settings.repeats)
    peer = _descend(settings, point, initial)
    runs += flow(repeats=settings.repeats)
    flow_seconds = median(run["run_seconds"] for run in runs)
    error = lambda rd: abs(rd - reference["rd"]) / reference["rd"]
    flow_error = error(runs[0]["rd"])
    peer_error = error(peer["rd"]) if peer["converged"] else None
    return {
        "case": f"{name(point)}, {power(width)}",
        "speed": peer["seconds"] / flow_seconds,
        "peer_done": peer["converged"],
        "peer_seconds": peer["seconds"],
        "peer_steps": peer["steps"],
        "peer_ns/neuron/step": peer["last_seconds"] / peer["steps"] / width * 1e9,
        "flow_seconds": flow_seconds,
        "flow_steps": runs[0]["steps"],
        "wall/cpu": median(run["run_seconds"] / run["run_cpu_seconds"] for run in runs),
        "peer_error": peer_error,
        "flow_error": flow_error,
        "error_ratio": peer_error / max(flow_error, REFERENCE_TOLERANCE) if peer_error is not None else None,
        "halvings": peer["halvings"],
        "form": peer["form"],
    }


def _descend(settings, point, initial):
    x, y = FOUR_SAMPLES
    arguments = [settings.peer_python, FOLDER / "peers" / "gradient_descent.py", f"--initial={initial}"]
    arguments += [f"--gamma={point[0]}", f"--gamma-prime={point[1]}", f"--x={joined(x)}", f"--y={joined(y)}"]
    arguments += [f"--limit={settings.peer_limit}"]
    done = subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)
