"""Plans as Slurm arrays, carried out by a stand-in to the results that one process gives."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from commands import silta
from standin_slurm import MAX_ARRAY_SIZE, Queue, install

from training.engine import slurm
from training.engine.jobs import carry_out, write
from training.engine.runtime import Runtime
from training.engine.store import SCORES, Store
from training.engine.study import jobs_of, studies
from training.plan.expand import Plan, expand
from training.plan.matrix import read

MATRIX = """
study: array
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [none, csqa]
targets: [udpos, tatoeba]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {steps: 2}
  target: {steps: 80, batch: 4, dev_examples: 4, dev_checks: 1}
  tasks: {csqa: {freeze: ".*"}}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return planned(tmp_path, MATRIX)


def planned(folder: Path, matrix: str) -> Plan:
    (folder / "array.yaml").write_text(matrix)
    return expand(read(folder / "array.yaml"))


class Interrupting(Queue):
    """The queue warns the first task that trains for a while, as before its time limit."""

    curve: Path
    warned = False

    def began(self, id: str, index: int, process: subprocess.Popen[bytes]) -> None:
        while not self.warned and process.poll() is None:
            if self.curve.exists():
                process.terminate()
                self.warned = True
            time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.end_to_end
def test_the_scripts_give_the_results_of_one_process_and_contain_a_failure(
    tmp_path: Path,
) -> None:
    """One target: every task is a process that imports torch."""
    plan = planned(tmp_path, MATRIX.replace(", tatoeba]", "]"))
    alone, work = Runtime(tmp_path / "alone", progress=False), tmp_path / "work"
    told = [(job.id, carry_out(write(job, alone.work), alone)) for job in jobs_of(plan)]
    (failed,) = {run.id for run in plan.runs if run.task == "csqa"}
    made = silta("plan", tmp_path / "array.yaml", "--format", "slurm", "--work", work)
    assert made.returncode == 0, made.stderr
    environment = install(tmp_path)
    handed = ["bash", "-s", "--", "--partition=short"]
    done = subprocess.run(
        handed, input=made.stdout, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    queue = Interrupting(tmp_path / "spool", environment)
    plain = next(run.id for run in plan.runs if run.task == "udpos" and run.parent is None)
    queue.curve = work / "runs" / plain / "metrics.jsonl"
    queue.run()
    assert sorted(queue.codes.values()) == [[0], [1], [1], [1], [75, 0]]
    for id, failure in told:
        one, other = alone.work / "runs" / id, work / "runs" / id
        assert (other / "DONE").exists() == (failure is None)
        for file in (SCORES, "encoder/model.safetensors"):
            if failure is None and (one / file).exists():
                assert (one / file).read_bytes() == (other / file).read_bytes()
    assert failing(work) == {failed}, "what waits for a failure is not marked as failed"
    ((_, states),) = studies(Runtime(work))
    assert [states[id] for id, failure in told if failure is None] == ["done"] * 2


CODES = [[75, 0], [0], [0], [1], [1], [1], [1]]
"""One is interrupted and queued again, one fails, its three descendants are refused."""


def failing(work: Path) -> set[str]:
    return {path.parent.name for path in (work / "runs").glob("*/FAILED")}


PRETEND = """
case {id} in
  {failing}) exit 1;;
esac
grep -qsx "{needs}" {log} || exit 1
if [ {id} = {slow} ] && [ ! -e {log}.asked ]; then
  trap 'touch {log}.asked; sleep 0.3; exit 75' TERM
  touch {log}.slow
  while true; do sleep 0.02; done
fi
echo {id} >> {log}
"""


def test_what_the_shell_does_with_codes_and_warnings(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scripts as they are, around jobs that only pretend."""
    (failing,) = {run.id for run in plan.runs if run.task == "csqa"}
    slow = next(run.id for run in plan.runs if run.task == "udpos" and run.parent is None)
    log = tmp_path / "log"
    log.write_text("None\n")

    def pretend(job: Any, devices: int, runtime: Runtime) -> str:
        told = {"id": job.id, "needs": job.needs, "failing": failing, "slow": slow, "log": log}
        (tmp_path / f"{job.id}.sh").write_text(PRETEND.format(**told))
        return f"bash {tmp_path}/{job.id}.sh"

    monkeypatch.setattr(slurm, "command", pretend)
    made = dict(slurm.scripts(plan, Runtime(tmp_path / "work"), tmp_path / "out"))
    (tmp_path / "out").mkdir()
    for name, text in made.items():
        (tmp_path / "out" / name).write_text(text)
    environment = install(tmp_path)
    subprocess.run(["bash", tmp_path / "out" / "submit.sh"], env=environment, check=True)
    queue = Interrupting(tmp_path / "spool", environment)
    queue.curve = tmp_path / "log.slow"
    queue.run(seed=3)
    assert sorted(queue.codes.values()) == sorted(CODES)
    done = set(log.read_text().split()) - {"None"}
    lost = {job.id for job in jobs_of(plan) if failing in {job.id, job.needs}}
    below = {job.id for job in jobs_of(plan) if job.needs in lost}
    assert done == {job.id for job in jobs_of(plan)} - lost - below


def documents(text: str) -> list[str]:
    return [line for line in text.splitlines() if "run-one" in line]


def test_parents_stand_in_earlier_arrays_and_what_is_done_in_none(
    plan: Plan, tmp_path: Path
) -> None:
    runtime = Runtime(tmp_path / "work")
    first = slurm.arrays(plan, runtime)
    place = {job.id: i for i, one in enumerate(first) for job in one.jobs}
    assert len(place) == sum(len(one.jobs) for one in first) == len(jobs_of(plan))
    for one in first:
        holders = {first[place[job.needs]].name for job in one.jobs if job.needs}
        assert holders == set(one.after) and all(n < one.name for n in holders)
    store = Store(runtime.work)
    for job in first[0].jobs:
        store.begin(job.id, job.document)
        store.finish(job.id)
    rest = slurm.arrays(plan, runtime)
    assert {job.id for one in rest for job in one.jobs} == {id for id in place if place[id]}
    assert not rest[0].after


def test_an_array_is_never_larger_than_slurm_allows(plan: Plan, tmp_path: Path) -> None:
    jobs = {f"j{i}": job(f"j{i}", None) for i in range(2500)} | {"child": job("child", "j2400")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slurm, "jobs_of", lambda plan: list(jobs.values()))
        made = slurm.arrays(plan, Runtime(tmp_path))
    assert [len(one.jobs) for one in made] == [1000, 1000, 500, 1]
    assert all(len(one.jobs) < MAX_ARRAY_SIZE for one in made)
    assert made[-1].after == (made[2].name,) and len({one.name for one in made}) == 4


def job(id: str, needs: str | None) -> Any:
    return slurm.Job(id, needs, {"id": id, "phase": "target", "scale": "nano", "source": "x"})


def test_resources_follow_the_scale_and_the_user(plan: Plan, tmp_path: Path) -> None:
    def script(scale: str, **options: Any) -> str:
        one = job("j", None)
        one.document["scale"] = scale
        runtime = Runtime(tmp_path, **options)
        asked = slurm.asked(one, runtime)
        return slurm.script("s", slurm.Array("0-x", (one,), asked, ()), runtime)

    assert "gpu" not in script("nano") and "--gres=gpu:1\n" in script("base")
    large = script("xxl", data=tmp_path / "my data")
    assert "--gres=gpu:4\n" in large and "--devices 4" in large
    assert f"--data '\"'\"'{tmp_path}/my data'\"'\"'" in large
    assert "--gres=gpu:8\n" in script("xxl", gpus={"xxl": 8.0})
    assert "gpu" not in script("base", gpus={"base": 0.0})


def test_a_job_whose_parent_is_missing_is_refused_and_not_marked(
    plan: Plan, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    child = next(job for job in jobs_of(plan) if job.needs)
    path = write(child, work)
    runtime = Runtime(work)
    assert slurm.unmet(path, runtime) == f"it needs {child.needs}, which is not done"
    Store(work).fail(child.needs or "", "no memory\n\nTraceback")
    assert slurm.unmet(path, runtime) == f"it needs {child.needs}, which failed: no memory"
    done = silta("run-one", path, "--work", work)
    assert done.returncode == 1 and done.stderr.startswith("not run: it needs")
    assert not (work / "runs" / child.id).exists()
    store = Store(work)
    store.begin(child.needs or "", {})
    store.finish(child.needs or "")
    assert slurm.unmet(path, runtime) is None and not slurm.finished(path, runtime)
    assert slurm.unmet(write(jobs_of(plan)[0], work), runtime) is None


def test_scripts_go_to_a_folder_too(plan: Plan, tmp_path: Path) -> None:
    line = ("--work", tmp_path / "work", "--out", tmp_path / "my out")
    done = silta("plan", tmp_path / "array.yaml", "--format", "slurm", *line)
    assert done.returncode == 0, done.stderr
    arrays = sorted((tmp_path / "my out").glob("*.sbatch"))
    commands = [one for path in arrays for one in documents(path.read_text())]
    assert len(commands) == len(jobs_of(plan))
    environment = install(tmp_path)
    handed = ["bash", str(tmp_path / "my out" / "submit.sh")]
    subprocess.run(handed, env=environment, check=True, capture_output=True)
    kept = [json.loads(path.read_text()) for path in (tmp_path / "spool").glob("*.json")]
    assert sorted(one["text"] for one in kept) == sorted(p.read_text() for p in arrays)
