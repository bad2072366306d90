"""Scores as numbers for texts, and back: what is kept of many rows, and what is computed of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

POINTERS = pd.StringDtype("python", na_value=float("nan"))
"""Text whose equal values are one object: a column of many rows takes eight bytes a row."""


def coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Text columns as categories, each text once: of a million scores a fifth of the memory, and
    rows are compared by number."""
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.astype(dict.fromkeys(text, "category"))


def written(frame: pd.DataFrame) -> pd.DataFrame:
    """`coded` undone, for the rows that something is computed of."""
    told = {}
    for name in frame.columns[frame.dtypes.eq("category")]:
        codes, texts = frame[name].cat.codes.to_numpy(), frame[name].cat.categories
        array = pd.array(texts.to_numpy(dtype=object), dtype=POINTERS)
        told[name] = pd.Series(array.take(codes, allow_fill=True), index=frame.index)
    return frame.assign(**told) if told else frame


def below(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Coded frames of the same columns below each other, categories in order."""
    full = [one for one in frames if len(one)] or frames[:1]  # an empty one is not coded in a file
    told: dict[str, Any] = {}
    for name in full[0]:
        parts = [one[name] for one in full]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            told[str(name)] = union_categoricals(parts, sort_categories=True)
        else:
            told[str(name)] = np.concatenate([one.to_numpy() for one in parts])
    return pd.DataFrame(told)


def pruned(frame: pd.DataFrame) -> pd.DataFrame:
    """A coded frame without the texts that no row names."""
    told = {}
    for name in frame.columns[frame.dtypes.eq("category")]:
        used = np.zeros(len(frame[name].cat.categories) + 1, dtype=bool)
        used[frame[name].cat.codes.to_numpy()] = True  # the last one by -1, of what is missing
        if not used[:-1].all():
            told[name] = frame[name].cat.remove_unused_categories()
    return frame.assign(**told) if told else frame


def by_metric(scores: pd.DataFrame, metrics: Mapping[str, str]) -> pd.Series[bool]:
    """Which scores are by the metric that their target has in `metrics`."""
    mine = pd.Series(False, index=scores.index)
    for metric in set(metrics.values()):
        targets = [target for target, one in metrics.items() if one == metric]
        mine |= scores["metric"].eq(metric) & scores["target"].isin(targets)
    return mine
