"""A job is one document on disk, carried out here, by a warm worker, or by a command line."""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def write(job: Job, work: Path) -> Path:
    """The document that `run-one` takes."""
    folder = work / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{job.id}.json"
    write_json(path, job.document)
    return path


def carry_out(path: Path, runtime: Runtime) -> str | None:
    """Do what a document says. Returns None, or why it failed (which the store then remembers)."""
    document = read_json(path)
    try:
        perform(document, runtime)
        return None
    except StoreError:
        raise
    except Exception as error:  # a failed job must not take its study with it
        reason = f"{type(error).__name__}: {error}"
        Store(runtime.work).fail(document["id"], f"{reason}\n\n{traceback.format_exc()}")
        return reason.splitlines()[0]


def perform(document: dict[str, Any], runtime: Runtime) -> None:
    """Train or evaluate. Imports torch: only workers and single jobs get here."""
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
    """A warm worker: one path a line on standard input, one JSON answer a line on standard output."""
    import training.engine.evaluate  # the imports cost more than a small job

    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever libraries print must not be taken for an answer
    print(READY, training.engine.evaluate.__name__, file=answers, flush=True)
    for line in sys.stdin:
        reason = carry_out(Path(line.strip()), runtime)
        print(json.dumps({"reason": reason}), file=answers, flush=True)


class Worker:
    """A warm process that does one job at a time. A dead one fails its job and is replaced."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "training",
            "run-one",
            "--serve",
            "--work",
            str(self.runtime.work),
        ]
        if self.runtime.data:
            command += ["--data", str(self.runtime.data)]
        log = (self.runtime.work / "worker.log").open("a")
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def do(self, path: Path) -> str | None:
        """Hand over a job and wait; None, or why it failed."""
        if self.process is None or self.process.poll() is not None:
            self.process = self.start()
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(f"{path.absolute()}\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            reason: str | None = json.loads(answer)["reason"]
            return reason
        code = self.process.wait()
        reason = f"the worker died (exit status {code}); see {self.runtime.work / 'worker.log'}"
        document = read_json(path)
        Store(self.runtime.work).fail(document["id"], reason)
        return reason

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
