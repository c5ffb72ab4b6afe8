"""What does a sweep on a cluster cost beside its runs?"""

import glob
import os
import pathlib

from measuring import Answer, Figure, temporary_folder
from sweeps import Watched, grid

TITLE = "a sweep in shards: seconds of wall time, start of the process included, and bytes a run"

# Runs, shards.
CASES = [(10**5, 10), (10**5, 1000), (10**6, 10), (10**6, 100), (10**6, 1000)]

# As if there were a Slurm that takes everything and does nothing.
FAKES = {"sbatch": "echo 1", "squeue": "true", "scontrol": "echo MaxArraySize = 100001"}


def size(*patterns):
    return sum(os.path.getsize(path) for pattern in patterns for path in glob.glob(pattern, recursive=True))


def ask(program, settings):
    rows, figures = [], []
    for runs, shards in CASES:
        if settings.quick:
            runs //= 50
        with temporary_folder() as folder:
            bin = pathlib.Path(folder) / "bin"
            bin.mkdir()
            for name, script in FAKES.items():
                (bin / name).write_text(f"#!/bin/sh\n{script}\n")
                (bin / name).chmod(0o755)
            path = os.environ["PATH"]
            os.environ["PATH"] = f"{bin}:{path}"
            try:
                file, count = grid(program, folder, runs)
                sweep = f"{folder}/results/bench"
                submission = f"{sweep}/shards/s1"
                gammaplane = settings.gammaplane
                measured = {"submit": Watched([gammaplane, "submit", "slurm", file, "--tasks", shards], folder)}
                program.fill(file, submission=submission)
                # What a task does beside its runs: it merges what an earlier attempt has left, and finds all done.
                measured["a task, all done"] = Watched(
                    [gammaplane, "run", submission, "--shard", f"1/{shards}", "--scratch", f"{folder}/scratch"], folder
                )
                measured["submit, all done"] = Watched([gammaplane, "submit", "slurm", file], folder)
                measured["merge, fit, draw"] = Watched([gammaplane, "merge", file], folder)
                measured["again"] = Watched([gammaplane, "merge", file], folder)
                measured["status"] = Watched([gammaplane, "status", file], folder)
            finally:
                os.environ["PATH"] = path
            sizes = {
                "manifest": size(f"{submission}/manifest"),
                "shards": size(f"{submission}/*/*.sqlite"),
                "database": size(f"{sweep}/gammaplane.sqlite"),
            }
            files = len(glob.glob(f"{submission}/**", recursive=True))
        case = f"{count} runs, {shards} shards"
        for command, ended in measured.items():
            rows.append(
                {"case": f"{case}: {command}", "seconds": ended.wall, "cpu": ended.cpu, "peak MiB": ended.peak / 2**20}
            )
        for name, bytes in sizes.items():
            rows.append({"case": f"{case}: {name}", "bytes a run": bytes / count})
        rows.append({"case": f"{case}: files a shard", "files": files / shards})
        merge = measured["merge, fit, draw"]
        if (runs, shards) == (10**6, 1000):
            figures.append(Figure(f"merging {case}, fit and picture included, seconds", merge.wall, "≤", 60))
            figures.append(Figure(f"its peak memory, MiB", merge.peak / 2**20, "≤", 1500))
            figures.append(Figure(f"submitting {case}, seconds", measured["submit"].wall, "≤", 10))
    return Answer(figures, rows, ["cpu"])
