"""A study's status for people: a table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from training.spec.task import PHASES

if TYPE_CHECKING:
    from rich.console import Group

STATES = {
    "done": "green",
    "running": "cyan",
    "interrupted": "yellow",
    "failed": "red",
    "not run": "magenta",
    "waiting": "dim",
}
ORDER = (*PHASES, "evaluation")
FEW = 40
"""So many jobs are shown one by one in a terminal; of more, only those that tell something."""
TELLING = {"running", "failed", "interrupted"}
EVERY = 2.0
"""Seconds between refreshes."""
Status = dict[str, Any]


def terminal() -> bool:
    return sys.stdout.isatty()


def show(status: Status, everything: bool = False) -> None:
    """Once."""
    if terminal():
        from rich.console import Console

        Console().print(table(status, everything))
    else:
        typer.echo("\n".join(lines(status)))


def watch(look: Callable[[], Status], everything: bool = False) -> None:
    """Again and again, until nothing is running or waiting, or Ctrl-C."""
    from rich.live import Live

    try:
        with Live(table(status := look(), everything), auto_refresh=False) as live:
            while {row["state"] for row in status["jobs"]} & {"running", "waiting", "interrupted"}:
                time.sleep(EVERY)
                live.update(table(status := look(), everything), refresh=True)
    except KeyboardInterrupt:
        return


def counts(status: Status) -> Iterator[tuple[str, str, Counter[str]]]:
    """Phase, scale and how many jobs are in which state; then the sum."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in status["jobs"]:
        found.setdefault((row["phase"], row["scale"]), Counter())[row["state"]] += 1
    for phase, scale in sorted(found, key=lambda one: ORDER.index(one[0])):
        yield phase, scale, found[phase, scale]
    yield "all", "", sum(found.values(), Counter())


def detail(row: dict[str, Any]) -> str:
    """What is to be said of a job beyond its state."""
    told = [row["reason"] or ""]
    if row["step"] is not None:
        told.append(f"step {row['step']} of {row['steps'] or '?'}")
    if row["seconds_left"] is not None:
        told.append(f"about {duration(row['seconds_left'])} left")
    told.append(row["owner"] or "")
    told.append("encoder pruned" if row["pruned"] else "")
    return ", ".join(filter(None, told))


def duration(seconds: float) -> str:
    from training.engine.progress import duration

    return duration(seconds)


def lines(status: Status) -> Iterator[str]:
    """All of it, for a pipe."""
    yield f"{'':24}" + "".join(f"{state:>12}" for state in STATES)
    for phase, scale, counted in counts(status):
        yield f"{phase:13}{scale:11}" + "".join(f"{counted[state]:12}" for state in STATES)
    yield ""
    for row in status["jobs"]:
        yield f"{row['state']:11} {row['id']:46} {detail(row)}".rstrip()


def table(status: Status, everything: bool) -> Group:
    """Counts, and below them the jobs."""
    from rich.console import Group
    from rich.table import Table

    top = Table("phase", "scale", title=status["study"], title_justify="left")
    for state, style in STATES.items():
        top.add_column(state, justify="right", style=style)
    for phase, scale, counted in counts(status):
        top.add_row(phase, scale, *(str(counted[state] or "") for state in STATES))
    jobs = Table("state", "job", "seed", "", box=None)
    rows = status["jobs"]
    shown = [row for row in rows if everything or len(rows) <= FEW or row["state"] in TELLING]
    for row in shown:
        title = f"{row['phase']} {row['task']} on {row['scale']}"
        seed = "" if row["seed"] is None else str(row["seed"])
        jobs.add_row(row["state"], title, seed, detail(row), style=STATES[row["state"]])
    hidden = len(rows) - len(shown)
    return Group(top, jobs, f"{hidden} more: --all shows them" if hidden else "")
