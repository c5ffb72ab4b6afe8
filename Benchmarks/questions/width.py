"""How does the time of the flow grow with the width m?"""

from measuring import REPRESENTATIVE, Answer, Figure, at, exponent, median, name, power

TITLE = "growth with the width, four samples: the flow without sampling"


def ask(program, settings):
    exponents = range(3, 6 if settings.quick else 8)
    measured = {}
    for width in (10**e for e in exponents):
        # About the same number of neurons for every width, but few repeats of what takes long.
        repeats = max(1, min(3 * settings.repeats, settings.repeats * 10**6 // width))
        measured[width] = program.measure("flow", REPRESENTATIVE, width, repeats=repeats)
    figures, rows = [], []
    for point in REPRESENTATIVE:
        seconds = {w: median(r["run_seconds"] for r in at(runs, point)) for w, runs in measured.items()}
        fitted = [w for w in seconds if w >= 10**4]
        slope = exponent(fitted, [seconds[w] for w in fitted])
        figures.append(Figure(f"{name(point)}: exponent of the time, m ≥ 10⁴", slope))
        for width, runs in measured.items():
            first = at(runs, point)[0]
            rows.append(
                {
                    "case": f"{name(point)}, {power(width)}",
                    "to_narrower": seconds[width] / seconds[width // 10] if width // 10 in seconds else None,
                    "steps": first["steps"],
                    "seconds": seconds[width],
                    "ns/neuron": seconds[width] / width * 1e9,
                    "ns/neuron/step": seconds[width] / width / max(1, first["steps"]) * 1e9,
                    "outcome": first["outcome"],
                }
            )
    return Answer(figures, rows, ["to_narrower"])
