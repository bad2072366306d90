"""p values of many cells at once: what is shown together is corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.analysis.components import Floats
from dashboard.analysis.frames import require

Correction = Literal["holm", "benjamini-hochberg", "none"]
MEANS: dict[str, str] = {
    "holm": "the chance of even one false finding among the cells shown is held (Holm 1979)",
    "benjamini-hochberg": "the expected share of false ones among the findings is held "
    "(Benjamini and Hochberg 1995); cells must not be negatively dependent",
    "none": "each cell by itself: among 20 cells without effect one is a finding",
}
"""What a correction promises, for captions and methods sections."""


def corrected(
    table: pd.DataFrame, method: Correction, p: str = "p", within: Sequence[str] = ()
) -> pd.DataFrame:
    """`table` with columns `p_corrected`, `tests` (how many it is corrected for) and `correction`.

    All rows are one family, or those that agree in the columns `within`. The family is the p values
    that are there: a missing one stays missing and is not counted, since nothing was tested. So
    pass the rows that are shown, and all of them. Raises ValueError for an unknown method, a column
    that is not there, or a p value outside 0 to 1.
    """
    require(table, [p, *within], "the table to correct")
    if method not in MEANS:
        raise ValueError(f"no correction named {method}; there are {', '.join(MEANS)}")
    values = table[p].astype(float)
    if wrong := sorted(set(values[values.lt(0) | values.gt(1)])):
        raise ValueError(f"column {p} holds {wrong[0]}, and a p value lies between 0 and 1")
    family = table.groupby(list(within), sort=False, dropna=False).ngroup() if within else None
    keys = family.to_numpy() if family is not None else np.zeros(len(table), dtype=int)
    found, tests = np.full(len(table), np.nan), np.zeros(len(table), dtype=int)
    there = values.notna().to_numpy()
    for key in np.unique(keys):
        at = (keys == key) & there
        found[at] = adjusted(values.to_numpy()[at], method)
        tests[keys == key] = at.sum()
    return table.assign(p_corrected=found, tests=tests, correction=method)


def adjusted(p: Floats, method: Correction) -> Floats:
    """(m,) corrected p values, none missing: to be compared with the level itself.

    Holm: the running maximum of (m - rank + 1) p; Benjamini-Hochberg: the running minimum from the
    largest p down of m p / rank; both at most 1, ranks from 1 for the smallest.
    """
    count = len(p)
    if method == "none" or not count:
        return p.copy()
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, count + 1)
    if method == "holm":
        stepped = np.maximum.accumulate((count - rank + 1) * p[order])
    else:
        stepped = np.minimum.accumulate((count * p[order] / rank)[::-1])[::-1]
    found = np.empty(count)
    found[order] = np.minimum(stepped, 1)
    return found
