"""How much faster and more accurate is the flow than compiled gradient descent?"""

import json
import os
import shutil
import subprocess

from measuring import (
    FOLDER,
    FOUR_SAMPLES,
    POINTS,
    Answer,
    Figure,
    four_relu,
    joined,
    median,
    name,
    power,
    say,
    temporary_folder,
)

TITLE = "against compiled gradient descent (C, JAX) at its largest stable rate, from the same initial weights"
SAMPLES = {4: FOUR_SAMPLES, 20: four_relu(20), 100: four_relu(100)}

# How the initial values of the flow are represented, and from which width on. What is said of `sampled` has no word
# in front of it.
LAWS = {"sampled": 0, "nodes": 10**6}
# Least and median of (gradient descent / flow) in time, by law.
TARGETS = {"sampled": (3, 10), "nodes": (20, 200), "mean": (None, None)}
# The nodes of the run by which the error of the usual number is known.
MANY_NODES = 100_000

# Of the run that both are compared with. An error below it is not known, and counts as this.
REFERENCE_TOLERANCE = 1e-6
LARGE = 1e300

# A peer whose step takes longer than this many times that of the fastest one makes no attempt: all of them take the
# same steps, but a rate that another one has to halve costs it twice as many.
OUT_OF_REACH = 3

# That descent.c can use.
MOST_THREADS = 256

COMPILERS = ["cc", "clang", "gcc"]
COMPILED = ["-std=gnu11", "-O3", "-march=native", "-ffast-math", "-pthread"]
# AVX-512 in full where the processor has it; a compiler that does not know the option is asked without it.
WIDE = ["-mprefer-vector-width=512"]

# Where XLA is told nothing, it may divide work so small among threads that waiting for them takes longer.
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
WIDE_XLA = "--xla_cpu_prefer_vector_width=512"
ENVIRONMENTS = {
    "": {},
    "one thread": {"XLA_FLAGS": ONE_THREAD, "NPROC": "1"},
    "wide vectors": {"XLA_FLAGS": WIDE_XLA},
    "one thread, wide vectors": {"XLA_FLAGS": f"{ONE_THREAD} {WIDE_XLA}", "NPROC": "1"},
}


class Peer:
    """A program that descends the gradient: its command, and what it is told by its environment."""

    def __init__(self, language, variant, command, environment=None):
        self.language = language
        self.label = f"{language} ({variant})" if variant else language
        self.command = [str(word) for word in command]
        self.environment = os.environ | (environment or {})

    def run(self, *options):
        done = subprocess.run(self.command + list(options), check=False, capture_output=True, env=self.environment)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise PeerFailure(f"{self.label} ended with status {done.returncode}: {said[-1] if said else 'no word'}")
        return json.loads(done.stdout)


class PeerFailure(Exception):
    """A peer did not do what it was asked."""


def ask(program, settings):
    notes = []
    if not settings.peer_python.exists():
        notes.append("without JAX, which is not installed; `make bench-peers` installs it")
    rows = []
    with temporary_folder() as folder:
        for samples in [4] if settings.quick else SAMPLES:
            peers = _compiled(samples, folder, notes) + _in_python(settings)
            if not peers:
                notes.append("skipped: there is no peer to compare with")
                return Answer([], [], [], notes)
            for width in (10**4,) if settings.quick else (10**5, 10**6):
                initial = f"{folder}/initial-{width}"
                if not os.path.exists(initial):
                    program.export_initial(width, initial)
                fastest = _fastest_of_each(peers, samples, width, initial, notes)
                for point in POINTS:
                    say(f"  n = {samples}, {name(point)}, m = {power(width)}")
                    rows += _case(program, settings, fastest, samples, point, width, initial, notes)
    return Answer(_figures(rows), rows, ["speed", "error_ratio"], notes + _late(rows, settings))


