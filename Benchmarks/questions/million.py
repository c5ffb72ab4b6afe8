"""Does it stay quick with a million runs?"""

from measuring import Answer, Figure, temporary_folder
from sweeps import Watched, grid

TITLE = "commands on large sweeps: seconds of wall time, start of the process included"


def ask(program, settings):
    rows, figures = [], []
    for runs, targets in [(10**5, {"run, finished": 1.0}), (10**6, {"plan": 5.0, "plan, finished": 5.0, "status": 0.5})]:
        if settings.quick:
            runs //= 50
        with temporary_folder() as folder:
            path, count = grid(program, folder, runs)
            measured = {"plan": Watched([settings.gammaplane, "plan", path], folder)}
            program.fill(path, f"{folder}/results/bench/gammaplane.sqlite")
            # The first `run` fits and draws; what counts is the second, with nothing to do.
            Watched([settings.gammaplane, "run", path], folder)
            measured["run, finished"] = Watched([settings.gammaplane, "run", path], folder)
            measured["plan, finished"] = Watched([settings.gammaplane, "plan", path], folder)
            measured["status"] = Watched([settings.gammaplane, "status", path], folder)
        for command, ended in measured.items():
            rows.append(
                {"case": f"{command}, {count} runs", "seconds": ended.wall, "cpu": ended.cpu, "peak MiB": ended.peak / 2**20}
            )
            if command in targets:
                figures.append(Figure(f"{command}, {count} runs, seconds", ended.wall, "≤", targets[command]))
    figures.append(Figure("peak memory of any of them, MiB", max(row["peak MiB"] for row in rows), "≤", 500))
    return Answer(figures, rows, ["cpu"])
