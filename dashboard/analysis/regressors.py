"""From a gain table to the rows that a model is fitted to: one gain each, with its covariates.

Whatever is left out on the way, and whatever term cannot be told from these rows, is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dashboard.analysis.factors import Factors, known
from dashboard.analysis.frames import PINNED, require
from dashboard.analysis.model import DEVIATION, FIXED, LANGUAGE_TERMS, RANDOM, SLOPES, Model


@dataclass(frozen=True)
class Regressors:
    """The rows of a model, and what became of the rest."""

    rows: pd.DataFrame
    """One gain each: columns of the gain table, `family`, `target_family`, and a column for each
    numeric term, scaled as `scaling` says."""
    terms: tuple[str, ...]
    """The fixed terms that are left."""
    scaling: pd.DataFrame
    """Columns term, centre, spread, unit: a column holds (value - centre) / spread."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Term -> why it is not in the model."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Why -> how many rows."""


def prepare(
    gain_table: pd.DataFrame,
    languages: pd.DataFrame,
    model: Model,
    factors: Factors | None = None,
) -> Regressors:
    """`languages`: `covariates.wide`, with measures; columns lang, family and the model's measure.

    Slopes over languages are per standard deviation over the languages in the rows, each counting
    once; `scale` is per tenfold parameters, `target train` per tenfold rows, both centred.
    Raises ValueError for an unknown term or measure, and where a target has several metrics or
    variants: which one counts is a choice.
    """
    _asked(model, languages)
    rows, left_out = _observed(gain_table, model)
    told = factors or known()
    rows = rows.merge(_traits(languages, model), on="lang", how="left", validate="many_to_one")
    rows["target_family"] = rows["target"].map(told.family)
    rows["scale size"] = np.log10(rows["scale"].map(told.parameters).astype(float))
    rows["rows"] = np.log10(rows["target"].map(told.train).astype(float))
    dropped: dict[str, str] = {}
    kept = _language_terms(rows, model, dropped)
    for term, names in _needed(kept, model).items():
        gone = rows[list(names)].isna().any(axis=1)
        if gone.any():
            left_out[_without(rows[gone], term, names)] = int(gone.sum())
            rows = rows[~gone]
    rows = _trained(rows, model, left_out)
    terms = [one for one in model.fixed if one not in dropped]
    rows, scaling = _scaled(rows.reset_index(drop=True), kept, terms, _by_scale(model))
    for term in [one for one in terms if "morphology x" in one and "morphology" not in kept]:
        terms.remove(term)
        dropped[term] = "morphology itself is not in the model"
    return Regressors(rows, tuple(terms), scaling, dropped, left_out)


def _asked(model: Model, languages: pd.DataFrame) -> None:
    for given, there, what in (
        (model.fixed, FIXED, "fixed term"),
        (model.random, tuple(RANDOM), "random term"),
    ):
        unknown = [one for one in given if one not in there]
        if unknown:
            raise ValueError(f"unknown {what} {unknown[0]!r} (known: {', '.join(there)})")
    require(languages, ["lang", "family"], "the frame of languages")
    if model.measure not in languages or languages[model.measure].dtype.kind not in "fiu":
        numeric = ", ".join(languages.select_dtypes("number").columns)
        raise ValueError(f"{model.measure!r} is no numeric column of languages (there: {numeric})")


def _observed(table: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows with a gain, and how many were left out for which reason."""
    needed = [one for names in RANDOM.values() for one in names if one != "family"]
    require(table, ["split", "metric", "variant", "gain", *needed], "the gain table")
    rows = table[table["split"].eq(model.split) & table["intermediate"].ne(model.baseline)]
    for column in ("metric", "variant"):
        many = rows.groupby("target")[column].nunique()
        if (many > 1).any():
            target = str(many.index[many > 1][0])
            found = sorted(set(rows.loc[rows["target"].eq(target), column]))
            raise ValueError(
                f"{target} is there with {column} {' and '.join(map(repr, found))}: keep the rows "
                "of one, since a mean of them is a choice"
            )
    left_out: dict[str, int] = {}
    english = rows["lang"].eq("eng")
    if model.english == "left out" and english.any():
        left_out["English: not transfer"] = int(english.sum())
        rows = rows[~english]
    there = np.isfinite(rows["gain"].astype(float))
    if not there.all():
        left_out["no gain: a side is missing or at chance"] = int((~there).sum())
    return rows[there], left_out


