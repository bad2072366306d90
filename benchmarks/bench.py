"""How long what a person waits for takes: `make bench`, or `python benchmarks/bench.py NAME ...`.

Each race is one command line, run as a whole process several times; the figures go to
`benchmarks/results/<race>.json` with machine, versions, commit and date, so that a later reader
can tell a slower program from a slower machine. Standard library only.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
SCHEMA = "silta.bench/1"
VERSIONS = ("silta", "torch", "transformers", "pytorch-lightning", "mlflow", "pandas", "streamlit")


@dataclass(frozen=True)
class Race:
    """A command line after the interpreter, and the longest median that is still a pass."""

    name: str
    what: str
    command: tuple[str, ...]
    limit: float | None = None
    """Seconds; None: measured, not judged."""
    repeats: int = 5


RACES = (
    Race("interpreter", "Python alone: the floor under the others", ("-c", "pass")),
    Race("help", "silta --help", ("-m", "training", "--help"), limit=2.0),
    Race(
        "plan",
        "every run and evaluation of the paper's study, as JSON",
        ("-m", "training", "plan", "training/matrices/paper.yaml", "--json"),
        limit=2.0,
    ),
    Race(
        "miniature",
        "the embedded world, 1,000 sentences in every language",
        ("-m", "training", "miniature", "{tmp}", "--seed", "13", "--sentences", "1000"),
        repeats=3,
    ),
)


def seconds(race: Race, scratch: Path) -> list[float]:
    """Wall time of each repetition; the first run warms the file cache and is not counted.

    Raises SystemExit where the command fails: a failed command's time means nothing.
    """
    taken = []
    for turn in range(race.repeats + 1):
        target = scratch / f"{race.name}-{turn}"
        command = [sys.executable, *(part.replace("{tmp}", str(target)) for part in race.command)]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        taken.append(time.perf_counter() - began)
        if done.returncode:
            raise SystemExit(f"{race.name}: {' '.join(command)}\n{done.stderr[-2000:]}")
    return taken[1:]


def machine() -> dict[str, object]:
    """What a reader needs to compare: processor, cores, load, system, versions, commit."""
    commit = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    told = subprocess.run(commit, cwd=ROOT, capture_output=True, text=True)
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in VERSIONS},
        "commit": told.stdout.strip() or None,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def processor() -> str:
    """The processor's name as the kernel tells it; its architecture elsewhere."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def result(race: Race, taken: list[float]) -> dict[str, object]:
    """One race as JSON: the repetitions themselves, their median and whether it is in its limit."""
    median = statistics.median(taken)
    passed = None if race.limit is None else median <= race.limit
    told = {"median_s": round(median, 4), "seconds": [round(t, 4) for t in taken]}
    return {"schema": SCHEMA, **asdict(race), **told, "passed": passed, "machine": machine()}


def main(scratch: Path) -> int:
    """Run the races that were asked for (all by default); 1 where one is over its limit."""
    names = [race.name for race in RACES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("race", nargs="*", help=f"one of {', '.join(names)}; default: all")
    wanted = parser.parse_args().race or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no race named {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    RESULTS.mkdir(exist_ok=True)
    slow = 0
    for race in (race for race in RACES if race.name in wanted):
        told = result(race, seconds(race, scratch))
        (RESULTS / f"{race.name}.json").write_text(json.dumps(told, indent=2) + "\n")
        limit = "" if race.limit is None else f"   limit {race.limit:.2f} s"
        slow += told["passed"] is False
        print(f"{race.name:12} {told['median_s']:8.3f} s{limit}   {race.what}", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder)))
