"""How far a mixed model's answer hangs on a choice: collinear terms, single languages, the measure
that stands for morphology."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.analysis import reml
from dashboard.analysis.design import Design, built
from dashboard.analysis.factors import Factors
from dashboard.analysis.frames import require
from dashboard.analysis.measures import MEASURES
from dashboard.analysis.mixed import Fit, solution, solved
from dashboard.analysis.model import LANGUAGE_TERMS, Model
from dashboard.analysis.regressors import prepare

INFLUENCE = ("lang", "rows", "estimate", "se", "change", "dfbetas", "turns", "why")
"""One row per language: the slope without it, by how many points that differs (`change`) and by how
many of its standard errors (`dfbetas`), whether its sign turns, and why there is none (NaN)."""

UNDER = (
    "measure",
    "languages",
    "rows",
    "slope",
    "low",
    "high",
    "p",
    "df",
    "with_scale",
    "with_scale_low",
    "with_scale_high",
    "deviance",
    "why",
)
"""One row per measure: the slope of morphology in points per standard deviation, and its change per
tenfold parameters (`with_scale`), each with its interval; `why` where it could not be told."""


def collinearity(
    gain_table: pd.DataFrame,
    languages: pd.DataFrame,
    model: Model | None = None,
    factors: Factors | None = None,
) -> pd.DataFrame:
    """Variance inflation of the fixed terms.

    Columns: term, columns (how many the term has), gvif, root = gvif^(1/(2 columns)) (Fox & Monette
    1992), comparable between terms and the square root of the usual VIF for a slope; and
    among_languages, the VIF of a term over languages with each language counting once, which is
    what decides whether distance, data and morphology can be told apart (10 is the usual alarm).
    NaN where there is one term only.
    """
    asked = model or Model()
    told = prepare(gain_table, languages, asked, factors)
    design = built(told, asked)
    terms = list(dict.fromkeys(term for term, _ in design.columns if term != "intercept"))
    once = told.rows.drop_duplicates("lang")
    slopes = [term for term in LANGUAGE_TERMS if term in terms]
    rows = []
    for term in terms:
        mine = [i for i, (name, _) in enumerate(design.columns) if name == term]
        rest = [i for i, (name, _) in enumerate(design.columns) if name not in (term, "intercept")]
        inflation = _gvif(design.x, mine, rest)
        among = float("nan")
        if term in slopes and len(slopes) > 1:
            own, others = once[[term]], once[[one for one in slopes if one != term]]
            both = np.column_stack([own, others]).astype(float)
            among = _gvif(both, [0], list(range(1, both.shape[1])))
        rows.append((term, len(mine), inflation, inflation ** (0.5 / len(mine)), among))
    columns = ["term", "columns", "gvif", "root", "among_languages"]
    return pd.DataFrame(rows, columns=columns)


def _gvif(x: reml.Floats, mine: list[int], rest: list[int]) -> float:
    """det R11 det R22 / det R of the correlations (Fox & Monette 1992, equation 9)."""
    if not rest:
        return float("nan")
    whole = np.asarray(np.corrcoef(x[:, [*mine, *rest]], rowvar=False))
    first, count = slice(0, len(mine)), len(mine)
    top = np.linalg.slogdet(whole[first, first])[1] if count > 1 else 0.0
    below = np.linalg.slogdet(whole[count:, count:])[1] if len(rest) > 1 else 0.0
    sign, every = np.linalg.slogdet(whole)
    return float(np.exp(top + below - every)) if sign > 0 else float("inf")


def influence(
    gain_table: pd.DataFrame,
    languages: pd.DataFrame,
    model: Model | None = None,
    factors: Factors | None = None,
    term: str = "morphology",
    variances: Literal["held", "refitted"] = "held",
) -> pd.DataFrame:
    """The slope of a term with each language left out in turn (columns `INFLUENCE`).

    Scaling stays that of all languages, so slopes can be compared; `held` keeps the ratios of
    variances at those of all languages, `refitted` seeks them anew (much slower). Sorted by
    |dfbetas|, the most influential first. Raises KeyError as `Fit.slope` where the term is not in
    the model.
    """
    asked = model or Model()
    design = built(prepare(gain_table, languages, asked, factors), asked)
    names = [name for name, _ in design.columns]
    if term not in names:
        raise KeyError(f"{term} is not in the model: {design.dropped.get(term, 'not asked for')}")
    found, why = solution(design)
    langs = sorted(set(design.rows["lang"]))
    if found is None or found.residual == 0:
        nothing = [{"lang": lang, "why": why[0], "turns": False} for lang in langs]
        return pd.DataFrame(nothing, columns=list(INFLUENCE))
    place = names.index(term), float(found.coefficients[names.index(term)])
    rows = [_without(design, lang, place, found.ratios, variances) for lang in langs]
    table = pd.DataFrame(rows, columns=list(INFLUENCE))
    order = table["dfbetas"].abs().sort_values(ascending=False, na_position="last").index
    return table.loc[order].reset_index(drop=True)


def _without(
    design: Design, lang: str, place: tuple[int, float], start: reml.Floats, variances: str
) -> dict[str, object]:
    """One row of `INFLUENCE`; `place`: the coefficient, and its value with all languages."""
    at, whole = place
    kept = design.rows["lang"].ne(lang).to_numpy()
    x, y = design.x[kept], design.y[kept]
    told: dict[str, object] = {"lang": lang, "rows": int(kept.sum()), "turns": False, "why": ""}
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return told | {"why": "without it the other terms cannot be told apart"}
    groups = tuple((_recoded(codes[kept]), w[kept]) for codes, w in design.groups.values())
    sums = reml.sums(y, x, groups)
    found = reml.at(sums, start) if variances == "held" else reml.solve(sums, start)
    estimate, se = float(found.coefficients[at]), float(np.sqrt(found.covariance[at, at]))
    change = estimate - whole
    told |= {"estimate": estimate, "se": se, "change": change, "turns": estimate * whole < 0}
    return told | {"dfbetas": change / se if se > 0 else float("nan")}


def _recoded(codes: reml.Codes) -> reml.Codes:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


def under_measures(
    gain_table: pd.DataFrame,
    languages: pd.DataFrame,
    measures: Sequence[str] = (*MEASURES, "wals_22A_rank", "wals_49A_rank"),
    model: Model | None = None,
    factors: Factors | None = None,
    common: Literal["each its own languages", "common languages"] = "each its own languages",
) -> pd.DataFrame:
    """The same model under each measure of morphology (columns `UNDER`).

    A measure is known of some languages only; `common languages` fits all of them to the languages
    that have every measure (of those that any language has), so that rows differ by the measure
    alone and deviances can be compared.
    """
    require(languages, ["lang", *measures], "the frame of languages")
    asked, frame = model or Model(), languages
    if common == "common languages":
        there = [one for one in measures if languages[one].notna().any()]
        frame = languages[languages[there].notna().all(axis=1)]
        gain_table = gain_table[gain_table["lang"].isin(frame["lang"])]
    rows = []
    for measure in measures:
        one = replace(asked, measure=measure)
        told = prepare(gain_table, frame, one, factors)
        rows.append(_under(measure, solved(built(told, one), told, one)))
    return pd.DataFrame(rows, columns=list(UNDER))


def _under(measure: str, fit: Fit) -> dict[str, object]:
    told: dict[str, object] = {
        "measure": measure,
        "languages": len(fit.languages),
        "rows": fit.rows,
        "deviance": fit.deviance,
        "why": fit.dropped.get("morphology", ""),
    }
    names: Iterable[tuple[str, str]] = (("morphology", ""), ("morphology x scale", "with_scale"))
    for term, name in names:
        found = fit.fixed[fit.fixed["term"].eq(term)]
        if found.empty:
            continue
        row = found.iloc[0]
        told |= {name or "slope": row["estimate"]}
        told |= {f"{name}_{side}" if name else side: row[side] for side in ("low", "high")}
        if not name:
            told |= {"p": row["p"], "df": row["df"]}
    return told
