"""What a sweep has found: its runs, phase map and recorded arrays, read from its database.

Databases are opened read-only; a sweep may be running meanwhile.
"""

from __future__ import annotations

import builtins
import html
import io
import json
import os
import sqlite3
from collections.abc import Iterator
from typing import Any, Optional, Union

DATABASE = "gammaplane.sqlite"
Row = dict[str, Any]


def open(path: Union[str, os.PathLike[str]], name: Optional[str] = None) -> Sweep:
    """Opens the results of a sweep.

    Args:
        path: the folder ``results/NAME``, the database in it, or NAME for one in ``results``.
        name: the sweep, where several share a database.

    Raises:
        FileNotFoundError: if there is no database.
        LookupError: if the sweep has to be named, or is not in the database.
    """
    path = os.fspath(path)
    candidates = [path, os.path.join(path, DATABASE), os.path.join("results", path, DATABASE)]
    for candidate in candidates:
        if os.path.isfile(candidate):
            return Sweep(candidate, name)
    raise FileNotFoundError(f"there is no {DATABASE} in {path}, and no sweep {path} in results")


class Sweep:
    """A sweep in a database."""

    def __init__(self, database: str, name: Optional[str] = None) -> None:
        """The sweep of a name; without one the only sweep, or the one that the folder names."""
        self.path = os.path.abspath(database)
        """The database."""
        names = [row["name"] for row in self._rows("SELECT name FROM sweep ORDER BY name")]
        if name is None:
            folder = os.path.basename(os.path.dirname(self.path))
            name = names[0] if len(names) == 1 else folder
        if name not in names:
            raise LookupError(f"{database} has the sweeps {', '.join(names) or '(none)'}; name one")
        self.name: str = name
        """Its name."""
        (row,) = self._rows("SELECT problem, definition FROM sweep WHERE name = ?", name)
        self._problem = row["problem"]
        self.definition: Row = json.loads(row["definition"])
        """The grid file, as JSON has it."""

    # Names

    @property
    def problem(self) -> Row:
        """Network, samples, method and targets: what all runs have in common."""
        problem: Row = self.definition["problem"]
        return problem

    @property
    def parameters(self) -> list[str]:
        """The parameters of a setting."""
        names = set(self.definition["axes"]) - {"width", "seed"}
        for block in self.definition.get("include", []):
            names |= set(block) - {"width", "seed"}
        plane = [name for name in self.plane if name in names]
        return plane + sorted(names - set(plane))

    @property
    def plane(self) -> list[str]:
        """The one or two parameters that span the phase map."""
        for row in self._rows("SELECT plane FROM fit WHERE sweep = ?", self.name):
            plane = json.loads(row["plane"])
            return [plane[axis] for axis in ("x", "y") if axis in plane]
        return list(self.definition.get("plane", []))

    @property
    def order_parameter(self) -> Optional[str]:
        """The quantity that was fitted; None before the first fit."""
        for row in self._rows("SELECT order_parameter FROM fit WHERE sweep = ?", self.name):
            return str(row["order_parameter"])
        name = self.definition.get("order_parameter")
        return None if name is None else str(name)

    @property
    def hello(self) -> Row:
        """What the latest worker said of itself: symbols and summaries of all names."""
        query = """SELECT hello FROM provenance JOIN origin ON origin.provenance = provenance.id
                   WHERE origin.problem = ? ORDER BY last_at DESC LIMIT 1"""
        for row in self._rows(query, self._problem):
            hello: Row = json.loads(row["hello"])
            return hello
        return {}

    def symbol(self, name: str) -> str:
        """How figures call a parameter or a quantity; its name where it has no symbol."""
        hello = self.hello
        for entry in hello.get("parameters", []) + hello.get("quantities", []):
            if isinstance(entry, dict) and entry.get("name") == name and entry.get("symbol"):
                return str(entry["symbol"])
        return name

    @property
    def provenance(self) -> list[Row]:
        """Who has computed results: program, worker, host and the date of the latest; newest first.

        Workers made with this package say what file they are, by its hash, and of which commit.
        """
        query = """SELECT program, git_commit, worker, command, host, last_at
                   FROM provenance JOIN origin ON origin.provenance = provenance.id
                   WHERE origin.problem = ? ORDER BY last_at DESC"""
        return self._rows(query, self._problem)

    # Tables

    def rows(self, table: str = "results") -> list[Row]:
        """Rows as dictionaries: ``results``, ``phase_points``, ``boundary`` or ``failures``.

        What all the tables hold: docs/database.md.
        """
        if table == "results":
            return self._rows("SELECT * FROM results WHERE problem = ?", self._problem)
        if table == "failures":
            return self._rows("SELECT * FROM failures WHERE problem = ?", self._problem)
        if table in {"phase_points", "boundary"}:
            return self._rows(f"SELECT * FROM {table} WHERE sweep = ?", self.name)
        raise ValueError(f"there is no table {table}: results, phase_points, boundary, failures")

    def runs(self) -> Any:
        """All results as a pandas DataFrame; of computed limits the width is infinite."""
        return self._frame("results")

    def phase_map(self) -> Any:
        """The fit at each setting as a pandas DataFrame: exponent, interval, trend and more."""
        return self._frame("phase_points")

    def to_xarray(self, quantities: Optional[list[str]] = None) -> Any:
        """The runs as an xarray Dataset over the parameters, ``width`` and ``seed``.

        Args:
            quantities: the columns to keep; all numbers by default.
        """
        import pandas

        index = [*self.parameters, "width", "seed"]
        frame = self.runs().set_index(index).sort_index()
        frame = frame[quantities] if quantities else frame.select_dtypes("number")
        if not quantities:
            frame = frame.drop(columns=[c for c in ("problem",) if c in frame])
        if frame.index.has_duplicates:
            raise ValueError("a setting, width and seed occur more than once")
        return pandas.DataFrame(frame).to_xarray()

    def boundary(self) -> list[list[tuple[float, float]]]:
        """The contours S = 0 of the phase map, as lists of points in its plane."""
        lines: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for row in sorted(self.rows("boundary"), key=lambda r: (r["polyline"], r["vertex"])):
            lines.setdefault((row["slice"], row["polyline"]), []).append((row["x"], row["y"]))
        return list(lines.values())

    def arrays(self, name: str) -> Iterator[tuple[Row, Any]]:
        """Each run that recorded an array, as a row of ``results``, with the array."""
        by_run = {row["run"]: row for row in self.rows()}
        for row in self._rows("SELECT run, data FROM array WHERE name = ? ORDER BY run", name):
            if row["run"] in by_run:
                yield by_run[row["run"]], _array(row["data"])

    def array(self, name: str, run: Optional[str] = None, **setting: float) -> Any:
        """One recorded array, of a run by its id or by parameters, width and seed.

        Raises:
            LookupError: if there is none, or more than one.
        """
        found = [
            values
            for row, values in self.arrays(name)
            if (run is None or row["run"] == run)
            and all(row[key] == value for key, value in setting.items())
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} runs have an array {name} there; one is needed")
        return found[0]

    # Display

    @property
    def svg(self) -> Optional[str]:
        """The phase map as the program has drawn it; None before the first fit."""
        folder = os.path.dirname(self.path)
        for name in (f"{self.name}.phase-map.svg", "phase-map.svg"):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with builtins.open(path, encoding="utf-8") as file:
                    return file.read()
        return None

    def _repr_html_(self) -> str:
        """In a notebook: the phase map, with the count of runs."""
        drawing = self.svg or "<p>There is no phase map yet.</p>"
        return f"<div>{drawing}<p>{html.escape(repr(self))}</p></div>"

    def __repr__(self) -> str:
        """The name, how many runs have ended how, and whether workers have changed meanwhile."""
        query = "SELECT outcome, count(*) AS n FROM runs WHERE problem = ? GROUP BY outcome"
        counts = [f"{row['n']} {row['outcome']}" for row in self._rows(query, self._problem)]
        workers = {row["worker"] for row in self.provenance}
        change = f"; by {len(workers)} different workers" if len(workers) > 1 else ""
        return f"<Sweep {self.name}: {', '.join(counts) or 'no results'}{change}>"

    # The database

    def _frame(self, table: str) -> Any:
        try:
            import pandas
        except ImportError as error:
            raise ImportError(
                "this needs pandas: pip install gammaplane[pandas]; Sweep.rows() does not"
            ) from error
        return pandas.DataFrame(self.rows(table))

    def _rows(self, query: str, *arguments: Any) -> list[Row]:
        # A database that nobody writes has no journal, and may be where none can be made.
        closed = not os.path.exists(self.path + "-wal")
        uri = f"file:{_quoted(self.path)}?" + ("immutable=1" if closed else "mode=ro")
        connection = sqlite3.connect(uri, uri=True, timeout=10)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, arguments)]
        finally:
            connection.close()


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _array(data: bytes) -> Any:
    import numpy

    return numpy.load(io.BytesIO(data), allow_pickle=False)
