"""`silta translate` by the real command, with tiny random models."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import translators
from commands import Done, begin, refused, silta, until

from training.catalogue import TASKS, UnknownName
from training.data.errors import MissingData
from training.data.rows import read
from training.engine.runtime import Runtime
from training.engine.store import StoreError
from training.engine.translate import Order, translate
from training.miniature import tasks
from training.plan.errors import MatrixError
from training.spec import record

SOURCE = "miniature/seed=5/sentences=40"
FEW = ("--source", SOURCE, "--batch", 2)
"""Windows of 16 rows: three of them in 40."""
KEPT = {"activity_label", "source_id", "split", "split_type", "label", "ctx_b"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        "marian": translators.marian(folder / "marian"),
        "many": translators.marian(folder / "many", "fin", (">>fin<<", ">>hun<<")),
        "nllb": translators.nllb(folder / "nllb"),
    }


def asked(task: str, model: Path, out: Path, into: str, *more: Any) -> tuple[Any, ...]:
    return ("translate", task, "--into", into, "--model", model, "--out", out, *FEW, *more)


def made(out: Path, task: str, lang: str) -> tuple[bytes, list[dict[str, Any]], dict[str, Any]]:
    """The bytes, the rows and the manifest of a translated file."""
    path = out / "translated" / task / f"train.{lang}.jsonl"
    content = path.read_bytes()
    rows = [json.loads(line) for line in content.decode().splitlines()]
    return content, rows, json.loads(path.with_suffix(".json").read_text())


def left(out: Path) -> list[str]:
    """Names of unfinished files."""
    return sorted(path.name for path in out.rglob("*.part*"))


def fine(done: Done) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def translated(model: Path, out: Path, lang: str, task: str = "mnli", **more: Any) -> list[str]:
    """The same without a new process; what it said."""
    said: list[str] = []
    order = replace(Order(TASKS[task], "train", SOURCE, str(model), batch=2), **more)
    translate(order, lang.split(","), out, Runtime(out / "work"), said.append)
    return said


@pytest.mark.parametrize(
    ("task", "model", "lang"),
    [("mnli", "marian", "deu"), ("qqp", "many", "hun"), ("hellaswag", "nllb", "swh")],
)
def test_labels_and_ids_are_kept(
    task: str, model: str, lang: str, models: dict[str, Path], tmp_path: Path
) -> None:
    translated(models[model], tmp_path, lang, task)
    content, rows, told = made(tmp_path, task, lang)
    name = "ind" if task == "hellaswag" else "idx"
    english = {row[name]: row for row in tasks.rows(task, "train", "eng", 5, 40)}
    assert len(rows) >= 20, told
    for row in rows:
        origin = english[row[name]]
        assert set(row) == set(origin) and row["label"] == origin["label"]
        new = {one for key, one in row.items() if key not in KEPT and isinstance(one, str)}
        assert new and not new & set(map(str, origin.values())), row
    assert len(read(TASKS[task], rows, lang, "here").examples) == len(rows)
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["schema"] == record.TRANSLATED_SCHEMA and told["model"] == str(models[model])
    assert told["settings"]["revision"] and told["rows"] == 40
    assert told["counts"]["written"] == len(rows) and sum(told["counts"].values()) == 40
    assert left(tmp_path) == []


@pytest.mark.parametrize("task", ["squad", "squad2", "cosmosqa", "csqa", "anli"])
def test_the_other_tasks_are_read_back(task: str, models: dict[str, Path], tmp_path: Path) -> None:
    """Random words hold no answer: what is left over is right, the rest is counted."""
    translated(models["nllb"], tmp_path, "fin", task, limit=16)
    _, rows, told = made(tmp_path, task, "fin")
    assert sum(told["counts"].values()) == told["rows"] == 16
    found = read(TASKS[task], rows, "fin", "here") if rows else None
    assert (len(found.examples) if found else 0) == len(rows) == told["counts"].get("written", 0)
    assert not found or not found.repaired


LONG = "miniature/seed=5/sentences=128"


def test_a_stopped_run_goes_on_and_ends_with_the_same_bytes(
    models: dict[str, Path], tmp_path: Path
) -> None:
    """Acceptance 6: the real command, killed between two windows, then asked to end, then not."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    command = asked("mnli", models["marian"], out, "deu", "--source", LONG)
    log = out / "translated" / "mnli" / "train.deu.jsonl.part.log"

    def lines() -> list[bytes]:
        return log.read_bytes().splitlines(keepends=True) if log.exists() else []

    for end, code in (("SIGKILL", -9), ("SIGINT", 75)):
        before = sum(line.endswith(b"\n") for line in lines()) or 1  # the first holds the settings
        running = begin(*command)
        until(lambda least=before: len(lines()) > least and lines()[least].endswith(b"\n"), running)
        running.send_signal(getattr(signal, end))
        said = running.communicate(timeout=60)
        assert running.returncode == code and "Traceback" not in said[1], said
        assert left(out) == ["train.deu.jsonl.part", "train.deu.jsonl.part.log"]
        assert 0 < json.loads(lines()[before])["next"] < 128
    assert fine(silta(*command)).count("rows") == 1
    translated(models["marian"], whole, "deu", source=LONG)
    assert made(out, "mnli", "deu") == made(whole, "mnli", "deu")
    assert left(out) == left(whole) == []


