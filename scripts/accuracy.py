#!/usr/bin/env python3
"""Writes docs/accuracy.md: how the fit of grids/wide.yaml compares with theory. `make accuracy` runs it.

    accuracy.py FIT_JSON PHASE_MAP_JSONL COVERAGE_OUTPUT > docs/accuracy.md

The three files are the outputs of `gammaplane fit --json`, of `gammaplane export phase-map --format
jsonl`, and of the coverage tests.
"""

import json
import math
import re
import sys
import textwrap
from statistics import median

# Intervals that miss by no more than this are not listed: it is 2 % of RD over three decades of width.
TOLERANCE = 0.003
# So many points of a cause are listed with their numbers.
SHOWN = 4
SMALL = 0.01
STEP = 0.125
EPSILON = 1e-9

REGIONS = ["γ' ≥ 0, γ ≤ 1", "γ ≥ 1, γ' ≥ γ − 1", "γ' ≤ 0, γ ≤ 1 − γ'", "otherwise"]


class Point:
    """A row of the phase map."""

    def __init__(self, row):
        self.gamma, self.gamma_prime = row["gamma"], row["gamma_prime"]
        self.trend, self.note = row["trend"], row["note"]
        self.expected = row["expected_exponent"]
        self.exponent, self.low, self.high = row["exponent"], row["exponent_low"], row["exponent_high"]
        self.slope, self.slope_low, self.slope_high = row["slope"], row["slope_low"], row["slope_high"]
        self.constant = row["weight_constant"]
        self.decay = row["dispersion_decay"]
        slopes = row["local_slopes"]
        self.local = [s["slope"] for s in (json.loads(slopes) if isinstance(slopes, str) else slopes)]

    @property
    def depth(self):
        """γ − 1 − γ': how far the point lies below the ray."""
        return self.gamma - 1 - self.gamma_prime

    @property
    def miss(self):
        return max(self.low - self.expected, self.expected - self.high, 0)

    @property
    def slope_miss(self):
        return max(self.slope_low - self.expected, self.expected - self.slope_high, 0)

    @property
    def region(self):
        if self.gamma_prime >= 0 and self.gamma <= 1:
            return REGIONS[0]
        if self.gamma_prime >= 0 and self.depth <= EPSILON:
            return REGIONS[1]
        if self.gamma_prime <= 0 and self.gamma <= 1 - self.gamma_prime + EPSILON:
            return REGIONS[2]
        return REGIONS[3]

    @property
    def expected_trend(self):
        if self.gamma < 1 or self.depth < -EPSILON:
            return "vanishing"
        if self.gamma > 1 and self.depth > EPSILON:
            return "growing"
        return "bounded"

    @property
    def turns(self):
        """How far the local slopes go back on their way, whichever way they go on the whole."""
        rise = max(b - a for i, a in enumerate(self.local) for b in self.local[i:])
        fall = max(a - b for i, a in enumerate(self.local) for b in self.local[i:])
        return min(rise, fall)


def within(value, a, b, slack=0.0):
    return min(a, b) - slack <= value <= max(a, b) + slack


