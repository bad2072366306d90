"""Kill a small study again and again: `make soak`, or `python benchmarks/soak.py --kills 20`.

One matrix is carried out undisturbed; then once more by the same command, which is killed by
SIGKILL at random moments and started again. In the end both must be the same: every weight, score
and curve, each run finished once, MLflow with each id and each point once. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, machine

SCHEMA = "silta.soak/1"
MATRIX = """
study: soak
source: {{kind: miniature, seed: 5, sentences: 40}}
scales: [nano]
mlm: {{steps: 8, scratch: true, batch: 4}}
intermediates: [none, csqa, mnli+mlm]
targets: [xnli, udpos, xquad, tatoeba]
seeds: {seeds}
languages: [fi]
recipe:
  intermediate: {{steps: 8, batch: 4, dev_examples: 8, dev_checks: 2}}
  target: {{steps: 12, batch: 4, dev_examples: 8, dev_checks: 3}}
"""
EVERY = "0.1"
"""Seconds between checkpoints."""
POINTS = """
select tags.value, count(metrics.key) from runs join tags using (run_uuid) left join metrics
on metrics.run_uuid = runs.run_uuid and metrics.key not like 'system/%'
where tags.key = 'silta.id' and lifecycle_stage = 'active' group by runs.run_uuid
"""
"""Not the machine's load: its samples are as many as the training took time. Nor MLflow's trash:
a record that was begun again after a death goes there."""
TWICE = "select key from metrics group by run_uuid, key, step having count(*) > 1"


class Study:
    """The matrix in a work directory of its own."""

    def __init__(self, folder: Path, database: Path | None, seeds: int) -> None:
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self.matrix, self.log = folder / "soak.yaml", folder / "log"
        self.matrix.write_text(MATRIX.format(seeds=list(range(1, seeds + 1))))
        if database:
            shutil.copy(database, self.work / "mlflow.db")

    def begin(self) -> subprocess.Popen[bytes]:
        """`silta run` in a session of its own, in which its workers are too."""
        command = [sys.executable, "-m", "training", "run", str(self.matrix), "--jobs", "1"]
        more = {"PYTHONPATH": str(ROOT), "SILTA_CHECKPOINT_EVERY": EVERY, "OMP_NUM_THREADS": "1"}
        environment = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"} | more
        with self.log.open("a") as log:
            return subprocess.Popen(
                [*command, "--work", str(self.work)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def complete(self) -> tuple[float, float]:
        """Carry the matrix out to its end; seconds until the first job began, and from then on.

        Raises SystemExit where that fails.
        """
        began, moment = time.time_ns(), time.monotonic()
        process = self.begin()
        wait_for_work(self, process, began)
        ready = time.monotonic()
        if code := process.wait():
            raise SystemExit(f"exit code {code}: {self.log.read_text()[-3000:]}")
        return ready - moment, time.monotonic() - ready

    def left(self) -> dict[str, Any]:
        """All results by id and file, without clocks."""
        told = dict[str, Any]()
        for marker in (self.work / "runs").glob("*/DONE"):
            for path in marker.parent.rglob("*"):
                name = str(path.relative_to(self.work))
                if path.suffix == ".safetensors" or path.name == "scores.json":
                    told[name] = path.read_bytes()
                if path.name == "metrics.jsonl":
                    lines = map(json.loads, path.read_text().splitlines())
                    told[name] = [(line["step"], line["metrics"]) for line in lines]
        return told

    def done(self) -> dict[str, int]:
        """When each job was finished."""
        marks = (self.work / "runs").glob("*/DONE")
        return {mark.parent.name: mark.stat().st_mtime_ns for mark in marks}

    def records(self) -> list[tuple[str, int]]:
        """(id, number of points) of every MLflow run. Raises SystemExit where a point is twice."""
        with sqlite3.connect(self.work / "mlflow.db") as database:
            if twice := database.execute(TWICE).fetchall():
                raise SystemExit(f"MLflow holds a point twice: {twice[:6]}")
            return sorted(database.execute(POINTS).fetchall())

    def resumed(self) -> int:
        """Finished trainings that went on from a checkpoint at their last start."""
        documents = (self.work / "runs").glob("*/run.json")
        return sum("resumed" in json.loads(one.read_text()) for one in documents)


def members(session: int) -> list[int]:
    """Live processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def kill(process: subprocess.Popen[bytes], everything: bool) -> None:
    """End the command's process group; or all of its session, the workers too."""
    for pid in members(process.pid) if everything else ():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


