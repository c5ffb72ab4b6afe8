"""Is a large map drawn at once, and into a small file?"""

import pathlib

from measuring import FOUR_SAMPLES, Answer, Figure, temporary_folder
from sweeps import Watched

TITLE = "figures of 65 × 65 points: seconds of wall time, start of the process included, and size"

KINDS = ["phase-map", "slope-map", "trend-map", "residual-map", "stationary-map"]


def ask(program, settings):
    side = 17 if settings.quick else 65
    rows = []
    # A refined map has no rectangular cells.
    more = "include:\n  - { gamma: { from: 0.9, to: 1.5, count: 20 }, gamma_prime: { from: 0.3, to: 0.7, count: 10 } }\n"
    for name, block in [("grid", ""), ("irregular", more)]:
        with temporary_folder() as folder:
            path = pathlib.Path(folder) / "bench.yaml"
            path.write_text(
                f"name: bench\naxes:\n  gamma: {{ from: 0.5, to: 2, count: {side} }}\n"
                f"  gamma_prime: {{ from: -0.5, to: 1, count: {side} }}\n  width: [1000, 3000, 10000]\n"
                f"  seed: {{ count: 2 }}\n{block}samples:\n  x: {FOUR_SAMPLES[0]}\n  y: {FOUR_SAMPLES[1]}\n"
            )
            program.fill(path, f"{folder}/results/bench/gammaplane.sqlite")
            Watched([settings.gammaplane, "run", path], folder)
            for kind in KINDS:
                file = pathlib.Path(folder) / f"{kind}.svg"
                ended = Watched([settings.gammaplane, "render", "bench", "--figure", kind, "-o", file], folder)
                rows.append({"case": f"{kind}, {name}", "seconds": ended.wall, "MB": file.stat().st_size / 1e6})
    figures = [
        Figure("slowest, seconds", max(row["seconds"] for row in rows), "≤", 1.0),
        Figure("largest file, MB", max(row["MB"] for row in rows), "≤", 2.0),
    ]
    return Answer(figures, rows, ["MB"])
