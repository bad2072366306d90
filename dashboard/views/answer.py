"""The page that opens: what the study says about Finnish and Hungarian, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.analysis import answer, contrast, headline, registered, verdict, xtreme
from dashboard.analysis.coverage import RUNNING
from dashboard.analysis.frames import ARTIFICIAL, PINNED, ScoreFrame
from dashboard.analysis.headline import WITH, WITHOUT
from dashboard.views import choice, exports, links
from dashboard.views.head import PROSE, head, plain
from dashboard.views.visit import Visit

MOST = 10
QUESTION = "Do the gains reach Finnish and Hungarian?"


def show(visit: Visit) -> None:
    """The verdicts, scale by scale; averages; the contrast named beforehand; what is missing."""
    frame = visit.frame
    study = choice.study(frame)
    plan = frame.planned(study)
    over = choice.over(frame, plan)
    told, means = _told(frame, visit.moment, study, over)
    head(QUESTION, lead(frame, study, means), basis(frame, study, over))
    if frame.artificial(study):
        st.info(f"**An artificial world** (the embedded miniature): {ARTIFICIAL}")
    for scale in dict.fromkeys(plan["scale"]):
        cards(frame, str(scale), told, means)
    judged(told)
    beforehand(frame, study)
    averages(frame, study)
    progress(plan)


@st.cache_data(show_spinner="Comparing …", max_entries=32)
def _told(
    _frame: ScoreFrame, moment: str, study: str, over: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(verdicts, means), once a snapshot, study and baseline."""
    return headline.headline(_frame, study, over), headline.means(_frame, study, over)


def lead(frame: ScoreFrame, study: str, means: pd.DataFrame) -> str:
    """One sentence: the pinned languages at the last scale that has a number."""
    there = means[means["gain"].notna() & means["family"].eq(WITHOUT)]
    if there.empty:
        return f"Study **{plain(study)}** has no gain in either language yet."
    scale = there["scale"].iloc[-1]
    here = there[there["scale"].eq(scale)].set_index("lang")["gain"]
    said = " and ".join(
        f"**{name} {answer.points(float(here[code]))}**"
        for code, name in PINNED.items()
        if code in here
    )
    return (
        f"At {plain(str(scale))}, the largest scale with a gain, training on an English "
        f"intermediate task changes {said} points on average, retrieval left out."
    )


def basis(frame: ScoreFrame, study: str, over: str) -> str:
    """What the numbers are means of."""
    base = plain(frame.title(over))
    return (
        f"Study {plain(study)}: test scores by each target's main metric, against {base}; targets "
        "count the same, and in each its intermediate tasks; runs at chance are left out."
    )


def cards(frame: ScoreFrame, scale: str, told: pd.DataFrame, means: pd.DataFrame) -> None:
    """One scale: a card for each pinned language, with its verdict against English."""
    st.subheader(f"At {plain(scale)}", anchor=False)
    columns = st.columns(len(PINNED))
    for column, (code, name) in zip(columns, PINNED.items(), strict=True):
        mine = means[means["scale"].eq(scale) & means["lang"].eq(code)].set_index("family")
        judged = told[told["contrast"].eq(f"{name} at {scale}")]
        with column.container(border=True, key=f"card-{code}-{exports.safe(scale)}"):
            st.subheader(f"{name} {_points(mine, WITHOUT)}", anchor=False)
            st.markdown(f"points without retrieval, **{_points(mine, WITH)}** with it")
            for row in judged.to_dict("records"):
                st.markdown(f"Against English: {_verdict(row)}.")
            st.caption(_count(mine))
            links.link("See its cells →", "heatmap", scale=scale, lang=code)


def _verdict(row: Mapping[Any, Any]) -> str:
    """The word, and why nothing can be told where that is it."""
    why = f" ({plain(row['why'])})" if row["why"] else ""
    return f"**{row['verdict']}**{why}"


def _points(mine: pd.DataFrame, family: str) -> str:
    gain = mine["gain"].get(family, float("nan"))
    return "–" if pd.isna(gain) else answer.points(float(gain))


def _count(mine: pd.DataFrame) -> str:
    if WITHOUT not in mine.index:
        return "Nothing is measured yet."
    row = mine.loc[WITHOUT]
    return f"Mean of {row['languages']} cells, {row['missing']} missing."


