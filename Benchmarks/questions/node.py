"""Are the workers of a big node kept busy?"""

from measuring import Answer, Figure, temporary_folder
from sweeps import Watched, grid

TITLE = "256 workers that sleep, 1000 runs a second"


def ask(program, settings):
    workers, rate = 256, 1000
    with temporary_folder() as folder:
        path, runs = grid(program, folder, 5_000 if settings.quick else 20_000, seconds=workers / rate)
        ended = Watched([settings.gammaplane, "run", path, "--workers", workers], folder)
        notes = [file.read_text().split() for file in (path.parent / "waits").iterdir()]
    ever, later = (sorted(1e3 * float(note[column]) for note in notes) for column in (0, 1))
    row = {
        "case": f"{workers} workers, {runs} runs",
        "runs/s": runs / ended.wall,
        "cores": ended.cpu / ended.wall,
        "longest wait, ms": later[-1],
        "median of the workers' longest": later[len(later) // 2],
        "longest at the start": ever[-1],
        "peak MiB": ended.peak / 2**20,
    }
    return Answer(
        [
            Figure("runs a second, start and end included", row["runs/s"], "≥", 0.9 * rate),
            Figure("cores that the orchestrator keeps busy", row["cores"], "≤", 0.5),
            Figure("longest wait for a run once all have started, ms", row["longest wait, ms"], "≤", 10),
        ],
        [row],
        ["cores"],
    )
