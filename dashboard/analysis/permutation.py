"""Tests that assume no distribution: signs of lineages flipped, or the two sides' answers swapped.

Each holds one of the two draws fixed. Flipping the signs of lineages asks whether another draw of
seeds would tell the same *on these test items*; swapping the answers of a cluster asks whether
another draw of items would, *of these very trainings*. `hierarchical.intervals` has the p value
that is over both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dashboard.analysis.components import Floats, Ints
from dashboard.analysis.frames import CELL, require
from dashboard.analysis.lineage import SEEDS, designs
from dashboard.analysis.resample import AGREES, Items, Panel, Resampling, ratio
from dashboard.analysis.shared_items import NO_ITEMS, OTHER_METRIC

KEYS = [*CELL, "intermediate"]
FLIPS = (*KEYS, "gain", "seeds", "p", "least_p", "flips", "why")
"""One row per cell. `least_p`: the smallest that so few seeds can give, 2 / 2**seeds (one seed: 1;
five: 0.0625, so that no result of five seeds passes 5 %); `flips`: "exact" or "drawn"."""
CROSSED = "crossed seeds: lineages that share one cannot be flipped on their own"
_ROUNDING = 1e-9


def sign_flips(gain_table: pd.DataFrame, most: int = 10_000, seed: int = 0) -> pd.DataFrame:
    """Columns `FLIPS`: two-sided p of no gain over lineages; a cell without a gain has none.

    Under the null a lineage's gain is as likely to be of either sign (Fisher 1935). All 2**S flips
    are gone through where they are at most `most`, else as many are drawn, with the one observed
    counted among them. Where nothing varied p is what the signs say; gains of 0 alone give 1.
    """
    require(gain_table, [*KEYS, *SEEDS, "gain"], "the gain table")
    rows = gain_table[gain_table["gain"].notna()]
    grouped = rows.groupby(KEYS, sort=False)
    table = grouped["gain"].agg(gain="mean", seeds="size")
    crossed = designs(grouped[SEEDS].nunique(), table["seeds"]).eq("crossed")
    gains = grouped["gain"].agg(list)
    table["p"] = np.nan
    for count in sorted(set(table["seeds"])):
        at = (table["seeds"].eq(count) & ~crossed).to_numpy()
        values = np.array(gains[at].tolist(), dtype=float).reshape(-1, count)
        table.loc[at, "p"] = _flipped(values, most, seed)
    exact = 2.0 ** table["seeds"] <= most
    table["least_p"] = (2 / 2.0 ** table["seeds"]).where(exact, 1 / (most + 1)).mask(crossed)
    table["flips"] = np.select([crossed, exact], ["", "exact"], "drawn")
    table["why"] = np.where(crossed, CROSSED, "")
    every = gain_table.drop_duplicates(KEYS)[KEYS]
    told = every.merge(table.reset_index(), on=KEYS, how="left").reindex(columns=list(FLIPS))
    told["seeds"] = told["seeds"].fillna(0).astype(int)
    told["flips"] = told["flips"].fillna("")
    told["why"] = told["why"].fillna("no gain")
    return told


def _flipped(gains: Floats, most: int, seed: int) -> Floats:
    """(cells, S) gains -> (cells,) shares of flips whose sum is at least as far from 0."""
    count = gains.shape[1]
    exact = 2**count <= most
    if exact:
        signs = 1.0 - 2 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(most, count))
    reached = np.abs(gains.sum(axis=1)) - _ROUNDING * np.abs(gains).sum(axis=1)
    far = (np.abs(signs @ gains.T) >= reached).sum(axis=0)
    found: Floats = far / len(signs) if exact else (far + 1) / (most + 1)
    return found


def swaps(gain_table: pd.DataFrame, items: Items, draws: int = 2000, seed: int = 0) -> pd.DataFrame:
    """`gain_table` with `p_items` and `why_no_p`: each lineage's p of no gain, over its items.

    Both sides' answers to all items of a cluster change places with probability one half; p is the
    share of `draws` whose gain is at least as far from 0, the one observed counted among them, so
    never below 1 / (draws + 1). The same answers on both sides give 1. NaN with a reason where the
    items are missing, differ between the sides, or do not give the logged gain to `AGREES` points.
    """
    require(gain_table, ["gain", "target", *KEYS, "evaluation", "baseline_evaluation"], "gains")
    table = gain_table.reset_index(drop=True).assign(p_items=np.nan)
    table["why_no_p"] = NO_ITEMS
    rows = table[table["gain"].notna()]
    resampling = Resampling(items, draws, seed)
    for (_, split), some in rows.groupby(["target", "split"], sort=False):
        names = pd.unique(some[["evaluation", "baseline_evaluation"]].to_numpy().ravel())
        for lang, panels in resampling.panels(list(names), str(split)):
            here = some[some["lang"].eq(lang)]
            for panel in panels:
                for at, p, why in _swapped(here, panel, resampling):
                    table.loc[at, ["p_items", "why_no_p"]] = p, why
    table.loc[table["gain"].isna(), "why_no_p"] = "no gain"
    return table.set_axis(gain_table.index)


def _swapped(
    rows: pd.DataFrame, panel: Panel, resampling: Resampling
) -> Iterator[tuple[int, float, str]]:
    """Index, p and reason of the rows that this panel has both sides of."""
    there, mine, base = _sides(rows, panel)
    rows = rows[there]
    rng = np.random.default_rng([resampling.seed, panel.clusters])
    swap = rng.integers(0, 2, size=(resampling.draws, panel.clusters)).astype(float)
    points = panel.scores()
    for at, logged, one, two in zip(rows.index, rows["gain"], mine, base, strict=True):
        gain = points[one] - points[two]
        if not abs(gain - logged) <= AGREES:
            yield at, np.nan, OTHER_METRIC
            continue
        far = np.abs(_differences(panel, swap, one, two)) >= abs(gain) - _ROUNDING
        yield at, (far.sum() + 1) / (resampling.draws + 1), ""


def _sides(rows: pd.DataFrame, panel: Panel) -> tuple[pd.Series[bool], Ints, Ints]:
    """Which rows have both sides in the panel, and the columns of these."""
    place = panel.place()
    found = [rows[name].map(place) for name in ("evaluation", "baseline_evaluation")]
    both = found[0].notna() & found[1].notna()
    mine, base = (np.asarray(side[both], dtype=np.int64) for side in found)
    return both, mine, base


def _differences(panel: Panel, swap: Floats, mine: int, base: int) -> Floats:
    """(draws,) gains after the swaps: what leaves one side's sums arrives at the other's."""
    scores = []
    for here, there in ((mine, base), (base, mine)):
        sums = []
        for part in (panel.over, panel.under):
            own, other = (part[:, one if part.shape[1] > 1 else 0] for one in (here, there))
            sums.append(own.sum() + swap @ (other - own))
        scores.append(ratio(sums[0], sums[1], panel.counted))
    found: Floats = scores[0] - scores[1]
    return found
