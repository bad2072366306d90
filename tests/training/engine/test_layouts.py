"""The layout is no matter of identity: the same run, the same files, losses to float tolerance."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import silta
from safetensors.torch import load_file

from training import compilers
from training.engine.encoders import learner
from training.engine.evaluate import evaluate
from training.engine.fitting import origin
from training.engine.jobs import Worker
from training.engine.runtime import Runtime
from training.engine.selection import Material
from training.engine.train import learning, train
from training.phases import compiled
from training.plan.errors import MatrixError
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
RECIPE = Recipe(steps=4, batch=4, dev_checks=2, dev_examples=4, lr=1e-3, dropout=0)
RUN = Run("target", "nano", "mnli", 1, SOURCE, RECIPE)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    work = tmp_path_factory.mktemp("layouts")
    layouts: tuple[Any, ...] = ("auto", "padded", "flat")
    return {one: train(RUN, Runtime(work / one, layout=one, progress=False)) for one in layouts}


def losses(path: Path) -> list[float]:
    lines = (path / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["metrics"]["train/loss"] for line in lines]


def test_it_changes_no_id_and_no_loss_beyond_rounding(runs: dict[str, Path]) -> None:
    assert len({path.name for path in runs.values()}) == 1
    assert losses(runs["flat"]) == pytest.approx(losses(runs["padded"]), rel=1e-5)
    assert losses(runs["auto"]) == losses(runs["padded"]), "a processor keeps what it had"
    documents = {name: json.loads((p / "run.json").read_text()) for name, p in runs.items()}
    assert {name: one.get("layout") for name, one in documents.items()} == {
        "auto": None,
        "padded": None,
        "flat": "flat",
    }
    configs = {(path / "encoder" / "config.json").read_text() for path in runs.values()}
    assert len(configs) == 1, "the next run begins like any other"


def test_what_it_measures_is_the_same(runs: dict[str, Path]) -> None:
    found = []
    for layout in ("padded", "flat"):
        place = Runtime(runs[layout].parents[1], layout=layout, progress=False)
        one = Evaluation(RUN.id, "nano", "xnli", SOURCE, languages=("eng", "fin"))
        found.append(json.loads((evaluate(one, {}, place) / "scores.json").read_text()))
    assert found[0] == found[1]


def test_a_checkpoint_of_another_layout_is_not_taken_up(tmp_path: Path) -> None:
    """It would end in numbers that neither layout gives from the start."""

    def begun(layout: Any) -> dict[str, Any]:
        place = Runtime(tmp_path, layout=layout)
        material: Material = learning(RUN)(RUN, learner(RUN, place), place)
        return origin(RUN, material)

    padded, flat = begun("padded"), begun("flat")
    assert flat == padded | {"layout": "flat"}


def test_compiled_layers_change_no_id_and_no_loss_beyond_rounding(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SILTA_COMPILE", "1")
    monkeypatch.setattr(compilers, "COMPILERS", ("sh",))
    monkeypatch.setattr(compiled, "BACKEND", "aot_eager")
    path = train(RUN, Runtime(tmp_path, progress=False))
    assert path.name == runs["padded"].name
    assert losses(path) == pytest.approx(losses(runs["padded"]), rel=1e-5)
    told = json.loads((path / "run.json").read_text())
    assert told["compiled"] and "compiled" not in json.loads(
        (runs["padded"] / "run.json").read_text()
    )
    keys = [load_file(one / "encoder" / "model.safetensors").keys() for one in (path, runs["flat"])]
    assert keys[0] == keys[1], "the next run begins like any other"


def test_a_checkpoint_of_compiled_layers_is_taken_up_by_such_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilers, "COMPILERS", ("sh",))

    def begun(told: str, spare: bool = False) -> dict[str, Any]:
        monkeypatch.setenv("SILTA_COMPILE", told)
        place = Runtime(tmp_path)
        return origin(RUN, learning(RUN)(RUN, learner(RUN, place, spare), place))

    plain = begun("")
    assert begun("0") == plain and begun("1") == plain | {"compiled": True}
    assert begun("1", spare=True) == plain, "what is computed again is not compiled"


def test_what_cannot_be_compiled_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILTA_COMPILE", "yes")
    with pytest.raises(MatrixError, match="SILTA_COMPILE=yes: say 1"):
        learner(RUN, Runtime(tmp_path))
    monkeypatch.setenv("SILTA_COMPILE", "1")
    monkeypatch.setattr(compilers, "COMPILERS", ("g+++", "clang+++"))
    with pytest.raises(MatrixError, match=r"neither g\+\+\+ nor clang\+\+\+"):
        learner(RUN, Runtime(tmp_path))


def test_a_worker_is_told_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []

    def stop(command: list[str], **_: Any) -> None:
        told.append(command)
        raise OSError

    monkeypatch.setattr("training.engine.jobs.subprocess.Popen", stop)
    with pytest.raises(OSError):
        Worker(replace(Runtime(tmp_path), layout="flat")).start()
    assert told[0][told[0].index("--layout") + 1] == "flat"


def test_the_command_line_knows_three(tmp_path: Path) -> None:
    told = ("train", "target", "--scale", "nano", "--task", "xnli", "--work", tmp_path)
    done = silta(*told, "--dry-run", "--layout", "flatt")
    assert done.returncode == 2 and "'flatt' is not one of" in done.stderr
    assert silta(*told, "--dry-run", "--layout", "flat").returncode == 0
