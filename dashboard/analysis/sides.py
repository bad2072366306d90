"""The two sides of a registered contrast over their common cells, a mean for every seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.analysis.registered import Pair, Registered
from dashboard.analysis.replicates import NOTHING, Estimate, Floats, Mask, block, estimate

CELL = ["target", "intermediate", "lang"]
LINEAGE = ["scale", "intermediate_seed", "target_seed"]
Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Matrix:
    """Gains of many cells (rows) and lineages (columns), NaN where there is none."""

    cells: Sequence[Cell]
    """Target, intermediate, language."""
    scales: Sequence[str]
    """Of each lineage."""
    seeds: Sequence[tuple[str, str]]
    """Of each lineage: intermediate seed, target seed."""
    values: Floats
    items: Floats
    """(cells,): the smallest test set behind it."""
    reuses: Mask
    """(cells,): whether the intermediate is the target's own training data."""
    at_chance: Mask
    """Where a gain is missing because a side has learnt nothing."""

    def part(self, rows: npt.NDArray[Any], columns: npt.NDArray[Any]) -> Matrix:
        """Some of its cells and lineages, by their numbers or masks of them."""
        rows, columns = np.arange(len(self.cells))[rows], np.arange(len(self.seeds))[columns]
        return Matrix(
            [self.cells[i] for i in rows],
            [self.scales[i] for i in columns],
            [self.seeds[i] for i in columns],
            self.values[np.ix_(rows, columns)],
            self.items[rows],
            self.reuses[rows],
            self.at_chance[np.ix_(rows, columns)],
        )


def matrix(rows: pd.DataFrame) -> Matrix:
    """A GainTable, of one split and one metric a target, as a matrix.

    Raises ValueError where two rows share cell and seeds: a mean of them would be a choice.
    """
    cells = list(zip(*(rows[name].astype(str).tolist() for name in CELL), strict=True))
    lineages = list(zip(*(rows[name].astype(str).tolist() for name in LINEAGE), strict=True))
    _refuse_doubles(cells, lineages)
    row_of = {cell: i for i, cell in enumerate(sorted(set(cells)))}
    column_of = {one: i for i, one in enumerate(sorted(set(lineages)))}
    place = ([row_of[one] for one in cells], [column_of[one] for one in lineages])
    values = np.full((len(row_of), len(column_of)), np.nan)
    values[place] = rows["gain"].to_numpy(dtype=float)
    values[~np.isfinite(values)] = np.nan  # an infinite score is none
    at_chance = np.zeros(values.shape, dtype=bool)
    at_chance[place] = rows["at_chance"].eq(True).to_numpy() if "at_chance" in rows else False
    items, reuses = np.full(len(row_of), np.inf), np.zeros(len(row_of), dtype=bool)
    if "n" in rows:
        np.fmin.at(items, place[0], rows["n"].to_numpy(dtype=float))
    if "reuses" in rows:
        np.logical_or.at(reuses, place[0], rows["reuses"].eq(True).to_numpy())
    scales, seeds = [one for one, *_ in column_of], [(one, two) for _, one, two in column_of]
    return Matrix(list(row_of), scales, seeds, values, items, reuses, at_chance)


def _refuse_doubles(cells: list[Cell], lineages: list[Cell]) -> None:
    seen: set[tuple[Cell, Cell]] = set()
    for key in zip(cells, lineages, strict=True):
        if key in seen:
            (target, intermediate, lang), (scale, *_) = key
            raise ValueError(
                f"two gains of {intermediate} on {target} in {lang} at scale {scale} share their "
                "seeds: they differ in metric, variant, data source or phase 1. Choose one of them "
                "before asking for a verdict."
            )
        seen.add(key)


@dataclass(frozen=True)
class Compared:
    """What a contrast compares; every estimate is `NOTHING` where a side was not measured."""

    here: Estimate = NOTHING
    there: Estimate = NOTHING
    change: Estimate = NOTHING
    """There less here; for kind gap, the same of the distance to the reference."""
    kept: Matrix | None = None
    missing: int = 0
    """Cells that were measured by some seed on some side, and are not kept."""
    left_out: int = 0
    """Lineages that were given up for the cells they lack."""
    at_chance: int = 0


