"""Intervals over items and seeds hold what they promise, and say what they are over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from covering import WORLDS, coverage, false_findings, studies
from scipy import stats

from dashboard.analysis.hierarchical import INTERVALS, NO_GAIN, NOTHING_VARIED, intervals
from dashboard.analysis.power import detectable, needs, power

STUDIES = 400
SLACK = 3 * (0.05 * 0.95 / STUDIES) ** 0.5
"""Three standard errors of a share of `STUDIES` about 95 %."""


def world(seeds: int, at: int = 1, **more: object):
    return replace(WORLDS[at], seeds=seeds, **more)


@pytest.mark.parametrize(("seeds", "at"), [(3, 0), (3, 2), (5, 1), (10, 1)])
def test_intervals_cover(seeds: int, at: int):
    told = coverage(world(seeds, at), STUDIES, "t", seed=7)
    assert abs(float(str(told["coverage"])) - 0.95) <= SLACK, told
    assert told["over"] == ["seeds and items"]


def test_few_false_findings_after_correction():
    assert false_findings(world(5), grids=60, cells=10, seed=11)["passed"]


def of(seeds: int, **more: object) -> pd.DataFrame:
    table, items = studies(world(seeds, **more), 3, np.random.default_rng(1))
    return intervals(table, items, draws=300)


def test_one_seed_is_over_items_and_two_too():
    for seeds in (1, 2):
        found = of(seeds)
        assert list(found.columns) == list(INTERVALS)
        assert set(found["interval_over"]) == {"items"} and found["seeds_variance"].isna().all()


def test_a_paired_design_says_that_the_two_seeds_cannot_be_separated():
    found = of(4)
    assert set(found["design"]) == {"paired"} and found["per_target"].isna().all()
    assert set(of(3, crossed=True)["design"]) == {"crossed"}


def test_without_items_the_interval_is_the_t_interval_over_seeds_and_says_so():
    table, _ = studies(world(3), 1, np.random.default_rng(2))
    row = intervals(table, lambda name: pd.DataFrame()).iloc[0]
    gains = table["gain"]
    half = stats.t.ppf(0.975, 2) * gains.std(ddof=1) / 3**0.5
    assert (row["low"], row["high"]) == pytest.approx((gains.mean() - half, gains.mean() + half))
    assert row["interval_over"] == "seeds" and row["why"]


def test_what_cannot_be_told_is_missing_with_its_reason():
    table, items = studies(world(3), 1, np.random.default_rng(3))
    gone = intervals(table.assign(gain=np.nan), items).iloc[0]
    assert gone["why"] == NO_GAIN and np.isnan(gone["low"]) and gone["interval_over"] is None
    same = table.assign(evaluation=table["baseline_evaluation"], gain=0.0)
    still = intervals(same, items).iloc[0]
    assert still["why"] == NOTHING_VARIED and np.isnan(still["low"]) and np.isnan(still["p"])


def test_unequal_seeds_each_cell_counts_its_own():
    table, items = studies(world(4), 2, np.random.default_rng(4))
    first = table["lang"].eq("s0000") & table["target_seed"].eq("3")
    found = intervals(table.mask(first, other=np.nan).dropna(subset=["gain"]), items, draws=300)
    assert found.set_index("lang")["seeds"].to_dict() == {"s0000": 3, "s0001": 4}


def test_power_is_that_of_the_textbook():
    """One-sample t test, n = 20, effect 0.65 standard deviations: power 0.80 (Cohen 1988)."""
    se = np.array([1 / 20**0.5])
    assert power(np.array([0.66]), se, np.array([19.0]))[0] == pytest.approx(0.80, abs=0.01)
    assert detectable(se, np.array([19.0]))[0] == pytest.approx(0.66, abs=0.01)


def test_what_is_within_reach_needs_no_more_seeds():
    found = needs(of(3, item=0.05, seed=0.05), margin=3.0)
    assert found["detectable"].gt(0).all() and found["statement"].str.contains("80").all()
    assert (found["resolves"] == found["detectable"].le(3.0)).all()
    assert found.loc[found["resolves"], "more_seeds"].eq(0).all()
    with pytest.raises(ValueError, match="margin"):
        needs(found, margin=0.0)
