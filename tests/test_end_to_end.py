"""The real commands, from a matrix to MLflow and a report; the second run trains nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from commands import REFUSING, ROOT, Done, environment, silta

from training.spec import record

pytestmark = pytest.mark.end_to_end

SOURCE = "miniature/seed=5/sentences=60"
MATRIX = """
study: tiny
source: {kind: miniature, seed: 5, sentences: 60}
scales: [nano]
mlm: {steps: 5, scratch: true, batch: 8}
intermediates: [none, csqa]
targets: [xnli, udpos, xquad, tatoeba]
seeds: [1]
languages: [en, fi, hu]
recipe:
  intermediate: {steps: 4, batch: 8, dev_examples: 20, dev_checks: 1}
  target: {steps: 4, batch: 8, dev_examples: 20, dev_checks: 1}
"""
MLM = ("steps=5", "scratch=true", "batch=8")
SUPERVISED = ("steps=4", "batch=8", "dev_examples=20", "dev_checks=1")
STRAY = """
import sys
from training.__main__ import main
sys.argv[1:] = {arguments!r}
try:
    main()
finally:
    known = {{"torch", "mlflow", "tokenizers", "transformers"}}
    print("imported:", *sorted(known & set(sys.modules)))
"""


class Study:
    """A matrix carried out by the command, and what it left."""

    def __init__(self, folder: Path) -> None:
        self.matrix, self.work = folder / "tiny.yaml", folder / "work"
        self.matrix.write_text(MATRIX)
        self.first = silta("run", self.matrix, "--work", self.work, "--jobs", 2)
        self.before = times(self.work)
        began = time.monotonic()
        self.second = without_torch("run", str(self.matrix), "--work", str(self.work))
        self.seconds = time.monotonic() - began
        self.after = times(self.work)
        self.plan = json.loads(silta("plan", self.matrix, "--json").stdout)

    def ids(self, kind: str = "runs") -> list[str]:
        return [one["id"] for one in self.plan[kind]]


def times(work: Path) -> dict[str, int]:
    """When each file of the store was last written."""
    return {str(p): p.stat().st_mtime_ns for p in sorted((work / "runs").rglob("*"))}


def without_torch(*arguments: str) -> Done:
    """The command in a process that tells at the end what it has imported."""
    code = STRAY.format(arguments=list(arguments))
    line = [sys.executable, "-c", code]
    return subprocess.run(
        line, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def records(study: Study) -> dict[str, Any]:
    """MLflow's runs by their silta.id."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{study.work / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(record.EXPERIMENT)
    assert experiment is not None
    found = client.search_runs([experiment.experiment_id], max_results=500)
    assert len({run.data.tags[record.ID] for run in found}) == len(found)
    return {run.data.tags[record.ID]: run for run in found}


def artifact(study: Study, run: Any, name: str) -> Path:
    path = Path(run.info.artifact_uri.removeprefix("file://")) / name
    assert path.is_relative_to(study.work), "artifacts lie under the work directory"
    return path


def test_the_first_run_trains_everything_and_says_so(study: Study) -> None:
    assert study.first.returncode == 0, study.first.stderr
    assert "Traceback" not in study.first.stdout + study.first.stderr
    assert "trained 8, measured 8" in study.first.stderr
    assert "left" in study.first.stderr, "there is an estimate of the time left"
    for id in study.ids() + study.ids("evaluations"):
        assert (study.work / "runs" / id / "DONE").exists()
    assert not study.work.joinpath("worker.log").read_text().count("Traceback")


def test_the_second_run_trains_nothing_and_is_quick(study: Study) -> None:
    assert study.second.returncode == 0, study.second.stderr
    assert "nothing to train" in study.second.stderr
    assert study.after == study.before, "no file of the store was touched"
    assert study.second.stdout.splitlines()[-1].split() == ["imported:"], (
        "neither torch, nor mlflow, nor a tokenizer"
    )
    assert study.seconds < 15


def test_a_run_records_where_it_comes_from(study: Study) -> None:
    for id in study.ids():
        told = json.loads((study.work / "runs" / id / "run.json").read_text())
        assert told["id"] == id and told["seconds"] > 0 and told["steps"] in {4, 5}
        made = told["provenance"]
        assert made["packages"]["torch"] and made["threads"] == 1 and made["python"]
        assert {"commit", "dirty", "machine", "processor", "gpus"} <= set(made)
        assert made["data"] and all(made["data"].values())


def test_mlflow_holds_every_training_evaluation_and_the_study(
    study: Study, records: dict[str, Any]
) -> None:
    assert set(records) == {*study.ids(), *study.ids("evaluations"), "study-tiny"}
    kinds = Counter(run.data.tags[record.KIND] for run in records.values())
    assert kinds == {"training": 8, "evaluation": 8, "study": 1}
    assert {run.info.status for run in records.values()} == {"FINISHED"}


