"""Runs: what a study has trained, what went wrong, where a score comes from, how it was learnt."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import tracking
from dashboard.analysis import forest
from dashboard.analysis.frames import ScoreFrame
from dashboard.figures.forest import LEAST, board
from dashboard.views import choice, exports, trace, training
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

PART = "part"
_CLICKED = "part of the forest last clicked"


def show(visit: Visit) -> None:
    """The forest, folded; a part of it; what failed; a cell's lineage; recipes and curves."""
    frame = visit.frame
    study = choice.study(frame)
    plan = frame.planned(study)
    runs = forest.runs(frame.planned_runs, frame.trainings, study)
    measured = forest.evaluations(plan, runs)
    lead(frame, study, runs, measured)
    if runs.empty and measured.empty:
        st.info("This study has published no plan and no training yet.")
        return
    folded(visit, runs, plan)
    troubles(visit, runs, plan)
    trace.lineage(visit, runs, plan)
    training.compared(visit, runs, plan)
    where(visit)


def lead(frame: ScoreFrame, study: str, runs: pd.DataFrame, measured: pd.DataFrame) -> None:
    """Question, answer, and whether something is still on its way."""
    failed = forest.failures(runs)
    stuck = int(failed["blocked"].sum())
    told = forest.summary(runs, measured)
    if len(failed):
        told += f" {len(failed):,} failed" + (f", which stops {stuck:,} more." if stuck else ".")
    head(
        "What has run, and what came of it?",
        told,
        f"Study {plain(study)}, as of {frame.taken[:16].replace('T', ' ')} UTC. A phase-1 training "
        "that several rows grow from stands in each of them, and is counted once in the sentence.",
    )


def folded(visit: Visit, runs: pd.DataFrame, plan: pd.DataFrame) -> None:
    """The forest by scale, intermediate task and phase, and the runs of one part of it."""
    table = forest.board(runs, plan)
    figure = board(table, visit.look, visit.frame.title)
    told = forest.summary(runs, forest.evaluations(plan, runs))
    alt = f"Bars of how far each part of the study is. {told}"
    points = exports.picture(figure, "forest", alt, least=LEAST, select=True)
    with st.expander("The same in numbers"):
        exports.table(table, "forest-table")
    codes = [
        "/".join(one)
        for one in zip(table["scale"], table["intermediate"], table["phase"], strict=True)
    ]
    clicked(points, codes)
    part = choice.pick(PART, "Runs of one part (or select a bar)", ["", *codes], _part(visit), st)
    if part:
        exports.table(*_runs(visit, runs, plan, part))


def clicked(points: list, codes: list[str]) -> None:
    """A bar that was selected just now goes before what the box holds."""
    told = next(
        ("/".join(map(str, one["customdata"])) for one in points if "customdata" in one), ""
    )
    if told != st.session_state.get(_CLICKED, "") and told in codes:
        st.session_state[PART] = told
    st.session_state[_CLICKED] = told


def _part(visit: Visit) -> Callable[[str], str]:
    def shown(code: str) -> str:
        if not code:
            return "none"
        scale, task, phase = code.split("/")
        return f"{scale}, {visit.frame.title(task)}: {forest.PHASES[phase]}"

    return shown


def _runs(
    visit: Visit, runs: pd.DataFrame, plan: pd.DataFrame, part: str
) -> tuple[pd.DataFrame, str, dict]:
    """What `exports.table` is given for one part: its runs or evaluations, where they stand."""
    scale, task, phase = part.split("/")
    if phase == "evaluation":
        rows = forest.evaluations(plan, runs)
        rows = rows[rows["scale"].eq(scale) & rows["intermediate"].eq(task)]
        known = dict(
            zip(
                visit.frame.evaluations["evaluation"],
                visit.frame.evaluations["run_id"],
                strict=True,
            )
        )
        rows = rows.assign(run_id=rows["evaluation"].map(known).fillna(""))
        names = ["evaluation", "target", "variant", "intermediate_seed", "target_seed", "state"]
    else:
        placed = forest.members(runs, plan)
        mine = placed.loc[placed["scale"].eq(scale) & placed["intermediate"].eq(task), "run"]
        rows = runs[runs["run"].isin(mine) & runs["phase"].eq(phase)]
        names = ["run", "task", "seed", "state", "health", "reason", "parent"]
    rows, config = linked(visit, rows)
    names += [name for name in ("MLflow",) if name in rows]
    return rows[names], f"runs-{part.replace('/', '-')}", config


def linked(visit: Visit, rows: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """With a column of links to MLflow, where its server has pages."""
    number = tracking.experiment(visit.where)
    pages = [tracking.run_page(visit.where, str(one), number) for one in rows["run_id"]]
    if not any(pages):
        return rows, {}
    column = st.column_config.LinkColumn("MLflow", display_text="open ↗")
    return rows.assign(MLflow=pages), {"MLflow": column}


def troubles(visit: Visit, runs: pd.DataFrame, plan: pd.DataFrame) -> None:
    """Failed runs with their reason, and runs that have learnt nothing."""
    failed = forest.failures(runs)
    if len(failed):
        st.subheader(f"Failed trainings ({len(failed):,})", anchor=False)
        rows, config = linked(visit, failed)
        exports.table(rows.drop(columns="run_id"), "failed", config)
    mine = visit.frame.evaluations
    mine = mine[mine["evaluation"].isin(plan["evaluation"])]
    idle = forest.unlearnt(runs, mine)
    if len(idle):
        st.subheader(f"Learnt nothing ({len(idle):,})", anchor=False)
        st.caption(
            "Flagged by their English scores; gains of or over them are left out unless asked for."
        )
        rows, config = linked(visit, idle)
        exports.table(rows.drop(columns="run_id"), "learnt-nothing", config)


def where(visit: Visit) -> None:
    """How to see the same in MLflow."""
    told = tracking.command(visit.where)
    if told:
        st.caption("The same in MLflow's own pages:")
        st.code(told, language="bash")
