"""Where a score comes from: its cell, chosen step by step, and the trainings behind it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import tracking
from dashboard.analysis import ancestry
from dashboard.analysis.frames import PINNED, ScoreFrame
from dashboard.views import choice, links
from dashboard.views import lineage as boxes
from dashboard.views.visit import Visit

CELL = "cell"


def lineage(visit: Visit, runs: pd.DataFrame, plan: pd.DataFrame) -> None:
    """From phase 1 to the score of one cell."""
    if plan.empty:
        return
    st.subheader("Where a score comes from", anchor=False)
    row = chosen(visit.frame, plan)
    steps = ancestry.steps(runs, visit.frame.evaluations, str(row["evaluation"]))
    if steps.empty:
        st.info(f"This cell is not measured: it is {row['state']}.")
        return
    number = tracking.experiment(visit.where)
    scores = told(visit.frame, str(row["evaluation"]), str(row["target"]))
    st.html(
        boxes.lineage(
            steps,
            scores,
            visit.look,
            visit.frame.title,
            lambda run: tracking.run_page(visit.where, run, number),
        )
    )
    if row["intermediate"] != "none":
        about = {"target": row["target"], "scale": row["scale"], "task": row["intermediate"]}
        links.link("See its items", "examples", **about)


def chosen(frame: ScoreFrame, plan: pd.DataFrame) -> pd.Series:
    """The cell that the address names, or the boxes do: scale, target, intermediate, seed."""
    _follow(plan)
    first = st.columns(4)
    for place, (name, label) in zip(
        first,
        (("scale", "Model scale"), ("target", "Target task"), ("task", "Intermediate task")),
        strict=False,
    ):
        column = "intermediate" if name == "task" else name
        options = choice.values(plan, column)
        shown = str if name == "scale" else frame.title
        wanted = choice.pick(name, label, options, shown, place, _first(frame, plan, column))
        plan = plan[plan[column].eq(wanted)]
    names = {row["evaluation"]: _seed(row) for _, row in plan.iterrows()}
    cell = choice.pick(CELL, "Seed", list(names), names.__getitem__, first[3])
    return plan[plan["evaluation"].eq(cell)].iloc[0]


def _first(frame: ScoreFrame, plan: pd.DataFrame, column: str) -> str:
    """What a box opens with: a target that something was learnt of, after an intermediate task."""
    if column == "intermediate":
        return next((one for one in choice.values(plan, column) if one != "none"), "")
    if column == "target":
        there = frame.evaluations["evaluation"].isin(plan["evaluation"])
        return choice.learnable(frame.evaluations[there])
    return ""


def _follow(plan: pd.DataFrame) -> None:
    """An address that names a cell alone tells its coordinates too."""
    cell = st.query_params.get(CELL)
    found = plan[plan["evaluation"].eq(cell)] if cell else plan.iloc[:0]
    if CELL not in st.session_state and len(found):
        row = found.iloc[0]
        for name, column in (("scale", "scale"), ("target", "target"), ("task", "intermediate")):
            st.query_params[name] = row[column]
            st.session_state.pop(name, None)


def _seed(row: pd.Series) -> str:
    seeds = [
        f"{name.split('_')[0]} {row[name]}"
        for name in ("intermediate_seed", "target_seed")
        if row[name]
    ]
    return ", ".join([*(seeds or ["no seed"]), *([row["variant"]] if row["variant"] else [])])


def told(frame: ScoreFrame, evaluation: str, target: str) -> list[tuple[str, float]]:
    """The main metric on the test split: the pinned languages, English, and the mean of all."""
    rows = frame.held.target(target)
    rows = rows[rows["evaluation"].eq(evaluation) & rows["split"].eq("test")]
    if rows.empty:
        return []
    rows = rows[rows["metric"].eq(frame.main_metric(target, choice.values(rows, "metric")))]
    value = dict(zip(rows["lang"], rows["value"], strict=True))
    names = dict(zip(rows["lang"], rows["language"], strict=True))
    some = [(names[lang], value[lang]) for lang in (*PINNED, "eng") if lang in value]
    return [*some, (f"mean of {len(value)}", float(rows["value"].mean()))]
