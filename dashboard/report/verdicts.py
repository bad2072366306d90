"""The verdicts: what the frames say about the contrasts that were registered beforehand."""

from __future__ import annotations

from dashboard.analysis import registered
from dashboard.analysis.generalise import generalise
from dashboard.report.parts import Block, Section, plain
from dashboard.report.results import Results

SHOWN = (
    *("contrast", "gain_here", "gain_there", "change", "low", "high"),
    *("p_equivalent", "seeds_here", "seeds_there", "verdict", "needs"),
)
"""Columns of the table; `dashboard.analysis.generalise` tells what they hold."""


def verdicts(results: Results) -> list[Section]:
    """One section: a sentence for each contrast that was measured, and a table of all of them.

    The contrasts are those that Silta ships; they are read on the split that their file names.
    """
    asked = registered.read()
    told = generalise(results.frame, results.study, asked)
    there = told[told["cells"].gt(0)]
    blocks: list[Block] = [
        f"{len(told)} contrasts were registered before any number was seen (margin "
        f"{asked.margin:g} point, over {results.title(asked.baseline)}, {asked.split} scores); this"
        f" study has measured both sides of {len(there)}."
    ]
    blocks += [str(words) for words in there["words"]]
    table = plain("verdicts", "Every registered contrast", told[list(SHOWN)], words=1)
    blocks.append(Section(table.title, (table,), folded=True))
    return [Section("Does it generalise?", tuple(blocks))]
