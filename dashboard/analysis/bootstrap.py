"""Intervals over test items, for cells with too few seeds: they say so (`interval_over` = items).

Such an interval tells how far another sample of test items could move this gain of these very
trainings. It says nothing about other seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dashboard.analysis.components import Floats
from dashboard.analysis.frames import CELL
from dashboard.analysis.resample import AGREES, Items, times

_SUMS = ["score", "count", "tp", "fp", "fn"]


@dataclass(frozen=True)
class Draws:
    """One statistic (0 to 100) of one evaluation and language: as measured, and resampled."""

    point: float
    resampled: Floats

    def __sub__(self, other: Draws) -> Draws:
        return Draws(self.point - other.point, self.resampled - other.resampled)


@dataclass
class Bootstrap:
    """Resamples clusters of items. Two evaluations of the same items get the same resamples, which
    is what pairs them; texts that belong together (`cluster_id`) stay together."""

    items: Items
    draws: int = 1000
    seed: int = 0
    _weights: dict[int, Floats] = field(default_factory=dict)
    _sums: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    _done: dict[tuple[str, str, str], Draws] = field(default_factory=dict)

    def difference(self, mine: str, base: str, split: str, lang: str) -> Draws | None:
        """Draws of `mine` less `base`, or None where their items cannot be paired.

        Both must hold the same clusters. Where spans or pairs are counted (tp, fp, fn) an item of
        one side only is one that the other neither has nor misses: it counts zero there.
        """
        one, two = (self._of(evaluation, split, lang) for evaluation in (mine, base))
        if one is None or two is None:
            return None
        if one.index.equals(two.index):
            return self._cached(mine, split, lang, one) - self._cached(base, split, lang, two)
        if one["tp"].isna().any() or two["tp"].isna().any():
            return None
        both = one.index.union(two.index)
        return self._draw(one.reindex(both, fill_value=0)) - self._draw(
            two.reindex(both, fill_value=0)
        )

    def _cached(self, evaluation: str, split: str, lang: str, sums: pd.DataFrame) -> Draws:
        key = (evaluation, split, lang)
        if key not in self._done:
            self._done[key] = self._draw(sums)
        return self._done[key]

    def _draw(self, sums: pd.DataFrame) -> Draws:
        totals = sums[_SUMS].to_numpy(dtype=float)
        point = statistic(totals.sum(axis=0)[None, :])[0]
        return Draws(float(point), statistic(self._weight(len(sums)) @ totals))

    def _of(self, evaluation: str, split: str, lang: str) -> pd.DataFrame | None:
        """Sums by cluster, in the order of their names; None without items of the language."""
        sums = self._of_split(evaluation, split)
        mine = sums[sums.index.get_level_values(0) == lang]
        return None if mine.empty else mine.droplevel(0).sort_index()

    def _of_split(self, evaluation: str, split: str) -> pd.DataFrame:
        if (evaluation, split) not in self._sums:
            found = self.items(evaluation)
            if "split" in found:
                found = found[found["split"].eq(split)]
            found = found.assign(count=1.0).reindex(columns=["lang", "cluster_id", *_SUMS])
            found = found.astype(dict.fromkeys(_SUMS, float))
            kept = found.groupby(["lang", "cluster_id"]).sum(min_count=1)
            self._sums[evaluation, split] = kept
        return self._sums[evaluation, split]

    def _weight(self, clusters: int) -> Floats:
        """(draws, clusters): how often each cluster is drawn; every row sums to `clusters`."""
        if clusters not in self._weights:
            self._weights[clusters] = times(self.draws, clusters, self.seed).astype(float)
        return self._weights[clusters]


def statistic(totals: Floats) -> Floats:
    """(k, 5) sums of score, count, tp, fp, fn -> (k,) F1 where spans were counted, else the mean.

    F1 = 2 tp / (2 tp + fp + fn), micro-averaged; both times 100.
    """
    score, count, tp, fp, fn = totals.T
    with np.errstate(invalid="ignore", divide="ignore"):
        if np.isnan(tp).all():
            mean: Floats = 100 * score / count
            return mean
        f1: Floats = np.nan_to_num(200 * tp / (2 * tp + fp + fn))
        return f1


def over_items(
    cells: pd.DataFrame,
    gain_table: pd.DataFrame,
    items: Items,
    draws: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """`cells` with percentile intervals over items where no interval over seeds was possible.

    Paired bootstrap: within a lineage both sides are resampled alike, then lineages are averaged.
    A cell stays without an interval where items are absent, differ between the two sides, or do not
    reproduce the logged gain to `AGREES` points (they score another metric).
    """
    keys = [*CELL, "intermediate"]
    table = cells.copy()
    todo = table[table["interval_over"].isna() & table["gain"].notna()]
    if todo.empty:
        return table
    bootstrap = Bootstrap(items, draws, seed)
    wanted = gain_table[gain_table["gain"].notna()].merge(todo[[*keys, "gain"]], on=keys)
    tail = (1 - confidence) / 2
    found = []
    for place, pairs in wanted.groupby(keys, sort=False):
        drawn = _gain_draws(bootstrap, pairs, float(pairs["gain_y"].iloc[0]))
        if drawn is not None:
            found.append((*place, *np.quantile(drawn, [tail, 1 - tail])))
    spans = table[keys].merge(pd.DataFrame(found, columns=[*keys, "low", "high"]), how="left")
    for side in ("low", "high"):
        table[side] = table[side].fillna(spans[side].astype(float).set_axis(table.index))
    filled = table["interval_over"].isna() & table["low"].notna()
    table.loc[filled, "interval_over"] = "items"
    return table


def _gain_draws(bootstrap: Bootstrap, pairs: pd.DataFrame, logged: float) -> Floats | None:
    """Resampled mean gain of one cell over its lineages, or None where it cannot be told."""
    keys = pairs[["evaluation", "baseline_evaluation", "split", "lang"]].astype(str)
    found = [bootstrap.difference(*key) for key in keys.itertuples(index=False)]
    there = [one for one in found if one is not None]
    if len(there) < len(found):
        return None
    if not abs(np.mean([one.point for one in there]) - logged) <= AGREES:
        return None
    drawn: Floats = np.mean([one.resampled for one in there], axis=0)
    return drawn
