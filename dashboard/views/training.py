"""Two recipes side by side, and learning curves over each other."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.analysis import ancestry, forest
from dashboard.analysis import curves as lines
from dashboard.figures.curves import curves as drawn
from dashboard.snapshot import curves, recipe
from dashboard.views import choice, exports
from dashboard.views.head import plain
from dashboard.views.visit import Visit

EVERY = 5
"""Seconds between two looks at a curve that moves."""
MOST = 8
"""Lines of a picture; more could not be told apart."""


def compared(visit: Visit, runs: pd.DataFrame, plan: pd.DataFrame) -> None:
    """Trainings of one phase and scale, two of them as recipes, several as curves."""
    known = runs[runs["run_id"].ne("")]
    if known.empty:
        return
    st.subheader("How two trainings differ", anchor=False)
    boxes = st.columns(2)
    phases = [one for one in reversed(forest.PHASES) if one in set(known["phase"])]
    phase = choice.pick("phase", "Phase", phases, forest.PHASES.__getitem__, boxes[0])
    known = known[known["phase"].eq(phase)]
    size = choice.pick("size", "Scale of the two", choice.values(known, "scale"), str, boxes[1])
    names = labels(visit, known[known["scale"].eq(size)], runs, plan)
    pair = _pair(names)
    if pair:
        recipes(visit, pair, names)
    learnt(visit, runs, names, pair or list(names))


def labels(
    visit: Visit, some: pd.DataFrame, runs: pd.DataFrame, plan: pd.DataFrame
) -> dict[str, str]:
    """Run -> `XNLI after MNLI, seed 1`."""
    placed = forest.members(runs, plan).drop_duplicates("run").set_index("run")["intermediate"]
    told = {}
    for row in some.itertuples():
        name = "phase 1" if row.phase == "mlm" else visit.frame.title(str(row.task))
        after = str(placed.get(row.run, "none"))
        if row.phase == "target" and after != "none":
            name += f" after {visit.frame.title(after)}"
        if row.phase == "intermediate" and after != row.task:
            name = visit.frame.title(after)
        told[str(row.run)] = f"{name}, seed {row.seed}"
    return told


def _pair(names: dict[str, str]) -> list[str]:
    """The two that are compared; the first two unless chosen otherwise."""
    if len(names) < 2:
        return []
    boxes, options = st.columns(2), list(names)
    one = choice.pick("one", "This training", options, names.__getitem__, boxes[0])
    others = [name for name in options if name != one]
    two = choice.pick("two", "and this one", others, names.__getitem__, boxes[1])
    return [one, two]


def recipes(visit: Visit, pair: list[str], names: dict[str, str]) -> None:
    """What sets them apart, and on request what does not."""
    read = recipe(visit.where, visit.frame, visit.offline)
    rows = ancestry.difference(*(read(run) for run in pair))
    if rows.empty:
        st.info("Nothing is recorded of how these two were trained.")
        return
    equal = choice.flag(
        "equal", f"Also what is equal ({int(rows['same'].sum()):,} settings)", place=st
    )
    shown = rows if equal else rows[~rows["same"]]
    if shown.empty:
        st.info("Their records are equal in every setting.")
        return
    one, two = (names[run] for run in pair)
    if one == two:
        one, two = pair
    shown = shown.drop(columns="same") if not equal else shown
    exports.table(shown.rename(columns={"name": "setting", "one": one, "other": two}), "recipes")


def learnt(visit: Visit, runs: pd.DataFrame, names: dict[str, str], first: list[str]) -> None:
    """Curves; they move while one of their trainings runs."""
    st.subheader("Learning curves", anchor=False)
    chosen = choice.many(
        "lines", "Trainings (none chosen: the two above)", list(names), names.__getitem__, st
    )
    if len(chosen) > MOST:
        st.caption(
            f"The first {MOST} of {len(chosen)} are drawn: more lines could not be told apart."
        )
    wanted = (chosen or first[:2])[:MOST]
    moving = runs.loc[runs["run"].isin(wanted), "state"].eq(forest.RUNNING).any()
    panel = st.container(key="curves-panel")
    names = {run: names[run] for run in wanted}
    table = _joined(visit, tuple(wanted))
    if table.empty:
        panel.info("No curve of these trainings is recorded.")
        return
    boxes = st.columns(3, vertical_alignment="bottom")
    metric = choice.pick("curve", "Curve", lines.metrics(table), str, boxes[0])
    axes = [
        axis
        for axis, box in (("x", boxes[1]), ("y", boxes[2]))
        if choice.flag(f"log{axis}", f"Logarithmic {axis} axis", place=box)
    ]

    @st.fragment(run_every=EVERY if moving and not visit.offline else None)
    def picture() -> None:
        now = _joined(visit, tuple(wanted)) if moving else table
        figure = drawn(now, visit.look, metric, names, axes)
        ends = [_end(now, metric, run, name) for run, name in names.items()]
        exports.picture(figure, "curves", f"{metric} by step. {' '.join(ends)}")

    with panel:
        picture()


def _joined(visit: Visit, wanted: tuple[str, ...]) -> pd.DataFrame:
    read = curves(visit.where, visit.frame, visit.offline)
    return lines.joined({run: read(run) for run in wanted})


def _end(table: pd.DataFrame, metric: str, run: str, name: str) -> str:
    rows = table[table["run"].eq(run) & table["metric"].eq(metric)]
    if rows.empty:
        return f"{plain(name)}: none."
    last = rows.iloc[-1]
    return f"{name}: {last['value']:.3g} at step {int(last['step']):,}."
