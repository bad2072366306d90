"""Power of a cell, and how many more seeds or items see a gain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.power import detectable, needs, power

ITEMS = dict(
    se=2.0, df=249.0, items_variance=4.0, seeds_variance=np.nan, seeds_df=np.nan, noise=5.9,
    clusters=250.0, levels=2.0, seeds=2.0, design="paired",
)  # fmt: skip


def test_power_rises_with_the_number_of_items_and_is_always_a_number():
    times = np.linspace(1, 9000, 4000)
    found = power(np.ones_like(times), 2 / np.sqrt(times), 249 * times)
    assert not np.isnan(found).any()
    assert (np.diff(found) >= -1e-6).all() and found[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("df", [2.0, 5.0, 100.0])
def test_power_of_few_seeds_is_always_a_number(df: float):
    shift = np.linspace(0, 60, 2000)
    found = power(shift, np.ones_like(shift), np.full_like(shift, df))
    # scipy's distribution itself wavers by half a percent at two degrees of freedom
    assert not np.isnan(found).any() and (np.diff(found) >= -0.005).all()


def test_more_items_are_as_many_as_the_variance_asks_for():
    row = needs(pd.DataFrame([ITEMS])).iloc[0]
    assert row["detectable"] == pytest.approx(2 * 2.8, rel=0.01)
    # the standard error must fall to 1 / 2.8: (2 * 2.8)^2 = 31 times the items
    assert row["more_clusters"] == pytest.approx(250 * (5.6**2 - 1), rel=0.02)
    assert np.isnan(row["more_seeds"]) and not row["resolves"]
    assert "takes 7," in row["statement"] and "more items" in row["statement"]


def test_what_is_detectable_is_detected_with_that_power():
    se, df = np.array([0.5, 2.0]), np.array([4.0, 300.0])
    assert power(detectable(se, df), se, df) == pytest.approx([0.8, 0.8], abs=1e-3)


def test_a_cell_that_sees_the_margin_needs_nothing_more():
    row = needs(pd.DataFrame([ITEMS | {"se": 0.1, "items_variance": 0.01}])).iloc[0]
    assert row["resolves"] and row["more_clusters"] == 0
