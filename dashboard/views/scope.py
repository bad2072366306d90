"""The sidebar of pages about many cells at once: families, scales, morphology."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.analysis import scope as cells
from dashboard.analysis.answer import interval, points
from dashboard.analysis.frames import ARTIFICIAL, ScoreFrame
from dashboard.analysis.groups import WEIGHTS, Cells, GroupWeights, group_means, same_cells
from dashboard.analysis.rollup import TARGET_FAMILY
from dashboard.analysis.scope import Scope
from dashboard.views import choice
from dashboard.views.head import plain

ENGLISH = "eng"
APART = "English, which was trained on"
RETRIEVAL = "retrieval"
SHORT = {
    "targets": "targets count the same",
    "languages": "cells count the same",
    "items": "cells count by items",
}
"""The weights in few words; `groups.WEIGHTS` says them whole."""


def scope(frame: ScoreFrame, every_scale: bool = False, shown: cells.Shown = "gain") -> Scope:
    """What a visitor wants averaged; nothing chosen in a list means all of it."""
    study = choice.study(frame)
    scores, plan = frame.kinds(study, "split", "lang", "health"), frame.planned(study)
    scales = () if every_scale else (choice.scale(plan),)
    targets = _targets(frame, plan)
    over = choice.over(frame, plan)
    tasks = [one for one in choice.values(plan, "intermediate") if one != over]
    some = choice.many("tasks", "Intermediate tasks (none chosen: all)", tasks, frame.title)
    langs = languages(frame, scores)
    known = sorted(langs, key=lambda one: langs[one])
    kept = choice.many("langs", "Languages (none chosen: all)", known, lambda one: langs[one])
    split = choice.splits(scores)
    learnt = choice.at_chance(scores)
    return Scope(study, scales, targets, tuple(some), tuple(kept), split, over, learnt, shown)


def _targets(frame: ScoreFrame, plan: pd.DataFrame) -> tuple[str, ...]:
    """The targets; all but retrieval unless chosen, since it would weigh on every mean."""
    every = choice.values(plan, "target")
    some = choice.many("targets", "Target tasks (none chosen: all)", every, frame.title)
    rest = [one for one in every if TARGET_FAMILY.get(one) != RETRIEVAL]
    if some or not rest or len(rest) == len(every):
        return tuple(some)
    return () if choice.flag("retrieval", "Retrieval in the means, too") else tuple(rest)


def weighing() -> tuple[GroupWeights, Cells]:
    """How cells count in a mean, and which."""
    told = choice.pick("weights", "Weights", list(WEIGHTS), lambda one: SHORT[one])
    weights: GroupWeights = next(one for one in WEIGHTS if one == told)
    shared = choice.flag("shared", "Only cells that every seed has")
    return weights, "cells of every seed" if shared else "every cell"


def languages(frame: ScoreFrame, scores: pd.DataFrame) -> dict[str, str]:
    """Code -> name of those that were measured."""
    rows = scores.drop_duplicates("lang")
    return dict(zip(rows["lang"], rows["language"], strict=True))


@st.cache_data(show_spinner="Averaging …", max_entries=64)
def means(
    _frame: ScoreFrame,
    moment: str,
    asked: Scope,
    by: str,
    weights: GroupWeights,
    over: Cells,
    same: bool = False,
) -> pd.DataFrame:
    """`group_means` by a trait or language, English apart; `same`: over cells of every scale."""
    pairs, planned = _rows(_frame, moment, asked)
    pairs = same_cells(pairs) if same else pairs
    return group_means(apart(pairs, by), apart(planned, by), "of", weights, over)


@st.cache_data(show_spinner=False, max_entries=16)
def _rows(_frame: ScoreFrame, moment: str, asked: Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(gains, planned cells): of all groupings and weights of one scope."""
    return cells.chosen(_frame, asked), cells.asked(_frame, asked)


def apart(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """`table` with a column `of`: its trait `by`, and for English its own code."""
    return table.assign(of=table[by].astype("str").mask(table["lang"].eq(ENGLISH), ENGLISH))


def basis(frame: ScoreFrame, asked: Scope, weights: GroupWeights | None) -> str:
    """What is averaged, and over what."""
    plan = frame.planned(asked.study)
    targets = asked.targets or tuple(choice.values(plan, "target"))
    named = ", ".join(plain(frame.title(one)) for one in targets)
    at = f" at scale {plain(asked.scales[0])}" if asked.scales else ""
    told = f"Study {plain(asked.study)}{at}: {named}, each by its main metric on "
    told += f"{plain(asked.split)}, against {plain(frame.title(asked.over))}"
    if asked.tasks:
        told += f", after {', '.join(plain(frame.title(one)) for one in asked.tasks)} only"
    if asked.langs:
        told += f"; {len(asked.langs)} languages chosen"
    told += f". Weights: {WEIGHTS[weights]}." if weights else "."
    gone = cells.unmeasured(frame, asked)
    if gone:
        told += f" Nothing measured of {', '.join(plain(frame.title(one)) for one in gone)}."
    return told


def counted(table: pd.DataFrame) -> str:
    """How many cells are in the means and how many are not."""
    there, gone, chance = (int(table[one].sum()) for one in ("cells", "missing", "at_chance"))
    told = f"{there} of {there + gone} cells are in the means"
    told += f", {gone} missing" if gone else ""
    return told + (f" ({chance} of them with runs at chance)." if chance else ".")


def spread(row: Any) -> str:
    """`+1.8 (95 % interval …)`."""
    over = "seeds" if pd.notna(row["low"]) else None
    told = interval(row["low"], row["high"], over, int(row["seeds"]))
    return f"**{points(float(row['gain']))}** ({told})"


def miniature(frame: ScoreFrame, asked: Scope) -> None:
    """Said wherever numbers are of the artificial world."""
    if frame.artificial(asked.study):
        st.info(f"**An artificial world** (the embedded miniature): {ARTIFICIAL}")


NUMBERS = {name: st.column_config.NumberColumn(format="%+.1f") for name in ("gain", "low", "high")}
COLUMNS = ["gain", "low", "high", "seeds", "cells", "missing", "at chance"]
SEEDS_NOTE = (
    "Intervals are 95 % t intervals over seeds that share all cells of the mean, from three such "
    "seeds on: they say how far a mean would move had one trained again, not how other languages "
    "would do."
)
