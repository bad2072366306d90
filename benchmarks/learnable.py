"""Whether the miniature's tasks are learnt, and not by a cue: `make learnable`.

The shipped micro is fine-tuned in English on each inference, paraphrase and multiple-choice task, and
its last state scored on 2,000 held-out English items; beside it stands the best of the simple models
of `cues.py` on the same items. Ends with 1 where micro is not 10 points above them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cues import baseline, cues, pairs

from training.engine.jobs import Job, write
from training.miniature import tasks
from training.plan.single import single
from training.spec.run import Run
from training.spec.task import Phase

CLEAR = 10.0
SENTENCES = 80_000
"""As many training items a task; of held-out ones one in 40 of that."""
TASKS: dict[str, Phase] = {
    "mnli": "intermediate",
    "anli": "intermediate",
    "xnli": "target",
    "qqp": "intermediate",
    "pawsx": "target",
    "hellaswag": "intermediate",
    "cosmosqa": "intermediate",
    "csqa": "intermediate",
}
RECIPE = {"lr": 2e-4, "dropout": 0.0, "selection": "last", "dev_checks": 1, "dev_examples": 0}
STEPS = 3000


@dataclass(frozen=True)
class Result:
    """English accuracies of one task, in per cent of its held-out items."""

    task: str
    items: int
    majority: float
    cue: str
    best: float
    micro: float

    def row(self) -> str:
        told = f"| {self.task} | {self.items} | {self.majority:.1f} | {self.best:.1f} ({self.cue}) "
        return f"{told}| {self.micro:.1f} | {self.micro - max(self.best, self.majority):+.1f} |"


def run_of(task: str, seed: int, world: int, steps: int) -> Run:
    source = f"miniature/seed={world}/sentences={SENTENCES}"
    return single(TASKS[task], "micro", task, source, seed, None, RECIPE | {"steps": steps})


def trained(run: Run, work: Path) -> float:
    """Accuracy of a training's last state on English dev, in per cent."""
    document = write(Job(run.id, run.parent, run.document()), work)
    command = [sys.executable, "-m", "training", "run-one", str(document), "--work", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{run.task}: {done.stderr.strip().splitlines()[-1]}")
    scores = json.loads((work / "runs" / run.id / "scores.json").read_text())
    return float(scores["dev"]["dev/eng/accuracy"])


def result(task: str, seed: int, world: int, steps: int, work: Path) -> Result:
    items = pairs(task, tasks.rows(task, "dev", "eng", world, SENTENCES))
    found = cues(items)
    cue = max(found, key=lambda name: found[name])
    micro = trained(run_of(task, seed, world, steps), work)
    return Result(task, len(items.gold), 100 * baseline(items), cue, 100 * found[cue], micro)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)}; all unless told")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int, default=13, help="seed of the miniature")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--jobs", type=int, default=2, help="trainings at a time, a thread each")
    parser.add_argument("--work", type=Path, default=Path("work"))
    told = parser.parse_args()
    began, results = time.monotonic(), []
    print("| task | items | majority or chance | best cue | micro | above |\n|---|--:|--:|--:|--:|--:|")
    with ThreadPoolExecutor(told.jobs) as pool:
        rest = (told.seed, told.world, told.steps, told.work)
        for one in pool.map(lambda task: result(task, *rest), told.tasks or TASKS):
            results.append(one)
            print(one.row(), flush=True)
    print(f"{(time.monotonic() - began) / 60:.1f} minutes", file=sys.stderr)
    sys.exit(any(one.micro - max(one.best, one.majority) < CLEAR for one in results))


if __name__ == "__main__":
    main()
