"""Where the rows of a language picture stand: pinned first, then family by family."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.analysis.frames import PINNED


@dataclass(frozen=True)
class Rows:
    """Row numbers from the top; a heading takes a row of its own."""

    of: dict[str, int]
    names: dict[str, str]
    headings: dict[int, str]

    @property
    def count(self) -> int:
        return len(self.of) + len(self.headings)

    @property
    def labels(self) -> list[str]:
        """A label for every row, empty for headings: what the axis shows, from the top."""
        told = [""] * self.count
        for lang, row in self.of.items():
            told[row] = self.names[lang]
        return told


def rows(table: pd.DataFrame) -> Rows:
    """Order the languages of a grid: Finnish, Hungarian, then families by name, genus, language.

    A family that also holds a pinned language is headed `Uralic, others`, since its best-known
    members stand above.
    """
    about = table.drop_duplicates("lang").set_index("lang")
    pinned = [lang for lang in PINNED if lang in about.index]
    of = {lang: row for row, lang in enumerate(pinned)}
    shared = set(about.loc[pinned, "family"])
    rest = about.drop(index=pinned).sort_values(["family", "genus", "language"], kind="stable")
    headings: dict[int, str] = {}
    for family, some in rest.groupby("family", sort=True):
        headings[len(of) + len(headings)] = f"{family}, others" if family in shared else str(family)
        for lang in some.index:
            of[str(lang)] = len(of) + len(headings)
    return Rows(of, about["language"].to_dict(), headings)
