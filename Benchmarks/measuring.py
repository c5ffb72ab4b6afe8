"""What all questions share: the cases, the program that measures, and the form of an answer."""

import dataclasses
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent

# The reference points (γ, γ'), of all regimes, and one of each: linear, critical, condensed.
POINTS = [(0.5, 0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5)]
REPRESENTATIVE = [(0.5, 0), (1.25, 0.5), (1.75, 0)]

# The samples of grids/quickstart.yaml.
FOUR_SAMPLES = ([-1.0, -0.3, 0.4, 1.0], [0.2, -0.4, 0.6, -0.1])


def four_relu(count):
    """`count` equidistant samples of the target `four-relu` of grid files on [−1, 1]."""
    relu = lambda z: max(0.0, z)
    f = lambda x: relu(2 * (x + 0.3)) - relu(x) + relu(0.5 * (x - 0.8)) - relu(1.5 * (x - 0.4))
    x = [-1 + 2 * i / (count - 1) for i in range(count)]
    return x, [f(value) for value in x]


def name(point):
    return f"({point[0]:g}, {point[1]:g})".replace("-", "−")


def power(width):
    """A width as a power of ten where it is one."""
    exponent = round(math.log10(width))
    return "10" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(d)] for d in str(exponent)) if 10**exponent == width else str(width)


def joined(numbers):
    return ",".join(repr(float(number)) for number in numbers)


@dataclasses.dataclass
class Figure:
    """A number that sums up an answer, beside what it should be. `None` is a figure that could not be measured."""

    name: str
    value: float | None
    relation: str | None = None  # "≤" or "≥", where there is a target
    target: float | None = None
    note: str = ""
    # What the figure is at most, where the value is only a lower bound.
    at_most: float | None = None

    @property
    def met(self):
        """Whether it is as it should be; None if there is no target, or if a lower bound leaves that open."""
        if self.target is None or self.value is None:
            return None
        if self.relation == "≤":
            return self.value <= self.target
        if self.value < self.target and self.at_most is not None and self.at_most >= self.target:
            return None
        return self.value >= self.target


@dataclasses.dataclass
class Answer:
    """Figures, and a row for every case. All rows have the same columns; the first names the case.

    `compared` are the columns that two result files are compared by: ratios, not seconds.
    """

    figures: list
    rows: list
    compared: list
    notes: list = dataclasses.field(default_factory=list)


class Program:
    """The program `gammaplane-bench`."""

    def __init__(self, path, cores=None):
        self.path = str(path)
        self.cores = cores

    def _pin(self):
        if self.cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-self.cores :])

    def on_one_core(self):
        """The same program, kept to one core (where the system can do that)."""
        return Program(self.path, cores=1)

    def measure(self, benchmark, points, width, samples=FOUR_SAMPLES, **options):
        """The measurements of a benchmark, in the order they were made."""
        arguments = [self.path, benchmark, "--width", str(width), "--x", joined(samples[0]), "--y", joined(samples[1])]
        for point in points:
            arguments += ["--point", joined(point)]
        for option, value in options.items():
            arguments += [f"--{option}", str(value)]
        done = subprocess.run(arguments, stdout=subprocess.PIPE, check=True, preexec_fn=self._pin)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def export_initial(self, width, path, seed=0):
        subprocess.run(
            [self.path, "initial", "--width", str(width), "--seed", str(seed), "--output", str(path)], check=True
        )

    def fill(self, grid, database=None, submission=None):
        """Records a made-up result for every run of a grid, in one database or in those of the shards of a submission."""
        where = ["--submission", str(submission)] if submission else ["--database", str(database)]
        subprocess.run([self.path, "fill", "--grid", str(grid), *where], check=True)


def at(measurements, point):
    """Those of one phase point."""
    return [m for m in measurements if (m["gamma"], m["gamma_prime"]) == tuple(point)]


def median(values):
    return statistics.median(values)


def spread(values):
    """Half the range in units of the median: how far repeats disagree."""
    return (max(values) - min(values)) / 2 / statistics.median(values)


def exponent(x, y):
    """The slope of log y against log x by least squares; None for fewer than two positive values."""
    pairs = [(math.log(a), math.log(b)) for a, b in zip(x, y) if a > 0 and b and b > 0]
    if len(pairs) < 2:
        return None
    mean_x = statistics.fmean(a for a, _ in pairs)
    mean_y = statistics.fmean(b for _, b in pairs)
    return sum((a - mean_x) * (b - mean_y) for a, b in pairs) / sum((a - mean_x) ** 2 for a, _ in pairs)


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="gammaplane-bench-")


def say(text):
    print(text, file=sys.stderr, flush=True)
