"""Restricted maximum likelihood for crossed random effects, from sums that are taken once.

y = X b + sum_k Z_k u_k + e with u_k ~ N(0, v_k I) and e ~ N(0, v I): every component k groups the
rows once, and groups may cross (languages and trainings); a group's effect enters a row as it is
(an intercept) or times the row's weight (a slope). The deviance is that of Bates et al.
(2015, lme4), profiled over b and v, as a function of t_k = sqrt(v_k / v). All of it is computed
from cross-products of [Z X y], so that one evaluation costs what the groups cost and not the rows;
the component with most groups is eliminated first, since its Z'Z is diagonal.
Tests hold it against statsmodels' MixedLM, which takes a hundred times as long for 6,000 rows and
three components (`benchmarks/mixed.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Group = tuple[Codes, Floats]
"""A component: the group of every row, counted from 0, and the row's weight in it."""

ZERO = 1e-4
"""A relative standard deviation (t) below this is told as zero: the likelihood is flat there."""
CEILING = 1e3
"""The largest t that is sought: far beyond it differences of cross-products lose their digits."""

STEP = 1e-2
"""Of the logarithm of a variance, in differences."""
APART = 1e-6
"""Of a ratio, in differences: a deviance has about ten good digits."""
TRIES, AGREES = 6, 1e-5
"""How often a search may begin again, and the gain in deviance below which it has ended."""


@dataclass(frozen=True)
class Sums:
    """Cross-products of all groups but the eliminated ones (q), of X (p) and of y."""

    rows: int
    fixed: int
    product: Floats
    """(q + p + 1, q + p + 1): [Z X y]'[Z X y]."""
    blocks: tuple[slice, ...]
    """Where each component but the eliminated one lies within q."""
    sizes: Floats
    """The distinct sizes (sums of squared weights) of the eliminated groups."""
    by_size: Floats
    """(len(sizes), q + p + 1, q + p + 1): s s' summed over the eliminated groups of a size, where s
    is a group's weighted sum of [Z X y]."""
    counts: Floats
    """How many eliminated groups have each size."""
    order: tuple[int, ...]
    """The components as given: first the eliminated one, then the blocks."""


@dataclass(frozen=True)
class Solution:
    """`ratios` are t_k in the order given; `covariance` is that of `coefficients`."""

    ratios: Floats
    coefficients: Floats
    covariance: Floats
    residual: float
    """The variance v."""
    deviance: float
    """-2 log restricted likelihood, with all constants."""
    converged: bool
    """Whether a maximum was found. There is none where the groups tell every row exactly."""


def sums(y: Floats, x: Floats, groups: tuple[Group, ...]) -> Sums:
    """From rows to cross-products."""
    levels = [int(codes.max()) + 1 for codes, _ in groups]
    order = tuple(sorted(range(len(groups)), key=lambda k: -levels[k]))
    ends = np.cumsum([0, *(levels[k] for k in order[1:])])
    blocks = tuple(slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True))
    parts = [_sparse(groups[k], levels[k]) for k in order[1:]]
    whole = sparse.hstack([*parts, sparse.csr_array(np.column_stack([x, y]))], format="csr")
    product = (whole.T @ whole).toarray()
    if not order:
        nothing = np.zeros((0, *product.shape))
        return Sums(len(y), x.shape[1], product, blocks, np.zeros(0), nothing, np.zeros(0), order)
    first = order[0]
    totals = (_sparse(groups[first], levels[first]).T @ whole).toarray()
    size = np.bincount(groups[first][0], weights=groups[first][1] ** 2)
    found, which, counts = np.unique(size, return_inverse=True, return_counts=True)
    sizes, counted = found.astype(np.float64), counts.astype(np.float64)
    by_size = np.array([totals[which == one].T @ totals[which == one] for one in range(len(sizes))])
    return Sums(len(y), x.shape[1], product, blocks, sizes, by_size, counted, order)


def _sparse(group: Group, levels: int) -> Any:
    """(rows, levels): the row's weight in the column of its group."""
    codes, weights = group
    places = (np.arange(len(codes)), codes)
    return sparse.csr_array((weights, places), shape=(len(codes), levels))


@dataclass(frozen=True)
class _Pieces:
    """At given ratios: log|H|, the factor of X'H^-1 X, b and the residual sum of squares."""

    log_h: float
    log_x: float
    inverse: Floats
    coefficients: Floats
    left: float


def _pieces(told: Sums, ratios: Floats) -> _Pieces:
    """H = I + sum_k t_k^2 Z_k Z_k', by eliminating the largest component and then the others."""
    product, log_h = told.product, 0.0
    if told.order:
        gamma = ratios[told.order[0]] ** 2
        weights = gamma / (1.0 + gamma * told.sizes)
        product = product - np.tensordot(weights, told.by_size, axes=1)
        log_h = float(told.counts @ np.log1p(gamma * told.sizes))
    wide = told.product.shape[0] - told.fixed - 1
    scale = np.zeros(wide)
    for k, block in zip(told.order[1:], told.blocks, strict=True):
        scale[block] = ratios[k]
    inner = product[wide:, wide:]
    if wide:
        middle = np.eye(wide) + scale[:, None] * product[:wide, :wide] * scale
        factor = linalg.cholesky(middle, lower=True)
        half = linalg.solve_triangular(factor, scale[:, None] * product[:wide, wide:], lower=True)
        inner = inner - half.T @ half
        log_h += 2.0 * float(np.log(np.diag(factor)).sum())
    upper = linalg.cho_factor(inner[:-1, :-1])
    coefficients = linalg.cho_solve(upper, inner[:-1, -1])
    left = float(inner[-1, -1] - coefficients @ inner[:-1, -1])
    log_x = 2.0 * float(np.log(np.abs(np.diag(upper[0]))).sum())
    inverse = linalg.cho_solve(upper, np.eye(told.fixed))
    return _Pieces(log_h, log_x, inverse, coefficients, max(left, 0.0))


