"""The gains of languages beside what measures say of their morphology."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.analysis.covariates import NUMBERS, TEXTS, covariates, wide, with_measures
from dashboard.analysis.measures import MEASURES, basis, read
from dashboard.analysis.mixed import Fit, Model, fit
from dashboard.analysis.sensitivity import collinearity
from dashboard.analysis.slope import Line, line

ENGLISH = "eng"
RANKS = {f"{name}_rank": f"{TEXTS[name]} (rank of WALS)" for name in ("wals_22A", "wals_49A")}
CHOICES: dict[str, str] = MEASURES | RANKS | {"syntactic_distance": NUMBERS["syntactic_distance"]}
"""Measures that gains may be held against; the last is no morphology: it is what one must know
beside it."""
SLOPES = ("measure", "title", "languages", "slope", "low", "high", "p", "why")
"""One row per measure: the slope of `slope.line` in points per standard deviation."""


def languages() -> pd.DataFrame:
    """One row per language, with every covariate and measure that ships."""
    return with_measures(wide(covariates()), read())


def told_by(measure: str) -> str:
    """What a measure was taken from."""
    return basis(read(), measure) if measure in MEASURES else "WALS and lang2vec, as shipped"


@dataclass(frozen=True)
class Picture:
    """One measure beside the gains."""

    table: pd.DataFrame
    """One row per language with a gain: lang, x (NaN where not known), gain, low, high, ..."""
    line: Line
    """Over all but English, which was trained on."""

    @property
    def without(self) -> list[str]:
        """Languages that have a gain and no value of the measure."""
        return list(self.table.loc[self.table["x"].isna(), "lang"])


def against(means: pd.DataFrame, measure: str) -> Picture:
    """`means`: `groups.group_means` by language, of one scale. Raises KeyError: no such measure."""
    known = languages()[["lang", measure]].rename(columns={measure: "x"})
    table = means.rename(columns={"group": "lang"}).merge(known, on="lang", how="left")
    table = table[table["gain"].notna()].reset_index(drop=True)
    return Picture(table, line(table[table["lang"].ne(ENGLISH)], "x"))


def slopes(means: pd.DataFrame) -> pd.DataFrame:
    """Columns `SLOPES`: the same under every measure, missing ones with their reason."""
    rows = []
    for measure, title in CHOICES.items():
        found = against(means, measure).line
        ends = (one * found.spread for one in (found.slope, found.low, found.high))
        rows.append((measure, title, found.languages, *ends, found.p, found.why))
    return pd.DataFrame(rows, columns=list(SLOPES))


def regressed(pairs: pd.DataFrame, measure: str, baseline: str, split: str) -> Fit:
    """The mixed model with this measure as morphology."""
    return fit(pairs, languages(), Model(measure=measure, baseline=baseline, split=split))


def inflation(pairs: pd.DataFrame, measure: str, baseline: str, split: str) -> pd.DataFrame:
    """Variance inflation of the mixed model's terms (`sensitivity.collinearity`)."""
    model = Model(measure=measure, baseline=baseline, split=split)
    return collinearity(pairs, languages(), model)
