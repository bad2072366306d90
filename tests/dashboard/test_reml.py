"""Restricted maximum likelihood: closed forms that it must reproduce."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis import reml


def test_balanced_groups_have_the_variances_of_the_anova_table():
    """REML in one balanced layout: v_e = MSW, v_u = (MSB - MSW) / n; df of the mean: groups - 1."""
    groups, each = 8, 5
    rng = np.random.default_rng(3)
    codes = np.repeat(np.arange(groups), each)
    y = rng.normal(size=groups)[codes] * 2 + rng.normal(size=groups * each)
    means = y.reshape(groups, each).mean(axis=1)
    within = float(((y - means[codes]) ** 2).sum()) / (groups * (each - 1))
    between = each * float(((means - y.mean()) ** 2).sum()) / (groups - 1)
    told = reml.sums(y, np.ones((len(y), 1)), ((codes, np.ones(len(y))),))
    found = reml.solve(told)
    assert found.residual == pytest.approx(within, rel=1e-5)
    assert found.ratios[0] ** 2 * found.residual == pytest.approx(
        (between - within) / each, rel=1e-5
    )
    assert found.covariance[0, 0] == pytest.approx(between / (groups * each), rel=1e-5)
    assert reml.degrees_of_freedom(told, found, np.eye(1))[0] == pytest.approx(groups - 1, rel=1e-3)


def test_no_group_is_least_squares():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(30), rng.normal(size=30)])
    y = x @ [1.0, 2.0] + rng.normal(size=30)
    found = reml.solve(reml.sums(y, x, ()))
    exact, left, *_ = np.linalg.lstsq(x, y, rcond=None)
    assert found.coefficients == pytest.approx(exact)
    assert found.residual == pytest.approx(float(left[0]) / 28)


def test_a_group_without_an_effect_has_no_variance():
    codes = np.repeat(np.arange(6), 4)
    y = np.tile([1.0, -1.0, 2.0, -2.0], 6)  # every group has the same mean
    told = reml.sums(y, np.ones((24, 1)), ((codes, np.ones(24)),))
    found = reml.solve(told)
    assert found.converged and found.ratios[0] == 0
    assert found.residual == pytest.approx(float((y**2).sum()) / 23)
    assert reml.degrees_of_freedom(told, found, np.eye(1))[0] == pytest.approx(23, rel=1e-3)


def test_groups_that_tell_every_row_have_no_maximum_and_that_is_said():
    codes = np.repeat(np.arange(6), 4)
    y = np.arange(6.0)[codes]
    found = reml.solve(reml.sums(y, np.ones((24, 1)), ((codes, np.ones(24)),)))
    assert not found.converged and found.residual < 1e-3


def test_profiled_and_unprofiled_deviance_agree_and_lie_lowest_at_the_solution():
    rng = np.random.default_rng(5)
    one, two = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    slope = rng.normal(size=48)
    y = rng.normal(size=6)[one] + rng.normal(size=8)[two] * slope + rng.normal(size=48)
    x = np.column_stack([np.ones(48), slope])
    told = reml.sums(y, x, ((one, np.ones(48)), (two, slope)))
    found = reml.solve(told)
    variances = np.append(found.ratios**2 * found.residual, found.residual)
    assert reml.unprofiled(told, variances) == pytest.approx(found.deviance, abs=1e-8)
    for shift in ([0.1, 0.0], [-0.1, 0.0], [0.0, 0.1], [0.0, -0.1]):
        assert reml.deviance(told, np.maximum(found.ratios + shift, 0)) > found.deviance - 1e-6


def test_the_likelihood_is_that_of_the_rows_themselves():
    """Against V written out: -2 log L = log|V| + log|X'V^-1 X| + r'V^-1 r + (n - p) log 2 pi."""
    rng = np.random.default_rng(6)
    one, two = rng.integers(0, 4, 30), rng.integers(0, 5, 30)
    weight, x = rng.normal(size=30), np.column_stack([np.ones(30), rng.normal(size=30)])
    y = rng.normal(size=30)
    told = reml.sums(y, x, ((one, np.ones(30)), (two, weight)))
    a, b, e = 0.7, 0.3, 1.2
    z, w = np.eye(4)[one], np.eye(5)[two] * weight[:, None]
    v = a * z @ z.T + b * w @ w.T + e * np.eye(30)
    inverse = np.linalg.inv(v)
    inner = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(inner, x.T @ inverse @ y)
    plain = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1]
    plain += left @ inverse @ left + 28 * np.log(2 * np.pi)
    assert reml.unprofiled(told, np.array([a, b, e])) == pytest.approx(plain, abs=1e-8)
    assert reml.covariance(told, np.array([a, b, e])) == pytest.approx(np.linalg.inv(inner))
