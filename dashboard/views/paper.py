"""Parts of the page of targets that are the paper's: its comparisons, its choice, its figures."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboard import place
from dashboard.analysis import comparisons
from dashboard.analysis import published as theirs
from dashboard.analysis.answer import points
from dashboard.analysis.coding import by_metric, written
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells
from dashboard.analysis.results import records
from dashboard.figures.dots import Axis, dots
from dashboard.views import exports
from dashboard.views.head import plain
from dashboard.views.visit import Visit

SIGNED, SCORE = "%+.1f", "%.1f"


def figures() -> pd.DataFrame | None:
    """Published figures, those of the host's own files among them; None where a file is wrong."""
    try:
        return theirs.published(*place.published())
    except (OSError, ValueError) as problem:
        st.warning(f"Published figures are left out: {plain(str(problem))}")
        return None


@st.cache_data(show_spinner="Comparing …", max_entries=32)
def _scores(_frame: ScoreFrame, moment: str, study: str, scale: str) -> pd.DataFrame:
    """Scores of one scale by the main metric of each target, read the usual way."""
    some = _frame.scored(study, lambda rows: rows[rows["scale"].eq(scale)])
    offered = some.groupby("target", sort=False)["metric"].unique()
    main = {str(one): _frame.main_metric(str(one), list(names)) for one, names in offered.items()}
    some = written(some[by_metric(some, main)])
    usual = some.groupby("target")["variant"].transform("min")
    return some[some["variant"].eq(usual)]


@st.cache_data(show_spinner="Comparing …", max_entries=32)
def _compared(_frame: ScoreFrame, moment: str, study: str, scale: str, split: str) -> pd.DataFrame:
    return comparisons.compare(_scores(_frame, moment, study, scale), split=split, whole=True)


@st.cache_data(show_spinner="Choosing …", max_entries=32)
def _chosen(_frame: ScoreFrame, moment: str, study: str, scale: str, over: str) -> pd.DataFrame:
    return comparisons.best_intermediate(_scores(_frame, moment, study, scale), over)


KINDS = {
    "none": "against no intermediate task",
    "mlm joint": "against the same with MLM beside it",
    "translated": "against its translation",
    "mixture": "the mixture against the best single task",
}


def contrasts(visit: Visit, study: str, scale: str, split: str) -> None:
    """The paper's comparisons, each target's mean over languages within each seed."""
    st.subheader("The paper's comparisons", anchor=False)
    table = _compared(visit.frame, visit.moment, study, scale, split)
    if table.empty:
        st.caption("None of them can be made of what is measured.")
        return
    title = visit.frame.title
    shown = pd.DataFrame(
        {
            "comparison": table["kind"].map(KINDS),
            "intermediate": table["intermediate"].map(title),
            "baseline": table["baseline_task"].map(title),
            "target": table["target"].map(title),
            "gain": table["gain"],
            "low": table["low"],
            "high": table["high"],
            "seeds": table["seeds"],
            "reuses target data": table["reuses"].astype(bool),
        }
    )
    signed = st.column_config.NumberColumn(format=SIGNED)
    config = dict.fromkeys(("gain", "low", "high"), signed)
    exports.table(table, "comparisons", config, shown)
    lacking = [text for kind, text in KINDS.items() if kind not in set(table["kind"])]
    told = "Gains in points, means over a target's languages; 95 % t intervals from three seeds on."
    if lacking:
        told += f" Not in this study: {'; '.join(lacking)}."
    st.caption(told + " The best single task is chosen for each target on English dev.")


