"""A worker that is told to end: it has time for a checkpoint, and not for ever."""

from __future__ import annotations

import errno
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from training.engine import jobs
from training.engine.ending import deferred
from training.engine.failure import DIED, Failure
from training.engine.jobs import Worker
from training.engine.runtime import GRACE, Runtime

PROGRAM = """
import signal, sys, time
def end(*_):
    time.sleep(0.2)
    open(sys.argv[1], "w")
    sys.exit(75)
signal.signal(signal.SIGTERM, {handler})
print("ready", flush=True)
for line in sys.stdin:
    while True: time.sleep(0.01)
"""


class Pretend(Worker):
    """A worker with another program: a short one that never finishes a job."""

    handler, ready = "end", False

    def start(self) -> None:
        program = PROGRAM.format(handler=self.handler)
        command = [sys.executable, "-c", program, str(self.runtime.work / "ended")]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()
        self.ready = True


class Deaf(Pretend):
    handler = "signal.SIG_IGN"


def ended(worker: Pretend, stop: Callable[[], None]) -> tuple[list[Failure | None], float]:
    """Give a worker a job and stop it in its middle; what it answered, and how long it took."""
    answers: list[Failure | None] = []
    thread = threading.Thread(target=lambda: answers.append(worker.do(Path("job"))))
    thread.start()
    while not worker.ready:
        time.sleep(0.01)
    time.sleep(0.05)
    began = time.monotonic()
    while thread.is_alive():
        stop()
        time.sleep(0.01)
    return answers, time.monotonic() - began


def test_a_busy_worker_is_asked_once_and_has_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GRACE, "30")
    answers, _ = ended(worker := Pretend(Runtime(tmp_path)), lambda: worker.stop())
    (failure,) = answers
    assert failure is not None and "exit status 75" in failure.reason
    assert (tmp_path / "ended").exists(), "it wrote what it had to"


def test_a_worker_that_does_not_heed_is_killed_after_its_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GRACE, "0.5")
    answers, seconds = ended(worker := Deaf(Runtime(tmp_path)), lambda: worker.stop())
    (failure,) = answers
    assert failure is not None and "SIGKILL" in failure.reason and 0.4 < seconds < 20


def test_an_idle_worker_ends_by_itself(tmp_path: Path) -> None:
    worker = Pretend(Runtime(tmp_path))
    worker.start()
    worker.stop()
    assert worker.process is not None and worker.process.poll() == 0


def listened(written: bytes, busy: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[list, list]:
    """What a worker hears, and which signals it sends to itself when its executor is gone."""
    sent: list[int] = []
    reading, writing = os.pipe()
    os.write(writing, written)
    os.close(writing)
    real = os.read
    monkeypatch.setattr(jobs.os, "read", lambda _, size: real(reading, 7))
    monkeypatch.setattr(jobs.os, "kill", lambda pid, number: sent.append(number))
    paths: queue.Queue[Path | None] = queue.Queue()
    doing = threading.Event()
    doing.set() if busy else doing.clear()
    jobs.listen(paths, doing)
    os.close(reading)
    return [paths.get() for _ in range(paths.qsize())], sent


def test_a_worker_does_not_outlive_its_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = [Path("/one/job.json"), Path("/two.json"), None]
    assert listened(b"/one/job.json\n/two.json\n", True, monkeypatch) == (heard, [signal.SIGTERM])
    assert listened(b"/one/job.json\n/two.json\n", False, monkeypatch) == (heard, [])


def test_a_second_ctrl_c_does_not_wait() -> None:
    with pytest.raises(KeyboardInterrupt), deferred() as ending:
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
            if number == signal.SIGINT:
                with pytest.raises(KeyboardInterrupt):
                    signal.raise_signal(number)
            else:
                signal.raise_signal(number)
            assert ending.asked


def test_what_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with deferred() as ending:
            signal.raise_signal(signal.SIGHUP)
            assert not ending.asked
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_worker_that_cannot_be_started_just_now_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine short of memory fails no job; a program that is not there is another matter."""

    def refuse(code: int) -> None:
        def popen(*_: object, **__: object) -> None:
            raise OSError(code, os.strerror(code), sys.executable)

        monkeypatch.setattr(jobs.subprocess, "Popen", popen)

    worker = Worker(Runtime(tmp_path))
    refuse(errno.EFAULT)
    failure = worker.do(tmp_path / "run.json")
    assert failure and failure.kind == DIED and not failure.mend
    refuse(errno.ENOENT)
    with pytest.raises(FileNotFoundError):
        worker.do(tmp_path / "run.json")
