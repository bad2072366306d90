"""Published rows -> examples, row by row: what is left out is counted, what is malformed stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from training.data.columns import Place, Row
from training.data.errors import DataError, gathered
from training.data.origin import Line
from training.families.examples import Example


@dataclass(frozen=True)
class Read:
    """Examples, and how many rows were left out or put right, by reason."""

    examples: tuple[Any, ...]
    """Of one family (`training.families.examples`); lines of text for the schema `text`."""
    dropped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    original: bool = False
    """Whether the rows are of original files."""


Made = Example | str | list[DataError] | None
"""An example, or why the row is left out, or what is wrong with it, or None: the row is of another
language."""
Make = Callable[[Row, Place], Made]


def each(make: Make, group: str = "") -> Callable[..., Read]:
    """A reader of tables out of a reader of rows; rows with one `group` value share a cluster,
    where the data set does not say itself which belong together.

    The reader raises one DataError for all malformed rows.
    """

    def table(rows: Iterable[Row], place: Place) -> Read:
        examples: list[Any] = []
        dropped: Counter[str] = Counter()
        faults: list[DataError] = []
        ids, original = Ids(), False
        first: dict[str, str] = {}
        for number, row in enumerate(rows, start=1):
            here = place.of(row, number)
            original |= isinstance(row, Line)
            made = attempt(make, row, here)
            if isinstance(made, list):
                faults += made
            elif isinstance(made, str):
                dropped[made] += 1
            elif made is not None:
                try:
                    one: Any = ids.unique(made, row, here)
                except DataError as error:
                    faults.append(error)
                    continue
                if place.parallel:
                    one = replace(one, cluster=str(number - 1))
                elif group and one.cluster == one.id:
                    one = replace(one, cluster=first.setdefault(getattr(one, group), one.id))
                examples.append(one)
        if faults:
            raise gathered(faults)
        return Read(tuple(examples), dropped, original=original)

    return table


def attempt(make: Make, row: Row, here: Place) -> Made:
    """What a row becomes; its errors are values."""
    if isinstance(row, Line) and row.fault is not None:
        return [row.fault]
    try:
        made = make(row, here)
    except DataError as error:
        return [error]
    if isinstance(row, Line) and row.left_out and not isinstance(made, list):
        return row.left_out
    return made


class Ids:
    """Ids that were seen. None may come twice, but where hub data sets are pooled, and where they
    are published so (`Task.ids_repeat`): these are then numbered."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.places: dict[tuple[str, object], Place] = {}

    def unique(self, example: Any, row: Row, here: Place) -> Any:
        """The example under an id of its own. Raises DataError for a repeated one."""
        pooled = "part" in row or here.task.ids_repeat or here.parallel
        if isinstance(row, Line) or not pooled:
            # HellaSwag counts `ind` within a source, as far as is known.
            first = self.places.setdefault((example.id, row.get("source_id")), here)
            if first is not here:
                elsewhere = f" of {first.where}" if first.where != here.where else ""
                raise here.wrong(
                    f"repeats the id {example.id!r} of {first.unit} {first.row}{elsewhere}",
                    "fetch the file again, and keep one copy of it",
                )
        self.seen[example.id] += 1
        if self.seen[example.id] == 1:
            return example
        return replace(example, id=f"{example.id}~{self.seen[example.id]}")