def _figures(rows):
    figures = []
    for law in LAWS:
        for samples in SAMPLES:
            chosen = [row for row in rows if row["law"] == law and row["samples"] == samples]
            if not chosen:
                continue
            speed = [row["speed"] for row in chosen]
            # A search that was given up might have taken any time.
            fastest = [row["speed"] if row["peer_done"] else LARGE for row in chosen]
            error_ratios, flow_errors = (_known(chosen, column) for column in ("error_ratio", "flow_error"))
            least, middle = TARGETS[law]
            label = f"n = {samples}: " if law == "sampled" else f"{law}, n = {samples}: "
            at_least = lambda target: ("≥" if target else None, target)
            figures += [
                Figure(f"{label}gradient descent / flow, least", min(speed), *at_least(least), at_most=min(fastest)),
                Figure(
                    f"{label}gradient descent / flow, median", median(speed), *at_least(middle), at_most=median(fastest)
                ),
                Figure(f"{label}error in RD, gradient descent / flow, least", min(error_ratios, default=None)),
                Figure(f"{label}error in RD, flow, largest", max(flow_errors, default=None), "≤", 1e-3),
            ]
    return figures


def _known(rows, column):
    return [row[column] for row in rows if row[column] is not None]


def _late(rows, settings):
    late = [row["case"] for row in rows if not row["peer_done"]]
    if not late:
        return []
    note = f"gradient descent was not done within {settings.peer_limit:g} s, so that the speed ratio is a lower bound"
    return [f"{note} and its error unknown: {'; '.join(late)}"]


def _compiled(samples, folder, notes):
    """The peer in C, by every compiler there is: the number of samples is known to it."""
    peers, source = [], FOLDER / "peers" / "descent.c"
    # `cc` is often one of the others under another name.
    found = {os.path.realpath(path): compiler for compiler in reversed(COMPILERS) if (path := shutil.which(compiler))}
    if not found:
        note = f"without the peer in C: there is no C compiler, of {', '.join(COMPILERS)}; install clang or gcc"
        if note not in notes:
            notes.append(note)
    for compiler in found.values():
        output = f"{folder}/descent-{compiler}-{samples}"
        for options in COMPILED + WIDE, COMPILED:
            command = [compiler, *options, f"-DSAMPLES={samples}", str(source), "-o", output, "-lm"]
            done = subprocess.run(command, check=False, stderr=subprocess.PIPE)
            if not done.returncode:
                peers.append(Peer("C", compiler, [output, f"--threads={min(_cores(), MOST_THREADS)}"]))
                break
        else:
            reason = next((line for line in done.stderr.decode(errors="replace").splitlines() if "error" in line), "")
            notes.append(f"without the peer in C by {compiler}, n = {samples}, which does not compile it: {reason}")
    return peers


def _in_python(settings):
    if not settings.peer_python.exists():
        return []
    command = [settings.peer_python, FOLDER / "peers" / "gradient_descent.py"]
    return [Peer("JAX", variant, command, environment) for variant, environment in ENVIRONMENTS.items()]


def _fastest_of_each(peers, samples, width, initial, notes):
    """Of each language, the peer with the fastest step and the nanoseconds of that a neuron."""
    fastest = {}
    for peer in peers:
        say(f"  n = {samples}, m = {power(width)}: a step of {peer.label}")
        try:
            probe = peer.run("--probe", *_options(samples, POINTS[2], initial))
        except PeerFailure as failure:
            notes.append(f"{failure}; n = {samples}, m = {power(width)}")
            continue
        nanoseconds = probe["step_seconds"] / width * 1e9
        if peer.language not in fastest or nanoseconds < fastest[peer.language][1]:
            fastest[peer.language] = (peer, nanoseconds)
    return fastest


