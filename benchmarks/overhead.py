"""What the scheduler, the store and tracking cost: `python benchmarks/overhead.py [--small]`.

A matrix (the demo's, or with `--small` one of five jobs) is carried out by the real engine, with a
fresh work directory and its own MLflow database. All that its workers could have done is the wall
time of the whole process times the number of workers. That is divided without a remainder into

* computing: seconds inside `train` and `evaluate`, as `run.json` keeps them (reading data, loading
  and saving encoders among them);
* starting: a worker's start, nearly all of it importing torch, which any job would have to do;
* nothing to do: a worker stood still and no job was ready, since all waited for their parents or
  none was left: the shape of the matrix;
* overhead, which is everything else: before the first job is handed out and after the last is
  settled (reading, planning, checks, the last records on their way to MLflow, the closing table),
  handing over and settling each job (documents, locks, hashes, fsync, markers), and workers that
  stood still although a job was ready. As scheduler and publisher also take processor time from the
  workers while these compute, the processor seconds of their process between the first and the last
  job are moved from computing to overhead; those before and after are in the wall time already.

Judged is overhead's share, at most 5 % on the demo. The result: `benchmarks/results/overhead.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine

LIMIT = 0.05
DEMO = ROOT / "training" / "matrices" / "demo.yaml"
SMALL = """study: overhead
source: {kind: miniature, seed: 13, sentences: 1000}
scales: [nano]
intermediates: [none, csqa]
targets: [pawsx]
seeds: [1]
recipe:
  intermediate: {steps: 60, lr: 1e-3, dropout: 0.0, embeddings_rate: 0, dev_checks: 1}
  target: {steps: 60, lr: 1e-3, dropout: 0.0, dev_checks: 1, dev_examples: 100}
