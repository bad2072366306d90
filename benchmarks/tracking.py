"""What tracking costs a training, beside servers well and ill: `python benchmarks/tracking.py`.

One training is carried out by `silta run-one`: without a server (nothing is sent), beside a real
`mlflow server`, and beside one that is absent, answers 500 or 403, or takes 10 s for an answer.
Told are the process's CPU seconds (interleaved, the median of the repetitions), what of them all
threads but the training's own took, and the longest time between two neighbouring steps. Judged is
by how much a fault makes those other threads dearer than a server that is well does, as a share of
the whole: the training's own seconds vary by more than the limit from one run to the next, and a
fault cannot reach them but through these threads. The import of mlflow is in it once; a study pays
for it once, whatever the number of its trainings. Figures go to `results/tracking.json`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from servers import Proxy, Server  # noqa: E402

MODES = ("none", "fine", "absent", "500", "403", "slow")
LIMIT = 2.0
"""Percent of CPU time that a fault may add to a training beside a server that is well."""
WAIT = 1.0
"""Seconds between neighbouring steps."""
LOOK = 0.2
"""Seconds between two looks at a process's threads."""
CREATE = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).search_experiments()"


def document(folder: Path, steps: int) -> Path:
    """The run that everybody trains."""
    from training.spec.recipe import Recipe
    from training.spec.run import Run

    recipe = Recipe(steps=steps, batch=4, scratch=True, dev_checks=1, dev_examples=4)
    run = Run("intermediate", "nano", "mnli", 1, "miniature/seed=5/sentences=40", recipe)
    path = folder / "run.json"
    path.write_text(json.dumps(run.document()))
    return path


TICK = os.sysconf("SC_CLK_TCK")


def threads(pid: int) -> dict[int, float]:
    """CPU seconds of each thread of a process until now."""
    found = {}
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            user, system = task.read_text().rpartition(")")[2].split()[11:13]
        except OSError:  # it ended between two looks
            continue
        found[int(task.parent.name)] = (int(user) + int(system)) / TICK
    return found


def beside(process: subprocess.Popen[str], ended: threading.Event) -> float:
    """CPU seconds of all threads but the first, looked at until the process has ended."""
    last: dict[int, float] = {}
    while not ended.wait(LOOK):
        last |= threads(process.pid)
    return sum(seconds for thread, seconds in last.items() if thread != process.pid)


def watched(line: list[str]) -> tuple[int, str, float]:
    """Exit code and messages of a command, and the seconds of its threads beside the first."""
    ended, told = threading.Event(), list[float]()
    process = subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    watcher = threading.Thread(target=lambda: told.append(beside(process, ended)))
    watcher.start()
    _, said = process.communicate()
    ended.set()
    watcher.join()
    return process.returncode, said, told[0]


def carried_out(job: Path, work: Path, uri: str, patience: float) -> dict[str, float]:
    """CPU seconds of one training, and the longest time between two points of its curve."""
    line = [sys.executable, "-m", "training", "run-one", str(job), "--work", str(work)]
    line += ["--tracking-uri", uri, "--patience", str(patience)] if uri else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, said, others = watched(line)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        raise SystemExit(f"exit code {code}: {said[-2000:]}")
    (log,) = work.glob("runs/*/metrics.jsonl")
    times = [json.loads(told)["time"] for told in log.read_text().splitlines()]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    waits = [b - a for a, b in itertools.pairwise(times)]
    return {"cpu_s": cpu, "beside_s": others, "wait_s": max(waits)}


def database(folder: Path) -> Path:
    path = folder / "migrated.db"
    subprocess.run([sys.executable, "-c", CREATE, f"sqlite:///{path}"], check=True, cwd=folder)
    return path


def race(folder: Path, steps: int, repeats: int, patience: float) -> dict[str, Any]:
    """Every mode in turn, several times over, so that a machine that slows down hurts all alike."""
    server = Server(folder / "server", database(folder))
    server.start()
    server.wait()
    job = document(folder, steps)
    proxy = Proxy(server.port)
    proxy.listen()
    absent = Proxy(server.port)
    found: dict[str, list[dict[str, float]]] = {mode: [] for mode in MODES}
    try:
        for turn, mode in itertools.product(range(repeats), MODES):
            proxy.mode = "fine" if mode in {"none", "absent"} else mode
            uri = {"none": "", "absent": absent.uri}.get(mode, proxy.uri)
            found[mode].append(carried_out(job, folder / f"{mode}-{turn}", uri, patience))
            told = found[mode][-1]
            print(
                f"{mode:7} {told['cpu_s']:8.2f} s CPU, {told['beside_s']:.2f} s beside", flush=True
            )
    finally:
        server.kill()
    return summary(found)


def summary(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    cpu, others = (
        {mode: statistics.median(one[key] for one in told) for mode, told in found.items()}
        for key in ("cpu_s", "beside_s")
    )
    return {
        mode: {
            "cpu_s": round(cpu[mode], 2),
            "beside_s": round(others[mode], 2),
            "all_s": [round(one["cpu_s"], 2) for one in told],
            "all_beside_s": [round(one["beside_s"], 2) for one in told],
            "growth_percent": round(100 * (others[mode] - others["fine"]) / cpu["fine"], 2),
            "whole_percent": round(100 * (cpu[mode] / cpu["fine"] - 1), 2),
            "wait_s": round(max(one["wait_s"] for one in told), 3),
        }
        for mode, told in found.items()
    }


def main() -> int:
    """1 where a fault costs more than the limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--patience", type=float, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = race(Path(folder), asked.steps, asked.repeats, asked.patience)
    ill = [told[mode] for mode in MODES[2:]]
    passed = all(one["growth_percent"] <= LIMIT and one["wait_s"] <= WAIT for one in ill)
    RESULTS.mkdir(exist_ok=True)
    result = {"schema": SCHEMA, "name": "tracking", "steps": asked.steps, "modes": told}
    whole = json.dumps(result | {"passed": passed, "machine": machine()}, indent=2)
    (RESULTS / "tracking.json").write_text(whole + "\n")
    print(json.dumps(told, indent=1))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
