"""How does the time of the flow grow with the number of samples n?"""

from measuring import REPRESENTATIVE, Answer, Figure, at, exponent, four_relu, median, name, say

TITLE = "growth with the number of samples, target four-relu, m = 10⁴: the flow without sampling"
COUNTS = [4, 10, 20, 50, 100, 200]


def ask(program, settings):
    counts = COUNTS[:3] if settings.quick else COUNTS
    measured = {}
    for count in counts:
        say(f"  n = {count}")
        measured[count] = program.measure(
            "flow", REPRESENTATIVE, 10**4, samples=four_relu(count), wall=settings.samples_limit
        )
    figures, rows = [], []
    for point in REPRESENTATIVE:
        runs = {count: at(measured[count], point)[0] for count in counts}
        ended = [count for count in counts if runs[count]["outcome"] != "budget_exhausted"]
        per_step = {count: run["run_seconds"] / max(1, run["steps"]) for count, run in runs.items()}
        for label, fitted in (("", counts), (", n ≥ 50", [count for count in counts if count >= 50])):
            slope = exponent(fitted, [per_step[count] for count in fitted])
            figures.append(Figure(f"{name(point)}: exponent of the time per step{label}", slope))
        figures.append(
            Figure(
                f"{name(point)}: exponent of the time",
                exponent(ended, [runs[c]["run_seconds"] for c in ended]),
                note=f"n = {', '.join(map(str, ended))}",
            )
        )
        for count, run in runs.items():
            rows.append(
                {
                    "case": f"{name(point)}, n = {count}",
                    "step_to_4": per_step[count] / per_step[counts[0]],
                    "steps": run["steps"],
                    "seconds": run["run_seconds"],
                    "ms/step": per_step[count] * 1e3,
                    "wall/cpu": run["run_seconds"] / run["run_cpu_seconds"],
                    "mean_squared_residual": run["mean_squared_residual"],
                    "outcome": run["outcome"],
                }
            )
    notes = []
    if any(row["outcome"] == "budget_exhausted" for row in rows):
        notes.append(f"`budget_exhausted`: not done within {settings.samples_limit:g} s, and not in the exponent of the time")
    return Answer(figures, rows, ["step_to_4"], notes)
