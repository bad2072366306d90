"""Retrieval read from every layer: how far the choice of a layer decides what is found."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.analysis import sweeps
from dashboard.analysis.answer import points
from dashboard.analysis.frames import ARTIFICIAL, PINNED, ScoreFrame
from dashboard.analysis.results import records
from dashboard.analysis.sweeps import MEAN, WAYS
from dashboard.figures.dots import Axis, dots
from dashboard.figures.sweep import LEAST
from dashboard.figures.sweep import sweep as figure
from dashboard.snapshot import sweep
from dashboard.views import choice, exports
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

QUESTION = "Does the gain in retrieval hang on the layer that is read?"
CENTRED = ("raw", "centred")


def show(visit: Visit) -> None:
    """Scores and gains by layer, and what other ways of choosing a layer would have given."""
    frame = visit.frame
    study = choice.study(frame)
    plan = frame.planned(study)
    plan = plan[plan["target_seed"].eq("")]
    if plan.empty:
        head(QUESTION, f"Study {plain(study)} has no retrieval: nothing is read by layer.")
        return
    target = choice.pick("target", "Target task", choice.values(plan, "target"), frame.title)
    plan = plan[plan["target"].eq(target)]
    scale = choice.scale(plan)
    plan = plan[plan["scale"].eq(scale)]
    table = _swept(frame, visit.moment, visit, tuple(plan["evaluation"]))
    if table.empty:
        head(QUESTION, nothing(frame, target, scale, visit.offline))
        return
    split = choice.splits(table)
    metric = choice.pick("metric", "Metric", sweeps.metrics(table, split))
    over = choice.over(frame, table)
    tasks = [one for one in choice.values(table, "intermediate") if one != over]
    if not tasks:
        head(QUESTION, f"There is a sweep of {plain(frame.title(over))} only: nothing to compare.")
        return
    task = choice.pick("task", "Intermediate task", tasks, frame.title)
    centred = choice.pick("vectors", "Sentence vectors", CENTRED)
    used = sweeps.fixed(scale, choice.values(plan, "variant"))
    curves, chosen = _told(table, visit.moment, study, target, scale, split, metric, over, used)
    head(
        QUESTION,
        sweeps.finding(chosen, task, f"**{plain(frame.title(task))}**"),
        basis(frame, study, target, scale, f"{metric} on {split}", over, used),
    )
    if frame.artificial(study):
        st.info(f"**An artificial world** (the embedded miniature): {ARTIFICIAL}")
    here = curves[curves["centred"].astype(bool).eq(centred == "centred")]
    drawn(visit, here, task, over, used, metric)
    ways(visit, chosen, task, metric)
    numbers(visit, curves, chosen)


@st.cache_data(show_spinner="Reading the sweeps …", max_entries=16)
def _swept(
    _frame: ScoreFrame, moment: str, _visit: Visit, evaluations: tuple[str, ...]
) -> pd.DataFrame:
    """Sweeps of the evaluations that were recorded; downloaded once."""
    read = sweep(_visit.where, _frame, _visit.offline)
    some = _frame.evaluations[_frame.evaluations["evaluation"].isin(evaluations)]
    return sweeps.swept(some, read)


@st.cache_data(show_spinner="Comparing layers …", max_entries=32)
def _told(
    _table: pd.DataFrame,
    moment: str,
    study: str,
    target: str,
    scale: str,
    split: str,
    metric: str,
    over: str,
    used: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(curves, ways of choosing)."""
    curves = sweeps.curves(_table, split, metric, over)
    return curves, sweeps.chosen(_table, split, metric, used, over)


def nothing(frame: ScoreFrame, target: str, scale: str, offline: bool) -> str:
    """Why there is nothing to draw."""
    told = (
        f"No sweep of {plain(frame.title(target))} at {plain(scale)} was found. It is measured "
        "beside each retrieval evaluation, and appears here when one is done."
    )
    return told + (" The server is away: only what was read before is kept." if offline else "")


def basis(
    frame: ScoreFrame,
    study: str,
    target: str,
    scale: str,
    read: str,
    over: str,
    used: dict[str, Any],
) -> str:
    """What is shown, and by what the results are read."""
    return (
        f"Study {plain(study)}: {plain(frame.title(target))} at scale {plain(scale)}, "
        f"{plain(read)}, against {plain(frame.title(over))}. Results are read from layer "
        f"{used['layer']} with {plain(str(used['pooling']))} pooling and raw "
        "vectors, whatever this page shows."
    )


