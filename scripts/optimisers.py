#!/usr/bin/env python3
"""Prints the tables of docs/optimisers.md from the results of grids/descent-rate.yaml.

    gammaplane run grids/descent-rate.yaml
    python3 scripts/optimisers.py [PROGRAM]

RD of gradient descent over RD of the gradient flow, in the geometric mean over seeds, at the largest
width; and for every rate the slope of log RD against log m. PROGRAM is .build/release/gammaplane.
"""

import json
import math
import sqlite3
import subprocess
import sys
from collections import defaultdict

DATABASE = "results/descent-rate/gammaplane.sqlite"


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/gammaplane"
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT gamma, rate, width, seed, outcome, rd FROM results").fetchall()
    widths = sorted({row[2] for row in rows})
    flow = {
        (gamma, width, seed): flow_rd(program, gamma, width, seed)
        for gamma, _, width, seed, _, _ in sorted({(r[0], 0, r[2], r[3], 0, 0) for r in rows})
    }
    found = defaultdict(list)
    for gamma, rate, width, seed, outcome, rd in rows:
        found[gamma, rate, width].append((outcome, math.log(rd / flow[gamma, width, seed]), math.log(rd)))
    gammas, rates = sorted({r[0] for r in rows}), sorted({r[1] for r in rows})
    for width in widths:
        print(f"\nRD(descent) / RD(flow), m = {width:g}\n")
        table(gammas, rates, lambda gamma, rate: ratio(found[gamma, rate, width]))
    print(f"\nslope of log RD from m = {widths[0]:g} to {widths[-1]:g}\n")
    table(gammas, rates, lambda gamma, rate: slope([found[gamma, rate, w] for w in widths], widths))


def table(gammas, rates, cell):
    print("| γ | " + " | ".join(f"{rate:g}" for rate in rates) + " |")
    print("|---|" + "---|" * len(rates))
    for gamma in gammas:
        print(f"| {gamma:g} | " + " | ".join(cell(gamma, rate) for rate in rates) + " |")


def ratio(runs):
    if any(outcome == "diverged" for outcome, _, _ in runs):
        return "diverged"
    if not runs or any(outcome != "converged" for outcome, _, _ in runs):
        return "–"
    return f"{math.exp(sum(log for _, log, _ in runs) / len(runs)):.3f}"


def slope(by_width, widths):
    if any(not runs or any(outcome != "converged" for outcome, _, _ in runs) for runs in by_width):
        return "–"
    y = [sum(log for _, _, log in runs) / len(runs) for runs in by_width]
    x = [math.log(width) for width in widths]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    value = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)
    return f"{value:.3f}".replace("-", "−")


def flow_rd(program, gamma, width, seed):
    command = [program, "flow", "--json", "--gamma", str(gamma), "--gamma-prime", "0"]
    command += ["--width", str(int(width)), "--seed", str(seed)]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer.get("result", answer)["quantities"]["rd"]


if __name__ == "__main__":
    main()
