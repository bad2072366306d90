"""A gain beside what there was to gain: the errors that were left, and the way ahead to English.

Absolute points flatter a weak baseline and hide a ceiling: from 50 to 55 a tenth of the errors is
gone, from 90 to 95 half of them. And a gain in Finnish that English has too is no transfer: the
change of the gap tells the two apart.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.analysis.frames import require

RELATIVE = ("error_reduction", "gap", "baseline_gap", "gap_change")
"""What `relative` adds to a gain table. `error_reduction`: percent of the baseline's errors that
are gone, 100 gain / (100 - baseline), at most 100 and without a lower bound. `gap`: points by which
the reference language is ahead after the intermediate task, `baseline_gap` without it;
`gap_change`: the former less the latter, so that a gap that narrows is negative."""

_PAIR = ["evaluation", "baseline_evaluation", "split", "metric"]


def relative(gain_table: pd.DataFrame, reference: str = "eng") -> pd.DataFrame:
    """`gain_table` with the columns `RELATIVE`, each of the same lineage's pair of evaluations.

    NaN, never 0: where the gain is NaN (missing, or nothing was learnt; of the gap's change also
    where that is so in the reference language), where the baseline made no error, and, of the
    gaps, where the evaluation has no test set in the reference language and in that language
    itself, which is no distance from itself. Raises ValueError where a column is missing.
    """
    require(gain_table, [*_PAIR, "lang", "value", "baseline", "gain"], "the gain table")
    names = {"value": "_value", "baseline": "_baseline", "gain": "_gain"}
    ahead = gain_table.loc[gain_table["lang"].eq(reference), [*_PAIR, *names]]
    table = gain_table.merge(
        ahead.rename(columns=names), on=_PAIR, how="left", validate="many_to_one"
    ).set_axis(gain_table.index)
    errors = 100 - table["baseline"]
    table["error_reduction"] = 100 * table["gain"] / errors.where(errors > 0)
    other = table["lang"].ne(reference)
    table["gap"] = (table["_value"] - table["value"]).where(other)
    table["baseline_gap"] = (table["_baseline"] - table["baseline"]).where(other)
    table["gap_change"] = (table["_gain"] - table["gain"]).where(other)
    return table.drop(columns=list(names.values()))


def measured_as(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """`table` with another measure in the place of `gain`, for `intervals.cells`.

    So the mean and its t interval over seeds are of the lineages' own values: of error reductions,
    the mean of ratios and not the ratio of means. Intervals over items are of points only.
    Raises ValueError, naming what there is, for a column that is not one of `RELATIVE`.
    """
    if column not in RELATIVE:
        raise ValueError(f"no measure named {column}; there are {', '.join(RELATIVE)}")
    require(table, [column], "the table (is it from `relative`?)")
    return table.assign(gain=table[column].astype(float).replace([np.inf, -np.inf], np.nan))
