"""What a study lacks and what that would cost; what its cells could have seen, and what would."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboard.analysis import completion, filling, resolution
from dashboard.analysis.frames import ScoreFrame, pinned_place
from dashboard.analysis.power import NEEDS
from dashboard.figures import coverage as figure
from dashboard.figures.labels import names
from dashboard.figures.power import least_width, ordered, power
from dashboard.views import choice, exports, links
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

QUESTION = "What is missing, and what could be seen?"
MARGINS = ("1", "2", "3", "5")
"""Points of a gain that a cell may be asked to see."""

QUICK = 400
"""Evaluations of a scale whose items are read without being asked for."""


def show(visit: Visit) -> None:
    """The study's evaluations by state, the cost of the rest, and the power of its cells."""
    frame = visit.frame
    study = choice.study(frame)
    plan = frame.planned(study)
    jobs = completion.jobs(frame, study)
    runs, costs = (one[one["study"].eq(study)] for one in (frame.planned_runs, frame.costs))
    lacking = filling.filling(runs, jobs, frame.trainings, costs)
    told = completion.sentence(jobs)
    if len(lacking):
        told += f" {filling.sentence(lacking)}"
    scale = choice.scale(plan)
    head(QUESTION, told, f"Study {plain(study)}: what its plan asks for, and what was recorded.")
    complete(visit, jobs, scale)
    cost(lacking, ", ".join(choice.values(costs, "device")))
    st.subheader("What the cells could have seen", anchor=False)
    split = choice.splits(frame.kinds(study, "split"))
    over = choice.over(frame, plan[plan["scale"].eq(scale)])
    margin = float(choice.pick("margin", "Points that a cell should see", MARGINS))
    count = int(jobs.loc[jobs["scale"].eq(scale), "state"].eq(completion.DONE).sum())
    if choice.flag("power", "Read items for what cells could see", count <= QUICK):
        able(visit, study, scale, split, over, margin)
    else:
        st.info(
            f"This is told from the test items of {count:,} evaluations, which takes a while to "
            "read: switch it on in the sidebar."
        )


def complete(visit: Visit, jobs: pd.DataFrame, scale: str) -> None:
    """Shares of each scale, then a mark for every evaluation of the chosen one."""
    told = completion.sentence(jobs)
    by_scale = completion.completion(jobs, ["scale"])
    exports.picture(figure.bars(by_scale, visit.look), "by-scale", f"By scale. {told}")
    here = jobs[jobs["scale"].eq(scale)]
    st.subheader(f"Scale {plain(scale)}, a mark for each evaluation", anchor=False)
    exports.picture(
        figure.marks(here, visit.look, lambda one: escape(visit.frame.title(one))),
        "evaluations",
        f"Evaluations at {scale} by target and intermediate task. {completion.sentence(here)}",
        least=figure.least_width(here),
    )
    st.caption(
        "Seeds are marks of a cell. At chance: done, and left out of every gain, since nothing was "
        "learnt. Retrieval without an intermediate task has no seed, and so one mark."
    )
    links.link("The trainings behind them →", "runs")
    table = completion.completion(jobs)
    title = visit.frame.title
    shown = table.assign(
        target=table["target"].map(title), intermediate=table["intermediate"].map(title)
    )
    if not table["variant"].ne("").any():
        shown = shown.drop(columns="variant")
    exports.table(table, "completion", None, shown)


def cost(lacking: pd.DataFrame, device: str) -> None:
    """What it takes to complete the study, by kind of job."""
    if lacking.empty:
        return
    st.subheader("What it takes to complete it", anchor=False)
    st.markdown(plain(filling.sentence(lacking)))
    hours = st.column_config.NumberColumn(format="%.2f")
    exports.table(lacking, "filling", {"hours": hours}, lacking)
    st.caption(
        "Device hours, one job after another: as long as finished trainings of the same kind took, "
        "on whatever they ran; where there are none, as the plan estimated for "
        f"{plain(device) or 'the device it names'}. A failed or running job counts whole."
    )


def able(visit: Visit, study: str, scale: str, split: str, over: str, margin: float) -> None:
    """Minimum detectable effects by target and language, then cell by cell."""
    frame = visit.frame
    plan = frame.planned(study)
    targets = choice.values(plan[plan["scale"].eq(scale)], "target")
    parts = [
        _able(frame, visit.moment, visit, study, scale, one, split, over, margin) for one in targets
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        st.markdown("Nothing is measured at this scale yet.")
        return
    table = pd.concat(parts, ignore_index=True)
    st.markdown(plain(resolution.sentence(table, margin)))
    places = resolution.by_place(table)
    if len(places):
        picture = power(
            places, frame.languages, margin, visit.look, lambda one: escape(frame.title(one))
        )
        exports.picture(
            picture,
            "detectable",
            f"Smallest gain seen, by language and target. {resolution.sentence(table, margin)}",
            least=least_width(places),
            beside=names(ordered(places, frame.languages), visit.look, "st-key-scroll-detectable"),
        )
    st.caption(
        "The smallest true gain that a cell finds with 80 % power at 5 %, two-sided: the median "
        "over intermediate tasks. From the variance of seeds and of test items, where three seeds "
        "or more are there; with fewer, over items only, which leaves out how much training "
        "varies. A plan, and with few seeds a rough one."
    )
    cells(frame, table, margin)


@st.cache_data(show_spinner="Reading items …", max_entries=128)
def _able(
    _frame: ScoreFrame,
    moment: str,
    _visit: Visit,
    study: str,
    scale: str,
    target: str,
    split: str,
    over: str,
    margin: float,
) -> pd.DataFrame:
    """`resolution` of one target, so that another target or a new result leaves the rest kept."""
    return resolution.resolution(_frame, study, scale, target, _visit.items, split, over, margin)


def cells(frame: ScoreFrame, table: pd.DataFrame, margin: float) -> None:
    """Cell by cell: what it sees, and how many more seeds or items see the margin."""
    st.subheader(f"What would see a gain of {margin:g}", anchor=False)
    language = dict(zip(frame.languages["lang"], frame.languages["language"], strict=True))
    rank = pinned_place(table["lang"])
    unknown = table["detectable"].isna()
    order = table.assign(unknown=unknown, rank=rank).sort_values(["unknown", "rank"], kind="stable")
    shown = pd.DataFrame(
        {
            "language": order["lang"].map(language).fillna(order["lang"]),
            "target": order["target"].map(frame.title),
            "intermediate": order["intermediate"].map(frame.title),
            "gain": order["gain"],
            "sees from": order["detectable"],
            "more seeds": order["more_seeds"],
            "more items": order["more_clusters"],
            "seeds": order["seeds"],
            "in words": order["statement"],
        }
    )
    whole = st.column_config.NumberColumn(format="%d")
    config = {
        "gain": st.column_config.NumberColumn(format="%+.1f"),
        "sees from": st.column_config.NumberColumn(format="%.1f"),
        "more seeds": whole,
        "more items": whole,
    }
    kept = ["scale", "target", "variant", "split", "lang", "metric", "intermediate", "gain"]
    kept += ["low", "high", "se", "df", "seeds", "clusters", "interval_over", *NEEDS]
    exports.table(order[[one for one in kept if one in order]], "cells", config, shown)
    st.caption(
        "More seeds of each kind, or more items, with the other left as it is; none where that "
        "alone will not do or cannot be known. Items that are drawn together (sentences, "
        "paragraphs) count once."
    )
