"""Interrupted, killed and failing jobs: the damage stays where it is, and the next launch mends it.

One matrix goes through three launches. In all of them one intermediate task cannot be learnt (its
recipe freezes every parameter). The first is interrupted while it trains, in the second the worker
is killed, the third finishes whatever can be finished.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from commands import REFUSING, begin, silta, until

from training.plan.expand import Plan, expand
from training.plan.matrix import read

pytestmark = pytest.mark.end_to_end

MATRIX = """
study: faults
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [none, csqa]
targets: [xnli, udpos]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {steps: 2, scratch: true}
  target: {steps: 2, batch: 4, scratch: true, dev_examples: 4, dev_checks: 1}
  tasks: {xnli: {steps: 250, dev_checks: 10}, csqa: {freeze: ".*"}}
"""


class Faults:
    """The three launches and what each left behind."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.matrix, self.work = folder / "faults.yaml", folder / "work"
        self.matrix.write_text(MATRIX)
        self.work.mkdir()
        shutil.copy(database, self.work / "mlflow.db")
        plan: Plan = expand(read(self.matrix))
        self.runs = {(run.task, run.parent is None): run.id for run in plan.runs}
        self.slow = self.runs["mnli", True]
        self.interrupted = self.launch(self.interrupt)
        self.half = self.files(self.slow)
        self.killed = self.launch(self.kill)
        self.told = self.status()
        self.kept = self.times()
        self.last = silta("run", self.matrix, "--work", self.work, "--jobs", 1)

    def launch(self, harm: Any) -> tuple[int, str, float]:
        """Exit code, messages, and seconds from the harm to the end."""
        line = ("run", self.matrix, "--work", self.work, "--jobs", 1, "--tracking-uri", REFUSING)
        process = begin(*line, "--retries", 0)
        curve = self.work / "runs" / self.slow / "metrics.jsonl"
        curve.unlink(missing_ok=True)
        until(curve.exists, process)
        began = time.monotonic()
        harm(process)
        _, said = process.communicate(timeout=200)
        assert not workers(self.work), "a worker outlived its study"
        return process.returncode, said, time.monotonic() - began

    @staticmethod
    def interrupt(process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)

    @staticmethod
    def kill(process: subprocess.Popen[str]) -> None:
        work = process.args[process.args.index("--work") + 1]  # type: ignore[union-attr, index]
        (worker,) = workers(Path(work))
        os.kill(worker, signal.SIGKILL)

    def files(self, id: str) -> set[str]:
        return {path.name for path in (self.work / "runs" / id).iterdir()}

    def status(self) -> dict[str, Any]:
        done = silta("status", self.matrix, "--work", self.work, "--json")
        assert done.returncode == 0, done.stderr
        return {row["id"]: row for row in json.loads(done.stdout)["jobs"]}

    def times(self) -> dict[str, int]:
        marks = (self.work / "runs").glob("*/DONE")
        return {mark.parent.name: mark.stat().st_mtime_ns for mark in marks}


def workers(work: Path) -> list[int]:
    """Warm workers that serve a work directory."""
    told = subprocess.run(["ps", "-wweo", "pid=,args="], capture_output=True, text=True, check=True)
    mine = [line for line in told.stdout.splitlines() if f"--serve --work {work}" in line]
    return [int(line.split()[0]) for line in mine]


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Faults:
    return Faults(tmp_path_factory.mktemp("faults"), migrated)


def test_ctrl_c_ends_at_once_and_can_be_resumed(faults: Faults) -> None:
    code, said, seconds = faults.interrupted
    assert code == 75, said
    assert "run the same command again" in said and "Traceback" not in said
    assert seconds < 30


def test_what_was_interrupted_is_half_written_and_not_failed(faults: Faults) -> None:
    assert {"metrics.jsonl", "checkpoints", "INTERRUPTED"} <= faults.half
    assert not {"DONE", "FAILED"} & faults.half


def test_a_killed_worker_fails_its_job_only(faults: Faults) -> None:
    code, said, _ = faults.killed
    assert code == 1, said
    assert "Traceback" not in said
    rows = faults.told
    assert rows[faults.slow]["state"] == "failed" and "SIGKILL" in rows[faults.slow]["reason"]
    assert rows[faults.runs["udpos", True]]["state"] == "done"
    assert re.search(r"failed: target-mnli-\w+: the worker was ended by SIGKILL", said)


def test_a_failing_job_takes_only_its_descendants_along(faults: Faults) -> None:
    _, said, _ = faults.killed
    csqa = faults.told[faults.runs["csqa", True]]
    assert csqa["state"] == "failed" and "RuntimeError" in csqa["reason"]
    for task in ("mnli", "udpos"):
        assert faults.told[faults.runs[task, False]]["state"] == "not run"
    # csqa takes two trainings and two evaluations along, the killed xnli its one evaluation
    assert "5 jobs were not run because what they need failed" in said


def test_a_refusing_server_is_one_warning(faults: Faults) -> None:
    _, said, _ = faults.killed
    assert said.count("warning") == 1, said
    assert "silta publish" in said


def test_the_next_launch_mends_what_can_be_mended(faults: Faults) -> None:
    assert faults.last.returncode == 1, "csqa fails again"
    assert (faults.work / "runs" / faults.slow / "DONE").exists()
    assert "FAILED" not in faults.files(faults.slow), "nothing of the earlier launches is left"
    log = (faults.work / "runs" / faults.slow / "metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in log]
    assert steps == sorted(set(steps)) and steps[-1] == 250, "one whole curve, none of the halves"


def test_what_was_finished_is_not_trained_again(faults: Faults) -> None:
    now = faults.times()
    assert faults.kept and {id: now[id] for id in faults.kept} == faults.kept
    assert "trained 1, measured 1" in faults.last.stderr


def test_publish_sends_what_the_refusing_server_missed(faults: Faults) -> None:
    """The last launch had its own database again, and sent what was done before it as well."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{faults.work / 'mlflow.db'}")
    found = client.search_runs([e.experiment_id for e in client.search_experiments()])
    ids = {run.data.tags["silta.id"]: run.info.status for run in found}
    assert len(ids) == len(found) and ids.pop("study-faults") == "FAILED"
    assert ids.pop(faults.runs["csqa", True]) == "FAILED", "a training that failed says so"
    assert ids == dict.fromkeys(faults.times(), "FINISHED")
    (study,) = [run for run in found if run.data.tags["silta.id"] == "study-faults"]
    assert study.data.tags["silta.state"] == "failed"


def test_a_single_training_that_is_told_to_end_can_be_resumed(tmp_path: Path) -> None:
    """A scheduler's SIGTERM is no failure, although Lightning would call it exit code 1."""
    recipe = ("steps=400", "batch=4", "scratch=true", "dev_checks=1", "dev_examples=4")
    told = [part for one in recipe for part in ("--set", f"recipe.{one}")]
    line = ["train", "target", "--scale", "nano", "--task", "xnli", *told]
    source = ["--source", "miniature/seed=5/sentences=40", "--tracking-uri", REFUSING]
    process = begin(*line, *source, "--work", tmp_path)
    (curve,) = until(lambda: list(tmp_path.glob("runs/*/metrics.jsonl")), process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 75 and "Traceback" not in said, said
    left = {path.name for path in curve.parent.iterdir()}
    assert not {"DONE", "FAILED"} & left and "INTERRUPTED" in left
    step = (curve.parent / "INTERRUPTED").read_text().split()[1]
    assert (curve.parent / f"checkpoints/step-{int(step):08d}.ckpt").exists()
