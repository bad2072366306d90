"""The study's answer: what Finnish and Hungarian gain at each scale, and whether gains reach them.

The same comparison as for the registered contrasts (`generalise`), between the scales and languages
that this study has: at each scale against English, and from its first scale to each later one.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.analysis import registered
from dashboard.analysis.frames import PINNED, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.generalise import generalise
from dashboard.analysis.intervals import cells
from dashboard.analysis.registered import Pair, Registered
from dashboard.analysis.rollup import completed, mean_gain
from dashboard.analysis.xtreme import OFFICIAL, RETRIEVAL

ENGLISH = "English"
WITH, WITHOUT, ALONE = "with retrieval", "without retrieval", "retrieval alone"
LANGUAGES = "languages"
SCALES = "scale"


def headline(frame: ScoreFrame, study: str, baseline: str = "none") -> pd.DataFrame:
    """Rows of `generalise.VERDICTS`: kind `languages` against English, kind `scale` to later ones.

    `family` says what they are over. Retrieval is judged alone: it is read off encoders that learnt
    no target, so it has no seed in common with the rest. Against English there is none: it is
    measured between English and the others.
    """
    return generalise(frame, study, asked(frame, study, baseline))


def asked(frame: ScoreFrame, study: str, baseline: str = "none") -> Registered:
    """The study's own contrasts, with the margin, split and least seeds of the shipped file."""
    plan = frame.planned(study)
    scales = list(dict.fromkeys(plan["scale"]))
    every = list(dict.fromkeys(plan["target"]))
    alone = tuple(filter(_retrieval, every))
    rest = tuple(one for one in every if one not in alone)
    pairs = [
        Pair(f"{name} at {scale}", LANGUAGES, WITHOUT, rest, (scale, ENGLISH), (scale, name))
        for scale in scales
        for name in PINNED.values()
    ]
    pairs += [
        Pair(f"{name} from {scales[0]} to {scale}", SCALES, family, targets, here, (scale, name))
        for scale in scales[1:]
        for name in PINNED.values()
        for here in [(scales[0], name)]
        for family, targets in ((WITHOUT, rest), (ALONE, alone))
        if targets
    ]
    groups = {name: (code,) for code, name in PINNED.items()} | {ENGLISH: ("eng",)}
    return replace(
        registered.read(),
        baseline=baseline,
        intermediates=(),
        languages=groups,
        pairs=tuple(pairs),
    )


def _retrieval(target: str) -> bool:
    return OFFICIAL.get(target, ("", ""))[0] == RETRIEVAL


def means(frame: ScoreFrame, study: str, baseline: str = "none") -> pd.DataFrame:
    """Mean gain for each of scale, lang (the pinned ones) and family (`WITH`, `WITHOUT`).

    Every target counts the same, in it every intermediate task; columns as `rollup.mean_gain`, in
    the plan's order of scales.
    """
    plan = frame.planned(study)
    some = frame.scored(
        study,
        lambda rows: frame.usual(rows[rows["split"].eq("test") & rows["lang"].isin(PINNED)]),
    )
    table = completed(cells(gains(some, baseline)))
    table = table[table["intermediate"].ne(baseline)]
    retrieval = table["target"].map(_retrieval).astype(bool)
    told = [
        mean_gain(rows, ["scale", "lang"], "targets", "skip").assign(family=family)
        for family, rows in ((WITH, table), (WITHOUT, table[~retrieval]))
        if len(rows)
    ]
    empty = pd.DataFrame(columns=["scale", "lang", "gain", "languages", "missing", "family"])
    table = pd.concat(told, ignore_index=True) if told else empty
    order = {scale: rank for rank, scale in enumerate(dict.fromkeys(plan["scale"]))}
    return table.sort_values("scale", key=lambda one: one.map(order), kind="stable")