def test_mlflow_knows_the_lineage(study: Study, records: dict[str, Any]) -> None:
    for run in study.plan["runs"]:
        tags = records[run["id"]].data.tags
        assert tags[record.PARENT] == (run["parent"] or "")
        assert tags[record.PHASE] == run["phase"] and tags[record.TASK] == run["task"]
        assert tags[record.SCALE] == "nano" and tags[record.SOURCE] == SOURCE
        assert records[run["id"]].data.metrics["train/loss"] > 0
    for one in study.plan["evaluations"]:
        tags = records[one["id"]].data.tags
        told = (record.TARGET, record.INTERMEDIATE, record.RUN, record.MLM)
        assert [tags[name] for name in told] == [
            one[key] or "" for key in ("target", "intermediate", "run", "mlm")
        ]
        seeds = (tags[record.INTERMEDIATE_SEED], tags[record.TARGET_SEED])
        assert seeds == tuple(
            "" if one[key] is None else str(one[key])
            for key in ("intermediate_seed", "target_seed")
        )


def test_mlflow_holds_scores_by_language(study: Study, records: dict[str, Any]) -> None:
    metrics = {"xnli": "accuracy", "udpos": "f1", "xquad": "em_f1", "tatoeba": "accuracy"}
    for one in study.plan["evaluations"]:
        told = records[one["id"]].data.metrics
        langs = {"fin", "hun"} | ({"eng"} if one["target"] != "tatoeba" else set())
        for lang in langs:
            value = told[record.score_key("test", lang, metrics[one["target"]])]
            assert 0 <= value <= 100
            assert told[record.score_key("test", lang, "n")] >= 40
        found = {parsed[1] for key in told if (parsed := record.parse_score_key(key))}
        assert found == langs, "only what was asked for"


def test_items_explain_the_scores(study: Study, records: dict[str, Any]) -> None:
    for one in study.plan["evaluations"]:
        run = records[one["id"]]
        frame = pd.read_parquet(artifact(study, run, record.ITEMS_ARTIFACT))
        assert tuple(frame.columns) == record.ITEM_COLUMNS
        for (split, lang), rows in frame.groupby(["split", "lang"]):
            assert len(rows) == run.data.metrics[record.score_key(split, lang, "n")]
            assert rows["item_id"].is_unique
        if one["target"] in {"xnli", "tatoeba"}:
            finnish = frame[(frame["lang"] == "fin") & (frame["split"] == "test")]
            score = run.data.metrics["test/fin/accuracy"]
            assert 100 * finnish["score"].mean() == pytest.approx(score)


def test_the_study_keeps_its_plan_and_state(study: Study, records: dict[str, Any]) -> None:
    run = records["study-tiny"]
    assert run.data.tags[record.STATE] == "done" and run.data.tags[record.STUDY] == "tiny"
    kept = json.loads(artifact(study, run, record.PLAN_ARTIFACT).read_text())
    assert kept | {"cost": study.plan["cost"]} == study.plan
    state = json.loads(artifact(study, run, record.STATE_ARTIFACT).read_text())
    assert state == dict.fromkeys(study.ids() + study.ids("evaluations"), "done")


def test_the_dashboard_reports_finnish_and_hungarian(study: Study) -> None:
    line = [sys.executable, "-m", "dashboard", "report", "--work", str(study.work)]
    done = subprocess.run(line, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Finnish" in done.stdout and "Hungarian" in done.stdout


def chosen(names: tuple[str, ...]) -> list[str]:
    return [part for one in names for part in ("--set", f"recipe.{one}")]


def test_train_without_a_matrix_has_the_same_ids(study: Study) -> None:
    """Phase by phase, each with `--from` the one before: all of it is done already."""
    parent: list[str] = []
    for phase, task in (("mlm", "text"), ("intermediate", "csqa"), ("target", "xnli")):
        recipe = chosen(MLM if phase == "mlm" else SUPERVISED)
        seed = 0 if phase == "mlm" else 1
        told = ["--scale", "nano", "--task", task, "--seed", seed, "--source", SOURCE, *recipe]
        done = silta("train", phase, *told, *parent, "--dry-run", "--work", study.work)
        assert done.returncode == 0, done.stderr
        id = done.stderr.split(":")[0]
        assert id in study.ids() and "it is done already" in done.stderr
        parent = ["--from", id]


def test_train_makes_the_weights_that_the_matrix_made(study: Study, tmp_path: Path) -> None:
    told = ["--scale", "nano", "--source", SOURCE, "--seed", 0, *chosen(MLM)]
    done = silta("train", "mlm", *told, "--work", tmp_path, "--tracking-uri", REFUSING)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning") == 1 and "silta publish" in done.stderr
    (mlm,) = [run["id"] for run in study.plan["runs"] if run["phase"] == "mlm"]
    mine, theirs = (
        (w / "runs" / mlm / "encoder/model.safetensors").read_bytes()
        for w in (tmp_path, study.work)
    )
    assert mine == theirs


def test_train_goes_on_from_a_run_of_the_matrix(study: Study) -> None:
    """A target with another seed, from the matrix's intermediate run, is trained and measured."""
    (tuned,) = [run["id"] for run in study.plan["runs"] if run["phase"] == "intermediate"]
    told = ["--scale", "nano", "--task", "udpos", "--source", SOURCE, "--seed", 2]
    more = ["--from", tuned, *chosen(SUPERVISED), "--work", study.work]
    done = silta("train", "target", *told, *more)
    assert done.returncode == 0, done.stderr
    assert "measured udpos: evaluation-udpos-" in done.stderr
    id = done.stderr.split("measured udpos: ")[1].split()[0]
    told = json.loads((study.work / "runs" / id / "run.json").read_text())
    assert (told["intermediate"], told["intermediate_seed"], told["target_seed"]) == ("csqa", 1, 2)