def test_other_settings_are_refused(models: dict[str, Path], tmp_path: Path) -> None:
    translated(models["marian"], tmp_path, "deu", limit=16)
    assert "there already" in translated(models["marian"], tmp_path, "deu", limit=16)[0]
    with pytest.raises(StoreError, match=r"train.deu.jsonl.*other settings \(beams\).*--out"):
        translated(models["marian"], tmp_path, "deu", limit=16, beams=2)


def test_a_changed_model_does_not_go_on_where_another_stopped(
    models: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "translated" / "mnli" / "train.deu.jsonl.part.log"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"settings": {"revision": "abc"}}) + "\n")
    with pytest.raises(StoreError, match="begun with other settings.*revision 'abc', now '"):
        translated(models["marian"], tmp_path, "deu")


Refusal = tuple[str, str, dict[str, Any], str]
REFUSALS: dict[str, Refusal] = {
    "another pair": ("marian", "deu,fin", {}, "into deu, not Finnish .*Helsinki-NLP/opus-mt-en-fi"),
    "none of its targets": ("many", "swh", {}, "not translate into Swahili: .*>>fin<<, >>hun<<"),
    "a folder that is not there": ("x", "deu", {}, "x not found.*config.json"),
    "English": ("nllb", "eng", {}, "--into: English"),
    "a task of words": ("nllb", "fin", {"task": "udpos"}, "UDPOS cannot be translated"),
    "a split": ("nllb", "fin", {"split": "tran"}, "unknown split 'tran': did you mean 'train'"),
    "half precision on a CPU": ("nllb", "fin", {"dtype": "bf16"}, "--dtype bf16 is for GPUs"),
    "no float": ("nllb", "fin", {"dtype": "fp8"}, "unknown dtype 'fp8': did you mean 'fp"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_cannot_be_done_is_refused_before_work(
    kind: str, models: dict[str, Path], tmp_path: Path
) -> None:
    model, into, more, message = REFUSALS[kind]
    with pytest.raises((MatrixError, MissingData, UnknownName), match=message):
        translated(models.get(model, tmp_path / model), tmp_path, into, **more)
    assert not (tmp_path / "translated").exists()


@pytest.mark.parametrize("broken", ["model.safetensors", "config.json", "vocab.json"])
def test_a_folder_without_all_files_is_named(
    broken: str, models: dict[str, Path], tmp_path: Path
) -> None:
    copy = shutil.copytree(models["marian"], tmp_path / "half")
    (copy / broken).unlink()
    with pytest.raises(MissingData, match="half not found: .*download all files"):
        translated(copy, tmp_path, "deu")


def test_a_model_that_is_not_there_is_told_with_what_to_fetch(tmp_path: Path) -> None:
    name = "facebook/nllb-200-distilled-600M"
    done = silta(*asked("mnli", Path(name), tmp_path / "out", "deu"))
    refused(done, f"{name} not found", f"hf download {name} --local-dir", "--data")
    assert not (tmp_path / "out").exists()
