"""The finding in words: what the picture says about the pinned languages, with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard.analysis.coverage import ABSENT, MEASURED
from dashboard.analysis.frames import PINNED
from dashboard.analysis.health import AT_CHANCE
from dashboard.analysis.intervals import OVER_SEEDS
from dashboard.analysis.rollup import mean_gain

Title = Callable[[str], str]


def points(value: float) -> str:
    """`+1.8`, `−0.3`, `0.0`: a typographic minus, and no sign on what rounds to zero."""
    text = f"{value:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "−")


def interval(low: float, high: float, over: object, seeds: int) -> str:
    """`95\u00a0% interval +0.2 to +3.1 over 5 seeds`, or what stands in for it."""
    trained = f"{seeds} seed" if seeds == 1 else f"{seeds} seeds"
    if not isinstance(over, str):
        return f"no interval, {trained}"
    whom = {"seeds and items": f"{trained} and the test items", "seeds": trained}
    over = whom.get(over, f"items only, {trained}")
    return f"95\u00a0% interval {points(low)} to {points(high)} over {over}"


def mark(low: float, high: float, over: object) -> str:
    """`*` where an interval that speaks of other seeds leaves out zero, `°` where one over items
    only does, else nothing."""
    if not (low > 0 or high < 0):
        return ""
    return "*" if over in OVER_SEEDS else "°" if over == "items" else ""


def headline(table: pd.DataFrame, lang: str) -> str:
    """`Finnish +1.8`: the mean over the measured intermediate tasks, equally weighted."""
    rows = table[table["lang"].eq(lang)]
    name = PINNED.get(lang, lang)
    if rows["state"].eq(ABSENT).all():
        return f"{name}: not in this benchmark"
    gains = rows.assign(lang=rows["intermediate"])
    mean = mean_gain(gains, ["language"], "languages", "skip")["gain"]
    if mean.notna().any():
        return f"{name} {points(float(mean.iloc[0]))}"
    return f"{name}: {AT_CHANCE if rows['state'].eq(AT_CHANCE).any() else 'not yet'}"


def sentence(table: pd.DataFrame, lang: str, title: Title = str) -> str:
    """One language's finding: how many tasks help, the best and the worst with their intervals."""
    rows = table[table["lang"].eq(lang)]
    name = PINNED.get(lang, lang)
    if rows["state"].eq(ABSENT).all():
        return f"The benchmark has no {name} test set."
    there, lost = rows[rows["state"].eq(MEASURED)], int(rows["state"].eq(AT_CHANCE).sum())
    if there.empty and lost:
        return (
            f"Nothing can be said of {name}: {lost} of {len(rows)} cells are {AT_CHANCE}, their "
            "runs have learnt nothing of this target, and are left out."
        )
    if there.empty:
        return f"Nothing is measured in {name} yet."
    tail = f" {lost} more left out, {AT_CHANCE}." if lost else ""
    if len(there) == 1:
        return f"{name}, the one intermediate task measured: {_one(there.iloc[0], title)}.{tail}"
    up = int(there["gain"].gt(0).sum())
    sure = there["low"].gt(0) | there["high"].lt(0)
    told = f"{name} gains from {up} of {len(there)} intermediate tasks"
    told += f" (mean {points(float(there['gain'].mean()))}, tasks weighted equally{_reuse(there)});"
    told += f" {_sure(int(sure.sum()), int(there['low'].notna().sum()))}."
    ranked = there.sort_values("gain", ascending=False)
    told += f" Best: {_one(ranked.iloc[0], title)}."
    return f"{told} Lowest: {_one(ranked.iloc[-1], title)}.{tail}"


def _reuse(rows: pd.DataFrame) -> str:
    """Zero-shot in language, yet the target's own English data were seen: said with the mean."""
    again = int(rows["reuses"].eq(True).sum())
    return f", {again} of them reusing the target's training data" if again else ""


def _sure(sure: int, intervals: int) -> str:
    if not intervals:
        return "no cell has an interval"
    return f"{sure} of {intervals} intervals exclude zero"


def _one(row: pd.Series[float], title: Title) -> str:
    spread = interval(row["low"], row["high"], row["interval_over"], int(row["seeds"]))
    return f"{title(str(row['intermediate']))} {points(row['gain'])} ({spread})"
