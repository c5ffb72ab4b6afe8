#!/usr/bin/env python3
"""Asks the questions of `make bench`, prints the answers beside their targets, and writes them to a JSON file.

Figures are ratios of times, or of sizes, measured in the same run, where that can be; docs/benchmarks.md explains them.
"""

import argparse
import dataclasses
import datetime
import importlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

from measuring import FOLDER, Program, say
from tables import cell, table

QUESTIONS = [
    "sampling", "peers", "width", "samples", "memory", "throughput", "node", "million", "cluster", "figures",
]


def main():
    arguments = parsed()
    program = Program(arguments.program)
    started, began = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
    report = {
        "format": 1,
        "started": started.isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "quick": arguments.quick,
        "load_before": os.getloadavg(),
        "questions": {},
    }
    path = arguments.output or FOLDER / "results" / f"{started:%Y%m%dT%H%M%SZ}-{report['commit']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    for question in arguments.questions or QUESTIONS:
        module = importlib.import_module(f"questions.{question}")
        say(f"{question}: {module.__doc__.strip()}")
        answer = module.ask(program, arguments)
        report["questions"][question] = {
            "title": module.TITLE,
            "figures": [dataclasses.asdict(figure) | {"met": figure.met} for figure in answer.figures],
            "cases": answer.rows,
            "compared": answer.compared,
            "notes": answer.notes,
        }
        report["load_after"] = os.getloadavg()
        report["minutes"] = (time.monotonic() - began) / 60
        # After every question, so that an interrupted run is not lost.
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
        show(module.TITLE, answer)
    print(
        f"\nload of the machine: {report['load_before'][0]:.1f} before, {report['load_after'][0]:.1f} after, "
        f"{report['machine']['cores']} cores"
    )
    if report["load_before"][0] > 0.5 * report["machine"]["cores"]:
        print("other processes were busy; what needs all cores or much memory bandwidth, the peer above all, suffers most")
    print(f"results: {os.path.relpath(path)}")


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"of {', '.join(QUESTIONS)}; all by default")
    parser.add_argument("--program", type=pathlib.Path, default=FOLDER.parent / ".build/release/gammaplane-bench")
    parser.add_argument("--peer-python", type=pathlib.Path, default=FOLDER.parent / ".venv-bench/bin/python")
    parser.add_argument("--output", type=pathlib.Path, help="file for the results")
    parser.add_argument("--repeats", type=int, default=5, help="of everything that does not take long")
    parser.add_argument("--peer-limit", type=float, default=90, help="seconds for the peer's search of its rate, a case")
    parser.add_argument("--reference-limit", type=float, default=600, help="seconds for a run that errors are told by")
    parser.add_argument("--samples-limit", type=float, default=60, help="seconds for a run with many samples")
    parser.add_argument("--quick", action="store_true", help="small widths, to try the benchmarks themselves")
    arguments = parser.parse_args()
    for question in arguments.questions:
        if question not in QUESTIONS:
            parser.error(f"there is no question \"{question}\"; choose from {', '.join(QUESTIONS)}")
    arguments.gammaplane = arguments.program.with_name("gammaplane").resolve()
    for program in arguments.program, arguments.gammaplane:
        if not program.exists():
            parser.error(f"{program} is missing; `make bench` builds it")
    if arguments.repeats < 1:
        parser.error("--repeats must be at least 1")
    return arguments


def show(title, answer):
    print(f"\n{title}\n")
    if answer.rows:
        # Rows of different things, such as times and sizes, need not have the same columns.
        header = list(dict.fromkeys(key for row in answer.rows for key in row))
        print("\n".join(table(header, ([row.get(key) for key in header] for row in answer.rows))), end="\n\n")
    words = {True: "met", False: "MISSED", None: ""}
    figures = [
        [
            f.name,
            f.value,
            f"{f.relation} {cell(f.target)}" if f.target is not None else "",
            "open" if f.met is None and f.target is not None else words[f.met],
            f.note,
        ]
        for f in answer.figures
    ]
    if figures:
        print("\n".join(table(["figure", "measured", "target", "", ""], figures)))
    for note in answer.notes:
        print(f"  {note}")
    sys.stdout.flush()


def commit():
    """The short hash of the commit, with + where the working tree differs from it."""
    git = lambda *words: subprocess.run(["git", "-C", FOLDER, *words], capture_output=True, text=True)
    head = git("rev-parse", "--short", "HEAD")
    if head.returncode:
        return "unknown"
    return head.stdout.strip() + ("+" if git("status", "--porcelain", "--untracked-files=no").stdout.strip() else "")


def machine():
    """What the figures may depend on."""
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as lines:
            model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "processor": model,
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
    }


if __name__ == "__main__":
    main()
