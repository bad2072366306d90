"""Which cells of a study a page is about, when it is about many targets, tasks and languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from dashboard.analysis.coding import by_metric, written
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.health import Degenerate
from dashboard.analysis.relative import relative
from dashboard.analysis.rollup import described

Shown = Literal["gain", "gap_change", "gap"]
SHOWN: dict[str, str] = {
    "gain": "gain",
    "gap_change": "change of the gap to English",
    "gap": "gap to English",
}
"""What may be averaged: a gain, or one of the gaps of `relative`."""


@dataclass(frozen=True)
class Scope:
    """A part of a study; an empty tuple leaves nothing out."""

    study: str
    scales: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    """Intermediate tasks."""
    langs: tuple[str, ...] = ()
    split: str = "test"
    over: str = "none"
    nothing_learnt: Degenerate = "left out"
    shown: Shown = "gain"


def chosen(frame: ScoreFrame, scope: Scope) -> pd.DataFrame:
    """GainTable of the scope, with `relative`'s columns and the traits of `rollup.described`.

    Each target by its main metric and read in the usual way. In `gain` stands what is `shown`, NaN
    wherever there is no gain, so that gaps are of the same lineages as gains.
    """
    scores = frame.scored(
        scope.study, lambda rows: _main(frame, _usual(rows[rows["split"].eq(scope.split)]))
    )
    pairs = relative(gains(_within(scores, scope, langs=False), scope.over, scope.nothing_learnt))
    if scope.shown != "gain":
        pairs["gain"] = pairs[scope.shown].where(pairs["gain"].notna())
        pairs = pairs[pairs["lang"].ne("eng")]
    pairs = _within(pairs[pairs["intermediate"].ne(scope.over)], scope)
    return described(pairs.reset_index(drop=True), frame.languages)


def asked(frame: ScoreFrame, scope: Scope) -> pd.DataFrame:
    """One row per cell that the study plans in this scope, run or not, as `described`.

    A target's languages are those that any of its evaluations measured; a target that nothing was
    measured of has no rows, since nobody told its languages; nor has, where a gap is shown, one
    without English.
    """
    plan = _usual(frame.planned(scope.study))
    plan = plan[plan["intermediate"].ne(scope.over)]
    places = _within(plan, scope)[["scale", "target", "intermediate"]].drop_duplicates()
    langs = frame.kinds(scope.study, "split", "lang")
    langs = written(langs.loc[langs["split"].eq(scope.split), ["target", "lang"]])
    if scope.shown != "gain":
        english = set(langs.loc[langs["lang"].eq("eng"), "target"])
        langs = langs[langs["lang"].ne("eng") & langs["target"].isin(english)]
    cells = places.merge(_within(langs, scope, langs=True), on="target")
    return described(cells, frame.languages)


def unmeasured(frame: ScoreFrame, scope: Scope) -> list[str]:
    """Targets of the scope that nothing was measured of."""
    targets = dict.fromkeys(_within(frame.planned(scope.study), scope)["target"])
    return [one for one in targets if frame.target(scope.study, one).empty]


def _within(rows: pd.DataFrame, scope: Scope, langs: bool = True) -> pd.DataFrame:
    """The rows of the scope, by those of its columns that they have.

    The baseline's rows stay. Not by `langs` where English is needed to tell a gap.
    """
    for column, kept in (("scale", scope.scales), ("target", scope.targets)):
        if kept and column in rows:
            rows = rows[rows[column].isin(kept)]
    if scope.tasks and "intermediate" in rows:
        rows = rows[rows["intermediate"].isin([*scope.tasks, scope.over])]
    return (
        rows[rows["lang"].isin(scope.langs)] if langs and scope.langs and "lang" in rows else rows
    )


def _usual(rows: pd.DataFrame) -> pd.DataFrame:
    """Of a target that is read in several ways the usual one; an only way is the usual one."""
    if rows.empty:
        return rows
    ways = rows.groupby("target")["variant"].transform("nunique")
    return rows[rows["variant"].eq("") | ways.eq(1)]


def _main(frame: ScoreFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Scores by each target's main metric."""
    offered = rows.groupby("target", sort=False)["metric"].unique()
    main = {
        str(target): frame.main_metric(str(target), [one for one in found if one != "n"] or ["n"])
        for target, found in offered.items()
    }
    return rows[by_metric(rows, main)]
