"""Draws accuracy over γ and weight decay, and the cosines of W_Q for some γ.

    python3 figure.py [SWEEP] FILE
"""

import sys

import gammaplane as gp
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

*name, target = sys.argv[1:]
sweep = gp.open(name[0] if name else "transformer-composition")
rows = sweep.rows()
gammas = sorted({r["gamma"] for r in rows})
decays = sorted({r["decay"] for r in rows})
fig = plt.figure(figsize=(9.5, 6.2), layout="constrained")
upper, lower = fig.subfigures(2, 1, height_ratios=[1.2, 1])
axes = upper.subplots(1, 2, sharey=True)
for ax, quantity, title in zip(axes, ["seen", "held_out"], ["pairs of training, new keys", "held-out pairs"]):
    # Neither axis is even: a cell each.
    points = {}
    for r in rows:
        points.setdefault((gammas.index(r["gamma"]), decays.index(r["decay"])), []).append(r[quantity])
    means = {point: sum(v) / len(v) for point, v in points.items()}
    gp.figures.plane(means, ax, limits=(0, 1), label="accuracy" if quantity == "held_out" else "")
    ax.set_xticks(range(len(gammas)), [f"{g:g}" for g in gammas])
    ax.set_yticks(range(len(decays)), [f"{d:g}" for d in decays])
    ax.set(title=title, xlabel="γ")
axes[0].set_ylabel("weight decay")
recorded = [(r, q) for r, q in sweep.arrays("queries") if r["decay"] == decays[min(1, len(decays) - 1)]]
recorded.sort(key=lambda pair: pair[0]["gamma"])
shown = [recorded[i * (len(recorded) - 1) // 3] for i in range(4)] if len(recorded) > 4 else recorded
axes = lower.subplots(1, max(len(shown), 1), squeeze=False)[0]
for ax, (row, queries) in zip(axes, shown):
    mesh = gp.figures.cosines(queries, ax, title=f"rows of W_Q, γ = {row['gamma']:g}")
if shown:
    lower.colorbar(mesh, ax=axes, label="cosine")
fig.savefig(target, dpi=120)
