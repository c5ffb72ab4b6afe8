"""How much memory does a neuron take?"""

from measuring import REPRESENTATIVE, Answer, Figure, name, power

TITLE = "peak resident memory a neuron, sampling included"


def ask(program, settings):
    width, base = (10**6 if settings.quick else 10**7), 10**3
    rows = []
    for point in REPRESENTATIVE:
        # A process each: the peak is that of this run alone.
        peak = {w: program.measure("sampling", [point], w, repeats=1)[0]["peak_bytes"] for w in (width, base)}
        rows.append(
            {
                "case": f"{name(point)}, {power(width)}",
                "bytes/neuron": (peak[width] - peak[base]) / (width - base),
                "MiB": peak[width] / 2**20,
                f"MiB at {power(base)}": peak[base] / 2**20,
            }
        )
    worst = max(row["bytes/neuron"] for row in rows)
    return Answer([Figure(f"bytes a neuron at m = {power(width)}, worst point", worst, "≤", 64)], rows, ["bytes/neuron"])
