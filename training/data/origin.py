"""Rows of original files, which know where they stand there: errors name file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from training.data.errors import DataError


class Line(dict[str, Any]):
    """A row in the published schema, or what is wrong with it (`fault`: the row is empty then)."""

    def __init__(
        self,
        row: Mapping[str, Any] | Iterable[tuple[str, Any]],
        path: str,
        number: int,
        unit: str = "line",
        lines: Iterable[int] = (),
        fault: DataError | None = None,
        left_out: str = "",
    ) -> None:
        super().__init__(row)
        self.path, self.number, self.unit = path, number, unit
        self.lines = tuple(lines)
        """Of a sentence: the line of every token."""
        self.fault = fault
        self.left_out = left_out
        """Why the official preparation leaves the row out; empty: it does not."""


def malformed(path: object, number: int | None, wrong: str, todo: str, unit: str = "line") -> Line:
    """A row that does not hold its format; whoever reads the file reports all of these at once."""
    fault = DataError(str(path), number, wrong, todo, unit)
    return Line({}, str(path), number or 1, unit, fault=fault)


def faults(rows: Iterable[Mapping[str, Any]]) -> list[DataError]:
    """What is wrong with the rows, in their order."""
    return [row.fault for row in rows if isinstance(row, Line) and row.fault is not None]