def deviance(told: Sums, ratios: Floats) -> float:
    """-2 log restricted likelihood, profiled over coefficients and residual variance."""
    found, free = _pieces(told, ratios), told.rows - told.fixed
    residual = max(found.left / free, np.finfo(float).tiny)
    return float(found.log_h + found.log_x + free * (1.0 + np.log(2.0 * np.pi * residual)))


def unprofiled(told: Sums, variances: Floats) -> float:
    """-2 log restricted likelihood at given variances: every component's, the residual last."""
    residual = variances[-1]
    found = _pieces(told, np.sqrt(variances[:-1] / residual))
    free = told.rows - told.fixed
    constant = free * np.log(2.0 * np.pi * residual)
    return float(found.log_h + found.log_x + constant + found.left / residual)


def covariance(told: Sums, variances: Floats) -> Floats:
    """Of the coefficients, at given variances: (X' V^-1 X)^-1."""
    inverse: Floats = variances[-1] * _pieces(told, np.sqrt(variances[:-1] / variances[-1])).inverse
    return inverse


def at(told: Sums, ratios: Floats, converged: bool = True) -> Solution:
    """The solution at ratios that are given, not sought."""
    found = _pieces(told, ratios)
    residual = found.left / (told.rows - told.fixed)
    return Solution(
        ratios,
        found.coefficients,
        residual * found.inverse,
        residual,
        deviance(told, ratios),
        converged,
    )


def solve(told: Sums, start: Floats | None = None) -> Solution:
    """Minimise the deviance over the ratios, from zero to `CEILING`.

    The search begins again where it ended until that gains nothing, which is what `converged` says:
    derivatives are differences, and their noise can end a search too early.
    """
    count = len(told.order)
    if not count:
        return at(told, np.zeros(0))
    ratios = np.full(count, 0.5) if start is None else np.maximum(start, 0.01)
    best, converged = float("inf"), False
    for _ in range(TRIES):
        found = optimize.minimize(
            lambda given: deviance(told, np.abs(given)),
            ratios,
            method="L-BFGS-B",
            bounds=[(0.0, CEILING)] * count,
            options={"ftol": 1e-12, "gtol": 1e-6, "eps": APART},
        )
        ratios, gained, best = found.x, best - float(found.fun), float(found.fun)
        converged = gained < AGREES
        if converged:
            break
    converged = converged and float(ratios.max()) < CEILING / 10
    return at(told, np.where(ratios < ZERO, 0.0, ratios), converged)


def degrees_of_freedom(told: Sums, solution: Solution, combinations: Floats) -> Floats:
    """Satterthwaite's for each row c of `combinations` (k, p): 2 v^2 / (g' A g), v = var(c'b).

    g is v's gradient in the logarithms of the variances and A their asymptotic covariance, both by
    central differences (Kuznetsova et al. 2017, who take the variances themselves; logarithms keep
    one that is nearly zero harmless). Variances at zero stand on the boundary and are held.
    """
    every = np.append(solution.ratios**2, 1.0) * solution.residual
    moved = np.flatnonzero(every > 0)

    def values(shift: Floats) -> Floats:
        here = every.copy()
        here[moved] *= np.exp(shift)
        return here

    def of(shift: Floats) -> Floats:
        found = covariance(told, values(shift))
        return np.asarray(np.einsum("kp,pq,kq->k", combinations, found, combinations))

    steps = STEP * np.eye(len(moved))
    gradient = np.array([(of(step) - of(-step)) / (2 * STEP) for step in steps])
    hessian = _hessian(lambda shift: unprofiled(told, values(shift)), steps)
    spread = 2.0 * np.linalg.pinv(hessian, hermitian=True)
    variance = of(np.zeros(len(moved)))
    below = np.einsum("mk,mn,nk->k", gradient, spread, gradient)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(below > 0, 2.0 * variance**2 / below, np.inf)
    return np.clip(found, 1.0, told.rows - told.fixed)


def _hessian(function: Callable[[Floats], float], steps: Floats) -> Floats:
    """Second derivatives by central differences; `steps` holds one step per row."""
    count = len(steps)
    middle = function(np.zeros(count))
    alone = np.array([function(one) + function(-one) for one in steps])
    found = np.diag(alone - 2 * middle)
    for i in range(count):
        for j in range(i + 1, count):
            both = function(steps[i] + steps[j]) + function(-steps[i] - steps[j])
            found[i, j] = found[j, i] = (both - alone[i] - alone[j] + 2 * middle) / 2
    return np.asarray(found / STEP**2)
