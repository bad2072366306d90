"""What can be wrong with data, said so that the reader knows what to do."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 20
"""Malformed lines that a message names; of the others it gives the number."""


class DataError(ValueError):
    """A row or a file that does not hold what its format promises.

    `row` counts `unit`s of `where` from 1; lines are told as `file:line`.
    """

    def __init__(
        self, where: str, row: int | None, wrong: str, todo: str, unit: str = "row", more: str = ""
    ) -> None:
        self.where, self.row, self.wrong, self.todo, self.unit = where, row, wrong, todo, unit
        place = where
        if row is not None:
            place = f"{where}:{row}" if unit == "line" else f"{where}, {unit} {row}"
        super().__init__(f"{place}: {wrong}; {todo}{more}")


class MissingData(FileNotFoundError):
    """Data that are not there: what is missing, where it was looked for, what fetches it.

    `fetch`: the commands, or the addresses, that `plan --check` lists; `terms`: the page where
    the terms of a gated data set or model are accepted.
    """

    def __init__(
        self, what: str, looked: str, todo: str, fetch: tuple[str, ...] = (), terms: str = ""
    ) -> None:
        self.what, self.looked, self.todo, self.fetch = what, looked, todo, fetch
        self.terms = terms
        super().__init__(f"{what} not found: looked for {looked}; {todo}")

    def __str__(self) -> str:
        return str(self.args[0])


def gathered(faults: Sequence[DataError]) -> DataError:
    """One error out of all that was found (one at least): what is wrong with the first line
    concerned, the first 20 lines of its file, their total, and which other files are malformed."""
    where = faults[0].where
    mine = sorted((one for one in faults if one.where == where), key=lambda one: one.row or 0)
    rows = list(dict.fromkeys(one.row for one in mine if one.row is not None))
    others = list(dict.fromkeys(one.where for one in faults if one.where != where))
    told = []
    if len(rows) > 1:
        shown = ", ".join(str(row) for row in rows[:SHOWN])
        rest = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        told.append(f"{len(rows)} malformed {mine[0].unit}s in this file: {shown}{rest}")
    if others:
        rest = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        told.append(f"malformed too: {', '.join(others[:SHOWN])}{rest}")
    first = mine[0]
    more = f" ({'; '.join(told)})" if told else ""
    return DataError(first.where, first.row, first.wrong, first.todo, first.unit, more)
