"""From a server's runs to rows of the snapshot's tables. Nothing is asked here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis import coverage
from dashboard.analysis.coding import coded
from dashboard.analysis.frames import EVALUATION, TRAINING, VALUE, empty
from dashboard.snapshot.source import Batch, Told
from training.spec import record

COUNT = "n"
"""The metric that counts items."""


def evaluations(batch: Batch) -> pd.DataFrame:
    """Rows of `frames.EVALUATION`."""
    return pd.DataFrame([evaluation(run) for run in batch.runs], columns=list(EVALUATION))


def evaluation(run: Told) -> dict[str, Any]:
    tags: Mapping[str, str] = run.tags
    return {
        "run_id": run.id,
        "evaluation": tags.get(record.ID, run.id),
        "run": tags.get(record.RUN, ""),
        "scale": tags.get(record.SCALE, ""),
        "target": tags.get(record.TARGET, ""),
        "intermediate": tags.get(record.INTERMEDIATE) or "none",
        "intermediate_seed": tags.get(record.INTERMEDIATE_SEED, ""),
        "target_seed": tags.get(record.TARGET_SEED, ""),
        "mlm": tags.get(record.MLM, ""),
        "source": tags.get(record.SOURCE, ""),
        "variant": coverage.variant(settings(tags.get(record.SETTINGS, ""))),
        "reuses": tags.get(record.REUSES) == "true",
        "state": tags.get(record.STATE, "done"),
        "health": tags.get(record.HEALTH, record.UNJUDGED),
        "commit": tags.get(record.COMMIT, ""),
        "ended": run.ended,
    }


def settings(text: str) -> dict[str, Any]:
    """The settings tag; one that somebody broke by hand says nothing, and stops nothing."""
    try:
        told = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def trainings(batch: Batch) -> pd.DataFrame:
    """Rows of `frames.TRAINING`."""
    pace = {place: value for place, key, value in batch.metrics if key == record.PACE}
    rows = [training(run, pace.get(place)) for place, run in enumerate(batch.runs)]
    return pd.DataFrame(rows, columns=list(TRAINING))


def training(run: Told, pace: float | None) -> dict[str, Any]:
    tags: Mapping[str, str] = run.tags
    return {
        "run": tags.get(record.ID, run.id),
        "run_id": run.id,
        "phase": tags.get(record.PHASE, ""),
        "task": tags.get(record.TASK, ""),
        "scale": tags.get(record.SCALE, ""),
        "seed": tags.get(record.SEED, ""),
        "parent": tags.get(record.PARENT, ""),
        "state": tags.get(record.STATE) or ENDED.get(run.status, "done"),
        "health": tags.get(record.HEALTH, record.UNJUDGED),
        "reason": tags.get(record.REASON, ""),
        "started": float("nan") if run.started is None else float(run.started),
        "ended": float("nan") if run.ended is None else run.ended,
        "commit": tags.get(record.COMMIT, ""),
        "tokens_per_second": float("nan") if pace is None else pace,
    }


ENDED = {"FAILED": "failed", "KILLED": "interrupted", "RUNNING": "running"}
"""MLflow's status -> our state, for a record without the tag."""


def values(batch: Batch) -> pd.DataFrame:
    """Rows of `frames.VALUE`, by key in each run: every score, the count of its items beside it.

    Text is `coded`: of two million rows a tenth of the memory.
    """
    if not batch.metrics:
        return coded(empty(VALUE))
    run, runs = np.array([place for place, _, _ in batch.metrics]), [one.id for one in batch.runs]
    names = np.array([name for _, name, _ in batch.metrics], dtype=object)
    key, keys = pd.factorize(names, sort=True)
    value = np.array([value for _, _, value in batch.metrics], dtype=float)  # None is NaN
    parsed = [record.parse_score_key(one) or ("", "", "") for one in keys]
    split, lang, metric = (pd.Categorical(part) for part in zip(*parsed, strict=True))
    place = pd.factorize(pd.Series(zip(split, lang, strict=True)))[0][key]
    counts = (metric == COUNT)[key]
    n = np.full((len(runs), place.max() + 1), np.nan)
    n[run[counts], place[counts]] = value[counts]
    order = np.lexsort((key, run))
    order = order[(~counts & (split != "")[key])[order]]
    key, run, place = key[order], run[order], place[order]
    rows = {"run_id": pd.Categorical.from_codes(run, pd.Index(runs, dtype="str"))}
    rows |= {"split": split.take(key), "lang": lang.take(key), "metric": metric.take(key)}
    return pd.DataFrame(rows | {"value": value[order], "n": n[run, place]})[list(VALUE)]
