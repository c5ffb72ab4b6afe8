#!/usr/bin/env python3
"""Tables of docs/condensation.md: whether the number of clusters is monotone.

usage: condensation.py DATABASE [--document docs/condensation.md]

DATABASE is gammaplane.sqlite of a sweep that recorded trajectories with `clusters` and
`effective_rank`, such as that of grids/condensation.yaml. Prints the tables, or with --document
writes them between the marks of that file. Needs numpy.
"""
import argparse
import collections
import io
import json
import sqlite3
import sys

import numpy as np

MARKS = ("<!-- tables of scripts/condensation.py -->", "<!-- end of tables -->")


def runs(path):
    """Settings, widths, seeds and trajectories of all runs that ended by themselves."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = db.execute(
        "SELECT setting.definition, runs.width, runs.seed, runs.outcome, array.data FROM runs "
        "JOIN setting ON setting.id = runs.setting JOIN array ON array.run = runs.run "
        "WHERE array.name = 'trajectory' ORDER BY setting.definition, runs.width, runs.seed")
    for setting, width, seed, outcome, data in rows:
        if outcome in ("converged", "stationary"):
            yield json.loads(setting), int(width), seed, np.load(io.BytesIO(data))


def course(clusters):
    """How a course goes after its alignment, which ends where it first reaches its least value.

    Returns by how much clusters rise above that, the number of decreases after it, and the largest
    fall below an earlier maximum after it.
    """
    after = clusters[np.argmin(clusters):]
    falls = np.maximum.accumulate(after) - after
    return int(after.max() - after[0]), int(np.sum(np.diff(after) < 0)), int(falls.max())


def staircase(time, loss, rank):
    """Of the rise of the effective rank, the share in those intervals of log time that have 90 % of
    the fall of the loss, steepest first; and the share of log time that they take."""
    keep = time > 0
    log_time, loss, rank = np.log(time[keep]), loss[keep], rank[keep]
    if len(log_time) < 10:
        return None
    lengths = np.diff(log_time)
    falls = np.maximum(0, -np.diff(loss))
    rises = np.maximum(0, np.diff(rank))
    if rises.sum() < 0.05 or falls.sum() == 0:
        return None
    order = np.argsort(-falls / lengths)
    count = np.searchsorted(np.cumsum(falls[order]), 0.9 * falls.sum()) + 1
    chosen = order[:count]
    return rises[chosen].sum() / rises.sum(), lengths[chosen].sum() / lengths.sum()


def percent(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "–"


def regime(setting):
    """Of Luo et al.: where RD vanishes, stays bounded or grows with the width."""
    gamma, prime = setting["gamma"], setting["gamma_prime"]
    distance = gamma - (1 if prime <= 0 else 1 + prime)
    return "boundary" if abs(distance) < 1e-9 else "condensed" if distance > 0 else "linear"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def tables(path):
    all_runs = list(runs(path))
    names = [name for name in all_runs[0][3].dtype.names if name.startswith("clusters")]
    regimes = ["linear", "boundary", "condensed"]
    lines = ["Runs whose clusters rise after the alignment, decrease again, and do so by two or more below an",
             "earlier maximum, by regime, width and definition:", ""]
    rows = []
    for kind in regimes:
        for width in sorted({width for _, width, _, _ in all_runs}):
            chosen = [r for r in all_runs if regime(r[0]) == kind and r[1] == width]
            if not chosen:
                continue
            for name in names:
                courses = [course(r[3][name]) for r in chosen]
                final = [r[3][name][-1] for r in chosen]
                count = len(chosen)
                rows.append((
                    kind, f"{width:,}".replace(",", " "), f"`{name}`", count,
                    percent(sum(c[0] > 0 for c in courses), count),
                    percent(sum(c[1] > 0 for c in courses), count),
                    percent(sum(c[2] > 1 for c in courses), count),
                    max(c[2] for c in courses),
                    f"{np.median(final):g} ({min(final):g}–{max(final):g})"))
    lines += table(["regime", "m", "definition", "runs", "rise", "decrease", "by ≥ 2", "largest",
                    "at the end: median (range)"], rows)
    lines += ["", "Where, all widths, by `clusters`: share of runs that rise after the alignment, and of runs that",
              "decrease after it:", ""]
    points = collections.defaultdict(list)
    for setting, _, _, data in all_runs:
        points[setting["gamma"], setting["gamma_prime"]].append(course(data["clusters"]))
    gammas = sorted({g for g, _ in points})
    rows = []
    for prime in sorted({p for _, p in points}, reverse=True):
        cells = [points.get((gamma, prime), []) for gamma in gammas]
        rows.append([f"**γ′ = {prime:g}**"] + [
            f"{percent(sum(c[0] > 0 for c in cell), len(cell))}, {percent(sum(c[1] > 0 for c in cell), len(cell))}"
            if cell else "–"
            for cell in cells])
    lines += table([""] + [f"γ = {gamma:g}" for gamma in gammas], rows)
    lines += ["", "The staircase: in the intervals with 90 % of the fall of the loss, so much of the rise of the",
              "effective rank (median over runs in which it rises by 0.05 or more), and so much of log time:", ""]
    rows = []
    for kind in regimes:
        pairs = [staircase(r[3]["time"], r[3]["mean_squared_residual"], r[3]["effective_rank"])
                 for r in all_runs if regime(r[0]) == kind]
        pairs = [pair for pair in pairs if pair]
        if pairs:
            rises, lengths = np.array(pairs).T
            rows.append((kind, len(pairs), f"{100 * np.median(rises):.0f} %", f"{100 * np.median(lengths):.0f} %"))
    lines += table(["regime", "runs", "of the rise", "of log time"], rows)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--document")
    arguments = parser.parse_args()
    text = "\n".join(tables(arguments.database))
    if not arguments.document:
        print(text)
        return
    with open(arguments.document, encoding="utf-8") as file:
        document = file.read()
    if any(mark not in document for mark in MARKS):
        sys.exit(f"{arguments.document} lacks the marks {MARKS[0]} and {MARKS[1]}")
    before, rest = document.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    with open(arguments.document, "w", encoding="utf-8") as file:
        file.write(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}")


if __name__ == "__main__":
    main()
