"""Scores of many evaluations under the same resamples of their test items, by matrix product.

Every score here is a ratio of two sums over clusters of items: right answers by answers, or, where
spans or pairs are counted, 2 tp by 2 tp + fp + fn. With (draws, clusters) weights and (clusters,
evaluations) sums, all resampled scores are two products. Evaluations that share test items share
the weights, which is what pairs them; texts that belong together (`cluster_id`) stay together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.analysis.components import Floats, Ints

Items = Callable[[str], pd.DataFrame]
"""Evaluation id -> its items (record.ITEM_COLUMNS), without rows where there are none."""
Singles = npt.NDArray[np.float32]
Names = npt.NDArray[np.object_]
Values = TypeVar("Values", Floats, Singles)
AGREES = 0.05
"""Points by which a score or gain recomputed from items may differ from the logged one: beyond that
the items are of another metric, and no interval is better than a wrong one."""


@dataclass(frozen=True)
class Panel:
    """What several evaluations scored on the same clusters of one language and split."""

    evaluations: list[str]
    over: Floats
    """(clusters, evaluations): summed right answers, or 2 tp."""
    under: Floats
    """(clusters, evaluations), or (clusters, 1) where it is the same for all."""
    counted: bool = False
    """Whether spans or pairs were counted, so that the score is their F1."""

    @property
    def clusters(self) -> int:
        return len(self.over)

    def place(self) -> dict[str, int]:
        """Evaluation -> its column."""
        return {name: at for at, name in enumerate(self.evaluations)}

    def scores(self) -> Floats:
        """(evaluations,) as measured, 0 to 100."""
        return ratio(self.over.sum(axis=0), self.under.sum(axis=0), self.counted)

    def resampled(self, weight: Singles) -> Singles:
        """(draws, evaluations) under (draws, clusters) weights; single precision, for speed."""
        over = weight @ self.over.astype("f4")
        if (self.under == self.under[0, 0]).all():  # as many in each cluster: the same in each draw
            under = np.full((1, 1), self.under.sum(axis=0)[0], dtype="f4")
        else:
            under = weight @ self.under.astype("f4")
        return ratio(over, under, self.counted)


def ratio(over: Values, under: Values, counted: bool) -> Values:
    """100 over / under; where there was nothing to count F1 is 0, a mean of no items is NaN."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = 100 * over / under
    return np.where(under == 0, 0, found) if counted else found


def times(draws: int, clusters: int, seed: int) -> Ints:
    """(draws, clusters): how often each is drawn; every row sums to `clusters`."""
    rng = np.random.default_rng([seed, clusters])
    drawn = rng.integers(0, clusters, size=(draws, clusters))
    drawn += np.arange(draws)[:, None] * clusters
    return np.bincount(drawn.ravel(), minlength=draws * clusters).reshape(draws, clusters)


@dataclass(frozen=True)
class _Layout:
    """How the rows of one file of items fall into clusters; most files of a target share one."""

    rows: pd.DataFrame
    code: npt.NDArray[np.int64]
    names: dict[str, Names]
    """Language -> its clusters, in the order of their names."""
    span: dict[str, slice]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Layout:
        langs, lang = np.unique(rows["lang"].astype(str), return_inverse=True)
        clusters, cluster = np.unique(rows["cluster_id"].astype(str), return_inverse=True)
        found, code = np.unique(lang * len(clusters) + cluster, return_inverse=True)
        ends = np.searchsorted(found, np.arange(len(langs) + 1) * len(clusters))
        span = {str(one): slice(*ends[at : at + 2]) for at, one in enumerate(langs)}
        names = {one: clusters[found[part] % len(clusters)] for one, part in span.items()}
        return cls(rows, code, names, span)

    def sums(self, values: pd.Series[float]) -> Floats:
        return np.asarray(np.bincount(self.code, values.to_numpy(dtype=float)), dtype=float)


@dataclass(frozen=True)
class _Sums:
    layout: _Layout
    over: Floats
    under: Floats
    counted: bool
    """Whether spans or pairs were counted, so that what one side does not name is zero there."""


@dataclass
class Resampling:
    """Reads items once an evaluation, and draws the same clusters for all that share them."""

    items: Items
    draws: int = 2000
    seed: int = 0
    _layouts: list[_Layout] = field(default_factory=list)
    _weights: dict[int, Singles] = field(default_factory=dict)

    def panels(self, evaluations: Sequence[str], split: str) -> Iterator[tuple[str, list[Panel]]]:
        """Language by language, the panels into which these evaluations fall.

        They are one where all were scored on the same clusters. Where spans or pairs are counted
        an item that only some name counts zero on the others, so that they are always one.
        """
        sums = {one: self._sums(one, split) for one in dict.fromkeys(evaluations)}
        told = {one: found for one, found in sums.items() if found is not None}
        for lang in sorted({lang for found in told.values() for lang in found.layout.names}):
            here = {one: found for one, found in told.items() if lang in found.layout.names}
            yield lang, list(_grouped(here, lang))

    def weight(self, clusters: int) -> Singles:
        """(draws, clusters): how often each cluster is drawn; every row sums to `clusters`."""
        if clusters not in self._weights:
            self._weights[clusters] = times(self.draws, clusters, self.seed).astype("f4")
        return self._weights[clusters]

    def _sums(self, evaluation: str, split: str) -> _Sums | None:
        found = self.items(evaluation)
        if "split" in found:
            found = found[found["split"].eq(split)]
        if found.empty:
            return None
        layout = self._layout(found[["lang", "cluster_id"]].reset_index(drop=True))
        if "tp" in found and found["tp"].notna().any():
            tp, fp, fn = (layout.sums(found[name]) for name in ("tp", "fp", "fn"))
            return _Sums(layout, 2 * tp, 2 * tp + fp + fn, True)
        count = np.bincount(layout.code).astype(float)
        return _Sums(layout, layout.sums(found["score"]), count, False)

    def _layout(self, rows: pd.DataFrame) -> _Layout:
        for layout in reversed(self._layouts):
            if layout.rows.equals(rows):
                return layout
        self._layouts.append(_Layout.of(rows))
        return self._layouts[-1]


def _grouped(sums: dict[str, _Sums], lang: str) -> Iterator[Panel]:
    """One panel of those that counted, and one of each set of clusters among the others."""
    groups: dict[object, list[str]] = {}
    keys: dict[int, tuple[str, ...]] = {}
    for one, found in sums.items():
        names = keys.setdefault(id(found.layout), tuple(found.layout.names[lang]))
        groups.setdefault("counted" if found.counted else names, []).append(one)
    for key, some in groups.items():
        parts = [sums[one] for one in some]
        if key == "counted":
            yield Panel(some, *_united(parts, lang), counted=True)
            continue
        over = np.column_stack([one.over[one.layout.span[lang]] for one in parts])
        first = parts[0].under[parts[0].layout.span[lang]]
        same = all(np.array_equal(one.under[one.layout.span[lang]], first) for one in parts[1:])
        under = [first] if same else [one.under[one.layout.span[lang]] for one in parts]
        yield Panel(some, over, np.column_stack(under))


def _united(parts: list[_Sums], lang: str) -> tuple[Floats, Floats]:
    """Sums over the clusters that any of them names, zero where one does not."""
    every = np.unique(np.concatenate([one.layout.names[lang] for one in parts]))
    over, under = np.zeros((2, len(every), len(parts)))
    for at, one in enumerate(parts):
        rows = np.searchsorted(every, one.layout.names[lang])
        over[rows, at] = one.over[one.layout.span[lang]]
        under[rows, at] = one.under[one.layout.span[lang]]
    return over, under
