"""Gains by language: across stand the intermediate tasks, the targets or the scales."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd
import streamlit as st

from dashboard.analysis import answer, coverage, shapes
from dashboard.analysis.correction import MEANS, Correction
from dashboard.analysis.frames import ARTIFICIAL, PINNED, ScoreFrame
from dashboard.analysis.health import RULE
from dashboard.analysis.picture import Choice, behind
from dashboard.analysis.resample import Items
from dashboard.analysis.significance import marked
from dashboard.figures.heatmap import heatmap
from dashboard.figures.labels import names
from dashboard.figures.layout import least_width
from dashboard.views import choice, exports
from dashboard.views.evidence import evidence
from dashboard.views.head import PROSE, head, plain
from dashboard.views.visit import Visit

ACROSS = {
    "tasks": "Intermediate tasks",
    "targets": "Target tasks",
    "scales": "Model scales",
}
QUICK = 120
"""Evaluations of a picture whose test items are read without being asked for."""
CORRECTIONS = {"none": "None", "holm": "Holm", "benjamini-hochberg": "Benjamini–Hochberg"}


@dataclass(frozen=True)
class Asked:
    """What the picture shows, beside whose gains it shows."""

    shape: str
    task: str
    """The one intermediate, where tasks do not stand across."""
    order: str
    correction: Correction
    files: int
    """Evaluations behind it."""
    items: bool
    """Whether their test items count in intervals."""

    @property
    def column(self) -> str:
        """The column of the table that stands across."""
        return shapes.SHAPES[self.shape]


def show(visit: Visit) -> None:
    """The finding, the picture, what one cell is made of, and the same as a table."""
    frame = visit.frame
    chosen = choice.choose(frame)
    top = st.container()
    asked = asks(frame, chosen)
    told = (chosen, asked.shape, asked.task, asked.items)
    whole = _grid(frame, visit.moment, *told, visit.items)
    found = finding(frame, whole, asked)
    with top:
        lead(frame, chosen, asked, found)
        if frame.artificial(chosen.study):
            st.info(f"**An artificial world** (the embedded miniature): {ARTIFICIAL}")
    if whole.empty:
        st.info("This study has no other intermediate task here: there is no gain to show.")
        return
    table = marked(shapes.arranged(whole, asked.order), asked.correction)
    selected = drawn(visit, table, asked, found)
    st.caption(notes(table, chosen, asked))
    evidence(visit, table, lambda row: lineages(frame, chosen, row), asked.column, selected)
    numbers(frame, table, chosen, asked)


def lineages(frame: ScoreFrame, chosen: Choice, row: pd.Series[Any]) -> pd.DataFrame:
    """The lineages of one cell of the picture."""
    target, scale, metric, lang, task = (
        str(row[name]) for name in ("target", "scale", "metric", "lang", "intermediate")
    )
    return behind(frame, replace(chosen, target=target, scale=scale, metric=metric), lang, task)


def asks(frame: ScoreFrame, chosen: Choice) -> Asked:
    """The controls above the picture."""
    plan = frame.planned(chosen.study)
    bar = st.container(horizontal=True, key="controls")
    shape = choice.pick("shape", "Across", list(ACROSS), ACROSS.__getitem__, bar)
    task = ""
    if shape != "tasks":
        tasks = [one for one in choice.values(plan, "intermediate") if one != chosen.over]
        task = choice.pick("task", "Intermediate task", tasks or ["none"], frame.title, bar)
    order = choice.pick(
        "sort", "Sort and group by", list(shapes.GROUPS), shapes.GROUPS.__getitem__, bar
    )
    correction = choice.pick(
        "correction", "Correct marks", list(CORRECTIONS), CORRECTIONS.__getitem__, bar
    )
    files = shapes.behind(frame, chosen, shape, task)
    items = files <= QUICK or choice.flag("items", "Count test items in intervals, too")
    return Asked(shape, task, order, cast(Correction, correction), files, items)


@st.cache_resource(show_spinner="Computing intervals …", max_entries=64)
def _grid(
    _frame: ScoreFrame,
    moment: str,
    choice: Choice,
    shape: str,
    task: str,
    counted: bool,
    _items: Items,
) -> pd.DataFrame:
    """`shapes.grid`, computed once per snapshot (its `moment`) and choice; shared, so never
    written into."""
    return shapes.grid(_frame, choice, _items if counted else None, shape, task)


def lead(frame: ScoreFrame, chosen: Choice, asked: Asked, found: str) -> None:
    """The question, the finding for the pinned languages, and what it is about."""
    where = [f"Study {plain(chosen.study)}"]
    if asked.shape != "targets":
        where += [f"**{plain(frame.title(chosen.target))}**, {plain(chosen.metric)}"]
    if asked.shape != "scales":
        where += [f"scale **{plain(chosen.scale)}**"]
    if asked.task:
        where += [f"after **{plain(frame.title(asked.task))}**"]
    where += [f"{plain(chosen.split)} scores", f"gains over {plain(frame.title(chosen.over))}"]
    where += [plain(chosen.variant)] * bool(chosen.variant)
    head("Do the gains carry over?", found, "; ".join(where) + ".")


def finding(frame: ScoreFrame, table: pd.DataFrame, asked: Asked) -> str:
    """The pinned languages in words; their sentences know tasks only across."""
    if asked.shape == "tasks":
        told = [answer.sentence(table, code, frame.title) for code in PINNED]
        return " ".join(_bold(plain(one, PROSE)) for one in told)
    return " ".join(_range(table, code, name) for code, name in PINNED.items())


def _range(table: pd.DataFrame, code: str, name: str) -> str:
    there = table[table["lang"].eq(code) & table["gain"].notna()]
    if there.empty:
        return f"Nothing is measured in **{name}** yet."
    up = int(there["gain"].gt(0).sum())
    low, high = (answer.points(float(one)) for one in (there["gain"].min(), there["gain"].max()))
    span = f"{low} to {high}" if len(there) > 1 else high
    return f"**{name}** gains in {up} of {len(there)} ({span} points)."


def spoken(markdown: str) -> str:
    """The same for a screen reader: without the signs of Markdown."""
    return re.sub(r"\\(.)", r"\1", markdown.replace("**", ""))


def _bold(sentence: str) -> str:
    for name in PINNED.values():
        sentence = sentence.replace(name, f"**{name}**", 1)
    return sentence


def drawn(visit: Visit, table: pd.DataFrame, asked: Asked, found: str) -> list[dict[str, Any]]:
    """The picture, with what was found for a screen reader; returns the cell that is selected."""
    title = _titles(visit.frame, asked)
    points = exports.picture(
        heatmap(table, visit.look, title, asked.column),
        "heatmap",
        f"Heatmap of gains, {table['lang'].nunique()} languages by "
        f"{table[asked.column].nunique()} columns. " + spoken(found),
        least=least_width(table[asked.column].nunique()),
        select=True,
        beside=names(table, visit.look, "st-key-scroll-heatmap"),
    )
    return [one for one in points if "customdata" in one]


def _titles(frame: ScoreFrame, asked: Asked) -> Any:
    """A column as people write it; scales are called what they are called."""
    return str if asked.shape == "scales" else frame.title


def notes(table: pd.DataFrame, chosen: Choice, asked: Asked) -> str:
    """What is there and what is missing, and how to read the marks."""
    told = coverage.caption(table) + "."
    over = table["interval_over"].value_counts()
    if over.get("items", 0):
        told += (
            f" {over['items']} of {over.sum()} intervals are over test items only (fewer than three"
            " seeds): they leave out how much training varies."
        )
    if not asked.items:
        told += (
            f" Intervals leave out the draw of test items: those of {asked.files:,} evaluations "
            "take a while to read (switch in the sidebar)."
        )
    if table["at_chance"].any() and chosen.nothing_learnt == "left out":
        told += f" {RULE}"
    elif table["at_chance"].any():
        told += " Gains of and over runs at chance are included: they say nothing of transfer."
    if asked.correction == "none":
        return f"{told} Marks are not corrected for the number of cells."
    tests = int(table["tests"].max())
    return f"{told} Marks are corrected for the {tests} cells with an interval: " + (
        f"{MEANS[asked.correction]}."
    )


def numbers(frame: ScoreFrame, table: pd.DataFrame, chosen: Choice, asked: Asked) -> None:
    """The picture as a table, and everything behind it as CSV."""
    st.subheader("The same in numbers", anchor=False)
    title = _titles(frame, asked)
    order = list(dict.fromkeys(table[asked.column]))
    wide = table.pivot(index="lang", columns=asked.column, values="gain")[order]
    wide.columns = pd.Index([title(one) for one in order])
    about = table.drop_duplicates("lang").set_index("lang")
    if asked.shape == "tasks":  # elsewhere it would be a mean of unlike scores
        wide.insert(0, "baseline", table.groupby("lang")["baseline"].mean())
    wide.insert(0, "family", about["family"])
    wide.insert(0, "language", about["language"])
    wide = wide.loc[list(about.index)]  # the picture's order
    signed: dict[str, Any] = {
        title(one): st.column_config.NumberColumn(format="%+.1f") for one in order
    }
    signed["baseline"] = st.column_config.NumberColumn(format="%.1f")
    signed["language"] = st.column_config.TextColumn(pinned=True)
    whole = table.assign(**{key: one for key, one in vars(chosen).items() if key not in table})
    parts = [chosen.study, *_named(chosen, asked), chosen.split]
    exports.table(whole, "-".join(["gains", *parts]), signed, wide)


def _named(chosen: Choice, asked: Asked) -> list[str]:
    """What the table's file is called after."""
    told = {"tasks": [chosen.target, chosen.scale], "targets": [asked.task, chosen.scale]}
    return told.get(asked.shape, [asked.task, chosen.target])
