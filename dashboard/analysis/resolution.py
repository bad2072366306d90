"""What the cells of a study could have found, and what it would take to see a gain of one point."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.hierarchical import intervals
from dashboard.analysis.power import needs
from dashboard.analysis.resample import Items

MARGIN = 1.0
"""Points that a cell should be able to see, unless the reader names others."""
DRAWS = 400
"""Resamples behind a variance over items: its own error is then some 4 % of a standard error."""

PLACES = ("target", "lang", "cells", "detectable", "lowest", "highest", "resolved", "over")
"""One row per target and language: `detectable` is the median over intermediates of the smallest
gain that a cell sees, in points; `resolved` of its `cells` see the margin; `over` names the draws
that it speaks of (`seeds and items` where all of its cells do)."""


def resolution(
    frame: ScoreFrame,
    study: str,
    scale: str,
    target: str,
    items: Items,
    split: str = "test",
    over: str = "none",
    margin: float = MARGIN,
) -> pd.DataFrame:
    """The table of `power.needs` for the cells of one target, read the usual way.

    A row per intermediate and language. Needs the items of every evaluation of the target.
    """
    plan, scores = frame.planned(study), frame.target(study, target)
    some = scores[scores["scale"].eq(scale)]
    some = some[some["split"].eq(split) & some["variant"].eq(usual(plan, target))]
    offered = list(some["metric"].unique())
    if not offered:
        return pd.DataFrame(columns=["target", "lang", "intermediate", "detectable"])
    pairs = gains(some[some["metric"].eq(frame.main_metric(target, offered))], over)
    return needs(intervals(pairs[pairs["intermediate"].ne(over)], items, draws=DRAWS), margin)


def usual(plan: pd.DataFrame, target: str) -> str:
    """How a target is usually read: without settings of its own, or as the plan reads it first."""
    ways = list(dict.fromkeys(plan.loc[plan["target"].eq(target), "variant"]))
    return "" if "" in ways or not ways else str(ways[0])


def by_place(table: pd.DataFrame) -> pd.DataFrame:
    """Columns `PLACES` of tables from `resolution`."""
    there = table[table["detectable"].notna()]
    grouped = there.groupby(["target", "lang"], sort=False)
    told = grouped["detectable"].agg(cells="size", detectable="median", lowest="min", highest="max")
    if there.empty:
        return pd.DataFrame(columns=list(PLACES))
    told["resolved"] = grouped["resolves"].sum().astype(int)
    kinds = grouped["interval_over"].agg(lambda one: ", ".join(sorted(set(map(str, one)))))
    told["over"] = kinds
    return pd.DataFrame(told.reset_index(), columns=list(PLACES))


def sentence(table: pd.DataFrame, margin: float = MARGIN) -> str:
    """`12 of 96 cells see a gain of 1 point; half of them see gains from 3.2 points.`"""
    there = table[table["detectable"].notna()]
    if there.empty:
        return "No cell has a standard error yet, so what it could see cannot be told."
    seen = int(there["resolves"].sum())
    noun = "point" if margin == 1 else "points"
    return (
        f"{seen:,} of {len(there):,} cells would see a true gain of {margin:g} {noun} (80\u00a0% "
        f"power); half of them see gains from {there['detectable'].median():.1f} points on."
    )
