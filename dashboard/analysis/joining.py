"""The tables that a snapshot keeps, joined to the frame that everything starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis.coding import below, coded, pruned
from dashboard.analysis.frames import SCORES, TRAITS, VALUE, ScoreFrame, empty
from dashboard.analysis.health import judged
from dashboard.analysis.scores import Scores

Read = Callable[[], pd.DataFrame]
NOTHING: tuple[str, Read] = ("", lambda: coded(empty(VALUE)))
"""The many scores of a target that has none yet: a file, and what reads it."""


@dataclass
class Part:
    """The scores of one target, joined when they are asked for."""

    evaluations: pd.DataFrame
    """Those of the target that count."""
    recent: pd.DataFrame
    """Scores (`VALUE`) of evaluations, of this target or not, that were read lately."""
    file: str
    many: Read
    """Reads that file: the scores of the target's other evaluations, and of some in `over`."""
    over: frozenset[str]
    """Runs whose scores among the many count no more."""
    languages: pd.DataFrame
    before: Part | None = None
    """What this may be the same as."""
    table: pd.DataFrame | None = None
    guard: Lock = field(default_factory=Lock, repr=False)

    def __call__(self) -> pd.DataFrame:
        with self.guard:  # who asks at the same moment waits for the same
            if self.table is None:
                same = self.before and self.like(self.before)
                self.table = self.before.table if self.before and same else None
                self.table = self.joined() if self.table is None else self.table
                self.before = None
            return self.table

    def joined(self) -> pd.DataFrame:
        """`_beside` of the recent and of the many that still count."""
        values = self.many()
        if len(self.recent) or self.over:
            left = values[~values["run_id"].isin(list(self.over))]
            values = pruned(below([left, _of(self.recent, self.evaluations)]))
        return _beside(self.evaluations, values, self.languages)

    def like(self, other: Part) -> bool:
        """Whether another one has the same scores."""
        mine = set(self.evaluations["run_id"])
        return (
            self.file == other.file
            and self.over & mine == other.over & mine
            and self.evaluations.reset_index(drop=True).equals(
                other.evaluations.reset_index(drop=True)
            )
            and _of(self.recent, self.evaluations).equals(_of(other.recent, self.evaluations))
        )

    def known(self) -> Part | None:
        """This, or what it may be the same as: whichever has a table."""
        return self if self.table is not None else self.before


def _of(recent: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    """The rows of these evaluations."""
    return pruned(recent[recent["run_id"].isin(evaluations["run_id"])].reset_index(drop=True))


def _beside(
    evaluations: pd.DataFrame, values: pd.DataFrame, languages: pd.DataFrame
) -> pd.DataFrame:
    """Columns `SCORES`, `coded`: each value beside what its evaluation and its language are.

    By position and not by merging, in the order of evaluations: two million rows take a second.
    """
    runs = values["run_id"].astype("category")
    langs = values["lang"].astype("category")
    place = pd.Index(evaluations["run_id"]).get_indexer(runs.cat.categories)
    rows = place[runs.cat.codes] if len(values) else place[:0]
    order = np.argsort(rows, kind="stable")
    order = order[rows[order] >= 0]
    scores = coded(evaluations).take(rows[order]).reset_index(drop=True)
    for name in VALUE[1:]:
        scores[name] = (langs if name == "lang" else values[name]).array[order]
    traits = languages.set_index("lang")[list(TRAITS)].reindex(langs.cat.categories)
    traits["language"] = traits["language"].fillna(traits.index.to_series())
    for name in TRAITS:
        trait = traits[name].astype("category")
        scores[name] = pd.Categorical.from_codes(
            trait.cat.codes.to_numpy()[langs.cat.codes][order], trait.cat.categories
        )
    return scores[list(SCORES)]


def _newest(frame: pd.DataFrame, key: str, time: str) -> pd.DataFrame:
    """Of the MLflow runs of one id, the last."""
    ordered = frame.sort_values(time, kind="stable")
    return ordered.drop_duplicates(key, keep="last").reset_index(drop=True)


def ahead(frame: ScoreFrame) -> ScoreFrame:
    """A frame with all joined that was joined of the one before it: nobody need wait for it."""
    for part in frame.held.parts.values():
        if isinstance(part, Part) and part.before:
            part()
    return frame


def joined(
    frames: dict[str, pd.DataFrame],
    many: Mapping[str, tuple[str, Read]],
    languages: pd.DataFrame,
    tasks: pd.DataFrame,
    told: Mapping[str, Any],
    before: ScoreFrame | None = None,
) -> ScoreFrame:
    """From the tables that `snapshot` keeps and its meta; of an id's runs the last one counts.

    A language that the catalogue does not know keeps its code as its name. `many`: target -> (file,
    what reads it). A target whose scores are those of an earlier frame `before` takes them over.
    """
    newest = _newest(judged(frames["evaluations"]), "evaluation", "ended")
    known = before.held.parts if before else {}
    parts = {}
    for target, rows in newest.groupby("target", sort=False):
        file, read = many.get(str(target), NOTHING)
        over = frozenset(told["over"].get(target, ()))
        one = known.get(str(target))
        old = one.known() if isinstance(one, Part) else None
        parts[str(target)] = Part(rows, frames["recent"], file, read, over, languages, old)
    return ScoreFrame(
        held=Scores(parts, coded(empty(SCORES))),
        evaluations=newest,
        plan=frames["plan"],
        contrasts=frames["contrasts"],
        trainings=_newest(frames["trainings"], "run", "started"),
        planned_runs=frames["planned_runs"],
        costs=frames["costs"],
        languages=languages,
        tasks=tasks,
        taken=told["taken"],
        server=told["server"],
        files=dict(told["files"]),
    )
