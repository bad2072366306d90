"""Corrections over a grid: known answers, and what is missing stays missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from dashboard.analysis.correction import adjusted, corrected

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)
NAMES = {"holm": "holm", "benjamini-hochberg": "fdr_bh"}


@pytest.mark.parametrize("method", list(NAMES))
@settings(max_examples=50)
@given(p=P_VALUES)
def test_agrees_with_statsmodels(method, p):
    theirs = multipletests(p, method=NAMES[method])[1]
    np.testing.assert_allclose(adjusted(np.array(p), method), theirs, rtol=1e-12, atol=1e-15)


def test_a_missing_p_value_stays_missing_and_is_not_counted():
    table = pd.DataFrame({"p": [0.01, np.nan, 0.04], "grid": ["a", "a", "b"]})
    whole = corrected(table, "holm")
    assert whole["p_corrected"].tolist()[::2] == [0.02, 0.04]
    assert pd.isna(whole["p_corrected"][1]) and set(whole["tests"]) == {2}
    apart = corrected(table, "holm", within=["grid"])
    assert apart["p_corrected"].tolist()[::2] == [0.01, 0.04] and apart["tests"].tolist() == [
        1,
        1,
        1,
    ]


def test_what_is_no_p_value_or_no_correction_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        corrected(pd.DataFrame({"p": [1.2]}), "holm")
    with pytest.raises(ValueError, match="there are holm"):
        corrected(pd.DataFrame({"p": [0.2]}), "bonferoni")
