"""A plan as Slurm job arrays: one command line a job, parents in earlier arrays.

Arrays wait for others with `afterany`, not `afterok`: one failed task would hold back every job
of the next wave. Instead `run-one` refuses, at once, a job whose parent is not done; so a failure
takes its descendants along and nothing else. Planning needs no torch.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from training import catalogue
from training.engine.executor import DONE, WAITING, Outcome
from training.engine.jobs import Job, read, write
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.study import jobs_of, keep
from training.plan.needs import Needs, needs
from training.plan.plan import Plan
from training.spec.record import RESUMABLE

LARGEST = 1000
"""Tasks of an array: Slurm's MaxArraySize is 1001 unless configured, and bounds the index."""
WORTH = 0.25
"""Shares of a GPU below this are not worth a whole one, which is the least that Slurm gives."""
WARNING = 120
"""Seconds before the time limit at which a job is told to write a checkpoint and end."""


@dataclass(frozen=True)
class Array:
    """Jobs that may run side by side with equal resources."""

    name: str
    jobs: tuple[Job, ...]
    needs: Needs
    after: tuple[str, ...]
    """Names of the arrays that hold their parents."""

    @property
    def gpus(self) -> int:
        """Whole GPUs of a task."""
        return ceil(self.needs.gpus) if self.needs.gpus >= WORTH else 0


def arrays(plan: Plan, runtime: Runtime) -> list[Array]:
    """What is not done yet, by depth and by resources; every array after those it waits for."""
    store = Store(runtime.work)
    todo = {job.id: job for job in jobs_of(plan) if not store.done(job.id)}
    depths = depths_of(todo)
    groups: dict[tuple[int, str], list[Job]] = {}
    for id, job in todo.items():
        groups.setdefault((depths[id], kind(job)), []).append(job)
    made: list[Array] = []
    holder: dict[str, str] = {}
    for (depth, name), jobs in sorted(groups.items(), key=lambda one: one[0][0]):
        parts = [tuple(jobs[i : i + LARGEST]) for i in range(0, len(jobs), LARGEST)]
        for number, part in enumerate(parts, 1):
            label = f"{depth}-{name}" + (f"-{number}" if len(parts) > 1 else "")
            after = dict.fromkeys(holder[j.needs] for j in part if j.needs in holder)
            made.append(Array(label, part, asked(part[0], runtime), tuple(after)))
        holder |= {job.id: one.name for one in made for job in one.jobs}
    return made


def depths_of(todo: dict[str, Job]) -> dict[str, int]:
    """How many unfinished ancestors a job has; parents stand before their children."""
    found: dict[str, int] = {}
    for id, job in todo.items():
        found[id] = found[job.needs] + 1 if job.needs in found else 0
    return found


def kind(job: Job) -> str:
    """Jobs of a kind get equal resources."""
    return f"{job.document['scale']}-{'train' if 'phase' in job.document else 'measure'}"


def finished(path: Path, runtime: Runtime) -> bool:
    """Whether a document's job is done already."""
    return Store(runtime.work).done(read(path)["id"])


def unmet(path: Path, runtime: Runtime) -> str | None:
    """Why a job cannot be done now: what it starts from is not there. None: it can.

    Raises UnknownName.
    """
    document = read(path)
    if "target" in document:  # what is never to be done is told before what is not yet
        catalogue.task(document["target"])
    parent = document.get("parent") or document.get("run")
    store = Store(runtime.work)
    if parent is None or store.done(parent):
        return None
    reason = store.failed(parent)
    return f"it needs {parent}, which " + (f"failed: {reason}" if reason else "is not done")


def asked(job: Job, runtime: Runtime) -> Needs:
    scale = catalogue.scale(job.document["scale"])
    return needs(scale, "phase" in job.document, runtime.gpus)


def command(job: Job, devices: int, runtime: Runtime) -> str:
    """The job's command line; its document is written where it says."""
    path = write(job, runtime.work.absolute())
    words = [sys.executable, "-m", "training", "run-one", str(path)]
    words += ["--work", str(runtime.work.absolute())]
    words += ["--data", str(runtime.data.absolute())] if runtime.data else []
    words += ["--devices", str(devices)] if devices > 1 else []
    return shlex.join(words)


