"""Ray as the executor: the same scores, nothing lost to a killed worker, no GPU given twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from commands import REFUSING, begin, until
from ray_nodes import TOKEN, nodes
from typer.testing import CliRunner

from training.cli import app
from training.engine import cluster
from training.engine.distributed import PLACEMENTS, Pool
from training.engine.jobs import perform
from training.engine.runtime import Runtime
from training.engine.store import SCORES, StoreError
from training.engine.study import jobs_of
from training.plan.expand import Plan, expand
from training.plan.matrix import read

MATRIX = """
study: ray
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [none, csqa]
targets: [udpos, tatoeba]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {steps: 2}
  target: {steps: 80, batch: 4, dev_examples: 4, dev_checks: 1}
"""
FEW = (
    MATRIX.replace("[none, csqa]", "[none]")
    .replace("[udpos, tatoeba]", "[udpos, tatoeba, bucc]")
    .replace("[fi]", "[fi, de]")
)
"""Where every job is a process that imports torch: three are ready at once, one waits for one."""
ray = pytest.mark.skipif(
    find_spec("ray") is None and os.environ.get("CI", "").lower() not in {"1", "true", "yes"},
    reason="Ray is not installed (extra `distributed`)",
)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "ray.yaml"
    path.write_text(MATRIX)
    return path


@pytest.fixture(scope="module")
def plan(matrix: Path) -> Plan:
    return expand(read(matrix))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "few.yaml"
    path.write_text(FEW)
    return path


@pytest.fixture(scope="module")
def alone(plan: Plan, few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the jobs of both were done, one after another in this process."""
    work = tmp_path_factory.mktemp("alone")
    for job in {one.id: one for one in jobs_of(plan) + jobs_of(expand(read(few)))}.values():
        perform(json.loads(json.dumps(job.document)), Runtime(work, progress=False))
    return work


def results(plan: Plan, work: Path) -> dict[str, bytes]:
    """Every number of every run and evaluation, and every weight that was handed over."""
    found = {}
    for job in jobs_of(plan):
        path = work / "runs" / job.id
        assert (path / "DONE").exists(), f"{job.id} is not done"
        for file in (SCORES, "encoder/model.safetensors"):
            if (path / file).exists():
                found[f"{job.id}/{file}"] = (path / file).read_bytes()
    return found


def serving(work: Path) -> list[tuple[int, int]]:
    """Process and parent of every warm worker of a work directory."""
    told = subprocess.run(["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True)
    mine = [line.split() for line in told.stdout.splitlines() if f"--serve --work {work}" in line]
    return [(int(pid), int(parent)) for pid, parent, *_ in mine]


class Launch:
    """The matrix on Ray, and harm done to it while the first target trains."""

    def __init__(self, work: Path, plan: Plan, matrix: Path, *options: Any) -> None:
        self.work, told = work, ("--work", work, "--executor", "ray", "--tracking-uri", REFUSING)
        self.process = begin("run", matrix, *told, *options)
        slow = next(run.id for run in plan.runs if run.phase == "target" and run.parent is None)
        until((work / "runs" / slow / "metrics.jsonl").exists, self.process)

    def kill(self, actor: bool = False) -> None:
        """SIGKILL for a job's process, or for the actor that watches over it."""
        pid, parent = serving(self.work)[0]
        os.kill(parent if actor else pid, signal.SIGKILL)

    def end(self) -> int:
        """The exit code, once all processes are gone."""
        _, said = self.process.communicate(timeout=300)
        assert "Traceback" not in said, said
        limit = time.monotonic() + 60
        while serving(self.work):
            assert time.monotonic() < limit, "a worker outlived its study"
            time.sleep(0.1)
        return self.process.returncode


def placements(work: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (work / PLACEMENTS).read_text().splitlines()]


@ray
@pytest.mark.slow
@pytest.mark.end_to_end
def test_embedded_ray_gives_the_local_scores_although_a_worker_is_killed(
    plan: Plan, matrix: Path, alone: Path, tmp_path: Path
) -> None:
    study = Launch(tmp_path, plan, matrix)
    study.kill()
    assert study.end() == 0
    assert results(plan, tmp_path) == results(plan, alone)
    told = placements(tmp_path)
    assert {one["id"] for one in told} == {job.id for job in jobs_of(plan)}
    assert len({one["pid"] for one in told}) < len(told), "no worker was kept warm"


@ray
@pytest.mark.slow
@pytest.mark.end_to_end
def test_two_nodes_share_the_work_and_no_gpu_is_given_beyond_its_fractions(
    few: Path, alone: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    plan = expand(read(few))
    for name, value in TOKEN.items():
        monkeypatch.setenv(name, value)
    with nodes() as address:
        where = ("--address", address, "--gpus", "nano=0.5")
        ended = Launch(tmp_path / "ended", plan, few, *where, "--jobs", 2)
        ended.process.send_signal(signal.SIGTERM)
        assert ended.end() == 75
        study = Launch(tmp_path, plan, few, *where)
        study.kill(actor=True)
        assert study.end() == 0
    assert results(plan, tmp_path) == results(plan, alone)
    told = placements(tmp_path)
    assert len({one["pid"] for one in told}) == len(told), "a GPU job shared its process"
    assert all(one["gpus"] == "0" for one in told)
    assert len({one["node"] for one in told}) == 2
    for node in {one["node"] for one in told}:
        assert most([one for one in told if one["node"] == node]) <= 2


def most(told: list[dict[str, Any]]) -> int:
    """How many of the jobs ran at the same moment."""
    return max(sum(a["began"] <= b["began"] < a["ended"] for a in told) for b in told)


def test_without_ray_the_message_names_the_extra(
    matrix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    line = ["run", str(matrix), "--executor", "ray", "--work", str(tmp_path / "work")]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 2 and "silta[distributed]" in done.output
    assert not (tmp_path / "work").exists()


class Bare:
    """Ray as far as a pool asks it before any job: which nodes there are."""

    def __init__(self, *gpus: float) -> None:
        self.gpus = gpus

    def nodes(self) -> list[dict[str, Any]]:
        dead = {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0}}
        return [{"Alive": True, "Resources": {"CPU": 5.0, "GPU": one}} for one in self.gpus] + [
            dead
        ]


def test_a_pool_knows_what_its_nodes_can_give(tmp_path: Path) -> None:
    training = {"scale": "xxl", "phase": "target"}
    pool = Pool(Bare(4.0, 1.0), Runtime(tmp_path, threads=2))
    assert pool.slots == 4
    assert pool.needs(training).gpus == 4 and pool.needs(training).devices == 4
    assert pool.needs({"scale": "xxl"}).gpus == 1
    with pytest.raises(StoreError, match="4 GPUs on one node and the largest has 2"):
        Pool(Bare(2.0, 2.0), Runtime(tmp_path)).needs(training)
    assert Pool(Bare(0.0), Runtime(tmp_path)).needs(training).gpus == 0
    asked = Runtime(tmp_path, gpus={"xxl": 2.0})
    assert Pool(Bare(2.0), asked).needs(training).devices == 2
    with pytest.raises(StoreError, match="--gpus xxl=N"):
        Pool(Bare(0.0), asked).needs(training)
