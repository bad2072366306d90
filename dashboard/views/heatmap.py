"""Gains by language: the picture that the dashboard opens on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.analysis import answer, contrast, coverage, verdict
from dashboard.analysis.frames import ARTIFICIAL, PINNED, ScoreFrame
from dashboard.analysis.health import AT_CHANCE, RULE, WORDS
from dashboard.analysis.picture import Choice, picture
from dashboard.analysis.resample import Items
from dashboard.figures.heatmap import heatmap
from dashboard.figures.labels import names
from dashboard.figures.layout import least_width
from dashboard.views import exports
from dashboard.views.choice import choose
from dashboard.views.visit import Visit

Title = Callable[[str], str]


def show(visit: Visit) -> None:
    """The finding, the picture, the same as a table, and what one cell is made of."""
    frame = visit.frame
    chosen = choose(frame)
    table, pairs = _cells(frame, visit.moment, chosen, visit.items)
    lead(frame, chosen, table)
    if table.empty:
        st.info("This study has no other intermediate task for this target and scale.")
        return
    selected = drawn(visit, table)
    st.caption(notes(table, chosen))
    beforehand(frame, chosen)
    if selected:
        lang, task = selected[0]["customdata"][:2]
        cell(table, pairs, str(lang), str(task), frame.title)
    numbers(table, chosen, frame.title)


def drawn(visit: Visit, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The picture; returns the cell that is selected."""
    finding = " ".join(answer.sentence(table, code, visit.frame.title) for code in PINNED)
    points = exports.picture(
        heatmap(table, visit.look, visit.frame.title),
        "heatmap",
        f"Heatmap of gains. {finding}",
        least=least_width(table["intermediate"].nunique()),
        select=True,
        beside=names(table, visit.look, "st-key-scroll-heatmap"),
    )
    return [one for one in points if "customdata" in one]


@st.cache_data(show_spinner="Computing intervals …", max_entries=64)
def _cells(
    _frame: ScoreFrame, moment: str, choice: Choice, _items: Items
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`picture`, computed once per snapshot (its `moment`) and choice."""
    return picture(_frame, choice, _items)


def lead(frame: ScoreFrame, choice: Choice, table: pd.DataFrame) -> None:
    """Title, where we are, and the finding for the pinned languages."""
    st.title("Do the gains carry over?", anchor=False)
    base = frame.title(choice.over)
    read = f", {choice.variant}" if choice.variant else ""
    st.markdown(
        f"Study **{choice.study}**: **{frame.title(choice.target)}** at scale **{choice.scale}**, "
        f"{choice.metric} on {choice.split}{read}. What training on an English intermediate task "
        f"first adds, against {base}."
    )
    with st.container(border=True, key="answer"):
        for column, code in zip(st.columns(len(PINNED)), PINNED, strict=True):
            column.markdown(f"##### {answer.headline(table, code)}")
            column.markdown(answer.sentence(table, code, frame.title))
    if frame.artificial(choice.study):
        st.info(
            f"**An artificial world** (the embedded miniature): {ARTIFICIAL}",
            icon=":material/science:",
        )


def notes(table: pd.DataFrame, choice: Choice) -> str:
    """What is there and what is missing, and how to read the marks."""
    told = coverage.caption(table) + "."
    over = table["interval_over"].value_counts()
    if over.get("items", 0):
        told += (
            f" {over['items']} of {over.sum()} intervals are over test items only (fewer than three"
            " seeds): they leave out how much training varies."
        )
    if table["at_chance"].any() and choice.nothing_learnt == "left out":
        told += f" {RULE}"
    elif table["at_chance"].any():
        told += " Gains of and over runs at chance are included: they say nothing of transfer."
    return (
        told + " Intervals are not corrected for the number of cells. Select a cell for its runs."
    )


def beforehand(frame: ScoreFrame, choice: Choice) -> None:
    """What became of the comparison that the study named before its numbers were seen."""
    named = contrast.named(frame, choice.study)
    if named is None:
        return
    found = contrast.summary(contrast.lineages(frame, choice.study, named, choice.split))
    with st.container(border=True, key="beforehand"):
        for _, row in found[found["group"].eq("all")].iterrows():
            st.markdown(verdict.sentence(named, row, frame.title))
            st.caption(verdict.basis(row).capitalize() + ".")


def cell(table: pd.DataFrame, pairs: pd.DataFrame, lang: str, task: str, title: Title) -> None:
    """One cell, seed by seed, with the ids to look up in MLflow."""
    found = table[table["lang"].eq(lang) & table["intermediate"].eq(task)]
    if found.empty:
        return
    row = found.iloc[0]
    st.subheader(f"{row['language']}, {title(task)}", anchor=False)
    if row["state"] == AT_CHANCE:
        st.write(f"No gain: left out, {AT_CHANCE} ({row['why']}).")
    elif row["state"] != coverage.MEASURED:
        st.write(f"No gain: {row['state']}.")
    else:
        spread = answer.interval(row["low"], row["high"], row["interval_over"], row["seeds"])
        st.write(f"Gain {answer.points(row['gain'])} points, {spread}.")
    runs = pairs[pairs["lang"].eq(lang) & pairs["intermediate"].eq(task)]
    names = ["intermediate_seed", "target_seed", "baseline", "value", "gain", "n"]
    if runs["at_chance"].any():
        names += ["health", "baseline_health"]
        runs = runs.replace({"health": LEARNT, "baseline_health": LEARNT})
    st.dataframe(
        runs[[*names, "evaluation", "baseline_evaluation"]].rename(columns=LABELS).round(2),
        hide_index=True,
        key="runs",
    )


LEARNT = WORDS | {"ok": "yes", "": "not judged"}
LABELS = {
    "intermediate_seed": "intermediate seed",
    "target_seed": "target seed",
    "n": "items",
    "health": "learnt",
    "baseline_health": "learnt by the baseline",
    "baseline_evaluation": "evaluation of the baseline",
}


def numbers(table: pd.DataFrame, choice: Choice, title: Title) -> None:
    """The picture as a table, and everything behind it as CSV."""
    st.subheader("The same in numbers", anchor=False)
    tall = table.assign(task=table["intermediate"].map(title))
    order = list(dict.fromkeys(tall["task"]))
    wide = tall.pivot(index="lang", columns="task", values="gain")[order]
    about = table.drop_duplicates("lang").set_index("lang")
    base = table.groupby("lang")["baseline"].mean()
    wide.insert(0, "baseline", base)
    wide.insert(0, "family", about["family"])
    wide.insert(0, "language", about["language"])
    wide = wide.loc[list(dict.fromkeys(table["lang"]))]  # the picture's order
    signed = {task: st.column_config.NumberColumn(format="%+.1f") for task in order}
    signed["baseline"] = st.column_config.NumberColumn(format="%.1f")
    signed["language"] = st.column_config.TextColumn(pinned=True)
    st.dataframe(wide, hide_index=True, column_config=signed, placeholder="–", key="numbers")
    st.download_button(
        "Download as CSV",
        table.assign(**vars(choice)).to_csv(index=False),
        file_name=f"gains-{choice.study}-{choice.target}-{choice.scale}-{choice.split}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
