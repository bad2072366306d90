"""What the draw of test items adds to the variance of a gain: shared by all lineages, or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.analysis.components import Floats, Ints, Mask, critical, shared
from dashboard.analysis.lineage import SEEDS
from dashboard.analysis.resample import AGREES, Panel, Resampling, Singles

Method = Literal["t", "bootstrap"]

ITEM_PARTS = ["clusters", "items_variance", "noise", "low_items", "high_items", "critical", "why"]
BOOTSTRAP_FROM = 5
"""Seeds below which none are bootstrapped: few distinct resamples, far too little spread."""
NO_ITEMS = "no items of both sides on the same texts"
OTHER_METRIC = "the items are of another metric"


@dataclass(frozen=True)
class Lineages:
    """Rows of a gain table as numbers, since a grid has a panel for every language and target."""

    cell: Ints
    gain: Floats
    mine: Ints
    """Which evaluation is after the intermediate task, ..."""
    base: Ints
    """... and which it is a gain over: places in the list of evaluations, or columns of a panel."""
    seeds: tuple[Ints, Ints]
    """Of either kind; -1 where none was drawn."""

    @classmethod
    def of(cls, rows: pd.DataFrame, names: pd.Index[str]) -> Lineages:
        return cls(
            rows["cell"].to_numpy(dtype=np.int64),
            rows["gain"].to_numpy(dtype=float),
            names.get_indexer(pd.Index(rows["evaluation"])).astype(np.int64),
            names.get_indexer(pd.Index(rows["baseline_evaluation"])).astype(np.int64),
            (_codes(rows[SEEDS[0]]), _codes(rows[SEEDS[1]])),
        )

    def at(self, some: Ints) -> Lineages:
        first, second = (one[some] for one in self.seeds)
        sides = self.mine[some], self.base[some]
        return Lineages(self.cell[some], self.gain[some], *sides, (first, second))

    def inside(self, place: Ints) -> Lineages:
        """The rows of cells whose every lineage has both sides in a panel, `mine` and `base` now
        being its columns; `place`: of every evaluation its column there, or -1."""
        _, cell = np.unique(self.cell, return_inverse=True)
        mine, base = place[self.mine], place[self.base]
        lost = np.bincount(cell, (mine < 0) | (base < 0))
        told = Lineages(self.cell, self.gain, mine, base, self.seeds)
        return told.at(np.flatnonzero(lost[cell] == 0))

    def alike(self) -> Iterator[Ints]:
        """(cells, S) rows of the cells with S lineages, for every S."""
        order = np.argsort(self.cell, kind="stable")
        _, cell, size = np.unique(self.cell[order], return_inverse=True, return_counts=True)
        for count in np.unique(size):
            yield order[size[cell] == count].reshape(-1, count)


def _codes(seeds: pd.Series[str]) -> Ints:
    codes, _ = pd.factorize(seeds)
    return np.where(seeds.eq("").to_numpy(dtype=bool), -1, codes).astype(np.int64)


def without(table: pd.DataFrame) -> pd.DataFrame:
    """Columns `ITEM_PARTS` of cells whose items nobody has."""
    found = pd.DataFrame(np.nan, index=table.index, columns=ITEM_PARTS[:-1])
    return found.assign(why=np.full(len(table), NO_ITEMS, dtype=object))


def over_items(
    rows: pd.DataFrame,
    table: pd.DataFrame,
    resampling: Resampling,
    method: Method,
    confidence: float,
) -> pd.DataFrame:
    """Columns `ITEM_PARTS`, one row per cell of `table`, whose lineages are the `rows`.

    `rows["cell"]` is the place of the row's cell in `table`.
    """
    found = without(table)
    why = found.pop("why").to_numpy()
    told = {name: table[name].to_numpy() for name in ("gain", "seeds_variance", "design")}
    numbers = found.to_numpy(copy=True)
    for (_, split), some in rows.groupby(["target", "split"], sort=False):
        sides = some[["evaluation", "baseline_evaluation"]].to_numpy().ravel()
        names = pd.Index(pd.unique(sides))
        lineages, places = Lineages.of(some, names), some.groupby("lang", sort=False).indices
        for lang, panels in resampling.panels(list(names), str(split)):
            for panel in panels if lang in places else []:
                place = np.full(len(names), -1)
                place[names.get_indexer(pd.Index(panel.evaluations))] = range(
                    len(panel.evaluations)
                )
                rows_of = np.asarray(places[lang], dtype=np.int64)
                here = lineages.at(rows_of).inside(place)
                for cells, parts, words in _panel(
                    here, told, panel, resampling, method, confidence
                ):
                    numbers[cells], why[cells] = parts, words
    found[:] = numbers
    return found.assign(why=why)


def _panel(
    lineages: Lineages,
    told: dict[str, np.ndarray],
    panel: Panel,
    resampling: Resampling,
    method: Method,
    confidence: float,
) -> Iterator[tuple[Ints, Floats, Ints]]:
    """(cells, their parts, the reasons) of this panel, those with as many lineages together."""
    if not len(lineages.cell):
        return
    drawn = panel.resampled(resampling.weight(panel.clusters))
    points = panel.scores()
    for at in lineages.alike():
        cells, mine, base = lineages.cell[at[:, 0]], lineages.mine[at], lineages.base[at]
        here = {name: values[cells] for name, values in told.items()}
        gains = drawn[:, mine] - drawn[:, base]
        few = np.isnan(here["seeds_variance"].astype(float))
        parts = _parts(gains, _apart(lineages, at), few, confidence)
        parts["clusters"] = np.full(len(cells), float(panel.clusters))
        if method == "bootstrap":
            designs = here["design"]
            items = parts["items_variance"]
            parts["critical"] = _criticals(
                gains, lineages, at, items, designs, confidence, resampling
            )
        off = np.abs((points[mine] - points[base]).mean(axis=1) - here["gain"].astype(float))
        agrees = off <= AGREES
        table = np.column_stack([parts[name] for name in ITEM_PARTS[:-1]])
        words = np.where(agrees, "", np.where(np.isnan(off), NO_ITEMS, OTHER_METRIC))
        yield cells, np.where(agrees[:, None], table, np.nan), words


def _apart(lineages: Lineages, at: Ints) -> Mask:
    """(cells, S, S): which pairs of lineages share no seed; where all share one, all pairs."""
    count = at.shape[1]
    other: Mask = np.broadcast_to(~np.eye(count, dtype=bool), (len(at), count, count))
    apart = other
    for codes in lineages.seeds:
        seed = codes[at]
        apart = apart & ~((seed[:, :, None] == seed[:, None, :]) & (seed >= 0)[:, :, None])
    return np.where(apart.any(axis=(1, 2), keepdims=True), apart, other)


def _parts(gains: Singles, apart: Mask, few: Mask, confidence: float) -> dict[str, Floats]:
    """From (draws, cells, S) resampled gains: the variances, and the percentiles for cells whose
    seeds are too `few` to tell of others, where items are all that the interval is over."""
    each = np.moveaxis(gains, 0, 2).astype(float)
    each -= each.mean(axis=2, keepdims=True)
    covariance: Floats = each @ np.swapaxes(each, 1, 2) / (len(gains) - 1)
    alone = np.diagonal(covariance, axis1=1, axis2=2).mean(axis=1)
    common = shared(covariance, apart) if gains.shape[2] > 1 else alone
    found = {name: np.full(gains.shape[1], np.nan) for name in ITEM_PARTS[:-1]}
    found["items_variance"] = np.where(few, covariance.mean(axis=(1, 2)), common)
    if gains.shape[2] > 1:
        found["noise"] = np.maximum(alone - common, 0)
    if few.any():
        tail = (1 - confidence) / 2
        mean = gains[:, few].mean(axis=2, dtype=float)
        ends = np.quantile(mean, [tail, 1 - tail], axis=0)
        found["low_items"][few], found["high_items"][few] = ends
    return found


def _criticals(
    gains: Singles,
    lineages: Lineages,
    at: Ints,
    items: Floats,
    designs: np.ndarray,
    confidence: float,
    resampling: Resampling,
) -> Floats:
    """Of each cell with `BOOTSTRAP_FROM` seeds of each kind drawn, the studentised quantile."""
    rng = np.random.default_rng([resampling.seed, 1])
    quantiles = np.full(len(at), np.nan)
    for cell, design in enumerate(designs):
        first, second = (codes[at[cell]] for codes in lineages.seeds)
        kinds = {"crossed": (first, second), "intermediate": (first,)}.get(design, (second,))
        gain = lineages.gain[at[cell]]
        levels = [_means(gain, kind) for kind in kinds]
        if min(map(len, levels)) >= BOOTSTRAP_FROM:
            wobble = gains[:, cell].mean(axis=1, dtype=float)
            quantiles[cell] = critical(levels, wobble, float(items[cell]), confidence, rng)
    return quantiles


def _means(gains: Floats, seeds: Ints) -> Floats:
    """The mean gain of each seed."""
    _, at, size = np.unique(seeds, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(at, gains) / size, dtype=float)