def compared(gains: Matrix, pair: Pair, asked: Registered) -> Compared:
    """Both sides, over the cells that every seed kept has on both (`replicates.block`).

    Where languages are compared, only targets and intermediates count that have some of either
    group. In a mean every target counts the same, in it every intermediate, in it every language.
    Two scales share no training, so their means are compared by Welch's test; two groups of
    languages are read off one model, so they are compared within each lineage.
    """
    groups = (asked.languages[pair.there[1]], others(pair, asked))
    taken = {*groups[0], *groups[1]}
    rows = [cell[0] in pair.targets and cell[2] in taken for cell in gains.cells]
    scales = list(dict.fromkeys([pair.here[0], pair.there[0]]))
    part = gains.part(np.array(rows, bool), np.array([s in scales for s in gains.scales], bool))
    seen, chance = int((~np.isnan(part.values)).any(axis=1).sum()), int(part.at_chance.sum())
    part = part.part(_able(part.cells, groups), np.ones(len(part.seeds), bool))
    if set(scales) - set(part.scales) or not part.cells:
        return Compared(missing=seen, at_chance=chance)
    part = part.part(_on_every(part, scales), np.ones(len(part.seeds), bool))
    sides = np.array([scales.index(scale) for scale in part.scales])
    whole, columns = block(part.values, sides, asked.least_seeds)
    kept = part.part(whole, columns)
    kept = kept.part(_able(kept.cells, groups), np.ones(len(kept.seeds), bool))
    if not kept.cells:
        return Compared(missing=seen, at_chance=chance)
    lost = int((~np.isnan(part.values)).any(axis=0).sum() - columns.sum())
    here, there, change = _estimates(kept, pair, groups)
    return Compared(here, there, change, kept, seen - len(kept.cells), lost, chance)


def _on_every(part: Matrix, scales: Sequence[str]) -> Mask:
    """(cells,): which some seed has measured at every scale. No other can be compared, and such a
    cell with many seeds on one side must not decide which lineages are kept."""
    there = ~np.isnan(part.values)
    sides = [there[:, [one == scale for one in part.scales]].any(axis=1) for scale in scales]
    return np.array([all(cell) for cell in zip(*sides, strict=True)], dtype=bool)


def others(pair: Pair, asked: Registered) -> tuple[str, ...]:
    """The languages that those in question are held against; none where scales alone differ."""
    name = pair.reference or (pair.here[1] if pair.kind == "languages" else "")
    return asked.languages[name] if name else ()


def _able(cells: Sequence[Cell], groups: Sequence[Sequence[str]]) -> Mask:
    """(cells,): which belong to a target and intermediate that have languages of both groups."""
    held = [{(t, i) for t, i, lang in cells if lang in group} for group in groups if group]
    return np.array([all((t, i) in some for some in held) for t, i, _ in cells], dtype=bool)


def _estimates(
    part: Matrix, pair: Pair, groups: Sequence[Sequence[str]]
) -> tuple[Estimate, Estimate, Estimate]:
    """(here, there, change) over a matrix without gaps."""
    means = [weights(part.cells, group) @ part.values for group in groups if group]
    gap = means[0] - means[-1]

    def at(scale: str, values: Floats) -> Estimate:
        mine = [one == scale for one in part.scales]
        return estimate(values[mine], [s for s, m in zip(part.seeds, mine, strict=True) if m])

    smaller, larger = pair.here[0], pair.there[0]
    if pair.kind == "languages":
        return at(smaller, means[1]), at(smaller, means[0]), at(smaller, gap)
    here, there = at(smaller, means[0]), at(larger, means[0])
    return here, there, (at(larger, gap) - at(smaller, gap)) if pair.reference else there - here


def weights(cells: Sequence[Cell], languages: Sequence[str]) -> Floats:
    """(cells,) summing to one over the cells of `languages`: targets, then intermediates, equal."""
    mine = [cell for cell in cells if cell[2] in languages]
    ways: dict[str, dict[str, int]] = {}
    for target, intermediate, _ in mine:
        of_target = ways.setdefault(target, {})
        of_target[intermediate] = of_target.get(intermediate, 0) + 1
    return np.array(
        [
            1 / (len(ways) * len(ways[t]) * ways[t][i]) if lang in languages else 0.0
            for t, i, lang in cells
        ]
    )


def about(found: Compared, pair: Pair, asked: Registered) -> dict[str, Any]:
    """What the estimates are over, for the columns of `generalise.VERDICTS`."""
    told = {"missing": found.missing, "at_chance": found.at_chance, "cells": 0, "reuses": 0}
    told |= {"seeds_left_out": found.left_out}
    if found.kept is None:
        return told | {"targets": "", "intermediates": "", "measured_there": "", "items": np.nan}
    cells, items = found.kept.cells, found.kept.items
    langs = {lang for _, _, lang in cells}
    least = float(items.min())
    return told | {
        "targets": " ".join(dict.fromkeys(target for target, *_ in cells)),
        "intermediates": " ".join(dict.fromkeys(cell[1] for cell in cells)),
        "measured_there": " ".join(x for x in asked.languages[pair.there[1]] if x in langs),
        "cells": len(cells),
        "reuses": int(found.kept.reuses.sum()),
        "items": least if np.isfinite(least) else np.nan,
    }
