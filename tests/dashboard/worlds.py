"""Small made-up studies, logged to a real MLflow by the names of `training/spec/record.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from direct import Client, Direct, attach, log_scores
from mlflow import MlflowClient
from mlflow.entities import Param
from world_items import STEPS, curve, items, sweep

from training.spec import record

EIGHT = ("eng", "fin", "hun", "est", "tur", "deu", "rus", "cmn")
RETRIEVAL = {"tatoeba", "bucc"}
METRIC = {"tatoeba": "accuracy", "xnli": "accuracy", "pawsx": "accuracy", "bucc": "f1"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


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
    trained: bool = False
    """Whether its trainings have records too, with curves."""

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

    def trainings(self) -> list[dict[str, Any]]:
        """The trainings of its plan, parents first, each once; ids as the evaluations name them."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.evaluations():
            scale, task = row["scale"], row["intermediate"]
            mlm = place("mlm-text-000000000000", "mlm", "text", scale, 0, None)
            line = [mlm]
            if task:
                seed = row["intermediate_seed"]
                name = f"run-{task}-{scale}-{seed}" if row["target_seed"] else row["run"]
                line.append(place(name, "intermediate", task, scale, seed, mlm["id"]))
            if row["target_seed"]:
                about = ("target", row["target"], scale, row["target_seed"])
                line.append(place(row["run"], *about, line[-1]["id"]))
            found |= {one["id"]: one | {"of": row} for one in line if one["id"] not in found}
        return list(found.values())

    def state(self, row: Mapping[str, Any]) -> str:
        place = (row["intermediate"] or "none", row["target"])
        return "failed" if place in self.failed else "not run" if place in self.absent else "done"


DEMO = World(
    targets=("xnli", "tatoeba", "pawsx"),
    seeds=(1, 2, 3),
    trained=True,
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


def place(
    id: str, phase: str, task: str, scale: str, seed: int, parent: str | None
) -> dict[str, Any]:
    """A training's entry in plan.json."""
    return dict(id=id, phase=phase, task=task, scale=scale, seed=seed, parent=parent)


def publish(uri: str, folder: Path, world: World, really: bool = False) -> MlflowClient:
    """Log the world's evaluations and its study; artifacts go under `folder`.

    `really`: by MLflow's own client, and not straight into the database, which is quick.
    """
    if really:
        log(MlflowClient(uri), folder, world)
    else:
        with closing(Direct(uri)) as quick:
            log(quick, folder, world)
    return MlflowClient(uri)


def log(client: Client, folder: Path, world: World) -> None:
    """All of a world."""
    found = client.get_experiment_by_name(record.EXPERIMENT)
    root = (folder / "artifacts").as_uri()
    experiment = found.experiment_id if found else client.create_experiment(record.EXPERIMENT, root)
    rows = world.evaluations()
    for row in rows:
        if world.state(row) == "done":
            measure(client, experiment, world, row)
    plan = {"schema": record.PLAN_SCHEMA, "study": world.study, "evaluations": rows}
    runs = world.trainings()
    plan["runs"] = [{key: one[key] for key in one if key != "of"} for one in runs]
    for one in runs if world.trained else ():
        train(client, experiment, world, one)
    plan["contrast"] = dict(world.contrast) if world.contrast else None
    tags = {record.KIND: "study", record.STUDY: world.study, record.ID: f"study-{world.study}"}
    run = client.create_run(experiment, tags=tags).info.run_id
    client.log_dict(run, plan, record.PLAN_ARTIFACT)
    states = {one["id"]: outcome(world, one) for one in runs}
    done = {row["id"]: "done" for row in rows if world.state(row) == "done"}
    client.log_dict(run, states | done, record.STATE_ARTIFACT)
    client.set_terminated(run)


def outcome(world: World, training: Mapping[str, Any]) -> str:
    """What became of a training: of the one measured, what the world says; others went well."""
    row = training["of"]
    return world.state(row) if training["id"] == row["run"] else "done"


def train(
    client: Client, experiment: str, world: World, one: Mapping[str, Any], state: str = ""
) -> str | None:
    """Log one training and return the id of its MLflow run; None of one that nobody ran.

    `state`: in place of what the world says; a `running` one is left open.
    """
    state = state or outcome(world, one)
    if state == "not run":
        return None
    tags = {
        record.KIND: "training",
        record.ID: one["id"],
        record.PHASE: one["phase"],
        record.TASK: one["task"],
        record.SCALE: one["scale"],
        record.SEED: str(one["seed"]),
        record.PARENT: one["parent"] or "",
        record.SOURCE: world.source,
        record.SCHEMA: record.RUN_SCHEMA,
        record.COMMIT: COMMIT,
        record.STATE: state,
        record.HEALTH: "ok" if state == "done" else "",
    }
    if state == "failed":
        tags[record.REASON] = "RuntimeError: out of memory"
    run = client.create_run(experiment, tags=tags).info.run_id
    recipe = {"lr": 2e-5, "batch": 32, "steps": STEPS, "freeze": "embeddings"}
    client.log_batch(run, curve(one), [Param(key, str(value)) for key, value in recipe.items()])
    facts = {key: one[key] for key in one if key != "of"} | {"recipe": recipe}
    about = {"commit": COMMIT, "packages": {"torch": "2.13.0"}}
    client.log_dict(run, facts | {"source": world.source, "provenance": about}, "run.json")
    if state != "running":
        client.set_terminated(run, {"failed": "FAILED", "interrupted": "KILLED"}.get(state))
    return run


def measure(
    client: Client, experiment: str, world: World, row: Mapping[str, Any], shift: float = 0.0
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
        record.COMMIT: COMMIT,
        record.STATE: "done",
    }
    if (intermediate, row["target"]) in world.health:
        tags[record.HEALTH] = world.health[intermediate, row["target"]]
    run = client.create_run(experiment, tags=tags).info.run_id
    table = items(world, row, shift)
    log_scores(client, run, table, METRIC.get(row["target"], "accuracy"))
    attach(client, run, table, record.ITEMS_ARTIFACT)
    if row["target"] in RETRIEVAL:
        attach(client, run, sweep(table), record.SWEEP_ARTIFACT)
    client.set_terminated(run)
    return run
