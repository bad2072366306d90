"""Hashes of what a run hands over, and runs set aside because they do not hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from training.engine.encoders import whole
from training.engine.failure import LOST, failure_of
from training.engine.jobs import Job
from training.engine.manifest import DAMAGED, MANIFEST, WEIGHTS, Lost, amiss, read
from training.engine.repair import changed, repair
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.upkeep import prune

IDS = ("parent", "child", "leaf")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    for id in IDS:
        trained(made, id)
    return made


def trained(store: Store, id: str, value: float = 1.0) -> Path:
    path = store.begin(id, {"id": id})
    (path / "encoder").mkdir()
    save_file({"w": torch.full((50,), value)}, path / WEIGHTS)
    (path / "encoder" / "tokenizer.json").write_text("{}")
    (path / "labels.json").write_text("[]")
    (path / "metrics.jsonl").write_text("{}\n")
    store.finish(id)
    return path


def jobs() -> list[Job]:
    """A line of three trainings, and an evaluation of the last."""
    runs = [
        Job(id, needs, {"phase": "target"}) for id, needs in zip(IDS, (None, *IDS), strict=False)
    ]
    return [*runs, Job("measured", "leaf", {})]


def truncate(path: Path) -> None:
    os.truncate(path / WEIGHTS, 60)


def remove(path: Path) -> None:
    (path / WEIGHTS).unlink()


def flip(path: Path) -> None:
    """One bit: neither the size nor the header tells."""
    held = bytearray((path / WEIGHTS).read_bytes())
    held[-1] ^= 1
    (path / WEIGHTS).write_bytes(held)


def test_what_others_read_is_vouched_for(store: Store) -> None:
    files = read(store.path("parent"))["files"]
    assert set(files) == {WEIGHTS, "encoder/tokenizer.json", "labels.json"}
    assert len(files[WEIGHTS]["sha256"]) == 64 and files["labels.json"]["bytes"] == 2
    assert amiss(store.path("parent"), thorough=True) is None
    store.begin("evaluation", {"id": "evaluation"})
    store.finish("evaluation")
    assert not (store.path("evaluation") / MANIFEST).exists()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (truncate, "model.safetensors has 60 bytes and had"),
        (remove, "model.safetensors is missing"),
        (flip, "model.safetensors has another content"),
    ],
)
def test_a_damaged_encoder_is_never_read(store: Store, harm, told: str) -> None:  # type: ignore[no-untyped-def]
    path, runtime = store.path("parent"), Runtime(store.work)
    assert whole("parent", runtime) == path
    harm(path)
    with pytest.raises(Lost, match=f"the encoder of parent cannot be used .*{told}") as caught:
        whole("parent", runtime)
    failure = failure_of(caught.value, runtime)
    assert failure.kind == LOST and failure.mend and "silta run" in failure.reason
    assert told in (amiss(path) or ""), "from now on a glance tells"
    assert store.done("parent")


def test_a_run_of_an_early_version_is_judged_by_its_own_length(store: Store) -> None:
    path = store.path("parent")
    (path / MANIFEST).unlink()
    assert amiss(path, thorough=True) is None
    for harm, told in ((truncate, "damaged|60 bytes of"), (remove, "missing")):
        harm(path)
        with pytest.raises(Lost, match=told):
            whole("parent", Runtime(store.work))
        (path / DAMAGED).unlink()


@pytest.mark.parametrize("harm", [truncate, remove])
def test_a_damaged_run_is_set_aside_whole_and_its_descendants_stay(store: Store, harm) -> None:  # type: ignore[no-untyped-def]
    harm(store.path("child"))
    said: list[str] = []
    repair(jobs(), store, said.append)
    assert [store.done(id) for id in IDS] == [True, False, True]
    aside = store.work / "aside" / "child.1"
    assert (aside / "DONE").exists() and (aside / "metrics.jsonl").exists()
    (line,) = said
    assert "the encoder of child cannot be used" in line and str(aside) in line
    repair(jobs(), store, said.append)
    assert len(said) == 1
    harm(trained(store, "child"))
    repair(jobs(), store, said.append)
    assert {one.name for one in aside.parent.iterdir()} == {"child.1", "child.2"}


def test_a_pruned_run_is_trained_again_when_it_is_needed(store: Store) -> None:
    said: list[str] = []
    prune(IDS, store)
    assert all(store.done(id) for id in IDS)
    path = store.path("leaf")
    assert not (path / "encoder").exists() and (path / "labels.json").exists()
    for id in ("measured",):
        store.begin(id, {"id": id})
        store.finish(id)
    repair(jobs(), store, said.append)
    assert said == [] and all(store.done(id) for id in IDS), "nothing needs them"
    (store.path("measured") / "DONE").unlink()
    repair(jobs(), store, said.append)
    assert not any(store.done(id) for id in IDS), "each needs the one before"
    assert len(said) == 3 and all("it was pruned on 20" in line for line in said)


def test_another_encoder_than_before_is_told(store: Store) -> None:
    truncate(store.path("child"))
    repair(jobs(), store, lambda line: None)
    assert changed("parent", store) is None
    trained(store, "child")
    assert changed("child", store) is None, "the same bytes again"
    truncate(store.path("child"))
    repair(jobs(), store, lambda line: None)
    trained(store, "child", value=2.0)
    assert "gave another encoder" in (changed("child", store) or "")


def test_what_another_process_trains_is_not_set_aside(store: Store) -> None:
    truncate(store.path("child"))
    theirs = store.claims.take("child")
    assert theirs
    repair(jobs(), store, lambda line: None)
    assert store.done("child") and not (store.work / "aside").exists()
    theirs.release(finished=True)
