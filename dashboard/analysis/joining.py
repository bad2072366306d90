"""The tables that a snapshot keeps, joined to the frame that everything starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis.coding import coded
from dashboard.analysis.frames import SCORES, TRAITS, VALUE, ScoreFrame
from dashboard.analysis.health import judged


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


def joined(
    frames: dict[str, pd.DataFrame],
    languages: pd.DataFrame,
    tasks: pd.DataFrame,
    told: Mapping[str, Any],
    before: ScoreFrame | None = None,
) -> ScoreFrame:
    """From the tables that `snapshot` keeps and its meta; of an id's runs the last one counts.

    A language that the catalogue does not know keeps its code as its name. `before`: an earlier
    frame with the same evaluations and scores.
    """
    trainings = _newest(frames["trainings"], "run", "started")
    fresh = ScoreFrame(
        plan=frames["plan"],
        contrasts=frames["contrasts"],
        trainings=trainings,
        planned_runs=frames["planned_runs"],
        costs=frames["costs"],
        languages=languages,
        tasks=tasks,
        taken=told["taken"],
        server=told["server"],
        files=dict(told["files"]),
    )
    if before:
        return replace(fresh, scores=before.scores, evaluations=before.evaluations)
    newest = _newest(judged(frames["evaluations"]), "evaluation", "ended")
    return replace(fresh, scores=_beside(newest, frames["values"], languages), evaluations=newest)
