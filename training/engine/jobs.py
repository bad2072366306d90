"""A job is one document on disk, carried out here, by a warm worker, or by a command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from training.engine.blame import input_error
from training.engine.runtime import Runtime
from training.engine.store import Store, StoreError, read_json, write_json
from training.spec.evaluation import Evaluation
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


@dataclass(frozen=True)
class Failure:
    """Why a job failed, in one line, and whether it is the user's to mend."""

    reason: str
    mend: bool = False


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
        raise StoreError(f"{path}: {why}; name the run.json of a training or an evaluation") from (
            error
        )
    if not isinstance(document, dict) or not {"id", "source", "scale"} <= set(document):
        raise StoreError(f"{path}: no training or evaluation; name the run.json of one")
    return document


def carry_out(path: Path, runtime: Runtime) -> Failure | None:
    """Do what a document says. Returns None, or why it failed (which the store then remembers)."""
    document = read(path)
    try:
        perform(document, runtime)
        return None
    except StoreError:
        raise
    except Exception as error:  # a failed job must not take its study with it
        mend = input_error(error)
        reason = mend or f"{type(error).__name__}: {error}"
        Store(runtime.work).fail(document["id"], f"{reason}\n\n{traceback.format_exc()}")
        return Failure((reason.splitlines() or [""])[0], mend is not None)


def perform(document: dict[str, Any], runtime: Runtime) -> None:
    """Train or evaluate, alone. Imports torch: only workers and single jobs get here."""
    with Store(runtime.work).claim(document["id"]):
        train_or_evaluate(document, runtime)


def train_or_evaluate(document: dict[str, Any], runtime: Runtime) -> None:
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
    evaluation = Evaluation(
        **{name: document[name] for name in names}, languages=tuple(document.get("languages", ()))
    )
    evaluate(evaluation, document, runtime)


def serve(runtime: Runtime) -> None:
    """A warm worker: paths in, line by line on standard input; JSON answers on standard output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library's print is no answer
    import training.engine.evaluate  # the imports cost more than a small job

    print(READY, training.engine.evaluate.__name__, file=answers, flush=True)
    for line in sys.stdin:
        failure = carry_out(Path(line.strip()), runtime)
        told = {"reason": failure and failure.reason, "mend": bool(failure and failure.mend)}
        print(json.dumps(told), file=answers, flush=True)


class Worker:
    """A warm process that does one job at a time. A dead one fails its job and is replaced."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """A process in a group of its own: Ctrl-C reaches it through its executor only."""
        command = [sys.executable, "-m", "training", "run-one", "--serve"]
        command += ["--work", str(self.runtime.work)]
        if self.runtime.data:
            command += ["--data", str(self.runtime.data)]
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
        self.process.stdout.readline()

    @property
    def log(self) -> Path:
        return self.runtime.work / "worker.log"

    def do(self, path: Path) -> Failure | None:
        """Hand over a job and wait; None, or why it failed."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        assert self.process and self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(f"{path.absolute()}\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            told = json.loads(answer)
            return Failure(told["reason"], told["mend"]) if told["reason"] else None
        return Failure(f"the worker {ending(self.process.wait())}; see {self.log}")

    def stop(self) -> None:
        """End the process, in the middle of a job too: what is half-written is never read."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"ended with exit status {status}"
    name = signal.Signals(-status).name
    return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
