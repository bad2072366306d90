"""Where scores are kept: a table a target, seldom written, and one of all that was read since."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashboard import shelf
from dashboard.analysis.coding import below, coded, pruned
from dashboard.analysis.frames import VALUE, empty

Tables = dict[str, pd.DataFrame]
RECENT, MANY, OVER = "recent", "many", "over"
"""The table of what was read lately; what the meta tells by target: [its table, rows] and the runs
whose scores in that table count no more."""
FEW = 0.1
"""How much of a target may be beside its table, as a share of it, before that is written anew."""


class Folding:
    """Scores as they were kept, brought to where the evaluations are now."""

    def __init__(self, directory: Path, told: dict[str, Any] | None) -> None:
        """`told`: the meta of what is kept, None where all was read anew."""
        self.directory, self.told = directory, told
        self.many: dict[str, list[Any]] = dict(told[MANY]) if told else {}
        self.over = defaultdict[str, set[str]](set)
        for target, runs in (told[OVER] if told else {}).items():
            self.over[target] |= set(runs)

    def outdated(self, had: pd.DataFrame, again: Collection[str]) -> None:
        """What is kept of these runs counts no more; `had`: the evaluations that were kept."""
        for run, target in zip(had["run_id"].to_numpy(), had["target"].to_numpy(), strict=True):
            if run in again:
                self.over[target].add(run)

    def folded(
        self, recent: pd.DataFrame, evaluations: pd.DataFrame
    ) -> tuple[Tables, dict[str, Any]]:
        """(Tables to write, what the meta tells of them): `recent` stays as it is as long as it is
        little beside its target's table. Raises shelf.Spoilt."""
        measured = evaluations["target"].value_counts()
        place, names = placed(recent, evaluations)
        rows = dict(zip(names, np.bincount(place, minlength=len(names)), strict=True))
        left, written = np.ones(len(recent), dtype=bool), Tables()
        for target in sorted({*names, *self.over}):
            much = rows.get(target, 0) > FEW * self.many.get(target, ("", 0))[1]
            if much or len(self.over[target]) > FEW * measured.get(target, 0):
                mine = place == (names.index(target) if target in names else -1)
                written |= self.fold(target, recent[mine])
                left &= ~mine
        few = recent if left.all() else pruned(recent[left].reset_index(drop=True))
        over = {target: sorted(runs) for target, runs in self.over.items() if runs}
        return {**written, RECENT: few}, {MANY: self.many, OVER: over}

    def fold(self, target: str, recent: pd.DataFrame) -> Tables:
        """A target's table written anew: what of it counts, and the recent below."""
        name, parts = self.name(target), [recent, coded(empty(VALUE))]
        if target in self.many and self.told is not None:
            kept = shelf.table(self.directory, self.told, name)
            parts.insert(0, kept[~kept["run_id"].isin(self.over[target])])
        table = pruned(below(parts))
        self.over.pop(target, None)
        self.many.pop(target, None)
        if len(table):
            self.many[target] = [name, len(table)]
        return {name: table} if len(table) else {}

    def name(self, target: str) -> str:
        """Of a target's table: with a number, since files may not be called just anything."""
        if target in self.many:
            return str(self.many[target][0])
        used = {name for name, _ in self.many.values()}
        return next(one for one in map("scores{}".format, itertools.count()) if one not in used)


def placed(scores: pd.DataFrame, evaluations: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """(Of each score the place of its target among the targets, these)."""
    runs = scores["run_id"].astype("category").cat
    target = evaluations.set_index("run_id")["target"].reindex(runs.categories)
    place, names = pd.factorize(target)
    return place[runs.codes.to_numpy()] if len(scores) else place[:0], list(names)
