"""Make the wheels: wheel.py PROGRAMS SHARE FOLDER.

FOLDER gets gammaplane-VERSION-py3-none-any.whl, the Python package alone, and one for this platform
that carries the programs of the folder PROGRAMS and what scripts/share.sh has made in SHARE. Needs
the standard library only. The same content gives the same bytes.
"""

import base64
import hashlib
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = TOP / "python/src/gammaplane"
TIME = (2000, 1, 1, 0, 0, 0)


def extras():
    """The optional dependencies of pyproject.toml, as lines of METADATA."""
    text = (TOP / "python/pyproject.toml").read_text(encoding="utf-8")
    section = text.split("[project.optional-dependencies]\n", 1)[1].split("\n[", 1)[0]
    lines = []
    for name, packages in re.findall(r"^(\w+) = \[(.*)\]$", section, re.MULTILINE):
        lines.append(f"Provides-Extra: {name}")
        lines += [f'Requires-Dist: {p}; extra == "{name}"' for p in re.findall(r'"([^"]+)"', packages)]
    return lines


def metadata(version):
    head = [
        "Metadata-Version: 2.1", "Name: gammaplane", f"Version: {version}",
        "Summary: Phase diagrams of neural networks over initialisation exponents",
        "License: MIT", "Requires-Python: >=3.9", *extras(),
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(head) + "\n\n" + (TOP / "python/README.md").read_text(encoding="utf-8")


def write(path, version, tag, files):
    """A wheel of files, as (name in it, bytes, is executable)."""
    info = f"gammaplane-{version}.dist-info"
    is_pure = str(tag.endswith("-any")).lower()
    files = sorted(files) + [
        (f"{info}/METADATA", metadata(version).encode(), False),
        (f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: gammaplane\nRoot-Is-Purelib: {is_pure}\nTag: {tag}\n"
         .encode(), False),
        (f"{info}/LICENSE", (TOP / "LICENSE").read_bytes(), False),
    ]
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        def add(name, data, executable):
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system = 3  # Unix: the mode counts
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)

        for name, data, executable in files:
            add(name, data, executable)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}")
        record.append(f"{info}/RECORD,,")
        add(f"{info}/RECORD", ("\n".join(record) + "\n").encode(), False)
    print(path)


def stripped(program):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / program.name
        shutil.copy(program, copy)
        subprocess.run(["strip", copy], check=True)
        return copy.read_bytes()


def main():
    programs, share, folder = map(pathlib.Path, sys.argv[1:4])
    version = re.search(r'__version__ = "(.+)"', (PACKAGE / "_version.py").read_text()).group(1)
    told = subprocess.run([programs / "gammaplane", "--version"], capture_output=True, text=True, check=True)
    if told.stdout.split()[0] != version:
        sys.exit(f"the program has version {told.stdout.strip()}, the package {version}")
    package = [
        (f"gammaplane/{path.relative_to(PACKAGE).as_posix()}", path.read_bytes(), False)
        for path in PACKAGE.rglob("*") if path.is_file() and path.suffix in {".py", ".typed"}
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / f"gammaplane-{version}-py3-none-any.whl", version, "py3-none-any", package)
    if platform.system() != "Linux":
        return
    # Statically linked, they need no C library; this is the oldest tag that pip still knows well.
    tag = f"py3-none-manylinux_2_17_{platform.machine()}"
    data = f"gammaplane-{version}.data"
    names = ("gammaplane", "gammaplane-worker")
    carried = [(f"{data}/scripts/{name}", stripped(programs / name), True) for name in names]
    shared = [(path, path.relative_to(share)) for path in share.rglob("*") if path.is_file()]
    shared += [(path, pathlib.Path("gammaplane/grids", path.name)) for path in (TOP / "grids").glob("*.yaml")]
    carried += [(f"{data}/data/share/{name.as_posix()}", path.read_bytes(), False) for path, name in shared]
    write(folder / f"gammaplane-{version}-{tag}.whl", version, tag, package + carried)


main()
