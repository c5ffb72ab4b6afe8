"""Measures figures in a browser: texts that overlap or leave the page, at natural size and at half of it.

    python3 check_figures.py FIGURE.svg …

Prints a line for every fault; the exit code is 0 if there is none, 1 otherwise, 77 if there is no browser.
"""

import pathlib
import sys

from browser import Browser

measures = (pathlib.Path(__file__).parent / "measures.js").read_text()


def check(files):
    """All faults of some figures."""
    faults = []
    with Browser() as browser:
        for file in files:
            page = browser.open(file, width=1600, height=1200)
            for size in [1, 0.5]:
                page.evaluate(
                    "(svg => ['width', 'height'].forEach((side, i) => svg.setAttribute(side, "
                    f"svg.viewBox.baseVal[side] * {size})))(document.documentElement)")
                faults += [f"{file}, size {size}: {fault}"
                           for fault in page.evaluate(f"({measures}).overlaps(document.documentElement)")]
            faults += [f"{file}: {complaint}" for complaint in page.complaints()]
    return faults


if __name__ == "__main__":
    found = check(sys.argv[1:])
    if found:
        print("\n".join(found))
    sys.exit(1 if found else 0)
