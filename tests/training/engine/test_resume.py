"""A training that is cut short anywhere and taken up again is the same run, bit for bit."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.engine import checkpoints
from training.engine.checkpoints import Checkpoints
from training.engine.resume import Resumable
from training.engine.runtime import CHECKPOINTS, Runtime
from training.engine.store import INTERRUPTED, Store
from training.engine.train import train
from training.phases.base import Phase
from training.spec.recipe import Recipe
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
STEPS = 6
RECIPE = Recipe(steps=STEPS, batch=4, scratch=True, dev_checks=3, dev_examples=4, lr=1e-3)
PAIRS = replace(RECIPE, pairs=1.0, ranking=0.5, languages=("eng", "fin"))
LORA = replace(RECIPE, scratch=False, method="lora", rank=4)
HALF = replace(RECIPE, scratch=False, precision="bf16")
RUNS = {
    "mlm": Run("mlm", "nano", "text", 1, SOURCE, PAIRS),
    "joint": Run("intermediate", "nano", "mnli+mlm", 1, SOURCE, RECIPE),
    "mixture": Run("intermediate", "nano", "mnli+csqa", 1, SOURCE, RECIPE),
    "shuffled": Run("intermediate", "nano", "mnli~shuffled", 1, SOURCE, RECIPE),
    "best": Run("target", "nano", "mnli", 1, SOURCE, RECIPE),
    "adapters": Run("target", "nano-xl", "mnli", 1, SOURCE, LORA),
    "masters": Run("target", "nano-xl", "mnli", 1, SOURCE, HALF),
    "last": Run("target", "nano", "udpos", 1, SOURCE, replace(RECIPE, selection="last")),
}


class Cut(Exception):
    """Instead of a death: nothing of the process is used again."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each run without any interruption, and without checkpoints."""
    work = tmp_path_factory.mktemp("whole")
    return {name: train(run, Runtime(work, progress=False)) for name, run in RUNS.items()}


@pytest.fixture(autouse=True)
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHECKPOINTS, "0")


def cut_at(patch: pytest.MonkeyPatch, steps: list[int], before: bool = False) -> None:
    """Let trainings be cut off when they reach these steps, once each, or just before saving."""
    real, left = Resumable.on_train_batch_end, list(steps)

    def end(self: Resumable, trainer: Any, *told: Any) -> None:
        here = bool(left) and trainer.global_step == left[0]
        if not (here and before):
            real(self, trainer, *told)
        if here:
            left.pop(0)
            raise Cut

    patch.setattr(Resumable, "on_train_batch_end", end)


def carried(run: Run, work: Path) -> Path:
    """Train, as often as it takes."""
    for _ in range(2 * STEPS):
        try:
            return train(run, Runtime(work, progress=False))
        except Cut:
            assert not Store(work).done(run.id)
    raise AssertionError("it never ended")


def left_by(path: Path) -> dict[str, Any]:
    """Everything that a run leaves, without its clock."""
    files = {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*.safetensors")}
    scores = path / "scores.json"
    lines = [json.loads(one) for one in (path / "metrics.jsonl").read_text().splitlines()]
    curve = [{key: line[key] for key in ("step", "metrics")} for line in lines]
    assert not (path / "checkpoints").exists()
    return files | {"scores": scores.exists() and scores.read_bytes(), "curve": curve}


@pytest.mark.parametrize("name", RUNS)
def test_cut_off_at_two_steps_it_is_the_same_run(
    name: str, whole: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_at(monkeypatch, [2, 5])
    path = carried(RUNS[name], tmp_path)
    assert left_by(path) == left_by(whole[name])
    assert json.loads((path / "run.json").read_text())["resumed"] == 5


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.integers(1, STEPS), max_size=4),
    name=st.sampled_from(sorted(RUNS)),
    before=st.booleans(),
)
def test_cut_off_anywhere_it_is_the_same_run(
    steps: list[int], name: str, before: bool, whole: dict[str, Path], tmp_path_factory: Any
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        cut_at(patch, steps, before)
        path = carried(RUNS[name], tmp_path_factory.mktemp("cut"))
    assert left_by(path) == left_by(whole[name])


def interrupted(run: Run, work: Path, step: int = 3) -> Path:
    """A run that was asked to end in the middle of a step."""
    begin = Phase.on_train_batch_start

    def start(self: Phase, *told: Any) -> None:
        begin(self, *told)
        if self.global_step == step - 1:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Phase, "on_train_batch_start", start)
        with pytest.raises(KeyboardInterrupt):
            train(run, Runtime(work, progress=False))
    return Store(work).path(run.id)