def named(frame: ScoreFrame, count: int) -> Callable[[str], str]:
    """A language's name, or what its mean is over."""
    names = dict(zip(frame.languages["lang"], frame.languages["language"], strict=True))
    mean = f"mean of {count} languages"
    return lambda lang: mean if lang == MEAN else escape(str(names.get(lang, lang)))


def panels(curves: pd.DataFrame) -> list[str]:
    """Pinned languages that the target has, then their mean; else its first two languages."""
    there = [str(one) for one in dict.fromkeys(curves["lang"]) if one != MEAN]
    pinned = [one for one in PINNED if one in there]
    return [*(pinned or there[:2]), MEAN]


def drawn(
    visit: Visit, curves: pd.DataFrame, task: str, over: str, used: dict[str, Any], metric: str
) -> None:
    """A panel for each language; what the lines are."""
    title = visit.frame.title
    shown = panels(curves)
    name = named(visit.frame, curves["lang"].nunique() - 1)
    exports.picture(
        figure(
            curves,
            task,
            over,
            shown,
            used,
            visit.look,
            lambda one: escape(title(one)),
            name,
            escape(metric),
        ),
        "layers",
        f"{metric} by layer after {title(task)} and {title(over)}, a panel for each of "
        f"{', '.join(map(name, shown))}.",
        least=LEAST,
    )
    lacking = [name for code, name in PINNED.items() if code not in shown]
    told = f"It has no {' or '.join(lacking)} text. " if lacking else ""
    if metric.endswith(sweeps.SAMPLED):
        told += "This metric was measured on a sample of the sentences. "
    st.caption(
        f"{told}Means over seeds, bars are 95 % t intervals from three on. Layer 0 are the "
        "embeddings. The dashed line and the rings are the reading that results are given by; "
        "below, the gain over the baseline read alike. Solid: mean pooling, dotted: first token."
    )


def ways(visit: Visit, chosen: pd.DataFrame, task: str, metric: str) -> None:
    """The gain by way of choosing a reading, a row a language."""
    st.subheader("What another choice would have given", anchor=False)
    name = named(visit.frame, chosen["lang"].nunique() - 1)
    rows = chosen[chosen["intermediate"].eq(task) & chosen["gain"].notna()]
    told = rows.assign(
        row=rows["lang"].map(name),
        series=rows["chosen_on"],
        value=rows["gain"],
        low=float("nan"),
        high=float("nan"),
        text=[
            f"<b>{name(row['lang'])}</b><br>{row['chosen_on']}: {points(row['gain'])}"
            f"<br>layer {row['layer']}, {row['pooling']}{', centred' if row['centred'] else ''}"
            for row in records(rows)
        ],
    )
    first = [MEAN, *PINNED]
    order = sorted(
        dict.fromkeys(rows["lang"]),
        key=lambda one: first.index(one) if one in first else len(first),
    )
    exports.picture(
        dots(
            told,
            [name(one) for one in order],
            [one for one in WAYS if one in set(rows["chosen_on"])],
            Axis(f"gain in points of {escape(metric)}"),
            visit.look,
            [name(one) for one in first],
        ),
        "layer-choice",
        "Gains by language under each way of choosing a layer.",
    )
    st.caption(
        "Each side, with and without the task, is read by what the same rule chooses for it. An "
        "oracle chooses on the scores that it is then judged by: nobody can read results so, and "
        "its best is too good by chance."
    )


def numbers(visit: Visit, curves: pd.DataFrame, chosen: pd.DataFrame) -> None:
    """Both pictures in numbers, for every intermediate task."""
    name = named(visit.frame, curves["lang"].nunique() - 1)
    one = st.column_config.NumberColumn(format="%.1f")
    signed = st.column_config.NumberColumn(format="%+.1f")
    config = {"value": one, "lost": one, "spread": one, "low": one, "high": one, "gain": signed}
    st.subheader("The same in numbers", anchor=False)
    for table, key in ((chosen, "layer-choice-numbers"), (curves, "layers-numbers")):
        shown = table.assign(
            lang=table["lang"].map(name), intermediate=table["intermediate"].map(visit.frame.title)
        )
        exports.table(table, key, config, shown.rename(columns={"lang": "language"}))
    st.caption(
        "`lost`: points by which the oracle's reading is ahead; `spread`: from the worst layer to "
        "the best, of the pooling and vectors chosen."
    )
