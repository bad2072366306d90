"""A stand-in for Slurm: `sbatch` and `scontrol requeue` on one machine, one task at a time.

`install` writes the two commands into a folder for PATH. Submitting only keeps a job; `Queue.run`
carries tasks out in an arbitrary order among those whose dependencies allow it, as a cluster would.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_ARRAY_SIZE = 1001
KNOWN = {
    *("job-name", "array", "nodes", "ntasks", "cpus-per-task", "gres", "mem", "time", "requeue"),
    *("open-mode", "signal", "output", "dependency", "parsable", "partition"),
}


def options(words: list[str]) -> dict[str, str]:
    """`--name=value` and `--name`, each known to sbatch."""
    told = dict(word.removeprefix("--").partition("=")[::2] for word in words)
    assert set(told) <= KNOWN, f"sbatch: unrecognized option {set(told) - KNOWN}"
    return told


def sbatch(arguments: list[str], spool: Path) -> str:
    """Keep a job; its id as `--parsable` or plain sbatch prints it."""
    files = [one for one in arguments if not one.startswith("--")]
    text = Path(files[0]).read_text() if files else sys.stdin.read()
    assert text.startswith("#!"), "sbatch: this does not look like a batch script"
    head = re.match(r"(?:#.*\n)*", text).group()  # type: ignore[union-attr]
    words = [w for line in re.findall(r"^#SBATCH (.*)", head, re.M) for w in line.split()]
    told = options(words) | options([one for one in arguments if one.startswith("--")])
    number = 100 + len(list(spool.glob("*.json")))
    for wanted in waits(told)[1]:
        assert (spool / f"{wanted}.json").exists(), f"sbatch: no job {wanted} to depend on"
    last = int(told["array"].partition("-")[2])
    assert last < MAX_ARRAY_SIZE, "sbatch: Invalid job array specification"
    (spool / f"{number}.json").write_text(json.dumps({"text": text, "options": told}))
    return f"{number};cluster" if "parsable" in told else f"Submitted batch job {number}"


def waits(told: dict[str, str]) -> tuple[str, list[str]]:
    """The kind of a dependency and the jobs it names."""
    kind, *jobs = told.get("dependency", "").split(":")
    return kind, jobs


@dataclass
class Queue:
    """What was submitted, and what became of every task: (job, index) -> exit codes in order."""

    spool: Path
    environment: dict[str, str]
    codes: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def run(self, seed: int = 0) -> None:
        """Carry everything out."""
        drawn = random.Random(seed)
        jobs = {path.stem: json.loads(path.read_text()) for path in self.spool.glob("*.json")}
        todo = {(id, i) for id, job in jobs.items() for i in range(size(job))}
        while ready := sorted(t for t in todo if self.free(jobs[t[0]], todo)):
            task = drawn.choice(ready)
            if not self.task(jobs[task[0]], *task):
                todo.remove(task)
        assert not todo, f"never started: {sorted(todo)}"

    def free(self, job: Any, todo: set[tuple[str, int]]) -> bool:
        """Whether a job's dependencies are met. `afterok` fails for ever after one failure."""
        kind, wanted = waits(job["options"])
        assert kind in {"", "afterany", "afterok"}
        over = not any(id in wanted for id, _ in todo)
        fine = all(codes[-1] == 0 for (id, _), codes in self.codes.items() if id in wanted)
        return over and (kind != "afterok" or fine)

    def task(self, job: Any, id: str, index: int) -> bool:
        """Run one task; whether it asked to be queued again."""
        told = {"SLURM_ARRAY_JOB_ID": id, "SLURM_ARRAY_TASK_ID": str(index), "SLURM_JOB_ID": id}
        told |= {"SLURM_NTASKS": "1", "SLURM_JOB_NAME": job["options"]["job-name"]}
        script = self.spool / f"{id}.sh"
        script.write_text(job["text"])
        path = job["options"]["output"].replace("%x", told["SLURM_JOB_NAME"])
        log = Path(path.replace("%A", id).replace("%a", str(index)))
        assert log.parent.is_dir(), "Slurm makes no folder for a log: the job would fail"
        with log.open("a" if job["options"].get("open-mode") == "append" else "w") as out:
            process = subprocess.Popen(
                ["bash", script], env=self.environment | told, stdout=out, stderr=out
            )
            self.began(id, index, process)
            code = process.wait(timeout=300)
        self.codes.setdefault((id, index), []).append(code)
        asked = self.spool / f"{id}_{index}.requeue"
        again = asked.exists() and "requeue" in job["options"]
        asked.unlink(missing_ok=True)
        return again

    def began(self, id: str, index: int, process: subprocess.Popen[bytes]) -> None:
        """A task runs; tests do harm here."""


def size(job: Any) -> int:
    return int(job["options"]["array"].partition("-")[2]) + 1


def install(folder: Path) -> dict[str, str]:
    """The two commands in `<folder>/bin`; the environment in which they are found."""
    spool, bin = folder / "spool", folder / "bin"
    for path in (spool, bin):
        path.mkdir(parents=True)
    for name in ("sbatch", "scontrol"):
        program = bin / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -I {__file__} {name} {spool} "$@"\n')
        program.chmod(0o755)
    (bin / "sleep").write_text("#!/bin/sh\n")  # a real requeue ends the script during it
    (bin / "sleep").chmod(0o755)
    root = str(Path(__file__).resolve().parent.parent)
    return {**os.environ, "PATH": f"{bin}:{os.environ['PATH']}", "PYTHONPATH": root}


if __name__ == "__main__":
    name, where, *rest = sys.argv[1:]
    if name == "sbatch":
        print(sbatch(rest, Path(where)))
    else:
        assert rest[0] == "requeue"
        (Path(where) / f"{rest[1]}.requeue").touch()
