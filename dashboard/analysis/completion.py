"""What a study still lacks: every evaluation that it plans, with what became of it."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.coverage import FAILED, NOT_RUN, RUNNING
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.health import AT_CHANCE, degenerate

DONE = "done"
STATES = (DONE, AT_CHANCE, RUNNING, FAILED, NOT_RUN)
"""In the order of legends: a run at chance is there and says nothing."""

COMPLETION = ("scale", "target", "variant", "intermediate", "planned", *STATES)


def jobs(frame: ScoreFrame, study: str) -> pd.DataFrame:
    """The plan of a study (`frames.PLAN`), its `state` one of `STATES`.

    What was measured counts, whatever the study's record says of it: the record may be older.
    """
    plan = frame.planned(study)
    known = frame.evaluations.drop_duplicates("evaluation").set_index("evaluation")
    health = plan["evaluation"].map(known["health"]).astype(object).fillna("")
    measured = plan["evaluation"].map(known["state"]).eq("done")
    state = plan["state"].where(plan["state"].isin(list(STATES)), NOT_RUN).mask(measured, DONE)
    return plan.assign(state=state.mask(state.eq(DONE) & degenerate(health), AT_CHANCE))


def completion(rows: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """Columns `COMPLETION` of a frame from `jobs`: a row per cell, or per group of `by`."""
    keys = by or ["scale", "target", "variant", "intermediate"]
    counts = rows.groupby([*keys, "state"], sort=False).size().unstack("state", fill_value=0)
    counts = counts.reindex(columns=list(STATES), fill_value=0)
    order = rows[keys].drop_duplicates()
    counts.insert(0, "planned", counts.sum(axis=1))
    told = order.merge(counts.reset_index(), on=keys, how="left")
    return told[[*keys, "planned", *STATES]]


def sentence(rows: pd.DataFrame) -> str:
    """`93 of 95 planned evaluations are done (4 of them at chance); 2 failed.`"""
    if rows.empty:
        return "Nothing is planned."
    found = rows["state"].value_counts()
    count = {state: int(found.get(state, 0)) for state in STATES}
    there = count[DONE] + count[AT_CHANCE]
    told = f"{there:,} of {len(rows):,} planned evaluations are done"
    if count[AT_CHANCE]:
        told += f", {count[AT_CHANCE]:,} of them {AT_CHANCE}"
    rest = [f"{count[one]:,} {one}" for one in (RUNNING, FAILED, NOT_RUN) if count[one]]
    return f"{told}; {', '.join(rest)}." if rest else f"{told}: the study is complete."