"""
Event = tuple[float, str, str]
"""Time, job, and the state that it came into."""
RUNNING, SETTLED = "running", {"done", "failed", "not run", "interrupted"}


def drive(matrix: Path, work: Path, told: Path) -> None:
    """Carry the matrix out in this process, and note when what happened."""
    from training.cli.study import plan_of
    from training.engine import jobs, study
    from training.engine.runtime import Runtime

    events: list[Event] = []
    starts: list[float] = []
    clock: list[float] = []

    class Noted(study.Progress):
        def __call__(self, job: Any, state: str) -> None:
            events.append((time.time(), job.id, state))
            clock.append(sum(os.times()[:2]))
            super().__call__(job, state)

    begin = jobs.Worker.start

    def start(self: Any) -> None:
        began = time.time()
        begin(self)
        starts.append(time.time() - began)

    study.Progress, jobs.Worker.start = Noted, start  # type: ignore[misc, method-assign]
    plan, runtime = plan_of(matrix), Runtime(work)
    outcome = study.carry_out(plan, runtime)
    needs = {job.id: job.needs for job in study.jobs_of(plan)}
    used = clock[-1] - clock[0]
    more = {"needs": needs, "workers": min(runtime.workers, len(needs)), "processor": used}
    more["failed"] = outcome.count("failed") + outcome.count("not run")
    told.write_text(json.dumps({"events": events, "starts": starts} | more))


def still(
    events: Sequence[Event], needs: Mapping[str, str | None], workers: int
) -> tuple[float, float]:
    """Worker seconds between the first and the last event in which a worker stood still: with no
    job ready, and with one."""
    waiting, running, done = set(needs), set[str](), set[str]()
    idle = late = 0.0
    for (now, job, state), following in zip(events, events[1:], strict=False):
        waiting.discard(job)
        if state == RUNNING:
            running.add(job)
        elif state in SETTLED:
            running.discard(job)
            done.add(job)
        ready = sum(needs[one] is None or needs[one] in done for one in waiting)
        free, spent = max(0, workers - len(running)), following[0] - now
        late += min(free, ready) * spent
        idle += max(0, free - ready) * spent
    return idle, late


def shares(
    wall: float,
    told: Mapping[str, Any],
    computed: Iterable[float],
) -> dict[str, float]:
    """Worker seconds by what they went to; they sum to wall time times workers."""
    capacity = wall * told["workers"]
    idle, _ = still(told["events"], told["needs"], told["workers"])
    starting, computing = sum(told["starts"]), sum(computed)
    taken = min(computing, told["processor"])
    rest = capacity - idle - starting - computing
    return {
        "computing": computing - taken,
        "starting": starting,
        "nothing to do": idle,
        "overhead": rest + taken,
    }


def pieces(
    began: float, ended: float, told: Mapping[str, Any], computed: Iterable[float]
) -> dict[str, float]:
    """What the overhead consists of, in worker seconds."""
    events, workers = told["events"], told["workers"]
    given = {job: now for now, job, state in events if state == RUNNING}
    spans = sum(now - given[job] for now, job, state in events if state == "done")
    computing = sum(computed)
    return {
        "before the first job": workers * (events[0][0] - began),
        "after the last job": workers * (ended - events[-1][0]),
        "handing over and settling": spans - computing - sum(told["starts"]),
        "ready but waiting": still(events, told["needs"], workers)[1],
        "processor time of scheduler and publisher": min(computing, told["processor"]),
    }


def measure(matrix: Path, kept: Path | None = None) -> dict[str, Any]:
    """One run of the engine, in `kept` (a new folder) or for the time of the run; raises SystemExit
    where a job failed."""
    with tempfile.TemporaryDirectory() as folder:
        work, notes = kept or Path(folder) / "work", Path(folder) / "events.json"
        own = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
        command = [sys.executable, __file__, "--drive", str(matrix), str(work), str(notes)]
        began = time.time()
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)
        ended = time.time()
        wall = ended - began
        if done.returncode or json.loads(notes.read_text())["failed"]:
            raise SystemExit(f"{matrix}: not all of it could be done\n{done.stderr[-2000:]}")
        told = json.loads(notes.read_text())
        documents = [json.loads(one.read_text()) for one in work.glob("runs/*/run.json")]
    computed = [one["seconds"] for one in documents]
    spent, parts = shares(wall, told, computed), pieces(began, ended, told, computed)
    return {
        "jobs": len(documents),
        "workers": told["workers"],
        "wall_s": round(wall, 2),
        "worker_s": {name: round(seconds, 2) for name, seconds in spent.items()},
        "overhead_s": {name: round(seconds, 2) for name, seconds in parts.items()},
        "share": round(spent["overhead"] / (wall * told["workers"]), 4),
    }


def main() -> int:
    """Measure, write the result, and say whether the overhead is in its limit (the demo's)."""
    parser = argparse.ArgumentParser(description="What scheduler, store and tracking cost.")
    parser.add_argument("--small", action="store_true", help="five jobs; measured, not judged")
    parser.add_argument("--matrix", type=Path, default=DEMO)
    parser.add_argument("--work", type=Path, help="a new folder, in which the results stay")
    parser.add_argument("--drive", nargs=3, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.drive:
        drive(*asked.drive)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        matrix = asked.matrix.resolve()
        if asked.small:
            matrix = Path(folder) / "overhead.yaml"
            matrix.write_text(SMALL)
        if asked.work and asked.work.exists():
            parser.error(f"{asked.work} is there already: what is done in it would not be measured")
        found = measure(matrix, asked.work and asked.work.resolve())
    judged = matrix == DEMO
    passed = found["share"] <= LIMIT if judged else None
    told = {"schema": SCHEMA, "name": "overhead", "matrix": matrix.stem, **found}
    told |= {"limit": LIMIT if judged else None, "passed": passed, "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    name = "overhead" if judged else f"overhead-{matrix.stem}"
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=2) + "\n")
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found["worker_s"].items())
    print(
        f"{matrix.stem}: {found['jobs']} jobs in {found['wall_s']:.1f} s with {found['workers']} "
        f"workers: {spent}; overhead {100 * found['share']:.1f} %"
        + (f", limit {100 * LIMIT:.0f} %" if judged else " (not judged: too short)")
    )
    for name, seconds in found["overhead_s"].items():
        print(f"  {seconds:8.1f} s  {name}")
    return 1 if passed is False else 0


if __name__ == "__main__":
    sys.exit(main())
