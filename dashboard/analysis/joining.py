"""The tables that a snapshot keeps, joined to the frame that everything starts from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.analysis.frames import SCORES, TRAITS, ScoreFrame
from dashboard.analysis.health import judged

POINTERS = pd.StringDtype("python", na_value=float("nan"))
"""Text whose equal values are one object: a column of millions of rows takes eight bytes a row."""


def _pointing(frame: pd.DataFrame) -> pd.DataFrame:
    """Text columns as `POINTERS`; from now on rows are repeated without copying their text."""
    text = [name for name in frame if frame[name].dtype not in ("float64", "bool")]
    return frame.astype(dict.fromkeys(text, POINTERS))


def _beside(
    evaluations: pd.DataFrame, values: pd.DataFrame, languages: pd.DataFrame
) -> pd.DataFrame:
    """Columns `SCORES`: each value beside what its evaluation and its language are.

    By position and not by merging, in the order of evaluations: two million rows take a second.
    """
    runs = values["run_id"].astype("category")
    langs = values["lang"].astype("category")
    place = pd.Index(evaluations["run_id"]).get_indexer(runs.cat.categories)
    rows = place[runs.cat.codes] if len(values) else place[:0]
    order = np.argsort(rows, kind="stable")
    order = order[rows[order] >= 0]
    told = pd.Index(languages["lang"]).get_indexer(langs.cat.categories)
    known = told[langs.cat.codes] if len(values) else told[:0]
    scores = _pointing(evaluations).take(rows[order]).reset_index(drop=True)
    traits = _pointing(languages[list(TRAITS)]).reindex(known[order]).reset_index(drop=True)
    for name in ("split", "lang", "metric"):
        kind = values[name].astype("category")
        text = kind.cat.categories.to_numpy(dtype=object)
        scores[name] = pd.array(text[kind.cat.codes.to_numpy()[order]], dtype=POINTERS)
    for name in ("value", "n"):
        scores[name] = values[name].to_numpy()[order]
    traits["language"] = traits["language"].fillna(scores["lang"])
    return pd.concat([scores, traits], axis=1)[list(SCORES)]


def _newest(frame: pd.DataFrame, key: str, time: str) -> pd.DataFrame:
    """Of the MLflow runs of one id, the last."""
    ordered = frame.sort_values(time, kind="stable")
    return ordered.drop_duplicates(key, keep="last").reset_index(drop=True)


def joined(
    frames: dict[str, pd.DataFrame],
    languages: pd.DataFrame,
    tasks: pd.DataFrame,
    taken: str,
    server: str,
) -> ScoreFrame:
    """From the tables that `snapshot` keeps; of an id's runs the last one counts.

    A language that the catalogue does not know keeps its code as its name.
    """
    newest = _newest(judged(frames["evaluations"]), "evaluation", "ended")
    scores = _beside(newest, frames["values"], languages)
    trainings = _newest(frames["trainings"], "run", "started")
    told = (frames["plan"], frames["contrasts"], trainings, frames["planned_runs"], frames["costs"])
    return ScoreFrame(scores, newest, *told, languages, tasks, taken, server)