# Why an interval misses: a title, a rule, what lies behind it. The first rule that holds is the one.
CAUSES = [
    (
        "Just above the ray: the crossover is beyond all widths",
        lambda p: p.gamma >= 1 and -STEP - EPSILON <= p.depth < -EPSILON and abs(p.slope - p.depth) < 0.02,
        "γ ≥ 1, γ' at most one step of the grid above γ − 1, slope within 0.02 of γ − 1 − γ'.",
        "RD behaves like √(1 + z²) − 1 with z ∝ m^(γ − 1 − γ'), up to constants. Only for z ≪ 1 is "
        "the exponent twice that of z. At −0.125, z falls by no more than a factor 2.4 in three "
        "decades. So the local slope stays at γ − 1 − γ', half the exponent, and the data are a "
        "pure power law. The interval is narrow, and wrong. No fit of these widths can know. The "
        "trend is right.",
    ),
    (
        "Above the ray: the crossover is under way at the largest width",
        lambda p: p.gamma >= 1 and p.depth < -EPSILON and within(p.local[-1], p.depth, 2 * p.depth)
        and p.high < p.expected,
        "γ ≥ 1, above the ray, the last local slope between γ − 1 − γ' and twice that, the whole "
        "interval below the expected exponent.",
        "The same crossover. Here the local slope still steepens at m = 10⁶. The fit sees that, "
        "but not where it ends, and goes on too far. The interval is wide, and nearly reaches the "
        "exponent.",
    ),
    (
        "γ = 0.875: one step from γ = 1",
        lambda p: EPSILON < 1 - p.gamma <= STEP + EPSILON,
        "1 − γ at most one step of the grid.",
        "Terms that go as m^(γ − 1) fall by a factor 2.4 in three decades, so that they do not go "
        "away. Several crossovers overlap, and the local slopes pass beyond the exponent before "
        "they turn back; the models have one crossover only. At (0.875, 0.375) and (0.875, 0.5) "
        "two runs at m = 10⁷ show them on their way back: −0.934 and −1.184. At (0.875, −0.5) the "
        "local slope is −0.189 there and has not turned. At (0.75, −0.5) it does: it is −0.400 at "
        "m ≈ 10⁴, 1.6 times the exponent, and −0.281 at 10⁶. There m^(γ − 1) is 0.1 where it "
        "turns; at γ = 0.875 that is so at m = 10⁸.",
    ),
    (
        "One step above γ' = 0: two terms of nearly the same exponent",
        lambda p: p.gamma <= 1 and EPSILON < p.gamma_prime <= STEP + EPSILON
        and within(p.slope, p.gamma - 1, p.expected),
        "γ ≤ 1, γ' at most one step above 0, the slope between γ − 1 and the expected exponent.",
        "The exponent changes from γ − 1 to γ − 1 − 2γ' where γ' passes 0. Both terms are there, "
        "and differ by a factor m^¼ only.",
    ),
    (
        "Just below the ray: two terms of nearly the same exponent",
        lambda p: p.gamma >= 1 and EPSILON < p.depth <= STEP + EPSILON
        and within(p.slope, p.depth / 2, p.depth),
        "γ ≥ 1, γ' at most one step of the grid below γ − 1, the slope between (γ − 1 − γ')/2 and "
        "γ − 1 − γ'.",
        "Here z grows, by a factor 2.4 in three decades. What is 1 beside it does not go away.",
    ),
    (
        "γ = 0.5: f(0) does not vanish",
        lambda p: abs(p.gamma - 0.5) < EPSILON and p.decay == 0,
        "γ = ½, a dispersion that does not fall with m (θ = 0).",
        "f(0) is O(1), as large as the targets, and different for every seed. Seeds differ by "
        "about 10 % at every width. All points with γ = ½ share the initial values of the three "
        "seeds, so that they miss together: this is one chance event, not several. With 40 seeds, "
        "m = 10³ … 10⁵, the slopes at γ' = 0, 0.5 and 1 are −0.513, −1.502 and −2.504, each ± "
        "0.012, where −0.5, −1.5 and −2.5 are expected.",
    ),
    (
        "The local slope goes up and down",
        lambda p: p.turns > 0.02 and p.miss < SMALL,
        "Local slopes that rise by more than 0.02 and fall by more than 0.02, an interval that "
        f"misses by less than {SMALL}.",
        "Two corrections of opposite sign, where the models have one crossover.",
    ),
    (
        "Small corrections",
        lambda p: abs(p.exponent - p.expected) < SMALL,
        f"An exponent within {SMALL} of the expected one.",
        "The slope is off by less than 0.01. Its drift is lost in the dispersion of the local "
        "slopes of three seeds, so that the data look like a power law, and its interval is narrow.",
    ),
]

