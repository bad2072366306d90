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
intermediates: [csqa]
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
        self.runs = {run.phase: run.id for run in self.plan.runs}
        self.ids = [*self.runs.values(), *(one.id for one in self.plan.evaluations)]

    def run(self) -> Done:
        return silta(
            "run", self.matrix, "--work", self.work, "--jobs", 1, "--tracking-uri", REFUSING,
            SILTA_DISK_PATIENCE="1",
        )  # fmt: skip

    def size(self, told: str) -> None:
        assert mounted("-o", f"remount,{told}", str(self.disk))

    def weights(self, phase: str) -> Path:
        return self.work / "runs" / self.runs[phase] / "encoder" / "model.safetensors"

    def marks(self) -> dict[str, int]:
        """When each finished job was finished."""
        marks = self.work.glob("runs/*/DONE")
        return {mark.parent.name: mark.stat().st_mtime_ns for mark in marks}

    def hashes(self) -> dict[str, str]:
        return {
            phase: hashlib.sha256(self.weights(phase).read_bytes()).hexdigest()
            for phase in self.runs
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
    """One truncated in the middle of the forest, one deleted at its edge."""
    before, hashes = damage.marks(), damage.hashes()
    os.truncate(damage.weights("intermediate"), 1000)
    shutil.rmtree(damage.weights("target").parent)
    done = damage.run()
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("cannot be used") == 2, done.stderr
    assert "has 1,000 bytes" in done.stderr and "is missing" in done.stderr
    assert "trained 2, measured 0" in done.stderr
    assert damage.hashes() == hashes, "the same bytes again"
    mended = set(damage.runs.values())
    now = damage.marks()
    assert {id for id in now if now[id] != before[id]} == mended
    assert {path.name for path in (damage.work / "aside").iterdir()} == {f"{i}.1" for i in mended}


def test_a_changed_bit_is_found_by_who_reads_it_and_mended_in_the_same_launch(
    damage: Damage,
) -> None:
    hashes, path = damage.hashes(), damage.weights("intermediate")
    held = bytearray(path.read_bytes())
    held[-1] ^= 1
    path.write_bytes(held)
    shutil.rmtree(damage.work / "runs" / damage.runs["target"])
    done = damage.run()
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("cannot be used") == 1 and "another content" in done.stderr
    assert "trained 2, measured 0" in done.stderr
    assert damage.hashes() == hashes
