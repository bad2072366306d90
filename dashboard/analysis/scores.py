"""Scores, target by target: those of a target are put together when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from dashboard.analysis.coding import below

Keep = Callable[[pd.DataFrame], pd.DataFrame]
"""What leaves some rows of a table out."""


class Scores:
    """Tables of one kind by target. Nobody may write into what they return; all of them together
    are seldom needed, and of many evaluations a lot."""

    def __init__(self, parts: Mapping[str, Callable[[], pd.DataFrame]], blank: pd.DataFrame):
        self.parts, self._blank = dict(parts), blank
        self._all: pd.DataFrame | None = None

    @classmethod
    def of(cls, table: pd.DataFrame) -> Scores:
        """Of a table that is at hand."""
        names = table["target"].unique() if len(table) else ()
        made = cls({name: partial(_of, table, name) for name in names}, table.iloc[:0])
        made._all = table
        return made

    def target(self, name: str) -> pd.DataFrame:
        """The scores of one target."""
        return self.parts[name]() if name in self.parts else self._blank

    def all(self) -> pd.DataFrame:
        """The scores of all targets, below each other."""
        if self._all is None:
            self._all = below([*(part() for part in self.parts.values()), self._blank])
        return self._all

    def where(self, keep: Keep) -> Scores:
        """Those that `keep` leaves: the rest is not even put together."""
        if self._all is not None:
            return Scores.of(keep(self._all))
        parts = {name: partial(_kept, keep, part) for name, part in self.parts.items()}
        return Scores(parts, self._blank)


def _of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["target"].eq(name)]


def _kept(keep: Keep, part: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    return keep(part())