# Why the trend is undecided.
UNDECIDED = [
    ("γ = ½: seeds differ by about 10 % at every width, so that a flattening curve is as likely as a "
     "straight one",
     lambda p: abs(p.gamma - 0.5) < EPSILON and p.decay == 0),
    ("on the line: the interval includes 0, as it should, but reaches beyond ±0.05",
     lambda p: p.expected_trend == "bounded"),
    ("the expected exponent is at most 1/16 in size: RD changes by a factor 1.5 in three decades, as it "
     "does on the way to a finite limit",
     lambda p: abs(p.expected) <= 1 / 16 + EPSILON),
    ("the local slopes go towards 0, and three decades do not show where that ends",
     lambda p: abs(p.local[-1]) < max(abs(s) for s in p.local) - 0.02),
    ("the local slopes steepen: the crossover is under way, and its far side is open",
     lambda p: abs(p.local[-1]) > min(abs(s) for s in p.local) + 0.02),
]


def number(value, digits=3):
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.replace("-", "")
    return text.replace("-", "−")


def coordinate(value):
    return f"{value:g}".replace("-", "−")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def rms(values):
    return math.sqrt(sum(v * v for v in values) / len(values))


def of(part, whole):
    return f"{part} of {whole}"


def trends(report, points):
    rows = []
    for band in report["theory"]["bands"]:
        counts = band["counts"]
        name = f"{band['from']} to {band['to']}" if band.get("to") is not None else f"{band['from']} and more"
        rows.append([name, counts["points"], counts["agreeing"], counts["undecided"], counts["wrong"]])
    yield table(["distance to the line", "points", "as the theorem", "undecided", "another"], rows)
    rows = []
    for region in REGIONS:
        inside = [p for p in points if p.region == region]
        agreeing = sum(p.trend == p.expected_trend for p in inside)
        undecided = sum(p.trend == "undecided" for p in inside)
        rows.append([region, len(inside), agreeing, undecided, len(inside) - agreeing - undecided])
    yield table(["region", "points", "as the theorem", "undecided", "another"], rows)
    wrong = [p for p in points if p.trend not in (p.expected_trend, "undecided")]
    if wrong:
        yield "Another trend than the theorem's: " + ", ".join(
            f"({', '.join(where(p))}) {p.trend}" for p in wrong) + ".\n"
    else:
        yield "No trend contradicts the theorem.\n"


def regions(points):
    rows = []
    for region in REGIONS + ["all"]:
        inside = [p for p in points if region in (p.region, "all")]
        residuals = [p.exponent - p.expected for p in inside]
        slopes = [p.slope - p.expected for p in inside]
        rows.append([
            region, len(inside),
            sum(p.miss == 0 for p in inside), sum(p.miss <= TOLERANCE for p in inside),
            number(median(map(abs, residuals))), number(rms(residuals)),
            sum(p.slope_miss == 0 for p in inside), number(median(map(abs, slopes))), number(rms(slopes))])
    header = ["region", "points", "exponent: in interval", f"to {TOLERANCE}", "median", "RMS"]
    yield table(header + ["slope: in interval", "median", "RMS"], rows)


def where(p):
    return [coordinate(p.gamma), coordinate(p.gamma_prime)]


def place(p):
    return f"({', '.join(where(p))})"


