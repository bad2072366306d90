"""A disk without room: waited for, said, and in the end one clear line."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from training.engine import fitting, room, selection
from training.engine.runtime import CHECKPOINTS, DISK, Runtime
from training.engine.store import Store, StoreError
from training.engine.train import train
from training.spec.recipe import Recipe
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
RECIPE = Recipe(steps=4, batch=6, scratch=True, dev_checks=1, dev_examples=4)
RUN = Run("target", "nano", "mnli", 1, SOURCE, RECIPE)


def runtime(work: Path) -> Runtime:
    return Runtime(work, progress=False)


def scarce(real: Callable[..., Any], times: int) -> Callable[..., Any]:
    """The same function, for which the disk is full so many times."""
    left = [times]

    def write(*told: Any, **more: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device", "somewhere")
        return real(*told, **more)

    return write


@pytest.fixture
def full_at_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PAUSE", 0.01)
    monkeypatch.setattr(selection, "append", scarce(selection.append, 2))
    monkeypatch.setattr(selection, "write_json", scarce(selection.write_json, 1))
    monkeypatch.setattr(fitting, "save", scarce(fitting.save, 3))


def test_a_full_disk_is_waited_for(
    full_at_times: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = train(RUN, runtime(tmp_path))
    said = capsys.readouterr().err
    assert said.count("no room on the disk; waiting up to 10 min") == 3
    lines = (path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 4]


def test_a_disk_that_stays_full_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DISK, "0.05")
    monkeypatch.setattr(fitting, "save", scarce(fitting.save, 10**6))
    with pytest.raises(StoreError, match="no room on the disk .waited 0 s.: make room") as caught:
        train(RUN, runtime(tmp_path))
    assert "\n" not in str(caught.value) and not Store(tmp_path).done(RUN.id)


def test_without_room_for_a_checkpoint_the_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(CHECKPOINTS, "0")
    monkeypatch.setattr("training.engine.checkpoints.torch.save", scarce(torch.save, 2))
    train(RUN, runtime(tmp_path))
    assert capsys.readouterr().err.count("no room on the disk for a checkpoint; going on") == 2


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    room.append(log, "one")
    real = Path.open

    class Half:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: Any) -> None:
            self.file.close()

        def write(self, text: str) -> None:
            self.file.write(text[:2])
            self.file.flush()
            raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda *a, **k: Half(real(*a, **k)))
        with pytest.raises(OSError, match="full"):
            room.append(log, "two")
    assert log.read_text() == "one\n"