def test_sigterm_is_heeded_at_the_next_step_with_a_checkpoint(
    whole: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHECKPOINTS, "1000")
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    path = interrupted(RUNS["best"], tmp_path)
    assert [one.name for one in (path / "checkpoints").glob("*.ckpt")] == ["step-00000003.ckpt"]
    assert (path / INTERRUPTED).read_text() == f"step 3 of {STEPS}"
    assert not Store(tmp_path).failed(RUNS["best"].id)
    assert handlers == [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    train(RUNS["best"], Runtime(tmp_path, progress=False))
    assert left_by(path) == left_by(whole["best"]) and not (path / INTERRUPTED).exists()


def test_asked_to_end_in_the_last_step_it_is_finished_first(
    whole: dict[str, Path], tmp_path: Path
) -> None:
    path = interrupted(RUNS["best"], tmp_path, STEPS)
    assert Store(tmp_path).done(RUNS["best"].id) and left_by(path) == left_by(whole["best"])


def flip(path: Path) -> None:
    """One byte of the middle becomes another."""
    told = bytearray(path.read_bytes())
    told[len(told) // 2] ^= 1
    path.write_bytes(told)


HARM = {
    "a byte": lambda one: flip(one),
    "the end is missing": lambda one: one.write_bytes(one.read_bytes()[:-100]),
    "the file is missing": lambda one: one.unlink(),
    "half a note": lambda one: one.with_suffix(".json").write_text('{"schema": "silta'),
}


def cut_off(monkeypatch: pytest.MonkeyPatch, work: Path) -> Path:
    """The folder of a training that was cut off at its fourth step."""
    cut_at(monkeypatch, [4])
    with pytest.raises(Cut):
        train(RUNS["best"], Runtime(work, progress=False))
    return Store(work).path(RUNS["best"].id)


@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    harm: str,
    whole: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = cut_off(monkeypatch, tmp_path)
    older, newest = sorted((path / "checkpoints").glob("*.ckpt"))
    assert (older.name, newest.name) == ("step-00000003.ckpt", "step-00000004.ckpt")
    HARM[harm](newest)
    train(RUNS["best"], Runtime(tmp_path, progress=False))
    said = capsys.readouterr().err
    assert said.count("step-00000004.ckpt: ") == 1 and "going on from step 3" in said
    assert left_by(path) == left_by(whole["best"])


def test_without_a_whole_checkpoint_it_starts_again(
    whole: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = cut_off(monkeypatch, tmp_path)
    for one in (path / "checkpoints").glob("*.ckpt"):
        flip(one)
    train(RUNS["best"], Runtime(tmp_path, progress=False))
    assert capsys.readouterr().err.count("damaged") == 2
    assert left_by(path) == left_by(whole["best"])
    assert "resumed" not in json.loads((path / "run.json").read_text())


def test_of_large_checkpoints_one_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """XXL's has 129 GB."""
    mine = Checkpoints(tmp_path, {})

    def kept(step: int) -> list[str]:
        mine.note = {"step": step, "seconds": 1.0, "micro_batch": 0}
        mine.save_checkpoint({"state": torch.zeros(1000)}, mine.path(step))
        return sorted(one.name for one in mine.folder.iterdir() if one.suffix == ".ckpt")

    assert kept(1) + kept(2)[1:] == kept(2) == ["step-00000001.ckpt", "step-00000002.ckpt"]
    monkeypatch.setattr(checkpoints, "SMALL", 1000)
    assert kept(3) == ["step-00000003.ckpt"]


def test_a_checkpoint_of_something_else_is_not_taken_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Checkpoints(tmp_path, {"run": 1, "data": "a"})
    mine.note = {"step": 7, "seconds": 1.0, "micro_batch": 0}
    mine.save_checkpoint({"state": [1.0]}, mine.path(7))
    found = mine.newest()
    assert found is not None and found.step == 7
    assert mine.load_checkpoint(found.path) == {"state": [1.0]}
    assert Checkpoints(tmp_path, {"run": 1, "data": "b"}).newest() is None
    assert "made for something else (data)" in capsys.readouterr().err
