"""Figures that others published, beside ours, in a table of their own."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells
from dashboard.analysis.published import COMPARISON, beside, published
from dashboard.analysis.results import Results
from dashboard.place import published as own
from dashboard.report.parts import Section, plain

SHOWN = tuple(one for one in COMPARISON if one not in ("difference", "from"))
"""Columns of the table; its CSV has them all."""


def literature(results: Results) -> list[Section]:
    """One section with a row per figure of this study's targets, read in the source that it names.

    Of zero-shot transfer only, on the report's split; none where nothing was published of them.
    """
    figures = published(*own())
    targets = set(results.plan["target"])
    some = figures[figures["target"].isin(targets) & figures["split"].eq(results.split)]
    if some.empty:
        return []
    targets = set(some["target"])
    here = results.frame.scored(
        results.study,
        lambda rows: rows[rows["split"].eq(results.split) & rows["target"].isin(targets)],
    )
    table = beside(cells(gains(here[here["variant"].eq("")], results.over)), some)
    if table.empty:
        return []
    shown = table[list(SHOWN)].assign(source="published [" + table["source"] + "]")
    shown["lang"] = shown["lang"].where(shown["lang"].ne(""), "its average")
    note = (
        "Read in the source that each row names; none enters any number of ours. Most cells of the "
        "paper's main table were not read and are not here. Its average: over the source's "
        "languages, which may not be ours."
    )
    there = int(table["ours"].notna().sum())
    title = "Published figures"
    told = f"{len(table)} published figures of these targets; we have measured {there} of the same."
    wide = plain("published", title, pd.DataFrame(shown), note, words=7)
    return [Section(title, (told, Section(title, (wide,), folded=True)))]