BUSY = 0.6
"""Usual share of the launches that are killed when a job has begun; the others while they start."""
AHEAD = 2
"""Jobs that a launch may finish before it is killed."""
A_SEED = 20
"""Kills for which one seed is work enough."""


def disturbed(
    study: Study, reference: Study, asked: argparse.Namespace, start: float, work: float
) -> tuple[int, int]:
    """Start and kill until as many kills have hit as asked; how many hit after a job had begun.

    `start` and `work`: seconds that these took undisturbed. A study that is done is killed, too.
    """
    total = len(reference.done())
    longest = 2 * work / total
    count, working, chance = 0, 0, random.Random(asked.seed)
    finished: dict[str, int] = {}
    sessions = []
    while count < asked.kills:
        began = time.time_ns()
        process = study.begin()
        sessions.append(process.pid)
        whole = len(finished) == total
        busy = not whole and chance.random() < asked.busy and wait_for_work(study, process, began)
        moment = time.monotonic() + chance.uniform(0, 1.0 if whole else longest if busy else start)
        while time.monotonic() < moment and len(study.done()) < len(finished) + AHEAD:
            time.sleep(0.02)
        hit = process.poll() is None
        kill(process, everything=chance.random() < 0.5)
        count, working = count + hit, working + (hit and busy)
        now = study.done()
        if again := [id for id in finished if now.get(id) != finished[id]]:
            raise SystemExit(f"finished more than once: {', '.join(again)}")
        finished = now
        print(f"kill {count}: {len(now)} jobs done", file=sys.stderr, flush=True)
    study.complete()
    now = study.done()
    if any(now[id] != mark for id, mark in finished.items()):
        raise SystemExit("the last launch finished something again")
    if any(members(session) for session in sessions):
        raise SystemExit("a worker outlived its study")
    return count, working


def wait_for_work(study: Study, process: subprocess.Popen[bytes], began: int) -> bool:
    """Wait until this launch has begun a job, or is over."""
    while process.poll() is None:
        documents = (study.work / "runs").glob("*/run.json")
        if any(changed(one) > began for one in documents):
            return True
        time.sleep(0.02)
    return False


def changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # between two looks
        return 0


def compared(reference: Study, study: Study) -> dict[str, Any]:
    """What both hold. Raises SystemExit where they differ."""
    mine, theirs = study.left(), reference.left()
    if others := sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name)):
        raise SystemExit(f"other than undisturbed: {', '.join(others[:5])}")
    there, wanted = study.records(), reference.records()
    if there != wanted:
        different = set(there) ^ set(wanted)
        raise SystemExit(f"MLflow holds something else (id, points): {sorted(different)[:6]}")
    if len(dict(there)) != len(there):
        raise SystemExit("MLflow holds an id twice")
    jobs = study.done()
    trained = sum(not id.startswith("evaluation-") for id in jobs)
    return {"trainings": trained, "evaluations": len(jobs) - trained, "files": len(mine)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--busy", type=float, default=BUSY, help="share that is killed at work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", type=Path, help="a migrated, empty MLflow database to copy")
    parser.add_argument("--out", type=Path, default=RESULTS / "soak.json")
    told = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        seeds = -(-told.kills // A_SEED)
        reference = Study(Path(folder) / "reference", told.database, seeds)
        usual = reference.complete()
        study = Study(Path(folder) / "disturbed", told.database, seeds)
        count, working = disturbed(study, reference, told, *usual)
        found = compared(reference, study) | {"resumed": study.resumed()}
    made = {"schema": SCHEMA, "kills": count, "while_working": working, "seed": told.seed, **found}
    made |= {"seconds": round(time.monotonic() - began, 1), "machine": machine()}
    told.out.parent.mkdir(exist_ok=True)
    told.out.write_text(json.dumps(made, indent=2) + "\n")
    shown = ("kills", "while_working", "trainings", "evaluations", "resumed", "seconds")
    print(", ".join(f"{name} {made[name]}" for name in shown))


if __name__ == "__main__":
    main()