def choices(visit: Visit, study: str, scale: str, over: str) -> None:
    """The best intermediate of each target: chosen on English dev, and what an oracle would."""
    table = _chosen(visit.frame, visit.moment, study, scale, over)
    told = comparisons.regrets(table)
    if told.empty:
        return
    st.subheader("Choosing a task for each target", anchor=False)
    title = visit.frame.title
    targets = [escape(title(one)) for one in dict.fromkeys(told["target"])]
    best = "best on test: nobody can know it"
    rows = pd.concat(
        [
            told.assign(series=told["selected_on"], value=told["gain"]),
            told.drop_duplicates("target").assign(series=best, value=lambda one: one["best"]),
        ]
    )
    rows = rows.assign(
        row=[escape(title(one)) for one in rows["target"]], low=float("nan"), high=float("nan")
    )
    rows["text"] = [
        f"<b>{row['row']}</b><br>{row['series']}: {points(row['value'])}"
        + (f"<br>{escape(named(row['chosen'], visit.frame))}" if row["series"] != best else "")
        for row in records(rows)
    ]
    mine = told[told["selected_on"].eq(comparisons.SELECTIONS[0])]
    regret = float(mine["regret"].mean())
    exports.picture(
        dots(rows, targets, [*comparisons.SELECTIONS, best], Axis("gain in points"), visit.look),
        "regret",
        f"Gains of the task chosen on English dev; on average {regret:.1f} points below the best.",
    )
    st.caption(
        f"Test scores of the task that English dev chooses, means over languages: on average "
        f"{regret:.1f} points below the best one, which is too much by chance, as a maximum of "
        "noisy means is too high. No intermediate task is a choice too. The oracle looks at "
        "labelled dev text of the target language, which zero-shot transfer has not."
    )
    shown = told.assign(
        target=told["target"].map(title),
        chosen=[named(one, visit.frame) for one in told["chosen"]],
    ).drop(columns="scale")
    signed = st.column_config.NumberColumn(format=SIGNED)
    plain_number = st.column_config.NumberColumn(format=SCORE)
    config = {"gain": signed, "best": signed, "regret": plain_number}
    exports.table(table, "choices", config, shown)


def named(tasks: str, frame: ScoreFrame) -> str:
    """Tasks parted by commas, as pages write them."""
    return ", ".join(frame.title(one) for one in tasks.split(", "))


def published(visit: Visit, found: pd.DataFrame, study: str, over: str, split: str) -> None:
    """What others published of these targets, with its source, beside ours where we have it."""
    plan = visit.frame.planned(study)
    some = found[found["target"].isin(plan["target"])]
    if some.empty:
        return
    st.subheader("Published figures", anchor=False)
    table = _beside(visit.frame, visit.moment, study, over, split, some)
    title = visit.frame.title
    shown = pd.DataFrame(
        {
            "target": table["target"].map(title),
            "scale": table["scale"],
            "intermediate": table["intermediate"].map(title),
            "language": table["lang"].where(table["lang"].ne(""), "its average"),
            "metric": table["metric"],
            "kind": table["kind"],
            "ours": table["ours"],
            "published": table["published"],
            "source": "published [" + table["source"] + "]",
        }
    )
    numbers = st.column_config.NumberColumn(format=SCORE)
    exports.table(table, "published", {"ours": numbers, "published": numbers}, shown)
    scales = set(plan["scale"])
    told = "They enter no average of ours, and are shown for zero-shot transfer only."
    if not scales & set(some["scale"]):
        there = ", ".join(dict.fromkeys(some["scale"]))
        told += f" They are of scale {plain(there)}, which this study does not measure."
    st.caption(
        told + " Its average: over the source's languages, which may not be ours. Figures that you "
        "have read yourself stand here too: name a csv with `silta-dashboard serve --published`."
    )


@st.cache_data(show_spinner="Comparing …", max_entries=16)
def _beside(
    _frame: ScoreFrame, moment: str, study: str, over: str, split: str, some: pd.DataFrame
) -> pd.DataFrame:
    """`published.beside`, those with a figure of ours first."""

    def keep(rows: pd.DataFrame) -> pd.DataFrame:
        here = rows[rows["split"].eq(split) & rows["scale"].isin(some["scale"])]
        for name, more in (("target", []), ("metric", []), ("intermediate", [over])):
            here = here[here[name].isin([*some[name], *more])]
        return here

    here = _frame.scored(study, keep)
    table = theirs.beside(cells(gains(here, over)), some)
    return table.sort_values("ours", key=lambda one: one.isna(), kind="stable")
