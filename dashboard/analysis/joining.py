"""The tables that a snapshot keeps, joined to the frame that everything starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis.coding import below, coded, pruned
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


def _scores(
    evaluations: pd.DataFrame,
    recent: pd.DataFrame,
    many: Callable[[], pd.DataFrame],
    over: Iterable[str],
    languages: pd.DataFrame,
) -> pd.DataFrame:
    """`_beside` of all that counts: the recent, and the many but for those of runs in `over`."""
    values = many()
    if len(recent) or over:
        values = below([values[~values["run_id"].isin(list(over))], recent])
    return _beside(evaluations, pruned(values), languages)


def _appended(
    before: ScoreFrame, evaluations: pd.DataFrame, recent: pd.DataFrame, over: Iterable[str]
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """(Scores of an earlier frame that still stand at the head, evaluations that come after them,
    all of whose scores are among the recent); None where the many have to be read."""
    again = {*recent["run_id"].unique(), *over}
    same = _alike(before.evaluations, evaluations[~evaluations["run_id"].isin(again).cummax()])
    rest = evaluations.iloc[same:]
    if (rest["run_id"].isin(before.evaluations["run_id"]) & ~rest["run_id"].isin(again)).any():
        return None
    named = before.scores["evaluation"].cat
    place = pd.Index(before.evaluations["evaluation"]).get_indexer(named.categories)[named.codes]
    return before.scores.iloc[: np.searchsorted(place, same)], rest


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """How many rows two frames of the same columns have in common at their head."""
    most = min(len(one), len(other))
    left, right = one.iloc[:most], other.iloc[:most].reset_index(drop=True)
    unlike = ~(left.eq(right) | (left.isna() & right.isna())).all(axis=1).to_numpy()
    return int(unlike.argmax()) if unlike.any() else most


def joined(
    frames: dict[str, pd.DataFrame],
    many: Callable[[], pd.DataFrame],
    languages: pd.DataFrame,
    tasks: pd.DataFrame,
    told: Mapping[str, Any],
    before: ScoreFrame | None = None,
) -> ScoreFrame:
    """From the tables that `snapshot` keeps and its meta; of an id's runs the last one counts.

    A language that the catalogue does not know keeps its code as its name. `many` reads the table
    `values`, by far the largest: where it is the file that an earlier frame `before` was read from,
    what came since is put below what that has.
    """
    newest = _newest(judged(frames["evaluations"]), "evaluation", "ended")
    recent, over = frames["recent"], told["over"]
    kept = before and before.files["values"] == told["files"]["values"]
    found = _appended(before, newest, recent, over) if before and kept else None
    if found:
        head, rest = found
        scores = below([head, _beside(rest, recent, languages)]) if len(rest) else head
    else:
        scores = _scores(newest, recent, many, over, languages)
    return ScoreFrame(
        scores=scores,
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
