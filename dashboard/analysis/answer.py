"""The finding in words: what the picture says about the pinned languages, with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard.analysis.coverage import ABSENT, MEASURED
from dashboard.analysis.frames import PINNED
from dashboard.analysis.rollup import mean_gain

Title = Callable[[str], str]


def points(value: float) -> str:
    """`+1.8`, `−0.3`, `0.0`: a typographic minus, and no sign on what rounds to zero."""
    text = f"{value:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "−")


def interval(low: float, high: float, over: object, seeds: int) -> str:
    """`95 % interval +0.2 to +3.1 over 5 seeds`, or what stands in for it."""
    if not isinstance(over, str):
        return f"no interval, {seeds} seed{'s' * (seeds != 1)}"
    whom = f"{seeds} seeds" if over == "seeds" else f"items only, {seeds} seed{'s' * (seeds != 1)}"
    return f"95 % interval {points(low)} to {points(high)} over {whom}"


def headline(table: pd.DataFrame) -> str:
    """`Finnish +1.8, Hungarian −0.3 points`: the mean over intermediate tasks, equally weighted."""
    told = []
    for code, name in PINNED.items():
        rows = table[table["lang"].eq(code)]
        mean = mean_gain(rows.assign(lang=rows["intermediate"]), ["language"], "languages", "skip")
        if rows["state"].eq(ABSENT).all():
            told.append(f"{name} not in this benchmark")
        elif mean["gain"].notna().any():
            told.append(f"{name} {points(float(mean['gain'].iloc[0]))}")
        else:
            told.append(f"{name} not measured yet")
    return ", ".join(told)


def sentence(table: pd.DataFrame, lang: str, title: Title = str) -> str:
    """One language's finding: how many tasks help, the best and the worst with their intervals."""
    rows = table[table["lang"].eq(lang)]
    name = PINNED.get(lang, lang)
    if rows["state"].eq(ABSENT).all():
        return f"{name} is not in this benchmark."
    there = rows[rows["state"].eq(MEASURED)]
    if there.empty:
        return f"{name}: nothing measured yet."
    sure = there[there["low"].gt(0) | there["high"].lt(0)]
    up = int(there["gain"].gt(0).sum())
    told = (
        f"{name} gains from {up} of {len(there)} intermediate tasks"
        f" (mean {points(float(there['gain'].mean()))}, tasks weighted equally);"
        f" {len(sure)} of the {len(there)} intervals exclude{'s' * (len(sure) == 1)} zero."
    )
    ranked = there.sort_values("gain", ascending=False)
    told += f" Best: {_one(ranked.iloc[0], title)}."
    return told + (f" Worst: {_one(ranked.iloc[-1], title)}." if len(ranked) > 1 else "")


def _one(row: pd.Series[float], title: Title) -> str:
    spread = interval(row["low"], row["high"], row["interval_over"], int(row["seeds"]))
    return f"{title(str(row['intermediate']))} {points(row['gain'])} ({spread})"
