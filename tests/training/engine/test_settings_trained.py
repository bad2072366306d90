"""Every kind of intermediate setting is trained: repeatable, told apart, its heads left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from training.catalogue import TASKS, scale
from training.catalogue.settings import kind
from training.data.errors import MissingData
from training.data.translated import place
from training.engine.available import check
from training.engine.encoders import start
from training.engine.records import evaluation_tags, name_of, training_tags
from training.engine.runtime import Runtime
from training.engine.supervision import english_dev
from training.engine.train import supervised, train
from training.plan.errors import MatrixError
from training.plan.single import single
from training.spec import record
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
TOLD = {"steps": 4, "batch": 4, "dev_examples": 8, "dev_checks": 2, "lr": 1e-3}
KINDS = (
    "mnli",
    "mnli+squad",
    "mnli+mlm",
    "mnli@deu",
    "mnli~shuffled",
    "squad2~shuffled",
    "mlm",
    "mlm~mnli",
    "wordorder",
)


def run(task: str, source: str = SOURCE, **more: Any) -> Run:
    return single("intermediate", "nano", task, source, 1, None, TOLD | more)


def runtime(work: Path, data: Path | None = None) -> Runtime:
    return Runtime(work, data, jobs=1, progress=False)


def weights(path: Path) -> bytes:
    return (path / "encoder/model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    work = tmp_path_factory.mktemp("settings")
    return {task: train(run(task), runtime(work)) for task in KINDS}


def test_every_setting_makes_an_encoder_of_its_own(trained: dict[str, Path]) -> None:
    assert len({weights(path) for path in trained.values()}) == len(KINDS)
    names = [set(load_file(path / "encoder/model.safetensors")) for path in trained.values()]
    assert all(found == names[0] for found in names), "heads are dropped, the masked one too"
    assert not any("masked" in name or "head" in name for name in names[0])
    for path in trained.values():
        assert not list(path.glob("head*"))


@pytest.mark.parametrize("task", ["mnli+squad", "mnli+mlm", "mnli~shuffled", "mlm~mnli"])
def test_training_again_gives_the_same_weights(
    trained: dict[str, Path], task: str, tmp_path: Path
) -> None:
    torch.manual_seed(4321)
    assert weights(train(run(task), runtime(tmp_path))) == weights(trained[task])


def test_curves_tell_both_losses_apart(trained: dict[str, Path]) -> None:
    def logged(task: str) -> set[str]:
        lines = (trained[task] / "metrics.jsonl").read_text().splitlines()
        return {key for line in lines for key in json.loads(line)["metrics"]}

    assert {"train/loss", "train/mlm", "dev/eng/accuracy"} <= logged("mnli+mlm")
    assert "train/mlm" not in logged("mnli") | logged("mlm")
    assert {"dev/eng/mnli/accuracy", "dev/eng/squad/em_f1"} <= logged("mnli+squad")
    assert not any(key.startswith("dev") for key in logged("mlm~mnli"))


def test_a_mixture_is_kept_by_the_plain_mean_of_its_tasks(trained: dict[str, Path]) -> None:
    told = json.loads((trained["mnli+squad"] / "scores.json").read_text())
    dev = told["dev"]
    mean = (dev["dev/eng/mnli/accuracy"] + dev["dev/eng/squad/em_f1"]) / 2
    assert told["mean"] == pytest.approx(mean)


def test_a_run_tells_what_it_learnt_from(trained: dict[str, Path]) -> None:
    def data(task: str) -> dict[str, str]:
        return dict(json.loads((trained[task] / "run.json").read_text())["provenance"]["data"])

    assert set(data("mnli+mlm")) == {"mnli/train/eng", "text"}
    assert set(data("mnli@deu")) == {"mnli/train/deu"}
    assert data("mnli@deu") != data("mnli") == data("mnli~shuffled")
    assert "as many tokens as mnli" in data("mlm~mnli")["text"]
    assert "tokens" not in data("mlm")["text"]


def test_translated_settings_are_selected_on_english(tmp_path: Path) -> None:
    encoder = start(None, scale("nano"), SOURCE, runtime(tmp_path))
    material = supervised(run("mnli@fin"), encoder, runtime(tmp_path))
    ((_, loaded),) = material.dev.values()
    english = english_dev(TASKS["mnli"], SOURCE, runtime(tmp_path))
    assert english is not None and loaded.digest == english.digest
    assert {one.lang for one in loaded.read.examples} == {"eng"}


def test_mlflow_tells_the_settings_apart(trained: dict[str, Path]) -> None:
    documents = {task: run(task).document() for task in KINDS}
    tags = {task: training_tags(one) for task, one in documents.items()}
    assert [tags[task][record.TASK] for task in KINDS] == list(KINDS)
    assert [tags[task][record.SETTING] for task in KINDS] == [kind(task) for task in KINDS]
    assert len({name_of(one) for one in documents.values()}) == len(KINDS)
    told = evaluation_tags({"id": "e", "intermediate": "mnli@deu", "reuses": True})
    assert (told[record.INTERMEDIATE], told[record.SETTING]) == ("mnli@deu", "translated")
    assert told[record.REUSES] == "true"
    assert evaluation_tags({"id": "e", "intermediate": "none"})[record.SETTING] == "none"


def test_what_a_setting_needs_is_looked_for_before_anything_trains(tmp_path: Path) -> None:
    def checked(task: str, data: Path | None = None, source: str = SOURCE, **more: Any) -> None:
        check([run(task, source, **more)], (), runtime(tmp_path / "work", data))

    for task in KINDS:
        checked(task)
    with pytest.raises(MissingData, match="in Russian"):
        checked("mnli@rus")
    with pytest.raises(MissingData, match="text in fra"):
        checked("mnli+mlm", languages="fr")
    with pytest.raises(MissingData, match="text for MLM.*--data"):
        checked("mlm", corpus="wiki")
    with pytest.raises(MissingData, match="'wiki'"):
        checked("mlm", tmp_path, corpus="wiki")
    with pytest.raises(MissingData, match="MNLI train translated into German"):
        checked("mnli@deu", tmp_path, "files")
    assert not (tmp_path / "work" / "runs").exists()


def test_a_translation_and_a_corpus_from_files_are_learnt_from(tmp_path: Path) -> None:
    """English from the miniature's rows in the original layout, German and text beside them."""
    from training.miniature import tasks

    def write(path: Path, lang: str, split: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = tasks.MAKERS["mnli"].row
        items = tasks.items("mnli", split, 5, 40)  # type: ignore[arg-type]
        rows = [made(one, lang, i, "mnli", split) for i, one in enumerate(items)]
        if lang == "eng":
            names = ("entailment", "neutral", "contradiction")
            rows = [
                {
                    "sentence1": row["premise"],
                    "sentence2": row["hypothesis"],
                    "pairID": str(i),
                    "gold_label": names[row["label"]],
                }
                for i, row in enumerate(rows)
            ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    write(tmp_path / "nli/multinli/multinli_1.0_dev_matched.jsonl", "eng", "dev")
    write(place(TASKS["mnli"], "train", "deu", tmp_path), "deu", "train")
    (tmp_path / "corpora/own").mkdir(parents=True)
    (tmp_path / "corpora/own/fi.txt").write_text("Anna osti kirjan.\nLeo lukee.\n", "utf-8")
    told = run("mnli@deu+mlm", "files", corpus="own")
    check([told], (), runtime(tmp_path / "work", tmp_path))
    path = train(told, runtime(tmp_path / "work", tmp_path))
    data = json.loads((path / "run.json").read_text())["provenance"]["data"]
    assert {key for key in data if not key.endswith("/notes")} == {"mnli/train/deu", "text"}
    assert data["text"] == "2 lines"


def test_mlm_alone_without_steps_is_refused_before_it_starts() -> None:
    with pytest.raises(MatrixError, match=r"recipe\.tasks\.mlm\.steps"):
        single("intermediate", "nano", "mlm", SOURCE, 1)


def test_seeds_share_one_reading_of_a_translation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.engine import available

    read: list[str] = []
    monkeypatch.setattr(
        available, "translated", lambda task, split, lang, *_: read.append(f"{task.name}/{lang}")
    )
    seeds = [replace(run("mnli@fin"), seed=seed) for seed in (1, 2, 3)]
    check(seeds, (), runtime(tmp_path, None))
    assert read == ["mnli/fin"]
