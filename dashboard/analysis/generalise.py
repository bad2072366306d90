"""Do the gains hold where it is asked: at a larger scale, in other languages?

Each contrast of a file that was written before the numbers were seen compares the mean gain *there*
(the larger scale, the languages in question) with the mean gain *here* (the smaller scale, the
reference languages), and gets one of four words; `judge` defines them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis import registered as files
from dashboard.analysis.frames import ScoreFrame, require
from dashboard.analysis.gains import gains
from dashboard.analysis.registered import Pair, Registered
from dashboard.analysis.replicates import Estimate, needed
from dashboard.analysis.selecting import EVERYTHING
from dashboard.analysis.sides import CELL, LINEAGE, Compared, about, compared, matrix
from dashboard.analysis.telling import CANNOT_TELL, GENERALISES, REVERSES, SHRINKS, sentence, why

VERDICTS = (
    *("contrast", "kind", "family", "scale_here", "scale_there", "languages_here"),
    *("languages_there", "gain_here", "low_here", "high_here", "gain_there", "low_there"),
    *("high_there", "change", "low", "high", "margin", "p_equivalent", "p_not_worse"),
    *(
        "seeds_here",
        "seeds_there",
        "seeds_left_out",
        "targets",
        "intermediates",
        "measured_there",
        "cells",
    ),
    *("missing", "at_chance", "reuses", "items", "tested", "verdict", "needs", "why", "words"),
)
"""One row per contrast; gains in points. `change` is there less here; in kind gap that of the lead
over the reference languages, so that its `shrinks` says that they fall further behind, though their
own gain may have grown. `p_equivalent` is the larger p of the two one-sided tests (Schuirmann
1987), `p_not_worse` that of the lower one alone. `measured_there` are the languages that were,
`cells` (target, intermediate, language) that every seed kept has on both sides, `missing` those
that some have; `at_chance` gains that a run that learnt nothing took away; `items` the smallest
test set behind it; `tested` how many contrasts share a
correction; `needs` seeds a side. Intervals are over seeds, on these very test items, and as wide as
the correction asks."""


def generalise(
    frame: ScoreFrame, study: str | None = None, contrasts: Path | str | Registered = files.SHIPPED
) -> pd.DataFrame:
    """The verdicts (columns `VERDICTS`) of a study on the contrasts of a file.

    By each target's main metric, read as usual. No `study`: the latest published. Raises ValueError
    where a file names a language or target that nobody knows; what was read before is not checked.
    """
    asked = contrasts if isinstance(contrasts, Registered) else files.read(contrasts)
    if asked is not contrasts:
        files.check(asked, frame.languages["lang"], frame.tasks["task"])
    names = frame.studies()
    langs = {lang for some in asked.languages.values() for lang in some}

    def keep(rows: pd.DataFrame) -> pd.DataFrame:
        return frame.usual(rows[rows["split"].eq(asked.split) & rows["lang"].isin(langs)])

    scores = frame.scored(study or (names[0] if names else EVERYTHING), keep)
    return verdicts(gains(scores, asked.baseline), asked)


def verdicts(pairs: pd.DataFrame, asked: Registered) -> pd.DataFrame:
    """The same from a GainTable (`gains`) over the file's baseline, of one metric a target.

    Raises ValueError where a column is absent, or where two rows are of the same place and seeds.
    """
    require(pairs, [*CELL, *LINEAGE, "split", "gain", "metric"], "the gain table")
    rows = _chosen(pairs, asked)
    whole = matrix(rows)
    found = [compared(whole, pair, asked) for pair in asked.pairs]
    least = asked.least_seeds
    tested = sum(not np.isnan(one.change.interval(0.5, least)[0]) for one in found)
    level = corrected_level(found, tested, asked)
    table = [
        _row(pair, one, asked, level, tested) for pair, one in zip(asked.pairs, found, strict=True)
    ]
    return pd.DataFrame(table, columns=list(VERDICTS))


def corrected_level(found: list[Compared], tested: int, asked: Registered) -> float:
    """The level at which every contrast is judged, and one less which its intervals are at.

    With `many` contrasts tested and `alpha` = 1 - confidence: alpha / many (bonferroni); alpha /
    (many - words), with the words given at the level before, until there are no more (Holm's
    sequentially rejective procedure); alpha words / many, with the largest number that gives as
    many words (Benjamini and Hochberg; intervals at that level hold the expected share of false
    ones among the words given: Benjamini and Yekutieli 2005, JASA 100, 71-81).
    """
    many, alpha = max(tested, 1), 1 - asked.confidence

    def words(level: float) -> int:
        settings = (asked.margin, level, asked.least_seeds)
        said = [judge(one.here, one.there, one.change, *settings) for one in found]
        return sum(word != CANNOT_TELL for word in said)

    if asked.correction == "none":
        return alpha
    count = many if asked.correction == "benjamini-hochberg" else 0
    while asked.correction != "bonferroni":
        if asked.correction == "holm":
            level, more = alpha / (many - count), min(words(alpha / (many - count)), many - 1)
            if more <= count:
                return level
        else:
            level, more = alpha * count / many, words(alpha * count / many)
            if more >= count or more == 0:
                return level if more else alpha / many
        count = more
    return alpha / many


def judge(
    here: Estimate, there: Estimate, change: Estimate, margin: float, level: float, least: int
) -> str:
    """The word, by the first of these that is met:

    reverses: the gain there is significantly below zero, and here significantly above;
    generalises: the gain there is significantly above zero, and the loss against here is
    significantly smaller than `margin` (the lower of the two one-sided tests of equivalence: a loss
    that is sure, yet within the margin, is none that matters; a larger gain generalises, too), in a
    study that could see the margin at all: the half width of the change's interval at 1 - 2 `level`
    is within it, without which a lucky mean of a wide spread would do;
    shrinks: there is a gain here (its mean is positive), and the change is significantly negative;
    cannot tell: anything else, and always below `least` seeds a side, or where all seeds are alike.

    Significantly: two-sided at `level`, by t tests over seeds; within the margin: one-sided at it.
    """
    if here.above(0, least) <= level / 2 and there.above(0, least) >= 1 - level / 2:
        return REVERSES
    low, high = change.interval(1 - 2 * level, least)
    seen, kept = (high - low) / 2 <= margin, change.above(-margin, least) <= level
    if there.above(0, least) <= level / 2 and kept and seen:
        return GENERALISES
    if here.mean > 0 and change.above(0, least) >= 1 - level / 2:
        return SHRINKS
    return CANNOT_TELL


def seeds_needed(
    here: Estimate, there: Estimate, change: Estimate, margin: float, level: float, least: int
) -> float:
    """Seeds a side for the word that the means point to, with 80 % power, were they the truth.

    `least` where one of the sides has too few seeds to show a spread; NaN where no number of seeds
    would do (nothing measured, seeds all alike, or no gain on either side), inf beyond 1,000.
    """
    if np.isnan(change.mean) or change.alike:
        return np.nan
    if np.isnan(change.variance):
        return float(least)
    down = (-change.mean, change, level / 2)
    ways = [
        [(there.mean, there, level / 2), (min(change.mean, 0) + margin, change, level)],
        [(-there.mean, there, level / 2), (here.mean, here, level / 2)],
        [down] if here.mean > 0 else [],
    ]
    counts = [needed(way, least) for way in ways]
    known = [count for count in counts if not np.isnan(count)]
    return max(min(known), float(change.seeds + (change.seeds >= least))) if known else np.nan


def _chosen(pairs: pd.DataFrame, asked: Registered) -> pd.DataFrame:
    """The rows that the file is about."""
    rows = pairs[pairs["split"].eq(asked.split) & pairs["intermediate"].ne(asked.baseline)]
    if asked.intermediates:
        rows = rows[rows["intermediate"].isin(asked.intermediates)]
    if asked.reuses == "left out":
        rows = rows[~rows["reuses"].eq(True)]
    return rows


def _row(
    pair: Pair, found: Compared, asked: Registered, level: float, tested: int
) -> dict[str, Any]:
    """One contrast as a row of `VERDICTS`."""
    margin, least = asked.margin, asked.least_seeds
    three = {"here": found.here, "there": found.there, "": found.change}
    told = {"contrast": pair.name, "kind": pair.kind, "family": pair.family, "margin": margin}
    for side, (scale, group) in (("here", pair.here), ("there", pair.there)):
        told |= {f"scale_{side}": scale, f"languages_{side}": group}
        told[f"seeds_{side}"] = getattr(found, side).seeds
    for side, one in three.items():
        tail = f"_{side}" if side else ""
        told["gain" + tail if side else "change"] = one.mean
        told["low" + tail], told["high" + tail] = one.interval(1 - level, least)
    lower, upper = found.change.above(-margin, least), 1 - found.change.above(margin, least)
    told |= {"p_equivalent": float(np.max([lower, upper])), "p_not_worse": lower}
    told |= about(found, pair, asked) | {"tested": tested}
    word = judge(found.here, found.there, found.change, margin, level, least)
    told["verdict"] = word
    sides = (found.here, found.there, found.change)
    unsure = word == CANNOT_TELL
    told["needs"] = seeds_needed(*sides, margin, level, least) if unsure else np.nan
    told["why"] = why(pair, found, asked) if unsure else ""
    return told | {"words": sentence(told, pair, asked, 1 - level)}
