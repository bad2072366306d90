"""Error reduction and the gap to English, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.relative import measured_as, relative

ROWS = pd.DataFrame(
    [("eng", 80.0, 90.0), ("fin", 50.0, 55.0), ("hun", 100.0, 100.0), ("est", np.nan, 60.0)],
    columns=["lang", "baseline", "value"],
)


def table() -> pd.DataFrame:
    told = ROWS.assign(evaluation="e", baseline_evaluation="b", split="test", metric="f1")
    return relative(told.assign(gain=told["value"] - told["baseline"])).set_index("lang")


def test_a_gain_beside_what_there_was_to_gain():
    found = table()
    assert found.loc["eng", "error_reduction"] == 50 and found.loc["fin", "error_reduction"] == 10
    assert found.loc["fin", "baseline_gap"] == 30 and found.loc["fin", "gap"] == 35
    assert found.loc["fin", "gap_change"] == 5, "the gap widens although Finnish gains"


def test_what_cannot_be_told_is_missing_and_not_zero():
    found = table()
    assert np.isnan(found.loc["hun", "error_reduction"]), "there was no error"
    assert np.isnan(found.loc["eng", "gap"]), "no distance from itself"
    assert found.loc["est", ["error_reduction", "baseline_gap", "gap_change"]].isna().all()
    assert found.loc["est", "gap"] == 30


def test_another_measure_takes_the_place_of_the_gain():
    told = measured_as(table(), "error_reduction")
    assert told.loc["fin", "gain"] == 10
    with pytest.raises(ValueError, match="gap_change"):
        measured_as(table(), "gapchange")
