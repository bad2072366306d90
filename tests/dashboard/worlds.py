"""Small made-up studies, logged to a real MLflow by the names of `training/spec/record.py`."""

from __future__ import annotations

import json
import tempfile
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, RunTag

from training.spec import record

EIGHT = ("eng", "fin", "hun", "est", "tur", "deu", "rus", "cmn")
RETRIEVAL = {"tatoeba", "bucc"}
METRIC = {"tatoeba": "accuracy", "xnli": "accuracy", "pawsx": "accuracy", "bucc": "f1"}
FEWER = {"pawsx": ("eng", "deu", "cmn")}
"""Targets that lack languages, as PAWS-X does."""


@dataclass(frozen=True)
class World:
    """What a study asks for, and what went wrong in it."""

    study: str = "demo"
    scales: Sequence[str] = ("nano",)
    targets: Sequence[str] = ("xnli", "tatoeba")
    intermediates: Sequence[str] = ("none", "mnli", "squad", "hellaswag")
    seeds: Sequence[int] = (1, 2, 3)
    languages: Sequence[str] = EIGHT
    source: str = "miniature/seed=13/sentences=3000"
    items: int = 60
    failed: frozenset[tuple[str, str]] = frozenset()
    """(intermediate, target) whose every training failed."""
    absent: frozenset[tuple[str, str]] = frozenset()
    """(intermediate, target) that nobody has run yet."""
    reuses: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"xnli": ("mnli",)})

    health: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(intermediate, target) -> the tag of all its evaluations; others have none, as old ones."""
    contrast: Mapping[str, Any] | None = None
    """The comparison named beforehand, as plan.json tells it."""

    def evaluations(self) -> list[dict[str, Any]]:
        """The evaluations of its plan, each with the run it measures."""
        return [
            self.evaluation(scale, target, intermediate, seed)
            for scale in self.scales
            for target in self.targets
            for intermediate in self.intermediates
            for seed in self.seeds
            if not (target in RETRIEVAL and intermediate == "none" and seed != self.seeds[0])
        ]

    def evaluation(self, scale: str, target: str, intermediate: str, seed: int) -> dict[str, Any]:
        retrieval, plain = target in RETRIEVAL, intermediate == "none"
        name = f"{target}-{scale}-{intermediate}" + ("" if retrieval and plain else f"-{seed}")
        return {
            "id": f"evaluation-{name}",
            "run": None if retrieval and plain else f"run-{name}",
            "scale": scale,
            "target": target,
            "intermediate": None if plain else intermediate,
            "intermediate_seed": None if plain else seed,
            "target_seed": None if retrieval else seed,
            "settings": {"source": self.source, "scale": scale},
        }

    def state(self, row: Mapping[str, Any]) -> str:
        place = (row["intermediate"] or "none", row["target"])
        return "failed" if place in self.failed else "not run" if place in self.absent else "done"


DEMO = World(
    targets=("xnli", "tatoeba", "pawsx"),
    seeds=(1, 2, 3),
    failed=frozenset({("squad", "xnli")}),
    absent=frozenset({("hellaswag", "xnli")}),
    contrast={
        "name": "first",
        "intermediate": "squad",
        "baseline": "none",
        "target": "tatoeba",
        "scales": ["nano"],
        "languages": [],
        "reuses": False,
    },
)
"""What `published` of conftest.py holds."""


def publish(uri: str, folder: Path, world: World) -> MlflowClient:
    """Log the world's evaluations and its study; artifacts go under `folder`."""
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(record.EXPERIMENT)
    place = (folder / "artifacts").as_uri()
    experiment = (
        found.experiment_id if found else client.create_experiment(record.EXPERIMENT, place)
    )
    rows = world.evaluations()
    for row in rows:
        if world.state(row) == "done":
            measure(client, experiment, world, row)
    plan = {"schema": record.PLAN_SCHEMA, "study": world.study, "evaluations": rows}
    plan["runs"] = [{"id": row["run"], "parent": None} for row in rows if row["run"]]
    plan["contrast"] = dict(world.contrast) if world.contrast else None
    tags = {record.KIND: "study", record.STUDY: world.study, record.ID: f"study-{world.study}"}
    run = client.create_run(experiment, tags=tags).info.run_id
    client.log_dict(run, plan, record.PLAN_ARTIFACT)
    states = {(row["run"] or row["id"]): world.state(row) for row in rows}
    done = {row["id"]: "done" for row in rows if world.state(row) == "done"}
    client.log_dict(run, states | done, record.STATE_ARTIFACT)
    client.set_terminated(run)
    return client