def _traits(languages: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Columns lang, family and the language terms, unscaled; tokens as their log10."""
    frame = languages[["lang", "family"]].copy()
    named = {"morphology": model.measure, "pre-training": model.data}
    for term, column in LANGUAGE_TERMS.items():
        name = named.get(term, column)
        frame[term] = languages[name].astype(float) if name in languages else np.nan
    frame["pre-training"] = np.log10(frame["pre-training"].where(frame["pre-training"] > 0))
    return frame


def _language_terms(rows: pd.DataFrame, model: Model, dropped: dict[str, str]) -> list[str]:
    """The terms over languages that enough languages have, together."""
    asked = [one for one in LANGUAGE_TERMS if one in model.fixed]
    every = rows.drop_duplicates("lang").set_index("lang")[asked]
    kept: list[str] = []
    for term in asked:
        whole = every.index[every[[*kept, term]].notna().all(axis=1)]
        if every[term].notna().sum() == 0:
            dropped[term] = "no value is known of any of these languages"
        elif len(whole) < model.least_languages:
            dropped[term] = too_few(list(map(str, whole)), model.least_languages, kept)
        else:
            kept.append(term)
    return kept


def too_few(langs: list[str], least: int, beside: list[str]) -> str:
    """Why a few languages tell no slope."""
    named = ", ".join(PINNED.get(one, one) for one in langs[:4]) + (", ..." if langs[4:] else "")
    count = f"{len(langs)} language" + "s" * (len(langs) != 1)
    which = f"{count} ({named})" if langs else count
    also = f" beside {' and '.join(beside)}" if beside else ""
    why = f"{which} with a value{also}, a slope over languages takes {least}"
    if len(langs) == 2:
        why += ": any measure that differs between two languages fits them equally well"
    return why if len(langs) != 1 else f"{why}: one language has no slope"


def _by_scale(model: Model) -> bool:
    """Whether any term asks for the parameters of a scale."""
    return bool(
        {"scale", "morphology x scale"} & set(model.fixed) or set(SLOPES) & set(model.random)
    )


def _needed(kept: list[str], model: Model) -> dict[str, tuple[str, ...]]:
    """Term -> columns that a row must have for it."""
    needed: dict[str, tuple[str, ...]] = {term: (term,) for term in kept}
    if "family" in model.random:
        needed["family"] = ("family",)
    if "target family" in model.fixed:
        needed["target family"] = ("target_family",)
    if _by_scale(model):
        needed["scale"] = ("scale size",)
    return needed


def _without(rows: pd.DataFrame, term: str, names: tuple[str, ...]) -> str:
    of = {"target_family": "target", "scale size": "scale"}.get(names[0], "lang")
    return f"{term} is not known of {', '.join(sorted(set(rows[of])))}"


def _trained(rows: pd.DataFrame, model: Model, left_out: dict[str, int]) -> pd.DataFrame:
    """Rows whose training size is told, or absorbed: a family of which no target is trained
    (retrieval) has its level from `target family`, and its size is set to the centre."""
    if "target train" not in model.fixed:
        return rows
    without = rows["rows"].isna()
    untrained = pd.Series(False, index=rows.index)
    if "target family" in model.fixed:
        untrained = without.groupby(rows["target_family"]).transform("all").astype(bool)
    gone = without & ~untrained
    if gone.any():
        left_out[_without(rows[gone].assign(lang=rows["target"]), "target train", ("lang",))] = int(
            gone.sum()
        )
    return rows[~gone]


def _scaled(
    rows: pd.DataFrame, kept: list[str], terms: list[str], by_scale: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Numeric terms centred, and those over languages in standard deviations, as new columns."""
    takes = [(term, "lang", term, DEVIATION) for term in kept]
    if by_scale:
        takes.append(("log parameters", "scale", "scale size", "tenfold parameters"))
    if "target train" in terms:
        takes.append(("target train", "target", "rows", "tenfold training rows"))
    told = []
    for term, by, source, unit in takes:
        once = rows.drop_duplicates(by)[source].dropna().astype(float)
        centre = float(once.mean()) if len(once) else 0.0
        spread = float(once.std(ddof=0)) if unit == DEVIATION and len(once) else 1.0
        told.append((term, centre, spread or 1.0, unit))
        rows[term] = ((rows[source] - centre) / (spread or 1.0)).fillna(0.0)
    return rows, pd.DataFrame(told, columns=["term", "centre", "spread", "unit"])
