"""Which gains of a picture are more than chance, with or without a correction for their number."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.correction import Correction, corrected

LEVEL = 0.05


def marked(table: pd.DataFrame, correction: Correction = "none") -> pd.DataFrame:
    """`table` (cells of `picture`) with p_corrected, tests and `sure`.

    Without a correction a cell is sure where its interval excludes zero, as everywhere else; with
    one, where the corrected p, which is over the same draws as the interval, is below 0.05. What is
    corrected for is every cell of `table` that has an interval.
    """
    told = corrected(table, correction)
    plain = told["low"].gt(0) | told["high"].lt(0)
    return told.assign(sure=plain if correction == "none" else told["p_corrected"].lt(LEVEL))