VERDICTS = {
    "contrast": "contrast",
    "family": "targets",
    "gain_here": "gain here",
    "gain_there": "gain there",
    "change": "change",
    "low": "from",
    "high": "to",
    "verdict": "verdict",
    "why": "why",
}
"""Columns of the table of verdicts, and what they are headed."""


def judged(told: pd.DataFrame) -> None:
    """Every comparison: against English at each scale, and from the first scale to the later."""
    if told.empty:
        return
    st.subheader("Do they hold, against English and as the model grows?", anchor=False)
    signed = st.column_config.NumberColumn(format="%+.1f")
    names = ("gain here", "gain there", "change", "from", "to")
    shown = told[list(VERDICTS)].rename(columns=VERDICTS)
    exports.table(told, "verdicts", dict.fromkeys(names, signed), shown)
    least, margin = int(registered.read().least_seeds), float(told["margin"].iloc[0])
    st.caption(
        "*Here* is English, or the smaller scale; *there* is the language or scale in question; "
        f"the change is there less here, with its interval. It takes {least} seeds a side, and a "
        f"loss within {margin:g} point counts as none."
    )
    with st.expander("Each of them in words"):
        for words in told["words"]:
            st.markdown(plain(str(words), PROSE))


def beforehand(frame: ScoreFrame, study: str) -> None:
    """What became of the comparison that the study named before its numbers were seen."""
    named = contrast.named(frame, study)
    if named is None:
        return
    found = contrast.summary(contrast.lineages(frame, study, named, "test"))
    st.subheader("Named beforehand", anchor=False)
    with st.container(border=True, key="beforehand"):
        for _, row in found[found["group"].eq("all")].iterrows():
            st.markdown(plain(verdict.sentence(named, row, frame.title), PROSE))
            st.caption(plain(verdict.basis(row).capitalize() + "."))


def averages(frame: ScoreFrame, study: str) -> None:
    """XTREME's average and the same without retrieval, side by side."""
    test = frame.scored(study, lambda rows: rows[rows["split"].eq("test")])
    if test.empty:
        return
    st.subheader("XTREME's average, with and without retrieval", anchor=False)
    table = xtreme.averages(test, ["scale", "intermediate"], missing="skip")
    table = _ordered(table, frame.planned(study))
    table["intermediate"] = table["intermediate"].map(frame.title)
    columns = ["scale", "intermediate", "average", "without_retrieval", "targets", "missing"]
    shown = table[columns].rename(columns={"without_retrieval": "without retrieval"})
    one = st.column_config.NumberColumn(format="%.1f")
    exports.table(table, "averages", {"average": one, "without retrieval": one}, shown)
    st.caption(
        "The mean over the targets that are there, English among their languages, each target "
        "counting the same; `missing` names targets that lack a language or all of it."
    )


def _ordered(table: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Scales and tasks as the plan has them, without any task first."""
    scales, tasks = (list(dict.fromkeys(plan[name])) for name in ("scale", "intermediate"))
    ranks = {one: at for at, one in enumerate(scales)}
    ranks |= {one: at for at, one in enumerate(["none", *(t for t in tasks if t != "none")])}
    order = ["scale", "intermediate"]
    return table.sort_values(order, key=lambda names: names.map(ranks), ignore_index=True)


def progress(plan: pd.DataFrame) -> None:
    """How much of the study is there, and what is under way."""
    st.subheader("How much of it is there", anchor=False)
    states = plan["state"].value_counts()
    done = int(states.get("done", 0))
    st.progress(done / max(len(plan), 1), f"{done:,} of {len(plan):,} evaluations are done")
    rest = [f"{count:,} {plain(str(state))}" for state, count in states.items() if state != "done"]
    if rest:
        st.caption("; ".join(rest) + ".")
    busy = plan[plan["state"].eq(RUNNING)]
    if len(busy):
        st.markdown("Running now: " + "; ".join(under_way(busy)) + ".")
    links.link("What is missing, and what it would cost →", "coverage")


def under_way(busy: pd.DataFrame) -> list[str]:
    """Each run that is measured when it is done, in a few words; the first ten."""
    some = busy.drop_duplicates(["scale", "target", "intermediate", "target_seed"])
    told = [
        plain(f"{row['target']} after {row['intermediate']} at {row['scale']}")
        + (f", seed {plain(str(row['target_seed']))}" if row["target_seed"] else "")
        for row in some.head(MOST).to_dict("records")
    ]
    more = len(some) - len(told)
    return told + [f"and {more:,} more"] * (more > 0)
