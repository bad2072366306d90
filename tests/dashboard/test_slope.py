"""The line over languages: equal to statsmodels, honest about what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from dashboard.analysis.slope import line

RNG = np.random.default_rng(7)
TABLE = pd.DataFrame(
    {
        "lang": [f"l{at:02}" for at in range(12)],
        "x": [*RNG.normal(2, 1, 11), 9.0],
        "gain": RNG.normal(1, 2, 12),
    }
)


def test_slope_interval_and_band_are_those_of_ordinary_least_squares():
    found = line(TABLE, "x")
    theirs = sm.OLS(TABLE["gain"], sm.add_constant(TABLE["x"])).fit()
    assert found.slope == pytest.approx(theirs.params["x"])
    assert [found.low, found.high] == pytest.approx(list(theirs.conf_int().loc["x"]))
    assert found.p == pytest.approx(theirs.pvalues["x"])
    assert found.spread == pytest.approx(TABLE["x"].std(ddof=0))
    told = theirs.get_prediction(sm.add_constant(found.band["x"])).conf_int(alpha=0.05)
    assert found.band[["low", "high"]].to_numpy() == pytest.approx(told)


def test_leverage_and_influence_are_those_of_statsmodels():
    found = line(TABLE, "x").points
    theirs = sm.OLS(TABLE["gain"], sm.add_constant(TABLE["x"])).fit().get_influence()
    assert found["leverage"].to_numpy() == pytest.approx(theirs.hat_matrix_diag)
    assert found["dfbeta"].to_numpy() == pytest.approx(theirs.dfbetas[:, 1])
    assert found["far"].tolist() == [False] * 11 + [True]  # x = 9 alone
    assert found["moves"].tolist() == list(np.abs(theirs.dfbetas[:, 1]) > 2 / 12**0.5)


def test_the_slope_without_a_language_is_that_of_the_others():
    found = line(TABLE, "x").points
    for at in (0, 11):
        rest = line(TABLE.drop(index=at), "x")
        assert found.loc[at, "without"] == pytest.approx(rest.slope)


def test_two_languages_cannot_identify_a_slope():
    found = line(TABLE.head(2), "x")
    assert np.isnan(found.slope) and found.band.empty and found.languages == 2
    assert "two languages cannot identify a slope" in found.why
    assert not found.points["far"].any()


def test_three_languages_have_a_slope_that_says_how_little_it_knows():
    found = line(TABLE.head(3), "x")
    assert found.why == "" and np.isfinite(found.low) and found.low < found.slope < found.high
    assert found.points["dfbeta"].isna().all()  # no degree of freedom is left without one


def test_a_measure_without_spread_and_an_empty_table_have_no_slope():
    assert "the same value" in line(TABLE.assign(x=1.3), "x").why
    assert "0 languages" in line(TABLE.head(0), "x").why
    assert "1 language with" in line(TABLE.head(1), "x").why


def test_languages_without_the_measure_are_left_out_and_not_guessed():
    some = TABLE.assign(x=TABLE["x"].where(TABLE.index > 3))
    assert line(some, "x").slope == pytest.approx(line(TABLE.tail(8), "x").slope)


def test_a_language_told_twice_is_refused():
    with pytest.raises(ValueError, match="l00 has two rows"):
        line(pd.concat([TABLE, TABLE.head(1)]), "x")
