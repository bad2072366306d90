"""A straight line over languages, each counting once: the picture beside the mixed model.

    y = intercept + slope x, by ordinary least squares over (language, mean gain) pairs

Two languages fit any line exactly, so from three on there is a slope, and its t interval says how
little a few tell. The mixed model (`mixed`) is the statement; this is what can be drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.analysis.frames import require

LEAST = 3
"""Languages from which a slope has an error."""
STEPS = 41
"""Points at which the band is told."""
POINTS = ("lang", "x", "y", "fitted", "leverage", "dfbeta", "without", "far", "moves")
"""One row per language that has both: hat value, the standardised change of the slope by this
language (DFBETAS) and the slope `without` it; `far`: its leverage is over twice the average
(Hoaglin and Welsch 1978); `moves`: |DFBETAS| is over 2 / sqrt(n) (Belsley, Kuh, Welsch 1980)."""


@dataclass(frozen=True)
class Line:
    """A fitted line; NaN and empty where too few languages, or no spread in x, tell none."""

    points: pd.DataFrame
    band: pd.DataFrame
    """Columns x, fitted, low, high: the confidence band of the mean."""
    slope: float = float("nan")
    """Points per unit of x; `low`, `high`: its interval; `per_sd`: per standard deviation of x."""
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    spread: float = float("nan")
    """Standard deviation of x over the languages (divisor n, as in the mixed model)."""
    why: str = ""
    """Why there is no line."""

    @property
    def languages(self) -> int:
        return len(self.points)


def line(table: pd.DataFrame, x: str, y: str = "gain", confidence: float = 0.95) -> Line:
    """The line of `y` on `x` over the rows of `table` (column lang) that have both.

    Raises ValueError where a language has two rows, since a mean of them is a choice.
    """
    require(table, ["lang", x, y], "the table of languages")
    rows = table[["lang", x, y]].dropna().set_axis(["lang", "x", "y"], axis=1)
    if rows["lang"].duplicated().any():
        raise ValueError(f"{rows.loc[rows['lang'].duplicated(), 'lang'].iloc[0]} has two rows")
    count, centred = len(rows), rows["x"] - rows["x"].mean()
    total = float((centred**2).sum())
    if count < LEAST or total < 1e-18 * max(1.0, float((rows["x"] ** 2).sum())):
        return Line(
            _bare(rows), pd.DataFrame(columns=["x", "fitted", "low", "high"]), why=_why(rows)
        )
    slope = float((centred * rows["y"]).sum()) / total
    fitted = rows["y"].mean() + slope * centred
    left = rows["y"] - fitted
    error = float(np.sqrt((left**2).sum() / (count - 2)))
    half = float(stats.t.ppf(0.5 + confidence / 2, count - 2))
    se = error / total**0.5
    p = float(2 * stats.t.sf(abs(slope) / se, count - 2)) if se > 0 else float("nan")
    points = _influence(rows.assign(fitted=fitted), centred, total, left, slope)
    band = _band(rows, slope, total, error * half)
    return Line(
        points, band, slope, slope - half * se, slope + half * se, p, (total / count) ** 0.5
    )


def _influence(
    rows: pd.DataFrame,
    centred: pd.Series[float],
    total: float,
    left: pd.Series[float],
    slope: float,
) -> pd.DataFrame:
    """Columns `POINTS`, by the closed forms of Belsley, Kuh and Welsch (1980, chapter 2)."""
    count = len(rows)
    leverage = 1 / count + centred**2 / total
    rest = 1 - leverage
    with np.errstate(divide="ignore", invalid="ignore"):
        change = centred * left / (total * rest)
        spare = (left**2).sum() - left**2 / rest
        deviation = np.sqrt((spare / (count - 3)).clip(lower=0)) if count > 3 else np.nan
        dfbeta = change / (deviation / total**0.5)
    return rows.assign(
        leverage=leverage,
        dfbeta=dfbeta,
        without=(slope - change).where(rest > 1e-9),
        far=leverage > 4 / count,
        moves=pd.Series(np.abs(dfbeta) > 2 / count**0.5, index=rows.index),
    )[list(POINTS)].reset_index(drop=True)


def _band(rows: pd.DataFrame, slope: float, total: float, wide: float) -> pd.DataFrame:
    at = np.linspace(rows["x"].min(), rows["x"].max(), STEPS)
    away = at - rows["x"].mean()
    fitted = rows["y"].mean() + slope * away
    half = wide * np.sqrt(1 / len(rows) + away**2 / total)
    return pd.DataFrame({"x": at, "fitted": fitted, "low": fitted - half, "high": fitted + half})


def _bare(rows: pd.DataFrame) -> pd.DataFrame:
    """The points without a line."""
    table = rows.reindex(columns=list(POINTS)).reset_index(drop=True)
    return table.assign(far=False, moves=False)


def _why(rows: pd.DataFrame) -> str:
    if len(rows) == 2:
        return "two languages cannot identify a slope: any measure that differs fits them exactly"
    if len(rows) < LEAST:
        return f"{len(rows)} language{'s' * (len(rows) != 1)} with both numbers: there is no slope"
    return "all these languages have the same value of this measure: there is no slope"
