"""What one cell of a picture is made of, seed by seed, and where it can be followed to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.analysis import answer, coverage
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.health import AT_CHANCE, WORDS
from dashboard.views import choice, exports, links
from dashboard.views.head import plain
from dashboard.views.visit import Visit

Behind = Callable[[pd.Series], pd.DataFrame]
"""A cell of the picture -> its lineages, columns `gains.GAINS`."""
LEARNT = WORDS | {"ok": "yes", "": "not judged"}
LABELS = {
    "intermediate_seed": "intermediate seed",
    "target_seed": "target seed",
    "n": "items",
    "health": "learnt",
    "baseline_health": "learnt by the baseline",
    "baseline_evaluation": "evaluation of the baseline",
}


def evidence(
    visit: Visit,
    table: pd.DataFrame,
    behind: Behind,
    column: str,
    selected: Sequence[dict[str, Any]],
) -> None:
    """The cell that was clicked, or chosen below the picture, or named by the address."""
    with st.container(border=True, key="evidence"):
        st.markdown("##### One cell, and what it is made of")
        lang, name = opened(table, column, selected, visit.frame)
        found = table[table["lang"].eq(lang) & table[column].eq(name)]
        if len(found):
            cell(visit, found.iloc[0], behind)


def opened(
    table: pd.DataFrame, column: str, selected: Sequence[dict[str, Any]], frame: ScoreFrame
) -> tuple[str, str]:
    """(language, column) of the open cell; boxes show it, so that no mouse is needed.

    The address has them as `lang` and `task`, or `of` where tasks do not stand across.
    """
    langs = dict(zip(table["lang"], table["language"], strict=True))
    across = list(dict.fromkeys(table[column]))
    key = "task" if column == "intermediate" else "of"
    clicked = tuple(map(str, selected[0]["customdata"][:2])) if selected else None
    if clicked and clicked != st.session_state.get("clicked"):
        st.session_state["lang"], st.session_state[key] = clicked
    st.session_state["clicked"] = clicked
    bar = st.container(horizontal=True, key="cell-choice")
    lang = choice.pick("lang", "Language", list(langs), langs.__getitem__, bar)
    label = {"intermediate": "Intermediate task", "target": "Target task"}.get(column, "Scale")
    shown = str if column == "scale" else frame.title
    return lang, choice.pick(key, label, across, shown, bar)


def cell(visit: Visit, row: pd.Series[Any], behind: Behind) -> None:
    """Gain and interval, then a row a seed with the ids to look up in MLflow."""
    task, target = (visit.frame.title(str(row[one])) for one in ("intermediate", "target"))
    place = f"{row['language']}, {task} → {target} at {row['scale']}"
    st.markdown(f"###### {plain(place)}")
    st.markdown(sentence(row))
    runs = behind(row)
    if len(runs):
        seeds(runs, row)
    told = {"lang": row["lang"], "task": row["intermediate"]}
    told |= {"target": row["target"], "scale": row["scale"]}
    with st.container(horizontal=True, key="follow"):
        links.link("Its test items, one by one", "examples", **told)
        links.link("Its runs, from the first phase to the score", "runs", **told)


def sentence(row: pd.Series[Any]) -> str:
    """What the cell says, or why it says nothing."""
    if row["state"] == AT_CHANCE:
        return f"No gain: left out, {AT_CHANCE} ({row['why']})."
    if row["state"] != coverage.MEASURED:
        return f"No gain: {row['state']}."
    spread = answer.interval(row["low"], row["high"], row["interval_over"], row["seeds"])
    told = f"**{answer.points(row['gain'])} points**, {spread}."
    return told + " It reuses the target's own training data." * (row["reuses"] is True)


def seeds(runs: pd.DataFrame, row: pd.Series[Any]) -> None:
    """One row a seed, both sides of the gain."""
    names = ["intermediate_seed", "target_seed", "baseline", "value", "gain", "n"]
    if runs["at_chance"].any():
        names += ["health", "baseline_health"]
        runs = runs.replace({"health": LEARNT, "baseline_health": LEARNT})
    shown = runs[[*names, "evaluation", "baseline_evaluation"]]
    name = f"cell-{row['target']}-{row['scale']}-{row['lang']}-{row['intermediate']}"
    two = st.column_config.NumberColumn(format="%.2f")
    config = dict.fromkeys(("baseline", "value", "gain"), two)
    exports.table(shown, name, config, shown.rename(columns=LABELS))
