"""Full and read-only disks, truncated and deleted encoders: one message, nothing lost, mended.

One matrix goes through it all with the real commands: on a disk that is too small, then larger;
then read-only; then with encoders truncated, deleted and changed by a bit.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import REFUSING, Done, refused, silta

from training.plan.expand import Plan, expand
from training.plan.matrix import read

pytestmark = pytest.mark.end_to_end

MATRIX = """
study: damage
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [csqa, mnli]
targets: [udpos, tatoeba]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {steps: 2, batch: 4, scratch: true, dev_examples: 4, dev_checks: 1}
  target: {steps: 2, batch: 4, dev_examples: 4, dev_checks: 1}
"""
SMALL, LARGE = "3m", "200m"


def mounted(*arguments: str) -> bool:
    """Whether `mount` did it: it takes root and a kernel that lets a container do so."""
    return (
        shutil.which("mount") is not None
        and not subprocess.run(["mount", *arguments], capture_output=True).returncode
    )


class Damage:
    """The matrix on a disk of its own, and what each launch said."""

    def __init__(self, folder: Path) -> None:
        self.disk, self.work = folder / "disk", folder / "disk" / "work"
        self.matrix = folder / "damage.yaml"
        self.matrix.write_text(MATRIX)
        self.plan: Plan = expand(read(self.matrix))
        known = {run.id: run.task for run in self.plan.runs}
        self.runs = {
            f"{run.task} on {known[run.parent]}" if run.parent else run.task: run.id
            for run in self.plan.runs
        }
        self.ids = [*self.runs.values(), *(one.id for one in self.plan.evaluations)]

    def run(self) -> Done:
        return silta(
            "run", self.matrix, "--work", self.work, "--jobs", 1, "--tracking-uri", REFUSING,
            SILTA_DISK_PATIENCE="1",
        )  # fmt: skip

    def size(self, told: str) -> None:
        assert mounted("-o", f"remount,{told}", str(self.disk))

    def weights(self, run: str) -> Path:
        return self.work / "runs" / self.runs[run] / "encoder" / "model.safetensors"

    def marks(self) -> dict[str, int]:
        """When each finished job was finished."""
        marks = self.work.glob("runs/*/DONE")
        return {mark.parent.name: mark.stat().st_mtime_ns for mark in marks}

    def hashes(self) -> dict[str, str]:
        return {
            run: hashlib.sha256(self.weights(run).read_bytes()).hexdigest() for run in self.runs
        }


@pytest.fixture(scope="module")
def damage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damage]:
    made = Damage(tmp_path_factory.mktemp("damage"))
    made.disk.mkdir()
    if not mounted("-t", "tmpfs", "-o", f"size={SMALL}", "silta-test", str(made.disk)):
        pytest.skip("no tmpfs can be mounted here (it takes root): full disks are left out")
    yield made
    subprocess.run(["umount", "-l", str(made.disk)], check=True)


def test_a_full_disk_is_one_message_and_the_next_launch_goes_on(damage: Damage) -> None:
    done = damage.run()
    refused(done, "same command again")
    assert "No space left on device" in done.stderr or "no room on the disk" in done.stderr
    assert set(damage.marks()) < set(damage.ids)
    told = json.loads(silta("status", damage.matrix, "--work", damage.work, "--json").stdout)
    assert "failed" not in {row["state"] for row in told["jobs"]}, "no job is to blame"
    before = damage.marks()
    damage.size(f"size={LARGE}")
    done = damage.run()
    assert done.returncode == 0, done.stderr
    assert set(damage.marks()) == set(damage.ids)
    assert before.items() <= damage.marks().items()


def test_a_read_only_store_is_one_message_and_can_be_looked_at(damage: Damage) -> None:
    before = damage.marks()
    damage.size("ro")
    try:
        refused(damage.run(), "Read-only file system", "--work")
        done = silta("status", damage.matrix, "--work", damage.work)
        assert done.returncode == 0 and done.stdout.count("done  ") >= len(damage.ids)
    finally:
        damage.size("rw")
    assert damage.marks() == before


def test_damaged_encoders_are_trained_again_and_nothing_else(damage: Damage) -> None:
    """One truncated in the middle of the forest, one deleted at its edge; and one changed by a bit,
    which who reads it finds, so that it is mended in the same launch."""
    before, hashes = damage.marks(), damage.hashes()
    os.truncate(damage.weights("csqa"), 1000)
    shutil.rmtree(damage.weights("udpos on csqa").parent)
    held = bytearray(damage.weights("mnli").read_bytes())
    held[-1] ^= 1
    damage.weights("mnli").write_bytes(held)
    shutil.rmtree(damage.work / "runs" / damage.runs["udpos on mnli"])
    done = damage.run()
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    said = [line for line in done.stderr.splitlines() if "cannot be used" in line]
    assert len(said) == 3, done.stderr
    for run, why in WHY.items():
        assert [line for line in said if damage.runs[run] in line and why in line], (run, said)
    assert "trained 4, measured 0" in done.stderr
    assert damage.hashes() == hashes, "the same bytes again"
    now = damage.marks()
    assert {id for id in now if now[id] != before[id]} == set(damage.runs.values())
    aside = {f"{damage.runs[run]}.1" for run in WHY}
    assert {path.name for path in (damage.work / "aside").iterdir()} == aside


WHY = {"csqa": "has 1,000 bytes", "udpos on csqa": "is missing", "mnli": "another content"}
"""What is said of each damage."""