def script(study: str, one: Array, runtime: Runtime) -> str:
    """An array's job script."""
    logs = runtime.work.absolute() / "slurm"
    threads = runtime.threads * max(1, one.gpus)
    lines = [
        "#!/bin/bash",
        f"#SBATCH --job-name={study}-{one.name}",
        f"#SBATCH --array=0-{len(one.jobs) - 1}",
        "#SBATCH --nodes=1 --ntasks=1",
        f"#SBATCH --cpus-per-task={threads}",
        *([f"#SBATCH --gres=gpu:{one.gpus}"] if one.gpus else []),
        f"#SBATCH --mem={one.needs.memory_gb}G",
        f"#SBATCH --time={one.needs.hours}:00:00",
        "#SBATCH --requeue",
        "#SBATCH --open-mode=append",
        f"#SBATCH --signal=B:TERM@{WARNING}",
        f"#SBATCH --output={logs}/%x-%A_%a.log",
        f"export OMP_NUM_THREADS={runtime.threads} TOKENIZERS_PARALLELISM=false",
        "commands=(",
        *(shlex.quote(command(job, one.gpus, runtime)) for job in one.jobs),
        ")",
        BODY,
    ]
    return "\n".join(lines)


BODY = f"""\
# The warning before the time limit reaches this shell only: it is passed on, and what wrote a
# checkpoint and ended with {RESUMABLE} is queued again.
eval "exec ${{commands[SLURM_ARRAY_TASK_ID]}}" &
job=$!
trap 'told=1; kill -TERM "$job" 2> /dev/null' TERM
while told=; wait "$job"; code=$?; [ "$told" ]; do :; done
if [ "$code" = {RESUMABLE} ]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$code"
"""


def submission(study: str, made: Iterable[Array], bodies: dict[str, str]) -> str:
    """The script that hands everything in; `bodies` says how sbatch gets each job script."""
    lines = [
        "#!/bin/bash",
        f"# Hands the study {study} to Slurm: bash THIS [--partition=P --account=A ...].",
        "# What is said there holds for every array and wins over what the arrays say.",
        "set -euo pipefail",
        'submit() { local id; id=$(sbatch --parsable "$@") || return; echo "${id%%;*}"; }',
    ]
    for one in made:
        waits = ":".join(f"${variable(name)}" for name in one.after)
        after = f" --dependency=afterany:{waits}" if waits else ""
        lines.append(f'{variable(one.name)}=$(submit{after} "$@" {bodies[one.name]}')
        lines.append(f'echo "${variable(one.name)} {study}-{one.name} ({len(one.jobs)} jobs)"')
    return "\n".join(lines) + "\n"


def variable(name: str) -> str:
    """A shell variable's name for an array."""
    return "a" + name.replace("-", "_")


def inline(text: str) -> str:
    """A job script within the submission."""
    return f"<<'END_OF_JOB'\n{text}END_OF_JOB\n)"


def record(plan: Plan, made: list[Array], runtime: Runtime) -> None:
    """Keep the study's plan and state, which `silta publish` sends once jobs are done."""
    waiting = {job.id for one in made for job in one.jobs}
    states = {job.id: WAITING if job.id in waiting else DONE for job in jobs_of(plan)}
    keep(plan, Outcome(states), runtime)


def scripts(plan: Plan, runtime: Runtime, out: Path | None) -> Iterator[tuple[str, str]]:
    """(file name, text): one script to hand in, and one a job array where they go to a folder.

    The documents of the jobs are written under the work directory.
    """
    made = arrays(plan, runtime)
    record(plan, made, runtime)
    (runtime.work / "slurm").mkdir(parents=True, exist_ok=True)
    bodies = {}
    for one in made:
        text = script(plan.study, one, runtime)
        bodies[one.name] = inline(text)
        if out:
            yield f"{one.name}.sbatch", text
            bodies[one.name] = f"{shlex.quote(str(out.absolute() / one.name))}.sbatch)"
    yield "submit.sh", submission(plan.study, made, bodies)
