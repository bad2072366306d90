"""Reading one published row: columns by name, labels in every spelling, errors with their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from training.catalogue.names import suggestion
from training.data.errors import DataError
from training.data.origin import Line
from training.spec.task import Task

Row = Mapping[str, Any]
HIDDEN = (-1, "-1", "-")
"""How published files write a label that annotators disagreed on (SNLI, MultiNLI)."""
HIDDEN_LABEL = "label hidden or disputed"
SPELLINGS = {"contradictory": "contradiction"}
"""XNLI's translated training files (XNLI-MT) spell it so."""


@dataclass(frozen=True)
class Place:
    """Where a row comes from, for ids and for errors. `row` counts `unit`s of `where` from 1."""

    task: Task
    lang: str
    where: str
    parallel: bool = False
    """Whether row i says the same in every language."""
    row: int = 0
    unit: str = "row"
    position: int = 0
    """Of the row among all of its split, from 0."""

    def of(self, row: Row, number: int) -> Place:
        """The place of the `number`th row, in its own file where it knows that."""
        if isinstance(row, Line):
            told = (row.path, row.number, row.unit)
        else:
            told = (self.where, number, "row")
        return Place(self.task, self.lang, told[0], self.parallel, *told[1:], number - 1)

    def token(self, row: Row, index: int) -> Place:
        """The place of a token, where the row has a line for each."""
        if isinstance(row, Line) and row.lines:
            return replace(self, row=row.lines[index], unit="line")
        return self

    def wrong(self, what: str, todo: str) -> DataError:
        return DataError(self.where, self.row or None, what, todo, self.unit)


def value(row: Row, place: Place, *columns: str) -> Any:
    """The first of `columns` that the row has; DataError if it has none of them."""
    for column in columns:
        if column in row:
            return row[column]
    also = f" (nor {', '.join(dict.fromkeys(columns[1:]))})" if columns[1:] else ""
    meant = suggestion(columns[0], [str(key) for key in row])
    raise place.wrong(
        f"there is no column {columns[0]!r}{meant}{also}",
        f"the published schema of {place.task.title} is expected",
    )


def text(row: Row, place: Place, *columns: str) -> str:
    """A column of text."""
    found = value(row, place, *columns)
    if not isinstance(found, str):
        raise place.wrong(f"column {columns[0]!r} holds {found!r}", "text is expected")
    return found


def texts(row: Row, place: Place, column: str) -> tuple[str, ...]:
    """A column that holds a list of texts."""
    found = value(row, place, column)
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise place.wrong(f"column {column!r} holds {found!r}", "a list of texts is expected")
    for one in found:
        if not isinstance(one, str):
            raise place.wrong(f"column {column!r} holds {one!r}", "texts are expected in its list")
    return tuple(found)


def index(found: Any, labels: Sequence[str], column: str, place: Place) -> int:
    """The position of a label that is written as a number, a digit or a name."""
    name = SPELLINGS.get(found, found) if isinstance(found, str) else found
    if isinstance(name, str) and name in labels:
        return labels.index(name)
    number = int(name) if isinstance(name, str) and name.isdecimal() else name
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(labels):
        return number
    raise place.wrong(
        f"column {column!r} holds {found!r}{suggestion(str(found), labels)}",
        f"a label or a number from 0 to {len(labels) - 1} is expected",
    )


def label(row: Row, place: Place, *columns: str) -> int | None:
    """The index into `Task.labels`; None where it is disputed and the task is told to drop it."""
    found = value(row, place, *columns)
    if place.task.disputed and found in HIDDEN:
        return None
    return index(found, place.task.labels, columns[0], place)


def identifier(row: Row, place: Place, *columns: str) -> str:
    """The published id, else the position (from 0); `part` tells apart pooled data sets."""
    found = next((row[column] for column in columns if row.get(column) is not None), place.position)
    return f"{row['part']}:{found}" if "part" in row else str(found)