def disagreements(points):
    listed = [p for p in points if p.miss > TOLERANCE]
    yield (
        f"{of(len(listed), len(points))} points have an interval that misses the expected exponent "
        f"by more than {TOLERANCE}. {sum(0 < p.miss <= TOLERANCE for p in points)} more miss it by "
        "less. The rule under each heading decides what is in it; the first that holds counts. A "
        "cause is what theory makes of a point there. It is not proved point by point.\n")
    groups = [[] for _ in CAUSES]
    unexplained = []
    for p in listed:
        group = next((g for g, cause in zip(groups, CAUSES) if cause[1](p)), unexplained)
        group.append(p)
    yield table(
        ["cause", "points", "maximum miss"],
        [[title, len(g), number(max(p.miss for p in g))] for (title, *_), g in zip(CAUSES, groups) if g]
        + [["unexplained", len(unexplained), number(max((p.miss for p in unexplained), default=0))]])
    unexplained_entry = ("Unexplained", None, "None of the rules above.", "These are open.")
    for (title, _, rule, text), group in zip(CAUSES + [unexplained_entry], groups + [unexplained]):
        if not group:
            continue
        yield f"### {title}\n\n*Rule:* {rule}\n\n{text}\n"
        yield table(
            ["γ", "γ'", "expected", "exponent", "95 % interval", "slope", "local slopes, first and last"],
            [where(p) + [
                coordinate(p.expected), number(p.exponent), f"{number(p.low)} … {number(p.high)}",
                number(p.slope), f"{number(p.local[0])}, {number(p.local[-1])}"] for p in group[:SHOWN]])
        if len(group) > SHOWN:
            yield f"The other {len(group) - SHOWN}: {', '.join(place(p) for p in group[SHOWN:])}.\n"
    yield "No point is unexplained.\n" if not unexplained else ""


def undecided(points):
    listed = [p for p in points if p.trend == "undecided"]
    rows = []
    for text, rule in UNDECIDED + [("see the note of the row", lambda p: True)]:
        group = [p for p in listed if rule(p)]
        listed = [p for p in listed if not rule(p)]
        if group:
            rows.append([text, len(group), ", ".join(place(p) for p in group)])
    yield table(["why", "points", "(γ, γ')"], rows)


def boundary(report):
    b = report.get("boundary")
    if not b:
        yield "There is no boundary.\n"
        return
    yield table(["", "RMS", "maximum"], [
        ["from the fitted line to the theoretical one", number(b["rms"], 4), number(b["max"], 4)],
        ["from the theoretical line to the fitted one", number(b["rms_from_theory"], 4),
         number(b["max_from_theory"], 4)]])
    yield (
        f"The grid's step is {STEP}; the fitted line is {number(b['length'], 2)} long. The theoretical "
        "line passes through points of this grid, where the fit may be exactly 0, and that favours it: "
        "between such points the exponents of both sides would have to be right as well.\n")
    if b.get("band_width") is not None:
        yield (
            f"The 95 % band of the seeds is {number(b['band_width'], 4)} wide on the average. It shows how "
            "far seeds move the line.\n")


COVERAGE = re.compile(
    r"(?P<law>power|corrected|constant) (?P<widths>\d+) widths (?P<seeds>\d+) seeds "
    r"dispersion (?P<dispersion>\S+) missing (?P<missing>\S+) bounded (?P<bounded>\S+), "
    r"(?P<draws>\d+) draws, random seed (?P<seed>\d+): exponent (?P<exponent>\S+), slope (?P<slope>\S+), "
    r"local (?P<local>\S+), limit (?P<limit>\S+) of (?P<limits>\d+), bias (?P<bias>\S+), "
    r"trends wrong (?P<wrong>\S+), undecided (?P<undecided>\S+)")


def coverage(text):
    laws = ["power", "corrected", "constant"]
    found = sorted(
        (m.groupdict() for m in COVERAGE.finditer(text)),
        key=lambda m: (
            float(m["missing"]), laws.index(m["law"]), -int(m["widths"]), int(m["seeds"])))
    if not found:
        sys.exit("accuracy.py: error: no line of the coverage tests; run them with GAMMAPLANE_SLOW_TESTS=1")
    rows, some_outside = [], False
    for m in found:
        setting = f"{m['law']}, {m['widths']} widths, {m['seeds']} seeds, {float(m['dispersion']) * 100:g} %"
        if float(m["missing"]) > 0:
            setting += ", gaps and bounds"
        cells = [setting, m["draws"]]
        for what in ("exponent", "slope", "local", "limit"):
            # Where the truth is no constant, its limit is 0 or ∞, and there is nothing to cover.
            if what == "limit" and m["law"] != "constant":
                cells.append("–")
                continue
            share = 100 * float(m[what])
            is_outside = not 92 <= share <= 98
            cells.append(f"**{share:.1f}**" if is_outside else f"{share:.1f}")
            some_outside |= is_outside
        shares = [f"{100 * float(m[what]):.1f}" for what in ("wrong", "undecided")]
        rows.append(cells + [number(float(m["bias"]), 4)] + shares)
    header = ["law of the draws", "draws", "exponent", "slope", "local slopes", "limit", "bias"]
    yield table(header + ["wrong trends", "undecided"], rows)
    yield (
        "All in per cent, except the bias, which is that of the exponent. Random seeds: "
        f"{', '.join(sorted({m['seed'] for m in found}, key=int))}. *Gaps and bounds*: a fifth of "
        "the runs is missing, and of half of those at the last two widths only a lower bound is "
        "known. A trend is wrong if it has the wrong sign, or a sign where the exponent is 0; "
        "exponents within ±0.05 may be called bounded. With 1000 draws the shares are known to "
        "±1.4 %.\n")
    yield NOTES if some_outside else "No share is outside 92 to 98 %.\n"


