"""XTREME's official average beside the same without retrieval: never the one alone.

Retrieval is read off an encoder that learnt no target, and moves by far more than the rest does, so
that an average with it may be about it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.analysis.coding import by_metric, written
from dashboard.analysis.frames import require
from dashboard.analysis.rollup import Missing

OFFICIAL: dict[str, tuple[str, str]] = {
    "xnli": ("classification", "accuracy"),
    "pawsx": ("classification", "accuracy"),
    "udpos": ("tagging", "f1"),
    "panx": ("tagging", "f1"),
    "xquad": ("qa", "em_f1"),
    "mlqa": ("qa", "em_f1"),
    "tydiqa": ("qa", "em_f1"),
    "bucc": ("retrieval", "f1"),
    "tatoeba": ("retrieval", "accuracy"),
}
"""Target -> (group, metric), after `evaluate.py` of google-research/xtreme; `em_f1` is the mean of
exact match and F1."""
RETRIEVAL = "retrieval"


def averages(
    cells: pd.DataFrame,
    by: Sequence[str] = ("scale", "intermediate", "split"),
    value: str = "value",
    missing: Missing = "refuse",
    languages: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """One row for each of `by`: average, without_retrieval, the four groups, targets and gaps.

    As the official script: the mean over a target's languages, English among them, then over the
    nine targets, each counting the same; groups likewise over theirs. `value` may as well be a
    gain. `languages` are those that each target must have (its published ones); without it, those
    that it has anywhere in `cells`. Under `refuse`, as officially, a target that lacks one is
    missing, and an average that lacks a target is NaN; under `skip` what is there is averaged;
    under `common` over the targets and languages that all rows have. `targets` says how many of the
    nine are in the average, `cells` and `missing_cells` count languages of targets, and `missing`
    names the targets that are not whole.
    """
    require(cells, [*by, "target", "lang", "metric", value], "the cell table")
    rows = cells[by_metric(cells, {name: metric for name, (_, metric) in OFFICIAL.items()})]
    rows = written(rows[rows["variant"].eq("")] if "variant" in rows else rows)
    keys = [*by, "target", "lang"]
    if rows.duplicated([*keys, *_seeds(rows, by)]).any():
        raise ValueError("two scores share a place: name what tells them apart in `by`")
    wide = rows.groupby(keys)[value].mean().unstack(["target", "lang"])
    wide = wide.reindex(columns=_places(wide, languages))
    if missing == "common":
        wide = wide[wide.columns[wide.notna().all()]]
    skip = missing == "skip"
    target = wide.T.groupby(level="target").mean(skipna=skip).T
    if missing != "common":
        target = target.reindex(columns=list(OFFICIAL))
    table = pd.DataFrame(index=wide.index)
    table["average"] = target.mean(axis=1, skipna=skip)
    plain = [name for name in target if OFFICIAL[str(name)][0] != RETRIEVAL]
    table["without_retrieval"] = target[plain].mean(axis=1, skipna=skip)
    for group in dict.fromkeys(group for group, _ in OFFICIAL.values()):
        mine = [name for name in target if OFFICIAL[str(name)][0] == group]
        table[group] = target[mine].mean(axis=1, skipna=skip)
    table["targets"] = target.notna().sum(axis=1)
    table["cells"] = wide.notna().sum(axis=1)
    return table.join(_gaps(rows, keys, value, languages)).reset_index()


def _seeds(rows: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Seeds are averaged first, where they are columns and not told apart."""
    return [one for one in ("intermediate_seed", "target_seed", "evaluation") if one in rows]


def _places(wide: pd.DataFrame, languages: Mapping[str, Sequence[str]] | None) -> pd.MultiIndex:
    """(target, language) that an average is over."""
    names = (wide.columns.get_level_values(level).astype(str) for level in ("target", "lang"))
    seen = list(zip(*names, strict=True))
    if languages is not None:
        seen = [(target, lang) for target in OFFICIAL for lang in languages.get(target, ())]
    return pd.MultiIndex.from_tuples(sorted(seen), names=["target", "lang"])


def _gaps(
    rows: pd.DataFrame,
    keys: list[str],
    value: str,
    languages: Mapping[str, Sequence[str]] | None,
) -> pd.DataFrame:
    """Columns missing_cells and missing, whatever was made of them."""
    wide = rows.groupby(keys)[value].mean().unstack(["target", "lang"])
    gone = wide.reindex(columns=_places(wide, languages)).isna()
    by_target = gone.T.groupby(level="target").any().T.reindex(columns=list(OFFICIAL))
    lacking = by_target.astype(object).where(by_target.notna(), True).astype(bool)
    named = [", ".join(lacking.columns[row]) for row in lacking.to_numpy()]
    return pd.DataFrame({"missing_cells": gone.sum(axis=1), "missing": named}, index=wide.index)
