"""The verdicts: what the frames say about the contrasts that were registered beforehand."""

from __future__ import annotations

from dashboard.analysis import registered
from dashboard.analysis.generalise import generalise
from dashboard.analysis.results import Results
from dashboard.report.parts import Block, Section, plain

SHOWN = (
    *("contrast", "family", "scale_here", "scale_there", "languages_here", "languages_there"),
    *("gain_here", "gain_there", "change", "low", "high", "p_equivalent", "seeds_here"),
    *("seeds_there", "verdict", "needs"),
)
"""Columns of the table; `dashboard.analysis.generalise` tells what they hold."""
WORDS = SHOWN.index("gain_here")


def verdicts(results: Results) -> list[Section]:
    """One section: a sentence and a row for each registered contrast that the study measured.

    The contrasts are those that Silta ships; they are read on the split that their file names.
    """
    asked = registered.read()
    told = generalise(results.frame, results.study, asked)
    there = told[told["cells"].gt(0)]
    blocks: list[Block] = [
        f"{len(told)} contrasts of scales and languages were registered before any number was seen "
        f"(margin {asked.margin:g} point, over {results.title(asked.baseline)}, {asked.split} "
        "scores). Their intervals are over seeds: of other test items they say nothing. Words and "
        "intervals are corrected for the contrasts that could be tested, by "
        f"{registered.CORRECTIONS[asked.correction] or 'nothing'}. This study has measured both "
        f"sides of {len(there) or 'none'}."
    ]
    blocks += [str(words) for words in there["words"]]
    if len(there):
        title = "The registered contrasts that were measured"
        table = plain("verdicts", title, there[list(SHOWN)], words=WORDS)
        blocks.append(Section(title, (table,), folded=True))
    return [Section("Does it generalise?", tuple(blocks))]
