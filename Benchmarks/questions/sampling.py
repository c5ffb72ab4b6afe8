"""How long does a run take, in units of the time to sample its initial weights?"""

from measuring import POINTS, Answer, Figure, at, median, name, power, spread

TITLE = "run / sampling of its initial weights, on one core"


def ask(program, settings):
    width = 10**4 if settings.quick else 10**6
    measured = program.on_one_core().measure("sampling", POINTS, width, repeats=settings.repeats, wall=600)
    rows = []
    for point in POINTS:
        runs = at(measured, point)
        ratios = [r["run_seconds"] / r["sampling_seconds"] for r in runs]
        rows.append(
            {
                "case": f"{name(point)}, {power(width)}",
                "ratio": median(ratios),
                "spread": spread(ratios),
                # Less disturbed by other processes than wall time.
                "cpu_ratio": median(r["run_cpu_seconds"] / r["sampling_cpu_seconds"] for r in runs),
                "steps": runs[0]["steps"],
                "seconds": median(r["run_seconds"] for r in runs),
                "wall/cpu": median(r["run_seconds"] / r["run_cpu_seconds"] for r in runs),
                "outcome": runs[0]["outcome"],
            }
        )
    ratios = [row["ratio"] for row in rows]
    figures = [
        Figure("run / sampling, median of the points", median(ratios), "≤", 10),
        Figure("run / sampling, worst point", max(ratios), "≤", 60),
    ]
    return Answer(figures, rows, ["ratio", "cpu_ratio"])
