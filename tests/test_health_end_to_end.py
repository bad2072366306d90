"""A real training and its evaluations: what they have learnt is told by every file and tag."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from training.engine.evaluate import evaluate
from training.engine.records import evaluation_tags, training_tags
from training.engine.runtime import Runtime
from training.engine.store import SCORES, Store, read_json
from training.engine.train import train
from training.families.classification import Classification
from training.plan.single import evaluations_of, single
from training.spec import record
from training.spec.run import Run

SOURCE = "miniature/seed=3/sentences=240"
QUICK = {"steps": 4, "dev_checks": 1, "dev_examples": 40, "lr": 1e-9, "dropout": 0.0}


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(tmp_path, progress=False)


def quick() -> Run:
    return single("target", "nano", "pawsx", SOURCE, 1, None, QUICK)


def test_a_run_that_learnt_nothing_is_tagged_and_so_is_what_is_measured_on_it(
    runtime: Runtime,
) -> None:
    run, store = quick(), Store(runtime.work)
    path = train(run, runtime)
    told = store.document(run.id)
    assert told["health"] in {record.CHANCE, record.CONSTANT}
    assert read_json(path / SCORES)["health"] == told["health"]
    assert training_tags(told)[record.HEALTH] == told["health"]
    (planned,) = evaluations_of(run, [])
    where = evaluate(planned.evaluation, {"intermediate": "none"}, runtime)
    kept = store.document(planned.id)
    assert kept["health"] in {record.CHANCE, record.CONSTANT}
    assert read_json(where / SCORES)["health"] == kept["health"]
    assert evaluation_tags(kept)[record.HEALTH] == kept["health"]
    older = {key: value for key, value in kept.items() if key != "health"}
    assert evaluation_tags(older)[record.HEALTH] == record.UNJUDGED


def test_a_loss_that_is_no_number_never_counts_as_learnt(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, count = Classification.loss, []

    def broken(self: Classification, logits: torch.Tensor, batch: dict) -> torch.Tensor:
        count.append(1)
        return plain(self, logits, batch) * (math.nan if len(count) > 2 else 1.0)

    monkeypatch.setattr(Classification, "loss", broken)
    run = quick()
    with suppress(Exception):  # it may be stopped there and then
        train(run, runtime)
    told = json.loads((Store(runtime.work).path(run.id) / "run.json").read_text())
    assert told["health"] == record.NONFINITE
