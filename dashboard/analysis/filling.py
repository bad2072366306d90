"""What it costs to complete a study: the jobs that are missing, and how long their like took."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.completion import DONE
from dashboard.analysis.health import AT_CHANCE

EVALUATION = "evaluation"
KIND = ["scale", "phase", "task"]
FILLING = (*KIND, "missing", "hours", "basis")
"""One row per kind of job that is not done. `hours`: of all that are missing, NaN where nothing
tells. `basis`: one of `BASES`."""
MEASURED, NEAR, ESTIMATED, UNKNOWN = (
    "as its like took",
    "as others of its phase took",
    "estimated by the plan",
    "not known",
)
BASES = (MEASURED, NEAR, ESTIMATED, UNKNOWN)


def filling(
    planned_runs: pd.DataFrame,
    jobs: pd.DataFrame,
    trainings: pd.DataFrame,
    costs: pd.DataFrame,
) -> pd.DataFrame:
    """Columns `FILLING` of one study.

    `planned_runs` and `costs` are the study's rows of the score frame's tables; `jobs` is
    `completion.jobs`; `trainings` are all that the server knows: those that are done say how long
    their like takes, on whatever they ran. What failed or is running counts as missing, whole.
    """
    runs = planned_runs[planned_runs["state"].ne("done")]
    rest = jobs[~jobs["state"].isin([DONE, AT_CHANCE])]
    rest = rest.assign(phase=EVALUATION, task=rest["target"])
    both = pd.concat([runs[KIND], rest[KIND]], ignore_index=True)
    told = both.groupby(KIND, sort=False).size().rename("missing").reset_index()
    took = _took(trainings)
    own = told.merge(_median(took, KIND), on=KIND, how="left")["each"]
    near = told.merge(_median(took, KIND[:2]), on=KIND[:2], how="left")["each"]
    plan = told.merge(costs[[*KIND, "hours"]].drop_duplicates(KIND), on=KIND, how="left")["hours"]
    basis = pd.Series(UNKNOWN, index=told.index)
    each = pd.Series(float("nan"), index=told.index)
    for name, hours in ((ESTIMATED, plan), (NEAR, near), (MEASURED, own)):
        each = hours.astype(float).fillna(each)
        basis = basis.mask(hours.notna(), name)
    return told.assign(hours=each * told["missing"], basis=basis)[list(FILLING)]


def _took(trainings: pd.DataFrame) -> pd.DataFrame:
    """Hours that finished trainings took."""
    done = trainings[trainings["state"].eq("done")]
    return done.assign(each=(done["ended"] - done["started"]) / 3.6e6)


def _median(took: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return took.groupby(by, sort=False)["each"].median().reset_index()


def sentence(table: pd.DataFrame) -> str:
    """`Completing it takes 12 trainings and 30 evaluations, some 4.2 device hours.`"""
    if table.empty:
        return "Nothing is left to run."
    measuring = table["phase"].eq(EVALUATION)
    parts = []
    for count, noun in (
        (int(table.loc[~measuring, "missing"].sum()), "training"),
        (int(table.loc[measuring, "missing"].sum()), "evaluation"),
    ):
        if count:
            parts.append(f"{count:,} {noun}{'s' * (count != 1)}")
    told = f"Completing it takes {' and '.join(parts)}"
    if table["hours"].isna().all():
        return f"{told}; what they cost is not known."
    unknown = int(table.loc[table["hours"].isna(), "missing"].sum())
    lacking = f", not counting {unknown:,} whose cost is not known" if unknown else ""
    return f"{told}, some {hours(float(table['hours'].sum()))} of one device{lacking}."


def hours(value: float) -> str:
    """`3.4 hours`, `12 minutes`, `1,200 hours`."""
    if value < 1:
        return f"{60 * value:.0f} minutes" if value >= 1 / 60 else "less than a minute"
    return f"{value:,.1f} hours" if value < 100 else f"{value:,.0f} hours"
