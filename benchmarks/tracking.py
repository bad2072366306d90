"""What tracking costs a training, beside servers well and ill: `python benchmarks/tracking.py`.

One training is carried out by `silta run-one`: without a server (nothing is sent), beside a real
`mlflow server`, and beside one that is absent, answers 500 or 403, or takes 10 s for an answer.
Told are the process's CPU seconds (interleaved, the median of the repetitions), their growth, and
the longest time between two neighbouring steps. The import of mlflow is in it once; a study pays
for it once, whatever the number of its trainings. Figures go to `results/tracking.json`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
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


def carried_out(job: Path, work: Path, uri: str, patience: float) -> dict[str, float]:
    """CPU seconds of one training, and the longest time between two points of its curve."""
    line = [sys.executable, "-m", "training", "run-one", str(job), "--work", str(work)]
    line += ["--tracking-uri", uri, "--patience", str(patience)] if uri else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    (log,) = work.glob("runs/*/metrics.jsonl")
    times = [json.loads(told)["time"] for told in log.read_text().splitlines()]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_s": cpu, "wait_s": max(b - a for a, b in itertools.pairwise(times))}


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
            print(f"{mode:7} {found[mode][-1]['cpu_s']:8.2f} s CPU", flush=True)
    finally:
        server.kill()
    return summary(found)


def summary(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    cpu = {mode: statistics.median(one["cpu_s"] for one in told) for mode, told in found.items()}
    return {
        mode: {
            "cpu_s": round(cpu[mode], 2),
            "all_s": [round(one["cpu_s"], 2) for one in told],
            "growth_percent": round(100 * (cpu[mode] / cpu["fine"] - 1), 2),
            "over_none_percent": round(100 * (cpu[mode] / cpu["none"] - 1), 2),
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
