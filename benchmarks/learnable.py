"""Whether the miniature's tasks are learnt, and not by a cue: `make learnable`.

The shipped micro reads English of the miniature for a while, is then fine-tuned on each inference,
paraphrase and multiple-choice task, and its last state scored on 2,000 held-out English items;
beside it stands the best of the simple models of `cues.py` on the same items. Ends with 1 where
micro is not 10 points above them.
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
READING = {
    **{"steps": 1500, "lr": 1e-3, "batch": 48, "max_length": 96, "mask": 0.2, "dropout": 0.0},
    "languages": ("eng",),
}
RECIPE = {"lr": 3e-4, "dropout": 0.0, "selection": "last", "dev_checks": 1, "dev_examples": 2000}
STEPS = 2400
"""No item is seen twice: micro remembers items sooner than it learns to compare."""
CHOICE = ("hellaswag", "cosmosqa", "csqa")
BATCH, QUESTIONS = 32, 8
"""A batch; of questions, each of which is four or five texts."""


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


def carried_out(run: Run, work: Path) -> Path:
    """The folder of a run, trained in a process of its own unless it is done."""
    document = write(Job(run.id, run.parent, run.document()), work)
    command = [sys.executable, "-m", "training", "run-one", str(document), "--work", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{run.task}: {done.stderr.strip().splitlines()[-1]}")
    return work / "runs" / run.id


def result(task: str, source: str, parent: str, told: argparse.Namespace) -> Result:
    """A fine-tuning from `parent`, read off its English dev score, beside the simple models."""
    recipe = RECIPE | {"steps": told.steps, "batch": QUESTIONS if task in CHOICE else BATCH}
    run = single(TASKS[task], "micro", task, source, told.seed, parent, recipe)
    scores = json.loads((carried_out(run, told.work) / "scores.json").read_text())
    items = pairs(task, tasks.rows(task, "dev", "eng", told.world, SENTENCES))
    found = cues(items)
    cue = max(found, key=lambda name: found[name])
    shares = (100 * baseline(items), cue, 100 * found[cue])
    return Result(task, len(items.gold), *shares, float(scores["dev"]["dev/eng/accuracy"]))


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
    source = f"miniature/seed={told.world}/sentences={SENTENCES}"
    read = single("mlm", "micro", "text", source, told.seed, None, READING)
    print("reading English", file=sys.stderr)
    carried_out(read, told.work)
    print("| task | items | majority or chance | best cue | micro | above |")
    print("|---|--:|--:|--:|--:|--:|")
    with ThreadPoolExecutor(told.jobs) as pool:
        tried = told.tasks or list(TASKS)
        for one in pool.map(lambda task: result(task, source, read.id, told), tried):
            results.append(one)
            print(one.row(), flush=True)
    print(f"{(time.monotonic() - began) / 60:.1f} minutes", file=sys.stderr)
    sys.exit(any(one.micro - max(one.best, one.majority) < CLEAR for one in results))


if __name__ == "__main__":
    main()
