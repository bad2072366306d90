"""Training in this process: the same numbers everywhere, the best state kept, nothing redone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from training.engine.evaluate import evaluate
from training.engine.jobs import carry_out, perform
from training.engine.runtime import Runtime
from training.engine.selection import Selection
from training.engine.store import Store
from training.engine.study import jobs_of
from training.engine.train import train
from training.plan.expand import Plan, expand
from training.plan.matrix import parse
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
MATRIX = """
study: twice
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
mlm: {steps: 3, scratch: true, batch: 4, pairs: 0.5}
intermediates: [mixture]
targets: [udpos, xquad, tatoeba, pawsx]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {steps: 5, batch: 4, dev_examples: 4, dev_checks: 2}
  target: {steps: 3, batch: 4, dev_examples: 8, dev_checks: 3}
"""
RECIPE = Recipe(steps=6, batch=4, scratch=True, dev_checks=3, dev_examples=8, lr=1e-3)
TARGET = Run("target", "nano", "mnli", 1, SOURCE, RECIPE)


def runtime(work: Path) -> Runtime:
    return Runtime(work, jobs=1, progress=False)


def carried(plan: Plan, work: Path) -> Path:
    for job in jobs_of(plan):
        perform(json.loads(json.dumps(job.document)), runtime(work))
    return work / "runs"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path, Path]:
    """One plan carried out twice in two folders, with another history of random numbers."""
    plan = expand(parse(MATRIX))
    first = carried(plan, tmp_path_factory.mktemp("first"))
    torch.manual_seed(12345)
    return plan, first, carried(plan, tmp_path_factory.mktemp("second"))


def test_the_same_matrix_gives_the_same_weights(twice: tuple[Plan, Path, Path]) -> None:
    plan, first, second = twice
    assert {run.task for run in plan.runs} == {"text", "mixture", "udpos", "squad", "pawsx"}
    for run in plan.runs:
        names = {p.relative_to(first / run.id) for p in (first / run.id).rglob("*.safetensors")}
        assert len(names) == (2 if run.phase == "target" else 1)
        for name in names:
            assert (first / run.id / name).read_bytes() == (second / run.id / name).read_bytes()


def test_the_same_matrix_gives_the_same_scores(twice: tuple[Plan, Path, Path]) -> None:
    plan, first, second = twice
    assert len(plan.evaluations) == 4
    for one in plan.evaluations:
        mine, theirs = (
            json.loads((w / one.id / "scores.json").read_text()) for w in (first, second)
        )
        assert mine == theirs and set(mine["scores"]["test"]) == {"fin"}
        frames = [pd.read_parquet(w / one.id / "items.parquet") for w in (first, second)]
        pd.testing.assert_frame_equal(*frames)


def test_the_same_curves(twice: tuple[Plan, Path, Path]) -> None:
    plan, first, second = twice
    for run in plan.runs:
        mine, theirs = (curve(w / run.id) for w in (first, second))
        assert mine == theirs and mine[-1]["step"] == run.recipe.steps


def curve(path: Path) -> list[dict[str, Any]]:
    """A run's local log without its clock."""
    lines = map(json.loads, (path / "metrics.jsonl").read_text().splitlines())
    return [{key: line[key] for key in ("step", "metrics")} for line in lines]


def test_other_seeds_give_other_weights(tmp_path: Path) -> None:
    one, other = (train(replace(TARGET, seed=seed), runtime(tmp_path)) for seed in (1, 2))
    mine, theirs = (load_file(path / "encoder/model.safetensors") for path in (one, other))
    assert any(not torch.equal(mine[key], theirs[key]) for key in mine)


def test_what_is_done_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = train(TARGET, runtime(tmp_path))
    before = {one: one.stat().st_mtime_ns for one in path.rglob("*")}

    def never(*_: Any) -> None:
        raise AssertionError("it was trained again")

    monkeypatch.setattr("training.engine.train.fit", never)
    assert train(TARGET, runtime(tmp_path)) == path
    assert {one: one.stat().st_mtime_ns for one in path.rglob("*")} == before


@pytest.mark.parametrize(("selection", "kept"), [("best", 2), ("last", 3)])
def test_selection_keeps_the_state_it_says(
    selection: str, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """English dev is made to be best at the second of three checks."""
    means = iter([10.0, 30.0, 20.0])
    states: list[dict[str, torch.Tensor]] = []

    def score(self: Selection, module: Any, *_: Any) -> dict[str, float]:
        states.append({key: value.clone() for key, value in module.encoder.state_dict().items()})
        return {"accuracy": next(means)}

    monkeypatch.setattr(Selection, "score", score)
    run = replace(TARGET, recipe=replace(RECIPE, selection=selection))  # type: ignore[arg-type]
    path = train(run, runtime(tmp_path))
    saved = load_file(path / "encoder/model.safetensors")
    equal = [all(torch.equal(saved[key], state[key]) for key in saved) for state in states]
    assert equal == [i == kept - 1 for i in range(3)]
    told = json.loads((path / "scores.json").read_text())
    assert (told["mean"], told["step"]) == ((30.0, 4) if kept == 2 else (20.0, 6))
    assert [line["step"] for line in curve(path) if "dev/eng/accuracy" in line["metrics"]] == [
        2,
        4,
        6,
    ]


def test_dev_scores_see_english_only(tmp_path: Path) -> None:
    path = train(TARGET, runtime(tmp_path))
    told = json.loads((path / "run.json").read_text())["provenance"]["data"]
    assert set(told) == {"mnli/train/eng"}
    keys = {key for line in curve(path) for key in line["metrics"]}
    assert keys == {"train/loss", "train/lr", "dev/eng/accuracy"}


def test_a_failed_job_is_remembered_with_its_trace(tmp_path: Path) -> None:
    run = replace(TARGET, recipe=replace(RECIPE, freeze=".*"))
    document = tmp_path / "job.json"
    document.write_text(json.dumps(run.document()))
    failure = carry_out(document, runtime(tmp_path))
    assert failure is not None and not failure.mend
    assert Store(tmp_path).failed(run.id) == failure.reason
    assert "Traceback" in (Store(tmp_path).path(run.id) / "FAILED").read_text()
    assert not Store(tmp_path).done(run.id)


def test_an_evaluation_of_nothing_is_refused(tmp_path: Path) -> None:
    """A language that the source does not have must not end as an empty table that is done."""
    train(TARGET, runtime(tmp_path))
    one = Evaluation(TARGET.id, "nano", "xnli", SOURCE, languages=("fra",))
    document = tmp_path / "job.json"
    document.write_text(json.dumps(one.document()))
    failure = carry_out(document, runtime(tmp_path))
    assert failure is not None and failure.mend and "fra" in failure.reason
    assert not Store(tmp_path).done(one.id)


def test_evaluating_twice_measures_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(TARGET, runtime(tmp_path))
    one = Evaluation(TARGET.id, "nano", "xnli", SOURCE, languages=("fin",))
    path = evaluate(one, {}, runtime(tmp_path))
    written = (path / "scores.json").stat().st_mtime_ns
    evaluate(one, {}, runtime(tmp_path))
    assert (path / "scores.json").stat().st_mtime_ns == written
    told = json.loads((path / "scores.json").read_text())
    assert set(told["scores"]) == {"dev", "test"} and told["target"] == "xnli"