def measure(
    client: MlflowClient, experiment: str, world: World, row: Mapping[str, Any], shift: float = 0.0
) -> str:
    """Log one evaluation and return the id of its MLflow run."""
    intermediate = row["intermediate"] or "none"
    reuses = intermediate in world.reuses.get(row["target"], ())
    tags = {
        record.KIND: "evaluation",
        record.ID: row["id"],
        record.RUN: row["run"] or "",
        record.TARGET: row["target"],
        record.SCALE: row["scale"],
        record.INTERMEDIATE: intermediate,
        record.INTERMEDIATE_SEED: str(row["intermediate_seed"] or ""),
        record.TARGET_SEED: str(row["target_seed"] or ""),
        record.MLM: "mlm-text-000000000000",
        record.SOURCE: world.source,
        record.SETTINGS: json.dumps(row["settings"]),
        record.REUSES: str(reuses).lower(),
        record.SCHEMA: record.SCORES_SCHEMA,
        record.STATE: "done",
    }
    if (intermediate, row["target"]) in world.health:
        tags[record.HEALTH] = world.health[intermediate, row["target"]]
    run = client.create_run(experiment, tags=tags).info.run_id
    table = items(world, row, shift)
    log_scores(client, run, table, METRIC.get(row["target"], "accuracy"))
    with tempfile.TemporaryDirectory() as draft:
        path = Path(draft) / record.ITEMS_ARTIFACT
        table.to_parquet(path, index=False)
        client.log_artifact(run, str(path))
    client.set_terminated(run)
    return run


def log_scores(client: MlflowClient, run: str, table: pd.DataFrame, metric: str) -> None:
    now = int(time.time() * 1000)
    metrics = []
    for (split, lang), some in table.groupby(["split", "lang"]):
        score = 100 * float(some["score"].mean())
        key = record.score_key(str(split), str(lang), metric)
        metrics.append(Metric(key, score, now, 0))
        metrics.append(Metric(record.score_key(str(split), str(lang), "n"), len(some), now, 0))
    for start in range(0, len(metrics), 1000):
        client.log_batch(run, metrics=metrics[start : start + 1000], tags=[RunTag("x", "y")])


def items(world: World, row: Mapping[str, Any], shift: float) -> pd.DataFrame:
    """Right and wrong answers whose mean is the score: repeatable, some languages better."""
    intermediate = row["intermediate"] or "none"
    seed = row["target_seed"] or row["intermediate_seed"] or 0
    languages = [one for one in world.languages if one in FEWER.get(row["target"], (one,))]
    frames = []
    for lang in languages:
        key = [zlib.crc32(text.encode()) for text in (row["target"], row["scale"], lang)]
        easy = np.random.default_rng(key).uniform(0.35, 0.75)
        told = [*key, zlib.crc32(intermediate.encode())]
        gain = 0.0 if intermediate == "none" else np.random.default_rng(told).normal(0.02, 0.07)
        rng = np.random.default_rng([*told, seed])
        for split in ("dev", "test"):
            chance = np.clip(easy + gain + rng.normal(0, 0.01) + shift, 0.02, 0.98)
            frames.append(
                pd.DataFrame(
                    {
                        "item_id": [f"{split}-{i}" for i in range(world.items)],
                        "cluster_id": [f"{split}-{i // 2}" for i in range(world.items)],
                        "lang": lang,
                        "split": split,
                        "score": (rng.random(world.items) < chance).astype(float),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)
