"""What the draw of test items adds to the variance of a gain: shared by all lineages, or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.analysis.components import Floats, Ints, Mask, critical, shared
from dashboard.analysis.lineage import SEEDS
from dashboard.analysis.resample import AGREES, Panel, Resampling, Singles

Method = Literal["t", "bootstrap"]

ITEM_PARTS = [
    "clusters",
    "items_variance",
    "noise",
    "low_items",
    "high_items",
    "critical",
    "why",
]
BOOTSTRAP_FROM = 5
"""Seeds below which none are bootstrapped: few distinct resamples, far too little spread."""
NO_ITEMS = "no items of both sides on the same texts"
OTHER_METRIC = "the items are of another metric"


def over_items(
    rows: pd.DataFrame,
    table: pd.DataFrame,
    resampling: Resampling,
    method: Method,
    confidence: float,
) -> pd.DataFrame:
    """Columns `ITEM_PARTS`, one row per cell of `table`, whose lineages are the `rows`."""
    parts = [pd.DataFrame(columns=ITEM_PARTS, dtype=float)]
    for (_, split), some in rows.groupby(["target", "split"], sort=False):
        names = pd.unique(some[["evaluation", "baseline_evaluation"]].to_numpy().ravel())
        for lang, panels in resampling.panels(list(names), str(split)):
            here = some[some["lang"].eq(lang)]
            for panel in panels:
                parts += _panel(here, table, panel, resampling, method, confidence)
    found = pd.concat(parts) if len(parts) > 1 else parts[0]
    found = found.reindex(table.index)
    found["why"] = found["why"].astype(object).where(found["clusters"].notna(), NO_ITEMS)
    return found


def _panel(
    rows: pd.DataFrame,
    table: pd.DataFrame,
    panel: Panel,
    resampling: Resampling,
    method: Method,
    confidence: float,
) -> Iterator[pd.DataFrame]:
    """The cells that this panel tells of, those with as many lineages together."""
    rows, mine, base = inside(rows, panel)
    if rows.empty:
        return
    drawn = panel.resampled(resampling.weight(panel.clusters))
    points = panel.scores()
    lineages = rows.groupby("cell")["cell"].transform("size").to_numpy()
    cell = rows["cell"].to_numpy()
    for count in np.unique(lineages):
        some = np.flatnonzero(lineages == count)
        at = some[np.argsort(cell[some], kind="stable")].reshape(-1, count)
        told = table.loc[cell[at[:, 0]]]
        gains = drawn[:, mine[at]] - drawn[:, base[at]]
        found = _parts(gains, _apart(rows, at), told, confidence)
        found["clusters"] = float(panel.clusters)
        if method == "bootstrap":
            found["critical"] = _criticals(gains, rows, at, found, told, confidence, resampling)
        off = np.abs((points[mine[at]] - points[base[at]]).mean(axis=1) - told["gain"])
        agrees = (off <= AGREES).to_numpy()
        found.loc[~agrees] = np.nan
        yield found.assign(why=np.where(agrees, "", OTHER_METRIC))


def inside(rows: pd.DataFrame, panel: Panel) -> tuple[pd.DataFrame, Ints, Ints]:
    """The rows of cells whose every lineage has both sides in the panel, and the sides' columns."""
    both, mine, base = sides(rows, panel)
    whole = both.groupby(rows["cell"]).transform("all").astype(bool)
    kept = whole[both].to_numpy()
    return rows[whole], mine[kept], base[kept]


def sides(rows: pd.DataFrame, panel: Panel) -> tuple[pd.Series[bool], Ints, Ints]:
    """Which rows have both sides in the panel, and the columns of these."""
    place = panel.place()
    found = [rows[name].map(place) for name in ("evaluation", "baseline_evaluation")]
    both = found[0].notna() & found[1].notna()
    mine, base = (np.asarray(side[both], dtype=np.int64) for side in found)
    return both, mine, base


def _apart(rows: pd.DataFrame, at: Ints) -> Mask:
    """(cells, S, S): which pairs of lineages share no seed; where all share one, all pairs."""
    other: Mask = np.broadcast_to(
        ~np.eye(at.shape[1], dtype=bool), (len(at), at.shape[1], at.shape[1])
    )
    apart = other
    for name in SEEDS:
        code, _ = pd.factorize(rows[name])
        seed: Ints = np.where(rows[name].eq("").to_numpy(), -1, code)[at]
        apart = apart & ~((seed[:, :, None] == seed[:, None, :]) & (seed >= 0)[:, :, None])
    return np.where(apart.any(axis=(1, 2), keepdims=True), apart, other)


def _parts(gains: Singles, apart: Mask, told: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """From (draws, cells, S) resampled gains: the variances, and the percentiles for cells whose
    seeds are too few to tell of others, where items are all that the interval is over."""
    each = np.moveaxis(gains, 0, 2).astype(float)
    each -= each.mean(axis=2, keepdims=True)
    covariance: Floats = each @ np.swapaxes(each, 1, 2) / (len(gains) - 1)
    alone = np.diagonal(covariance, axis1=1, axis2=2).mean(axis=1)
    common = shared(covariance, apart) if gains.shape[2] > 1 else alone
    found = pd.DataFrame(np.nan, index=told.index, columns=ITEM_PARTS)
    few = told["seeds_variance"].isna().to_numpy()
    found["items_variance"] = np.where(few, covariance.mean(axis=(1, 2)), common)
    found["noise"] = np.maximum(alone - common, 0) if gains.shape[2] > 1 else np.nan
    if few.any():
        tail = (1 - confidence) / 2
        mean = gains[:, few].mean(axis=2, dtype=float)
        found.loc[few, ["low_items", "high_items"]] = np.quantile(mean, [tail, 1 - tail], axis=0).T
    return found


def _criticals(
    gains: Singles,
    rows: pd.DataFrame,
    at: Ints,
    found: pd.DataFrame,
    told: pd.DataFrame,
    confidence: float,
    resampling: Resampling,
) -> Floats:
    """Of each cell with `BOOTSTRAP_FROM` seeds of each kind drawn, the studentised quantile."""
    rng = np.random.default_rng([resampling.seed, 1])
    told_gain = rows["gain"].to_numpy()
    quantiles = np.full(len(at), np.nan)
    for cell, design in enumerate(told["design"]):
        kinds = SEEDS if design == "crossed" else [_kind(design)]
        mean = pd.Series(told_gain[at[cell]])
        levels = [mean.groupby(rows[kind].to_numpy()[at[cell]]).mean() for kind in kinds]
        if min(len(one) for one in levels) >= BOOTSTRAP_FROM:
            variance = float(found["items_variance"].iloc[cell])
            wobble = gains[:, cell].mean(axis=1, dtype=float)
            quantiles[cell] = critical(
                [one.to_numpy() for one in levels], wobble, variance, confidence, rng
            )
    return quantiles


def _kind(design: str) -> str:
    return "intermediate_seed" if design == "intermediate" else "target_seed"
