"""Which of the items are looked at: filters, order, and one page of them at a time."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.analysis.features import binned

PAGE = 25
"""Items of a page: all that is sent to a browser, however many there are."""
ORDERS: dict[str, tuple[str, bool]] = {
    "set": ("", True),
    "gain": ("change", False),
    "loss": ("change", True),
    "split": ("per_word", False),
    "whole": ("per_word", True),
    "long": ("n_words", False),
    "short": ("n_words", True),
}
"""Code -> column and whether it ascends; ties stay in the order of the test set."""
ORDER_NAMES: dict[str, str] = {
    "set": "as in the test set",
    "gain": "largest gain first",
    "loss": "largest loss first",
    "split": "most sub-words per word first",
    "whole": "fewest sub-words per word first",
    "long": "longest first",
    "short": "shortest first",
}


@dataclass(frozen=True)
class Sieve:
    """What an item must be; every field at its default lets everything through."""

    group: str = ""
    feature: str = ""
    """`Case=Ine`: some word of the item has it."""
    per_word: str = ""
    """A bin of sub-words a word, as `features.binned` names it."""
    n_words: str = ""
    """A bin of words."""
    text: str = ""
    """Looked for in text, gold and both predictions as it is, whatever its case."""


def sifted(
    table: pd.DataFrame, sieve: Sieve, having: pd.Series[bool] | None = None
) -> pd.DataFrame:
    """The rows of `Paired.table` that pass; `having` says of each whether it has the feature."""
    kept = pd.Series(True, index=table.index)
    if sieve.group:
        kept &= table["group"].eq(sieve.group)
    if sieve.feature and having is not None:
        kept &= having
    for column, part in (("per_word", sieve.per_word), ("n_words", sieve.n_words)):
        if part:
            kept &= binned(table[column]).eq(part)
    rows = table[kept]
    if sieve.text:
        rows = rows[_holding(rows, sieve.text)]
    return rows


def _holding(rows: pd.DataFrame, wanted: str) -> pd.Series[bool]:
    """Where one of the texts holds `wanted`, letter for letter: nothing in it is a pattern."""
    found = pd.Series(False, index=rows.index)
    for name in ("text", "gold", "prediction", "prediction_before"):
        found |= rows[name].str.contains(wanted, case=False, regex=False, na=False)
    return found


def ordered(rows: pd.DataFrame, order: str) -> pd.DataFrame:
    """By one of `ORDERS`; missing values last."""
    column, ascending = ORDERS[order]
    return rows.sort_values(column, ascending=ascending, kind="stable") if column else rows


def pages(rows: pd.DataFrame, size: int = PAGE) -> int:
    """How many pages there are, at least one."""
    return max(1, -(-len(rows) // size))


def page(rows: pd.DataFrame, number: int, size: int = PAGE) -> pd.DataFrame:
    """The rows of one page, which count from one."""
    return rows.iloc[(number - 1) * size : number * size]
