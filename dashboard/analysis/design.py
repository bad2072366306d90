"""The matrices of a model: coefficients that the rows identify, and groups that they tell apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dashboard.analysis.model import RANDOM, SLOPES, Model
from dashboard.analysis.regressors import Regressors
from dashboard.analysis.reml import Floats, Group

FACTORS = {"intermediate": "intermediate", "target family": "target_family"}
"""Fixed terms that are levels; they are coded as deviations from the mean over levels, so that the
intercept is the gain of the average level and slopes are at no particular one."""
BY_LEVEL = {"morphology x intermediate": ("morphology", "intermediate")}
"""Slopes that differ by level: how far each level's is from their mean, coded as the levels are."""
RELATIVE = 1e-9
"""A column of which less than this is left beside the others adds nothing."""


@dataclass(frozen=True)
class Design:
    """y = X b + sum of Z u + e, ready to be solved."""

    rows: pd.DataFrame
    y: Floats
    x: Floats
    """(rows, coefficients)."""
    columns: tuple[tuple[str, str], ...]
    """Term and level of every coefficient; the level is empty for a slope."""
    shown: pd.DataFrame
    """Columns term, level: what a result tells, also the last level of a factor."""
    combinations: Floats
    """(shown, coefficients): each shown value as a combination of coefficients."""
    groups: dict[str, Group]
    """Random component -> group and weight of every row."""
    merged: dict[str, str] = field(default_factory=dict)
    """Component -> the kept one that has the very same groups."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Fixed or random term -> why it is not in the model."""


def built(told: Regressors, model: Model) -> Design:
    """Fixed columns first, each that adds nothing to those before it dropped with a word; then the
    random components that these rows, beside the fixed terms, can tell."""
    dropped = dict(told.dropped)
    blocks: list[tuple[str, str, Floats]] = [("intercept", "", np.ones(len(told.rows)))]
    for term in told.terms if len(told.rows) else ():
        blocks += _columns(told.rows, term, dropped)
    kept = _independent(blocks, dropped)
    x = np.column_stack([column for _, _, column in kept])
    columns = tuple((term, level) for term, level, _ in kept)
    shown, combinations = _shown(told.rows, columns)
    groups, merged = _groups(told.rows, x, model, dropped)
    y = told.rows["gain"].to_numpy(dtype=float)
    return Design(told.rows, y, x, columns, shown, combinations, groups, merged, dropped)


def _columns(
    rows: pd.DataFrame, term: str, dropped: dict[str, str]
) -> list[tuple[str, str, Floats]]:
    """The columns of one fixed term; none, with a word, where it does not vary."""
    if term in FACTORS or term in BY_LEVEL:
        slope, name = BY_LEVEL.get(term, ("", FACTORS.get(term, "")))
        levels = sorted(set(rows[name].dropna()))
        if len(levels) < 2:
            dropped[term] = f"{levels[0]} is the only one here" if levels else "there is none here"
            return []
        last = rows[name].eq(levels[-1]).to_numpy(dtype=float)
        by: Floats = rows[slope].to_numpy(dtype=float) if slope else np.ones(len(rows))
        return [
            (term, one, by * (rows[name].eq(one).to_numpy(dtype=float) - last))
            for one in levels[:-1]
        ]
    column: Floats
    if term == "morphology x scale":
        column = (rows["morphology"] * rows["log parameters"]).to_numpy(dtype=float)
    else:
        column = rows["log parameters" if term == "scale" else term].to_numpy(dtype=float)
    if np.ptp(column) == 0:
        one = {"scale": "all gains are of one scale", "target train": "one size of training data"}
        dropped[term] = one.get(term, "it has one value in all rows")
        return []
    return [(term, "", column)]


def _independent(
    blocks: list[tuple[str, str, Floats]], dropped: dict[str, str]
) -> list[tuple[str, str, Floats]]:
    """Columns of which something is left beside those before (modified Gram-Schmidt, twice)."""
    basis: list[Floats] = []
    kept = []
    for term, level, column in blocks:
        rest, whole = column.astype(float), float(np.linalg.norm(column))
        for one in (*basis, *basis):
            rest = rest - one * float(one @ rest)
        if len(rest) and float(np.linalg.norm(rest)) <= RELATIVE * whole:
            name = f"{term}: {level}" if level else term
            dropped[name] = "the terms before it tell it exactly: no row could tell them apart"
            continue
        basis.append(rest / np.linalg.norm(rest))
        kept.append((term, level, column))
    return kept


def _shown(rows: pd.DataFrame, columns: tuple[tuple[str, str], ...]) -> tuple[pd.DataFrame, Floats]:
    """Coefficients as they are, and behind a factor's levels its last one: minus their sum."""
    eye = np.eye(len(columns))
    names, combined = [], []
    for i, (term, level) in enumerate(columns):
        names.append((term, level))
        combined.append(eye[i])
        final = i + 1 == len(columns) or columns[i + 1][0] != term
        if (term in FACTORS or term in BY_LEVEL) and final:
            mine = [j for j, (other, _) in enumerate(columns) if other == term]
            name = FACTORS[term] if term in FACTORS else BY_LEVEL[term][1]
            names.append((term, max(rows[name].dropna())))
            combined.append(-eye[mine].sum(axis=0))
    return pd.DataFrame(names, columns=["term", "level"]), np.array(combined)


def _groups(
    rows: pd.DataFrame, x: Floats, model: Model, dropped: dict[str, str]
) -> tuple[dict[str, Group], dict[str, str]]:
    """Components that can be told, and which of the others have the same groups as one of them."""
    kept: dict[str, Group] = {}
    merged: dict[str, str] = {}
    for name in (one for one in RANDOM if one in model.random):
        group = _group(rows, name)
        count = int(group[0].max()) + 1 if len(rows) else 0
        same = next((one for one, other in kept.items() if _equal(group, other)), "")
        if count < 2:
            dropped[name] = "all rows are of one group"
        elif not group[1].any():
            dropped[name] = "all gains are of one scale"
        elif count == len(rows):
            dropped[name] = "every row is a group of its own: it is in the residual"
        elif same:
            merged[name] = same
            dropped[name] = f"its groups are those of {same}: the two are one component"
        elif not spare(group, x):
            dropped[name] = "the fixed terms tell its groups: nothing is left to vary"
        else:
            kept[name] = group
    return kept, merged


def _group(rows: pd.DataFrame, name: str) -> Group:
    """Groups count in the order of their first row."""
    grouped = rows.groupby(list(RANDOM[name]), sort=False, dropna=False)
    weights = np.ones(len(rows))
    if name in SLOPES:
        weights = np.asarray(rows[SLOPES[name]], dtype=np.float64)
    return grouped.ngroup().to_numpy().astype(np.intp), weights


def _equal(one: Group, other: Group) -> bool:
    return np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])


def spare(group: Group, x: Floats) -> int:
    """Degrees of freedom that the fixed terms leave a component: rank of [X Z] less that of X."""
    codes, weights = group
    sizes = np.bincount(codes, weights=weights**2)
    means = np.zeros((len(sizes), x.shape[1]))
    np.add.at(means, codes, weights[:, None] * x)
    means /= np.where(sizes > 0, sizes, 1.0)[:, None]
    within = x - weights[:, None] * means[codes]
    inside = np.linalg.matrix_rank(within, tol=1e-7 * max(float(np.linalg.norm(x)), 1.0))
    return int((sizes > 0).sum() + inside - x.shape[1])
