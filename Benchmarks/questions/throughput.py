"""What does a run cost that takes no time?"""

from measuring import Answer, Figure, median, temporary_folder
from sweeps import Watched, grid

TITLE = "trivial runs, two workers, durable results: the orchestrator alone"


def ask(program, settings):
    rows = []
    for repeat in range(2 if settings.quick else 3):
        with temporary_folder() as folder:
            path, runs = grid(program, folder, 2_000 if settings.quick else 20_000)
            ended = Watched([settings.gammaplane, "run", path, "--workers", 2], folder)
        rows.append(
            {
                "case": f"{runs} runs, repeat {repeat + 1}",
                "runs/s": runs / ended.wall,
                "cpu_ms/run": 1e3 * ended.cpu / runs,
                "peak MiB": ended.peak / 2**20,
            }
        )
    return Answer(
        [
            Figure("trivial runs a second, median", median([row["runs/s"] for row in rows]), "≥", 2000),
            Figure("CPU of the orchestrator, ms a run, median", median([row["cpu_ms/run"] for row in rows]), "≤", 0.3),
        ],
        rows,
        ["cpu_ms/run"],
        ["the orchestrator's figures include starting, planning, fitting and drawing"],
    )
