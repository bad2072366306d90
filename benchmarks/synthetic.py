"""A made-up tracking server of any size: `python benchmarks/synthetic.py FOLDER --runs 10000`.

A study as Silta would have sent it: evaluations of four scales, nine targets and eleven
intermediates (none among them) with as many seeds as it takes, and `--metrics` metrics each: three
and the count of items for each split and language. Written straight into a SQLite database that
MLflow made, since a million of MLflow's own calls would take hours; MLflow's own interface shows
it. Its numbers mean nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bench import ROOT

sys.path.insert(0, str(ROOT))
from training.catalogue import LANGUAGES  # noqa: E402
from training.spec import record  # noqa: E402

SCALES = ("base", "large", "xl", "xxl")
TARGETS = ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba")
TASKS = ("none", "anli", "mnli", "qqp", "squad", "squad2", "hellaswag", "ccg", "cosmosqa", "csqa")
TASKS = (*TASKS, "mixture")
MAIN = {"xnli": "accuracy", "pawsx": "accuracy", "tatoeba": "accuracy"}
CREATE = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).search_experiments()"
BEGAN, APART = 1_790_000_000_000, 30_000
"""When the first evaluation ended, and how long after it the next: a study of some days. A server
that is read by REST is asked again for all that ended in the last ten minutes."""


def rows(count: int) -> list[dict[str, Any]]:
    """Evaluations of a plan, seed by seed, so that any number is a study that makes sense."""
    found = []
    for seed in itertools.count(1):
        for scale, target, task in itertools.product(SCALES, TARGETS, TASKS):
            if len(found) == count:
                return found
            found.append(planned(scale, target, task, seed))
    return found


def planned(scale: str, target: str, task: str, seed: int) -> dict[str, Any]:
    name = f"{target}-{scale}-{task}-{seed}"
    return {
        "id": f"evaluation-{name}",
        "run": f"target-{name}",
        "scale": scale,
        "target": target,
        "intermediate": task,
        "intermediate_seed": None if task == "none" else seed,
        "target_seed": seed,
        "mlm": None,
        "reuses": False,
        "settings": {"source": "hub", "scale": scale},
    }


def languages(metrics: int) -> list[str]:
    """As many as fill the metrics, Finnish, Hungarian and English among them."""
    first = ("eng", "fin", "hun")
    return [*first, *(one for one in LANGUAGES if one not in first)][: max(3, metrics // 8)]


def scores(row: dict[str, Any], langs: list[str], rng: np.random.Generator) -> Iterator[Any]:
    """(metric key, value) of an evaluation."""
    main = MAIN.get(row["target"], "f1")
    kinds = (main, *(one for one in ("accuracy", "f1", "precision", "recall") if one != main))[:3]
    base = 40 + 10 * SCALES.index(row["scale"]) + rng.normal(0, 2, (2, len(langs), 3))
    for split, by_lang in zip(("dev", "test"), base, strict=True):
        for lang, values in zip(langs, by_lang, strict=True):
            for kind, value in zip(kinds, values, strict=True):
                yield record.score_key(split, lang, kind), float(np.clip(value, 0, 100))
            yield record.score_key(split, lang, "n"), 1000.0


def tags(row: dict[str, Any]) -> dict[str, str]:
    def text(value: Any) -> str:
        return "" if value is None else str(value)

    return {
        record.KIND: "evaluation",
        record.ID: row["id"],
        record.RUN: row["run"],
        record.SCALE: row["scale"],
        record.TARGET: row["target"],
        record.INTERMEDIATE: row["intermediate"],
        record.INTERMEDIATE_SEED: text(row["intermediate_seed"]),
        record.TARGET_SEED: text(row["target_seed"]),
        record.MLM: "",
        record.SOURCE: "hub",
        record.SETTINGS: json.dumps(row["settings"]),
        record.REUSES: "false",
        record.STATE: "done",
        record.HEALTH: "ok",
        record.COMMIT: "0" * 40,
        record.SCHEMA: record.SCORES_SCHEMA,
    }


def written(folder: Path, count: int, metrics: int = 200) -> Path:
    """Make the database in a folder; its path."""
    path = folder / "mlflow.db"
    subprocess.run([sys.executable, "-c", CREATE, f"sqlite:///{path}"], check=True, cwd=folder)
    asked, langs, rng = rows(count), languages(metrics), np.random.default_rng(7)
    with sqlite3.connect(path) as base:
        base.execute("pragma synchronous = off")
        place = (folder / "artifacts").as_uri()
        made = base.execute(
            "insert into experiments (name, artifact_location, lifecycle_stage, creation_time,"
            " last_update_time) values (?, ?, 'active', ?, ?)",
            (record.EXPERIMENT, place, BEGAN, BEGAN),
        ).lastrowid
        for at, row in enumerate(asked):
            run = uuid.UUID(int=at + 1).hex
            put(base, made, run, place, BEGAN + APART * at, tags(row))
            found = list(scores(row, langs, rng))[:metrics]
            base.executemany(
                "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
                " values (?, ?, ?, 0, 0, ?)",
                [(key, value, BEGAN, run) for key, value in found],
            )
        study(base, made, place, asked)
    return path


def put(base: Any, made: Any, run: str, place: str, ended: int, told: dict[str, str]) -> None:
    base.execute(
        "insert into runs (run_uuid, name, source_type, user_id, status, start_time, end_time,"
        " lifecycle_stage, artifact_uri, experiment_id)"
        " values (?, ?, 'LOCAL', 'silta', 'FINISHED', ?, ?, 'active', ?, ?)",
        (run, told[record.ID], ended - 500, ended, f"{place}/{run}/artifacts", made),
    )
    lines = [(key, value, run) for key, value in told.items()]
    base.executemany("insert into tags (key, value, run_uuid) values (?, ?, ?)", lines)


def study(base: Any, made: Any, place: str, asked: list[dict[str, Any]]) -> None:
    """The study's record with its plan and states."""
    run = uuid.UUID(int=0).hex
    told = {record.KIND: "study", record.ID: "study-synthetic", record.STUDY: "synthetic"}
    put(base, made, run, place, BEGAN + 10**9, told)
    folder = Path(place.removeprefix("file://")) / run / "artifacts"
    folder.mkdir(parents=True)
    plan = {"schema": record.PLAN_SCHEMA, "study": "synthetic", "runs": [], "evaluations": asked}
    (folder / record.PLAN_ARTIFACT).write_text(json.dumps(plan))
    state = {row["id"]: "done" for row in asked}
    (folder / record.STATE_ARTIFACT).write_text(json.dumps(state))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--metrics", type=int, default=200)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(written(asked.folder.resolve(), asked.runs, asked.metrics))
    return 0


if __name__ == "__main__":
    sys.exit(main())
