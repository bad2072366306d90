"""What a report is made of, before any format: texts, tables and pictures in sections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.theme import Look


@dataclass(frozen=True)
class Cell:
    """One place of a table: what is written there, in plain text."""

    text: str
    tint: float = 0.0
    """Points that colour the cell, where the format has colours."""
    small: str = ""
    """A second, smaller line where the format has room for one; the CSV has it as numbers."""


@dataclass(frozen=True)
class Table:
    """A table as it is read (`head`, `rows`) and the frame that it was written from (`data`).

    `name` is that of its files. The first `words` columns are text, the others numbers.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    data: pd.DataFrame
    note: str = ""
    words: int = 1


@dataclass(frozen=True)
class Picture:
    """A figure that can be drawn in any look. `name` is that of its files; sizes in pixels.

    `labels` is HTML that is laid over the left side of a figure which is scrolled sideways.
    """

    name: str
    title: str
    alt: str
    width: int
    height: int
    draw: Callable[[Look], go.Figure]
    labels: Callable[[Look, str], str] | None = None
    least: int = 0
    """Pixels below which it is scrolled instead of squeezed."""


@dataclass(frozen=True)
class Section:
    """A title and what stands below it; a `folded` one opens when it is asked for."""

    title: str
    blocks: tuple[Block, ...] = field(default_factory=tuple)
    folded: bool = False


Block = str | Table | Picture | Section
"""A string is one paragraph of plain text, which every format escapes by itself."""


def cell(text: object, tint: float = 0.0, small: str = "") -> Cell:
    """`Cell` of anything that can be written."""
    return Cell(str(text), 0.0 if pd.isna(tint) else float(tint), small)


def plain(name: str, title: str, data: pd.DataFrame, note: str = "", words: int = 99) -> Table:
    """A table that shows its frame as it is: text stays, numbers get one decimal, NaN a dash."""
    rows = [tuple(cell(_written(one)) for one in row) for row in data.itertuples(index=False)]
    head = tuple(str(column) for column in data.columns)
    return Table(name, title, head, tuple(rows), data, note, min(words, len(head)))


def _written(value: object) -> str:
    if isinstance(value, float):
        return "–" if pd.isna(value) else f"{value:.1f}"
    return "–" if value is None or value is pd.NA else str(value)


def leaves(blocks: tuple[Block, ...]) -> Iterator[str | Table | Picture]:
    """Everything that stands in sections, at any depth, in order."""
    for block in blocks:
        if isinstance(block, Section):
            yield from leaves(block.blocks)
        else:
            yield block


def tables(blocks: tuple[Block, ...]) -> list[Table]:
    """Every table of a report, in order."""
    return [one for one in leaves(blocks) if isinstance(one, Table)]


def pictures(blocks: tuple[Block, ...]) -> list[Picture]:
    """Every picture of a report, in order."""
    return [one for one in leaves(blocks) if isinstance(one, Picture)]
