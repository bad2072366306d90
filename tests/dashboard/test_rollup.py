"""Means over languages: named weights, counted gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.rollup import mean_gain

CELLS = pd.DataFrame(
    {
        "lang": ["fin", "est", "deu", "fra"],
        "family": ["Uralic", "Uralic", "IE", "IE"],
        "gain": [2.0, 4.0, 1.0, np.nan],
        "n": [100.0, 300.0, 50.0, 50.0],
    }
)


def means(weights, missing="skip") -> dict[str, float]:
    table = mean_gain(CELLS, ["family"], weights, missing)
    return dict(zip(table["family"], table["gain"], strict=True))


def test_languages_count_the_same():
    assert means("languages") == {"Uralic": 3.0, "IE": 1.0}


def test_items_weigh_by_their_number():
    assert means("items") == {"Uralic": pytest.approx(3.5), "IE": 1.0}


def test_own_weights():
    assert means({"fin": 3, "est": 1, "deu": 1, "fra": 9}) == {"Uralic": 2.5, "IE": 1.0}


def test_a_language_without_a_weight_is_named():
    with pytest.raises(ValueError, match="no weight for est, fra"):
        means({"fin": 1, "deu": 1})


def test_gaps_are_counted_and_may_be_refused():
    table = mean_gain(CELLS, ["family"], "languages", "skip").set_index("family")
    assert table["missing"].to_dict() == {"Uralic": 0, "IE": 1}
    assert table["languages"].to_dict() == {"Uralic": 2, "IE": 1}
    assert np.isnan(means("languages", "refuse")["IE"])
    assert means("languages", "refuse")["Uralic"] == 3.0


def test_nothing_measured_is_missing_and_not_zero():
    table = mean_gain(CELLS.assign(gain=np.nan), ["family"], "languages", "skip")
    assert table["gain"].isna().all()
