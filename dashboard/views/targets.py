"""The paper's main table for our runs: which intermediate task helps which target."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboard.analysis import maintable
from dashboard.analysis.frames import ARTIFICIAL, ScoreFrame
from dashboard.analysis.health import AT_CHANCE, RULE
from dashboard.analysis.maintable import AVERAGE
from dashboard.analysis.results import NoSuch, gathered, records
from dashboard.figures import targets as figure
from dashboard.figures.dots import Axis, dots
from dashboard.views import choice, exports, links, paper
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

QUESTION = "Which intermediate task helps which target?"


def show(visit: Visit) -> None:
    """The main table as a picture and in numbers, averages, and what the paper compares."""
    frame = visit.frame
    study = choice.study(frame)
    plan = frame.planned(study)
    scale = choice.scale(plan)
    split = choice.splits(frame.kinds(study, "split"))
    over = choice.over(frame, plan[plan["scale"].eq(scale)])
    common = choice.flag("common", "Averages over common cells only")
    try:
        table = _table(frame, visit.moment, study, scale, split, over, common)
    except NoSuch as nothing:
        head(QUESTION, plain(str(nothing).capitalize()) + ".")
        return
    head(
        QUESTION,
        maintable.finding(table, lambda one: f"**{plain(frame.title(one))}**"),
        basis(frame, study, scale, split, over),
    )
    if frame.artificial(study):
        st.info(f"**An artificial world** (the embedded miniature): {ARTIFICIAL}")
    theirs = paper.figures()
    order = maintable.ranked(table)
    beside = maintable.alongside(theirs, table, scale) if theirs is not None else None
    drawn(visit, table, order, beside)
    st.caption(notes(table, common))
    links.link("The languages behind it →", "heatmap")
    averages(visit, table, order)
    numbers(frame, table, order)
    paper.contrasts(visit, study, scale, split)
    paper.choices(visit, study, scale, over)
    if theirs is not None:
        paper.published(visit, theirs, study, over, split)


@st.cache_data(show_spinner="Comparing intermediate tasks …", max_entries=32)
def _table(
    _frame: ScoreFrame, moment: str, study: str, scale: str, split: str, over: str, common: bool
) -> pd.DataFrame:
    """The main table with averages over whole targets, or with those over common cells."""
    results = gathered(_frame, study, split, over, None, scale=scale)
    return maintable.main_table(results, common=common)


def basis(frame: ScoreFrame, study: str, scale: str, split: str, over: str) -> str:
    """What the numbers are."""
    return (
        f"Study {plain(study)} at scale {plain(scale)}: {split} scores by each target's main "
        f"metric, gains in points over {plain(frame.title(over))}; a target is the mean over its "
        "languages within each seed, an average the unweighted mean over targets. The best task is "
        "chosen by the very scores that are shown."
    )


def drawn(visit: Visit, table: pd.DataFrame, order: list[str], beside: pd.DataFrame | None) -> None:
    """The table as a picture."""

    def title(one: str) -> str:
        return escape(visit.frame.title(one))

    exports.picture(
        figure.targets(table, order, visit.look, title, beside),
        "main-table",
        f"Main table. {maintable.finding(table, visit.frame.title)}",
        least=figure.least_width(table),
    )


def notes(table: pd.DataFrame, common: bool) -> str:
    """What is there, what is missing, and how the marks and colours are to be read."""
    rows = table[~table["own"] & table["group"].ne(AVERAGE)]
    there = int(rows["gain"].notna().sum())
    told = f"{there} of {len(rows)} means over a target's languages are there"
    gone = rows.loc[rows["gain"].isna(), "state"].value_counts()
    if len(gone):
        told += "; missing: " + ", ".join(
            f"{count} {plain(str(why))}" for why, count in gone.items()
        )
    told += ". Intervals are t intervals over seeds, from three seeds on."
    told += (
        f" Averages are over the {int(table['over'].max())} cells of a target and a language that "
        "every intermediate task has."
        if common and table["over"].max() > 0
        else " An average is missing where one of its targets is."
    )
    if rows["state"].eq(AT_CHANCE).any():
        told += f" {RULE}"
    limit = figure.spread(table)
    return told + (
        f" Colours end at {limit:.1f} points, the range of targets that are trained: retrieval may "
        "lie beyond, as its number says."
    )


def averages(visit: Visit, table: pd.DataFrame, order: list[str]) -> None:
    """Averages with and without retrieval, a row per intermediate."""
    rows = table[table["group"].eq(AVERAGE) & ~table["own"] & table["gain"].notna()]
    if rows.empty:
        return
    st.subheader("With and without retrieval", anchor=False)
    title = {one: escape(visit.frame.title(one)) for one in order}
    names = list(dict.fromkeys(table.loc[table["group"].eq(AVERAGE), "column"]))
    told = rows.assign(
        row=rows["intermediate"].map(title),
        series=rows["column"],
        value=rows["gain"],
        text=[figure.hover(row, lambda one: title.get(one, one)) for row in records(rows)],
    )
    shown = [title[one] for one in order if title[one] in set(told["row"])]
    exports.picture(
        dots(told, shown, names, Axis("average gain in points"), visit.look),
        "averages",
        f"Average gains with and without retrieval. {maintable.finding(table, visit.frame.title)}",
    )
    st.caption(
        "Retrieval is read off an encoder that learnt no target, and moves by far more than "
        "trained targets do: an average with it may be about it alone."
    )


def numbers(frame: ScoreFrame, table: pd.DataFrame, order: list[str]) -> None:
    """The main table in numbers; the file has intervals, seeds and reasons."""
    st.subheader("The same in numbers", anchor=False)
    shown = maintable.shown(table, order, frame.title)
    number = st.column_config.NumberColumn(format="%.1f")  # scores and gains share a column
    config = {name: number for name in shown.columns[1:]}
    config["intermediate"] = st.column_config.TextColumn(pinned=True)
    exports.table(table, "main-table-numbers", config, shown)