NOTES = """Bold are shares outside 92 to 98 %. Causes of those above 98 %, whose intervals are wider than need be:

- *exponent, constant*: the mixture has an atom at 0. An interval that contains it for certain
  cannot fail in a twentieth of all draws.
- *exponent, power*: the interval is averaged over models that allow a crossover, and the law has
  none.
- *slope, corrected and constant*: the deviation of the curve from the line counts as random,
  another one in every draw. It is not.
"""


def wrapped(markdown):
    """Markdown with its paragraphs, a line each, wrapped at 100 columns."""
    lines = []
    for line in markdown.split("\n"):
        if len(line) <= 100 or line.startswith("|"):
            lines.append(line)
        else:
            lines += textwrap.wrap(line, 100, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def main():
    with open(sys.argv[1]) as file:
        report = json.load(file)
    with open(sys.argv[2]) as file:
        points = [Point(json.loads(line)) for line in file]
    with open(sys.argv[3]) as file:
        tests = file.read()
    if not report["theory"]:
        sys.exit("accuracy.py: error: the sweep has no theory to compare with")
    head = [
        "# How accurate the fit is\n",
        "`make accuracy` writes this page: it runs `grids/wide.yaml` (m = 10³ … 10⁶, 3 seeds, "
        f"{len(points)} points) where that has not been done, fits it, and runs the coverage "
        "tests. Do not edit it. [fit.md](fit.md) has the fit, [method.md](method.md) the expected "
        "exponents. The *exponent* is the extrapolated one, for m → ∞; the *slope* is that of a "
        "straight line through all widths. Trends of sup RD are called linear (vanishing), "
        "critical (bounded) and condensed (growing) in the theorem.\n",
        "The theorem gives the sign of the exponent. Its size, the *expected exponent*, comes from "
        "a scaling argument, not from a theorem.\n",
    ]
    measured = (
        "Residuals are measured less expected, without sign for the median. *In interval* counts "
        f"points whose 95 % interval includes the expected exponent, *to {TOLERANCE}* those that "
        "miss it by no more than that. Points share seeds, so that they do not miss "
        "independently.\n")
    synthetic = (
        "Draws with a known law, each fitted like a point of a sweep; how often the 95 % intervals "
        "include the truth. Crossovers are drawn from the prior of the fit, so this shows that the "
        "arithmetic and its approximations are sound, not that nature keeps to the prior: the "
        "sections above show that.\n")
    sections = [
        (None, head),
        ("Trend against theorem", trends(report, points)),
        ("Measured against expected exponents", [measured, *regions(points)]),
        ("Points that disagree", disagreements(points)),
        ("Undecided points", undecided(points)),
        ("The boundary", boundary(report)),
        ("Coverage on synthetic data", [synthetic, *coverage(tests)]),
    ]
    for title, parts in sections:
        if title:
            print(f"## {title}\n")
        for part in parts:
            if part:
                print(wrapped(part))


if __name__ == "__main__":
    main()
