"""Claims: one holder at a time, whoever dies, is suspended or lives on another machine."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from training.engine import claims as module
from training.engine import placing
from training.engine.claims import FREE, Claim, Claims, look, numbers
from training.engine.owner import Owner, me

JOB = "target-xnli-0123456789ab"
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    return Claims(tmp_path)


def held(claims: Claims) -> Claim:
    claim = claims.take(JOB)
    assert claim
    return claim


def written(claims: Claims, number: int, owner: Owner, age: float = 0.0) -> Path:
    """The claim of another process, last touched so many seconds ago."""
    path = claims.folder / JOB / str(number)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(owner)))
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def ended() -> Owner:
    """A process of this machine that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(me(), pid=process.pid, began="1")


ABROAD = Owner("node7", "another boot", 1, "5")


def test_a_held_job_is_anothers_until_it_is_let_go(claims: Claims) -> None:
    claim = held(claims)
    assert claims.take(JOB) is None and claims.holder(JOB) == me()
    claim.release(finished=False)
    assert claims.holder(JOB) is None
    held(claims).release(finished=True)
    assert not (claims.folder / JOB).exists(), "of a finished job nothing stays"


def test_a_dead_process_of_this_machine_is_followed_at_once(claims: Claims) -> None:
    written(claims, 4, ended())
    assert claims.holder(JOB) is None
    claim = held(claims)
    assert claim.number == 5 and numbers(claim.folder) == [5]
    claim.release(finished=True)


def test_a_zombie_is_dead(claims: Claims) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    written(claims, 1, replace(me(), pid=process.pid, began=began))
    assert claims.take(JOB) is None
    process.kill()
    while claims.holder(JOB):  # killed, and not yet waited for
        time.sleep(0.01)
    held(claims).release(finished=True)
    process.communicate()


def test_a_number_given_to_a_later_process_is_no_life(claims: Claims) -> None:
    written(claims, 1, replace(me(), began="1"))
    held(claims).release(finished=True)


def test_a_living_process_of_this_machine_is_not_followed_however_silent(claims: Claims) -> None:
    written(claims, 1, me(), age=1e6)
    assert claims.take(JOB) is None


def test_another_machine_is_followed_when_it_was_silent_for_long(
    claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONFIRM", 0.05)
    assert module.STALE + module.CONFIRM < 60 and module.STALE > 3 * module.BEAT
    written(claims, 1, ABROAD, age=module.STALE - 5)
    assert claims.take(JOB) is None and claims.holder(JOB) == ABROAD
    written(claims, 1, ABROAD, age=module.STALE + 5)
    assert claims.holder(JOB) is None
    held(claims).release(finished=True)


def test_a_sign_of_life_at_the_second_look_counts(
    claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file server that was away made everyone look dead; then one of them touches its claim."""
    path = written(claims, 1, ABROAD, age=1e4)
    monkeypatch.setattr(module.time, "sleep", lambda _: os.utime(path))
    assert claims.take(JOB) is None


def test_a_holder_keeps_touching_its_claim(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", 0.02)
    claim = held(claims)
    file = claim.folder / "1"
    os.utime(file, (1, 1))
    limit = time.monotonic() + 10
    while file.stat().st_mtime < 1e6:
        assert time.monotonic() < limit
        time.sleep(0.01)
    claim.release(finished=True)


def test_who_was_taken_over_stops(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    monkeypatch.setattr(module, "BEAT", 0.02)
    monkeypatch.setattr(module, "leave", lambda job: gone.set())
    claim = held(claims)
    written(claims, 2, ABROAD)
    assert gone.wait(10) and claim.lost
    claim.release(finished=True)
    assert numbers(claim.folder) == [2], "the successor's claim is left alone"


def test_who_was_taken_over_knows_also_when_all_is_over(claims: Claims) -> None:
    claim = held(claims)
    assert not claim.lost
    module.sweep(claim.folder)
    assert claim.lost
    claim.release(finished=True)


def test_letting_go_and_being_followed_exclude_each_other(claims: Claims) -> None:
    """The next number is created once: by the successor, or by the holder as free."""
    claim = held(claims)
    claim.release(finished=False)
    assert (claim.folder / "2").read_text() == FREE
    assert not placing.place(claim.folder / "2", "late")


def test_without_hard_links_one_of_many_creates_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(source: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(placing.os, "link", unknown)
    assert [placing.place(tmp_path / "a", text) for text in "xyz"] == [True, False, False]
    assert (tmp_path / "a").read_text() == "x" and len(list(tmp_path.iterdir())) == 1
    (tmp_path / "1").write_text("")
    seen = look(tmp_path)
    assert seen and seen.owner is None and not seen.free, "not yet written is held"


ENTRIES = 5
"""How often each of the crowd gets in; of those that die, the second time."""


def hammer(folder: Path, log: Path, seed: int) -> None:
    """Hold the one job again and again; some die while they hold it."""
    random.seed(seed)
    claims, entries = Claims(folder), 0
    while entries < ENTRIES:
        claim = claims.take(JOB)
        if claim is None:
            time.sleep(random.random() * 0.002)
            continue
        entries += 1
        tell(log, f"in {os.getpid()}")
        time.sleep(random.random() * 0.002)
        if seed % 3 == 0 and entries == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        tell(log, f"out {os.getpid()}")
        claim.release(finished=random.random() < 0.5)


def tell(log: Path, line: str) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def test_of_many_that_hammer_one_claim_one_holds_it(tmp_path: Path) -> None:
    """Every entry is followed by its own exit, or by the entry of the dead holder's successor."""
    log = tmp_path / "log"
    crowd = [
        FORK.Process(target=hammer, args=(tmp_path / "claims", log, seed)) for seed in range(12)
    ]
    (tmp_path / "claims").mkdir()
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(120)
    killed = {str(one.pid) for one in crowd if one.exitcode == -signal.SIGKILL}
    assert {one.exitcode for one in crowd} <= {0, -signal.SIGKILL}
    inside = None
    entries = 0
    for line in log.read_text().splitlines():
        word, pid = line.split()
        if word == "in":
            assert inside is None or inside in killed, f"{pid} entered beside {inside}"
            inside, entries = pid, entries + 1
        else:
            assert inside == pid
            inside = None
    assert len(killed) == 4 and entries == 8 * ENTRIES + 4 * 2
