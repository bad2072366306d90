"""Two `silta run` on one matrix: nothing is trained twice, and a dead one's work is taken over."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import REFUSING, ROOT, command, environment, until

from training.engine.owner import Owner
from training.engine.store import DONE, Store
from training.plan.expand import expand
from training.plan.matrix import read

pytestmark = pytest.mark.end_to_end

MATRIX = """
study: shared
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: INTERMEDIATES
targets: [xnli, udpos]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {steps: 2, batch: 4, scratch: true, dev_examples: 4, dev_checks: 1}
  target: {steps: 2, batch: 4, scratch: true, dev_examples: 4, dev_checks: 1}
  tasks: {xnli: {steps: SLOW}}
"""


class Shared:
    """A matrix that several processes carry out; xnli takes longest and is begun first."""

    def __init__(self, folder: Path, slow: int, intermediates: str = "[none, csqa]") -> None:
        self.matrix, self.work = folder / "shared.yaml", folder / "work"
        text = MATRIX.replace("INTERMEDIATES", intermediates)
        self.matrix.write_text(text.replace("SLOW", str(slow)))
        plan = expand(read(self.matrix))
        self.ids = {run.id for run in plan.runs} | {one.id for one in plan.evaluations}
        self.slow = {run.id for run in plan.runs if run.task == "mnli"}
        self.store = Store(self.work)

    def start(self) -> subprocess.Popen[str]:
        """A `silta run` in a process group of its own, with one worker (which has another)."""
        line = command("run", self.matrix, "--work", self.work, "--jobs", 1)
        return subprocess.Popen(
            [*line, "--tracking-uri", REFUSING],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def holders(self, among: set[str]) -> dict[str, Owner]:
        """Who does what just now."""
        found = {id: self.store.claims.holder(id) for id in among}
        return {id: owner for id, owner in found.items() if owner}

    def done(self) -> dict[str, int]:
        """When each finished job was finished."""
        marks = self.work.glob(f"runs/*/{DONE}")
        return {mark.parent.name: mark.stat().st_mtime_ns for mark in marks}


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """How many trainings and evaluations a run has done, and what it said."""
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0 and "Traceback" not in said, said
    counts = re.search(r"trained (\d+), measured (\d+)", said)
    return sum(map(int, counts.groups())) if counts else 0, said


def test_two_runs_share_a_matrix(tmp_path: Path) -> None:
    shared = Shared(tmp_path, slow=150)
    both = [shared.start() for _ in range(2)]
    first, second = (end(one) for one in both)
    assert first[0] + second[0] == len(shared.ids), (first, second)
    assert first[0] and second[0], "both had something to do"
    assert set(shared.done()) == shared.ids
    assert not list(shared.work.glob("claims/*/*")), "nothing is held any more"


@pytest.mark.parametrize("survives", [False, True], ids=["worker too", "worker ends itself"])
def test_the_work_of_a_killed_run_is_taken_over(tmp_path: Path, survives: bool) -> None:
    """Of two that begin together, the one that has the longest job is killed in it."""
    shared = Shared(tmp_path, slow=300, intermediates="[none]")  # the other is soon idle
    both = [shared.start() for _ in range(2)]
    until(lambda: len(shared.holders(shared.ids)) == 2, both[0])
    ((id, worker),) = shared.holders(shared.slow).items()
    doomed, other = sorted(both, key=lambda one: one.pid != parent(worker.pid))
    os.killpg(doomed.pid, signal.SIGKILL)
    if not survives:
        os.killpg(worker.pid, signal.SIGKILL)
    killed, before = time.monotonic(), shared.done()
    doomed.communicate()
    assert id not in before, "it was killed in its first job"
    until(lambda: shared.store.claims.holder(id) not in (worker, None), other, 60)
    assert time.monotonic() - killed < 60
    done, _ = end(other)
    assert set(shared.done()) == shared.ids
    assert before.items() <= shared.done().items(), "what was finished is not done again"
    assert done == len(shared.ids)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