def _case(program, settings, fastest, samples, point, width, initial, notes):
    # The peer uses all cores, too.
    flow = lambda **options: program.measure(
        "flow", [point], width, samples=SAMPLES[samples], threads=_cores(), **options
    )
    case = f"n = {samples}, {name(point)}, {power(width)}"
    laws = [law for law, least_width in LAWS.items() if width >= least_width]
    measure = lambda law: flow(repeats=settings.repeats, **({} if law == "sampled" else {"law": law}))
    # Before and after the peer: load that comes or goes in between shows as a spread.
    runs = {law: measure(law) for law in laws}
    # Nodes may come to rest where neurons one by one do not, and the other way round.
    for law in laws:
        end = runs[law][0]["outcome"]
        if end != "converged":
            notes.append(f"left out, as the flow itself does not reach the target ({end}): {case}, {law}")
    laws = [law for law in laws if runs[law][0]["outcome"] == "converged"]
    if not laws:
        return []
    peer, label = _descend(settings, fastest, samples, point, initial, notes)
    if peer is None:
        notes.append(f"left out, as no peer did it: {case}")
        return []
    for law in laws:
        runs[law] += measure(law)
    true = _true_rd(flow, settings)
    peer_error = _error(peer["rd"], true)
    rows = []
    for law in laws:
        flow_seconds = median(run["run_seconds"] for run in runs[law])
        if law == "sampled":
            flow_error = _error(runs[law][0]["rd"], true)
        else:
            # Nodes are another network of the same law. What is known is the error of their number, the same for the
            # mean as for one that fluctuates.
            flow_error = _error(flow(law="mean")[0]["rd"], _true_rd(flow, settings, law="mean", nodes=MANY_NODES))
        rows.append(
            {
                "case": case if law == "sampled" else f"{case}, {law}",
                "law": law,
                "samples": samples,
                "speed": peer["seconds"] / flow_seconds,
                "peer": label,
                "form": peer["form"],
                "threads": peer.get("threads"),
                "peer_done": peer["converged"],
                "peer_seconds": peer["seconds"],
                "peer_steps": peer["steps"],
                "peer_ns/neuron/step": peer["last_seconds"] / peer["steps"] / width * 1e9,
                **{f"{language}_step_ns": step for language, (_, step) in fastest.items()},
                "flow_seconds": flow_seconds,
                "flow_steps": runs[law][0]["steps"],
                "wall/cpu": median(run["run_seconds"] / run["run_cpu_seconds"] for run in runs[law]),
                "peer_error": peer_error,
                "flow_error": flow_error,
                "error_ratio": (
                    peer_error / max(flow_error, REFERENCE_TOLERANCE) if None not in (peer_error, flow_error) else None
                ),
                "peer_rd": peer["rd"],
                "flow_rd": runs[law][0]["rd"],
                "halvings": peer["halvings"],
            }
        )
    return rows


def _true_rd(flow, settings, **options):
    reference = flow(tolerance=REFERENCE_TOLERANCE, wall=settings.reference_limit, **options)[0]
    return reference["rd"] if reference["outcome"] == "converged" else None


def _error(rd, true):
    return abs(rd - true) / true if None not in (rd, true) else None


def _descend(settings, fastest, samples, point, initial, notes):
    """What the faster peer of this case measured, and its name."""
    results, within = [], OUT_OF_REACH * min((step for _, step in fastest.values()), default=0)
    for peer, step in fastest.values():
        if step > within:
            continue
        try:
            result = peer.run(*_options(samples, point, initial), f"--limit={settings.peer_limit}")
            results.append((result, peer.label))
        except PeerFailure as failure:
            notes.append(f"{failure}; n = {samples}, {name(point)}")
    # One that was not done took longer than any that was.
    return min(results, key=lambda r: (not r[0]["converged"], r[0]["seconds"]), default=(None, None))


def _options(samples, point, initial):
    x, y = SAMPLES[samples]
    return [
        f"--initial={initial}",
        f"--gamma={point[0]}",
        f"--gamma-prime={point[1]}",
        f"--x={joined(x)}",
        f"--y={joined(y)}",
    ]


def _cores():
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count()
