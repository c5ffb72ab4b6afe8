#!/usr/bin/env python3
"""Compares two files of results: what A measured, what B measured, and B/A."""

import argparse
import json
import pathlib

from tables import table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("a", type=pathlib.Path, metavar="A", help="results before")
    parser.add_argument("b", type=pathlib.Path, metavar="B", help="results after")
    arguments = parser.parse_args()
    for path in (arguments.a, arguments.b):
        if not path.is_file():
            parser.error(f"there is no file of results \"{path}\"; say make bench-compare A=before.json B=after.json")
    a, b = (json.loads(path.read_text()) for path in (arguments.a, arguments.b))
    for letter, report in (("A", a), ("B", b)):
        machine = report["machine"]
        print(
            f"{letter}  {report['commit']}  {report['started']}  {machine['processor']}, {machine['cores']} cores, "
            f"load {report['load_before'][0]:.1f}–{report['load_after'][0]:.1f}" + ("  (quick)" if report["quick"] else "")
        )
    if a["quick"] != b["quick"]:
        print("one of them was measured with --quick: the cases differ")
    for question in (q for q in a["questions"] if q in b["questions"]):
        print(f"\n{b['questions'][question]['title']}\n")
        rows = list(compared(a["questions"][question], b["questions"][question]))
        print("\n".join(table(["", "A", "B", "B/A", "target", ""], rows)) if rows else "  nothing in common")


def compared(a, b):
    """Figures first, then the cases, of those that both have."""
    old = {figure["name"]: figure for figure in a["figures"]}
    for figure in b["figures"]:
        if figure["name"] in old:
            before = old[figure["name"]]
            target = f"{figure['relation']} {figure['target']:g}" if figure["target"] is not None else ""
            yield row(figure["name"], before["value"], figure["value"]) + [target, change(before["met"], figure["met"])]
    old = {case["case"]: case for case in a["cases"]}
    for column in b["compared"]:
        for case in b["cases"]:
            if column in old.get(case["case"], {}):
                yield row(f"{case['case']}: {column}", old[case["case"]][column], case[column]) + ["", ""]


def row(name, a, b):
    return [name, a, b, b / a if a and b else None]


def change(before, after):
    if after is None:
        return ""
    words = {True: "met", False: "MISSED", None: "unknown"}
    return words[after] if before == after else f"{words[before]} → {words[after]}"


if __name__ == "__main__":
    main()
