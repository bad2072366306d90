"""The store: a result exists when its marker does, and nothing else is read."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from training.engine.claims import Held
from training.engine.store import DONE, FAILED, Store, StoreError, write_json

ID = "target-xnli-0123456789ab"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "work")


def test_a_job_is_done_when_its_marker_exists(store: Store) -> None:
    path = store.begin(ID, {"id": ID})
    (path / "scores.json").write_text("{}")
    assert not store.done(ID) and list(store.finished()) == []
    store.finish(ID)
    assert store.done(ID) and list(store.finished()) == [ID]
    assert {one.name for one in path.iterdir()} == {DONE, "run.json", "scores.json"}


def test_the_marker_comes_last(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is in the way while the files are made durable, no marker appears."""
    store.begin(ID, {"id": ID})

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.engine.store.sync", full)
    with pytest.raises(OSError, match="No space"):
        store.finish(ID)
    assert not store.done(ID)


def test_beginning_again_removes_what_was_half_written(store: Store) -> None:
    half = store.begin(ID, {"id": ID, "seed": 1})
    (half / "encoder").mkdir()
    (half / "encoder" / "model.safetensors").write_text("half")
    store.fail(ID, "the disk was full\n\ntrace")
    path = store.begin(ID, {"id": ID, "seed": 2})
    assert [one.name for one in path.iterdir()] == ["run.json"]
    assert store.document(ID) == {"id": ID, "seed": 2} and store.failed(ID) is None


def test_a_failure_is_told_by_its_first_line(store: Store) -> None:
    assert store.failed(ID) is None
    store.fail(ID, "the disk was full\n\ntrace")
    assert store.failed(ID) == "the disk was full" and not store.done(ID)
    (store.path(ID) / FAILED).write_text("")
    assert store.failed(ID) == "no reason is known"
    store.begin(ID, {"id": ID})
    store.fail(ID, "late")
    store.finish(ID)
    assert store.failed(ID) is None, "what is done has not failed"


def test_update_adds_to_the_document(store: Store) -> None:
    store.begin(ID, {"id": ID, "seed": 1})
    store.update(ID, {"seconds": 2.5})
    assert store.document(ID) == {"id": ID, "seed": 1, "seconds": 2.5}


def test_a_reader_never_sees_half_a_document(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert path.read_text() == '{\n "a": 1\n}\n'


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    with pytest.raises(StoreError, match="cannot write to the work directory .*--work"):
        Store(tmp_path / "work")


def hold(work: Path, log: Path) -> None:
    with Store(work).claim(ID):
        with log.open("a") as told:
            told.write("in\n")
        time.sleep(0.3)
        with log.open("a") as told:
            told.write("out\n")


def test_a_job_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    """The second waits, so that it finds the job done; a death frees it."""
    log = tmp_path / "log"
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=hold, args=(tmp_path / "work", log)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert log.read_text().split() == ["in", "out", "in", "out"]
    dying = context.Process(target=hold, args=(tmp_path / "work", log))
    dying.start()
    while log.read_text().count("in") < 3:
        time.sleep(0.01)
    dying.kill()
    dying.join()
    began = time.monotonic()
    with Store(tmp_path / "work").claim(ID):
        assert time.monotonic() - began < 5


def test_a_job_that_was_taken_over_is_not_finished_twice(store: Store) -> None:
    """Its holder was suspended, and another process has begun it since."""
    with store.claim(ID):
        store.begin(ID, {"id": ID})
        (store.claims.folder / ID / "2").write_text('{"free": true}')
        with pytest.raises(Held):
            store.finish(ID)
    assert not store.done(ID)


def test_everything_is_durable_before_the_marker(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, folders and the folder above come before the marker, its rename before the end."""
    path = store.begin(ID, {"id": ID})
    (path / "encoder").mkdir()
    (path / "encoder" / "model.safetensors").write_text("weights")
    order: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        "training.engine.store.sync", lambda one: order.append((one.name, store.done(ID)))
    )
    store.finish(ID)
    assert [name for name, _ in order[-4:]] == [ID, "runs", f".{DONE}", ID]
    assert {name for name, _ in order[:-4]} == {
        "encoder",
        "model.safetensors",
        "manifest.json",
        "run.json",
    }
    assert [done for _, done in order] == [False] * (len(order) - 1) + [True]
