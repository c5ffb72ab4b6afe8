"""Sweeps of workers that compute nothing, run by `gammaplane` and watched from outside."""

import os
import pathlib
import subprocess
import time

from measuring import FOUR_SAMPLES


def grid(program, folder, runs, seconds=0.0, seeds=10):
    """Writes a grid of at least `runs` runs on the plane, five widths, for stub workers that take so many seconds a run and
    note their waits in `folder`/waits. Returns its path and number of runs."""
    side = 1
    while side * side * 5 * seeds < runs:
        side += 1
    waits = pathlib.Path(folder) / "waits"
    waits.mkdir()
    path = pathlib.Path(folder) / "bench.yaml"
    path.write_text(
        f"name: bench\n"
        f"axes:\n  gamma: {{ from: 0.5, to: 2, count: {side} }}\n  gamma_prime: {{ from: -0.5, to: 1, count: {side} }}\n"
        f"  width: [10, 20, 30, 40, 50]\n  seed: {{ count: {seeds} }}\n"
        f"samples:\n  x: {FOUR_SAMPLES[0]}\n  y: {FOUR_SAMPLES[1]}\n"
        f'worker: ["{os.path.abspath(program.path)}", stub, --folder, "{waits}", --seconds, "{seconds}"]\n'
    )
    return path, side * side * 5 * seeds


class Watched:
    """A process that has ended: wall seconds, its own CPU seconds (its children's apart) and its peak memory in bytes."""

    def __init__(self, command, folder):
        began = time.monotonic()
        errors = open(os.path.join(folder, "errors.txt"), "w+")
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=errors
        )
        self.cpu, self.peak = 0.0, 0
        ticks = os.sysconf("SC_CLK_TCK")
        while self.process.poll() is None:
            try:
                fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
                self.cpu = max(self.cpu, (int(fields[11]) + int(fields[12])) / ticks)
                lines = open(f"/proc/{self.process.pid}/status").read().splitlines()
                self.peak = max([self.peak] + [int(l.split()[1]) << 10 for l in lines if l.startswith("VmHWM")])
            except (OSError, IndexError):
                pass
            time.sleep(0.005)
        self.wall = time.monotonic() - began
        errors.seek(0)
        self.errors = errors.read()
        if self.process.returncode:
            raise RuntimeError(f"{command} ended with {self.process.returncode}: {self.errors[-2000:]}")
