"""A job is one document on disk, carried out here, by a warm worker, or by a command line."""

from __future__ import annotations

import errno
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from training.engine.claims import Held
from training.engine.failure import DIED, Failure, ending, failure_of
from training.engine.runtime import Runtime
from training.engine.store import Store, StoreError, read_json, write_json
from training.light import lightly
from training.spec.evaluation import Evaluation
from training.spec.record import RESUMABLE
from training.spec.run import Run

READY = "silta-worker-ready"


@dataclass(frozen=True)
class Job:
    """A training or an evaluation: its id, what it waits for, its document, its size."""

    id: str
    needs: str | None
    document: dict[str, Any]
    weight: float = 1.0
    """Expected cost relative to other jobs; orders the queue and weighs the progress."""
    title: str = ""


class Doer(Protocol):
    """What the executor drives: one job at a time, until it is stopped."""

    def do(self, path: Path) -> Failure | None:
        """Carry out the job of a document and wait; None, or why it failed."""

    def stop(self) -> None:
        """End what is being done. May be called again and again."""


def write(job: Job, work: Path) -> Path:
    """The document that `run-one` takes."""
    folder = work / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{job.id}.json"
    write_json(path, job.document)
    return path


def read(path: Path) -> dict[str, Any]:
    """A job's document. Raises StoreError where the file holds none."""
    try:
        document = read_json(path)
    except (ValueError, OSError) as error:
        why = getattr(error, "strerror", None) or "it is not JSON"
        told = f"{path}: {why}; name the run.json of a training or an evaluation"
        raise StoreError(told) from error
    if not isinstance(document, dict) or not {"id", "source", "scale"} <= set(document):
        raise StoreError(f"{path}: no training or evaluation; name the run.json of one")
    return document


def carry_out(path: Path, runtime: Runtime, wait: bool = True) -> Failure | None:
    """Do what a document says. Returns None, or why it failed (which the store then remembers).

    Where another process does the job: wait for it, or with `wait=False` say HELD.
    """
    document = read(path)
    try:
        perform(document, runtime, wait)
        return None
    except Exception as error:  # a failed job must not take its study with it
        failure = failure_of(error, runtime)
        if not failure.kind:
            remember(document["id"], failure, runtime)
        return failure


def remember(id: str, failure: Failure, runtime: Runtime) -> None:
    """Leave the reason and the traceback of the error at hand in the store, if it can be used."""
    with suppress(OSError, StoreError):
        Store(runtime.work).fail(id, f"{failure.reason}\n\n{traceback.format_exc()}")


def perform(document: dict[str, Any], runtime: Runtime, wait: bool = True) -> None:
    """Train or evaluate, alone. Imports torch: only workers and single jobs get here.

    Raises Held, unless it is to wait, where another process does the job or has just done it.
    """
    store = Store(runtime.work)
    with store.claim(document["id"], wait):
        if not wait and store.done(document["id"]):
            raise Held(document["id"], None)
        train_or_evaluate(document, runtime)


def train_or_evaluate(document: dict[str, Any], runtime: Runtime) -> None:
    lightly()
    if "phase" in document and runtime.devices > 1:
        from training.engine.ranks import launch

        launch(Run.read(document), runtime)
        return
    if "phase" in document:
        from training.engine.train import train

        train(Run.read(document), runtime)
        return
    from training.engine.evaluate import evaluate

    names = ("run", "scale", "target", "source", "layer", "pooling")
    told = {name: document[name] for name in names}
    evaluation = Evaluation(**told, languages=tuple(document.get("languages", ())))
    evaluate(evaluation, document, runtime)


def serve(runtime: Runtime) -> None:
    """A warm worker: paths in, line by line on standard input; JSON answers on standard output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library's print is no answer
    lightly()
    import training.engine.evaluate  # the imports cost more than a small job

    print(READY, training.engine.evaluate.__name__, file=answers, flush=True)
    paths: queue.Queue[Path | None] = queue.Queue()
    busy = threading.Event()
    threading.Thread(target=listen, args=(paths, busy), daemon=True).start()
    while path := paths.get():
        busy.set()
        failure = carry_out(path, runtime, wait=False)
        busy.clear()
        print(json.dumps(asdict(failure) if failure else None), file=answers, flush=True)


def listen(paths: queue.Queue[Path | None], busy: threading.Event) -> None:
    """Paths from standard input. Its end is the executor's: a worker does not outlive that."""
    rest = b""
    while read := os.read(0, 65536):  # not sys.stdin, whose lock a daemon thread must not hold
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            paths.put(Path(os.fsdecode(line)))
    paths.put(None)
    if busy.is_set():
        os.kill(os.getpid(), signal.SIGTERM)


PASSING = {errno.EAGAIN, errno.ENOMEM, errno.EFAULT}  # said where memory or processes are short


class Worker:
    """A warm process that does one job at a time. A dead one fails its job and is replaced."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.process: subprocess.Popen[str] | None = None
        self.busy, self.asked = False, 0.0

    def start(self) -> None:
        """A process in a group of its own: Ctrl-C reaches it through its executor only."""
        command = [sys.executable, "-m", "training", "run-one", "--serve"]
        command += ["--work", str(self.runtime.work), "--layout", self.runtime.layout]
        command += ["--data", str(self.runtime.data)] if self.runtime.data else []
        if self.runtime.devices > 1:
            command += ["--devices", str(self.runtime.devices)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                process_group=0,
            )
        assert self.process.stdout is not None
        self.asked = 0.0
        self.process.stdout.readline()

    @property
    def log(self) -> Path:
        return self.runtime.work / "worker.log"

    def do(self, path: Path) -> Failure | None:
        """Hand over a job and wait; None, or why it failed."""
        self.busy = True
        try:
            return self.done(path)
        finally:
            self.busy = False

    def done(self, path: Path) -> Failure | None:
        if self.process is None or self.process.poll() is not None:
            try:
                self.start()
            except OSError as error:
                if error.errno not in PASSING:
                    raise
                time.sleep(1.0)
                return Failure(f"no worker could be started: {error.strerror}", kind=DIED)
        assert self.process and self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(f"{path.absolute()}\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            told = json.loads(answer)
            return Failure(**told) if told else None
        status = self.process.wait()
        if status == RESUMABLE:
            time.sleep(1.0)  # whoever told it to end may be telling this process too
        return Failure(f"the worker {ending(status)}; see {self.log}", kind=DIED)

    def stop(self) -> None:
        """Tell the process to end, which checkpoints a training; after its grace, end it.

        In the middle of a job this returns at once: call it again until the job is over.
        """
        process = self.process
        if process is None or process.poll() is not None:
            return
        if not self.asked:
            self.asked = time.monotonic()
            process.terminate() if self.busy else self.dismiss(process)
        if not self.busy:
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.runtime.grace)
        if time.monotonic() - self.asked >= self.runtime.grace:
            process.kill()
            process.wait()

    @staticmethod
    def dismiss(process: subprocess.Popen[str]) -> None:
        """No more jobs for an idle process: it ends by itself."""
        if process.stdin:
            with suppress(OSError):
                process.stdin.close()
