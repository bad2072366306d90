"""Grids of gains with languages down the side: across stand tasks, targets or scales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from dashboard.analysis.coverage import MEASURED
from dashboard.analysis.frames import ScoreFrame, pinned_place
from dashboard.analysis.picture import Choice, picture, quickly
from dashboard.analysis.resample import Items

SHAPES: dict[str, str] = {
    "tasks": "intermediate",
    "targets": "target",
    "scales": "scale",
}
"""What stands across -> the column that names it."""

GROUPS: dict[str, str] = {
    "family": "language family",
    "morphology": "morphological type",
    "gain": "mean gain",
}
"""What rows are sorted and headed by."""


def grid(
    frame: ScoreFrame, choice: Choice, items: Items | None, shape: str = "tasks", task: str = ""
) -> pd.DataFrame:
    """`picture`'s table with the columns target and scale in every row; no `items`: `quickly`'s.

    Shapes other than `tasks` are of one intermediate `task`. Across targets each is read by its own
    main metric; the rows are then the languages of any of them.
    """
    parts = []
    some = frame if shape == "tasks" or items is None else _only(frame, {task, choice.over})
    for one in _choices(frame, choice, shape):
        table = quickly(frame, one) if items is None else picture(some, one, items)[0]
        told = {"target": one.target, "scale": one.scale, "metric": one.metric}
        parts.append(table.assign(**told))
    whole = pd.concat(parts, ignore_index=True)
    if shape != "tasks":
        whole = _completed(whole[whole["intermediate"].eq(task)], frame, SHAPES[shape])
    return arranged(whole)


def behind(frame: ScoreFrame, choice: Choice, shape: str = "tasks", task: str = "") -> int:
    """How many evaluations the study plans for this grid: the files that items are read from."""
    plan = frame.planned(choice.study)
    some = plan["variant"].eq(choice.variant)
    if shape != "targets":
        some &= plan["target"].eq(choice.target)
    if shape != "scales":
        some &= plan["scale"].eq(choice.scale)
    if shape != "tasks":
        some &= plan["intermediate"].isin([task, choice.over])
    return int(some.sum())


def _choices(frame: ScoreFrame, choice: Choice, shape: str) -> Iterator[Choice]:
    """A choice a picture: one in all, or one for each target or scale of the study."""
    plan = frame.planned(choice.study)
    usual = plan[plan["variant"].eq(choice.variant)]
    if shape == "scales":
        here = usual[usual["target"].eq(choice.target)]
        yield from (replace(choice, scale=one) for one in dict.fromkeys(here["scale"]))
    elif shape == "targets":
        here = usual[usual["scale"].eq(choice.scale)]
        for target in dict.fromkeys(here["target"]):
            offered = list(frame.target(choice.study, target)["metric"].unique())
            metric = frame.main_metric(target, offered or ["score"])
            yield replace(choice, target=target, metric=metric)
    else:
        yield choice


def _only(frame: ScoreFrame, tasks: set[str]) -> ScoreFrame:
    """The frame with these intermediates alone: what is not shown need not be computed."""

    def keep(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["intermediate"].isin(tasks)]

    return replace(frame, held=frame.held.where(keep), plan=keep(frame.plan))


def _completed(table: pd.DataFrame, frame: ScoreFrame, column: str) -> pd.DataFrame:
    """Every language in every column; what a benchmark lacks is said to be absent from it."""
    traits = ["lang", "language", "family", "genus", "morphology"]
    langs = table[traits].drop_duplicates("lang")
    across = table[[column]].drop_duplicates()
    whole = langs.merge(across, how="cross").merge(
        table.drop(columns=traits[1:]), on=["lang", column], how="left"
    )
    whole["state"] = whole["state"].fillna("not in this benchmark")
    for count in ("seeds", "at_chance", "planned"):
        whole[count] = whole[count].fillna(0).astype(int)
    whole["interval_over"] = whole["interval_over"].astype(object)
    for name in ("intermediate", "target", "scale", "metric"):
        if name != column and table[name].nunique() == 1:
            whole[name] = table[name].iloc[0]
    rank = {one: at for at, one in enumerate(across[column])}
    return whole.sort_values(column, key=lambda names: names.map(rank), kind="stable")


def arranged(table: pd.DataFrame, by: str = "family") -> pd.DataFrame:
    """Rows in the order of the picture, and `group`, the heading that each language stands under.

    The pinned languages come first whatever is asked; a language's mean gain is over the cells of
    its row that have one, and a row without any comes last.
    """
    mean = table["lang"].map(table[table["state"].eq(MEASURED)].groupby("lang")["gain"].mean())
    mean = mean.astype(float)
    told = table.assign(_rank=pinned_place(table["lang"]), _down=-mean)
    if by == "gain":
        told["group"] = "by mean gain"
        order = ["_rank", "_down", "language"]
    else:
        told["group"] = table[by].fillna("not classified").astype(str)
        order = ["_rank", "group", *(["genus"] if by == "family" else []), "language"]
    told = told.sort_values(order, kind="stable", ignore_index=True)
    return told.drop(columns=["_rank", "_down"])
