"""Draws the cosines of the kernels before and after training, and their alignment over γ.

    python3 figure.py [SWEEP] FILE
"""

import sys

import gammaplane as gp
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

*name, target = sys.argv[1:]
sweep = gp.open(name[0] if name else "cnn-condensation")
recorded = sorted(sweep.arrays("kernels"), key=lambda pair: pair[0]["gamma"])
width = max(row["width"] for row, _ in recorded)
recorded = [pair for pair in recorded if pair[0]["width"] == width]
columns = len(recorded)
fig = plt.figure(figsize=(1.7 * columns, 6.2), layout="constrained")
grid = fig.add_gridspec(3, columns, height_ratios=[1, 1, 1.5])
for column, (row, (before, after)) in enumerate(recorded):
    for line, kernels in enumerate([before, after]):
        ax = fig.add_subplot(grid[line, column])
        mesh = gp.figures.cosines(kernels, ax, title=f"γ = {row['gamma']:g}" if line == 0 else "")
        if column == 0:
            ax.set_ylabel(["initial", "trained"][line])
fig.colorbar(mesh, ax=fig.axes, label="cosine of two kernels", shrink=0.5, location="right")
ax = fig.add_subplot(grid[2, :])
rows = sweep.rows()
for colour, width in zip(gp.figures.SERIES, sorted({r["width"] for r in rows})):
    points = [r for r in rows if r["width"] == width]
    gammas = sorted({r["gamma"] for r in points})

    def mean(name, gamma):
        values = [r[name] for r in points if r["gamma"] == gamma]
        return sum(values) / len(values)

    ax.plot(gammas, [mean("alignment", g) for g in gammas], "o-", color=colour, label=f"m = {width:g}")
    ax.plot(gammas, [mean("initial_alignment", g) for g in gammas], ":", color=colour)
ax.set(xlabel="γ", ylabel="mean |cosine| of kernels", ylim=(0, 1.02))
ax.legend(frameon=False)
fig.savefig(target, dpi=120)
