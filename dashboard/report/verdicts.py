"""The place for verdicts: what the frames say about the questions that were asked beforehand."""

from __future__ import annotations

from dashboard.report.parts import Section
from dashboard.report.results import Results


def verdicts(results: Results) -> list[Section]:
    """Sections with a verdict each, in reading order, after the contrast named beforehand.

    Whatever is returned here is written in every format: a string is a paragraph, a `Table` also
    goes to tables/NAME.csv and .tex, a `Picture` also to figures/NAME.png and .svg. An empty list
    leaves no trace in the report. Published figures, where they are shown for comparison, are a
    section of their own here too: no table of our numbers takes them in.
    """
    return []
