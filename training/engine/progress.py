"""Progress of a study with an estimate of the time left: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from training.engine.jobs import Job

LOOK = 1.0
"""Seconds between looks at how far running jobs are: each reads their logs."""
NEVER = float("-inf")
ENOUGH = 0.002
"""The share to be behind before the rest is told: at first most of the time went to starting."""
EVERY = 10.0
"""Seconds between lines where there is no terminal."""


def unknown(job: Job) -> float:
    """Nobody knows how far a running job is."""
    return 0.0


class Progress:
    """Told of every change of a job; weighs jobs by their expected cost.

    `part(job)` is the share of a running job that is behind it, 0 to 1.
    """

    def __init__(
        self,
        jobs: list[Job],
        finished: set[str],
        quiet: bool = False,
        part: Callable[[Job], float] = unknown,
    ) -> None:
        self.part, self.parts, self.looked = part, 0.0, NEVER
        self.open = {job.id for job in jobs if job.id not in finished}
        self.total = sum(job.weight for job in jobs if job.id in self.open)
        self.count = len(self.open)
        self.gone, self.settled = 0.0, 0
        self.running: dict[str, Job] = {}
        self.began = self.told = time.monotonic()
        self.terminal = sys.stderr.isatty() and not quiet
        self.quiet = quiet

    def __call__(self, job: Job, state: str) -> None:
        self.looked = NEVER  # what was known of running jobs is not so any more
        if state in {"running", "running elsewhere"}:
            if job.id not in self.open:  # it is done again: its encoder was lost, or it had failed
                self.open.add(job.id)
                self.count, self.total = self.count + 1, self.total + job.weight
            self.running[job.id] = job
        else:
            self.running.pop(job.id, None)
            self.open.discard(job.id)
            self.settled += 1
            if state == "not run":
                self.total -= job.weight  # nothing was spent on it
            else:
                self.gone += job.weight
            if state == "failed":
                self.line(f"failed: {job.title or job.id}")
        self.show(force=self.settled == self.count)

    def left(self) -> float | None:
        """Seconds left at the speed so far; None before there is enough to tell."""
        spent, gone = time.monotonic() - self.began, self.behind()
        return spent * (self.total - gone) / gone if gone > ENOUGH * self.total else None

    def behind(self) -> float:
        """The weight of what was done, parts of running jobs included."""
        now = time.monotonic()
        if now - self.looked >= LOOK:
            self.parts = sum(self.part(job) * job.weight for job in self.running.values())
            self.looked = now
        return self.gone + self.parts

    def show(self, force: bool = False) -> None:
        """Tell, unless it was told just now."""
        now = time.monotonic()
        if self.quiet or (not force and now - self.told < (0.2 if self.terminal else EVERY)):
            return
        self.told = now
        share = self.behind() / self.total if self.total else 1.0
        doing = ", ".join(job.title or job.id for job in list(self.running.values())[:2])
        message = f"{self.settled}/{self.count} jobs, {duration(now - self.began)}"
        message += f", {self.estimate()}" if self.settled < self.count else ""
        if self.terminal:
            filled = int(24 * share)
            bar = "█" * filled + "░" * (24 - filled)
            sys.stderr.write(f"\r\x1b[K{bar} {share:4.0%}  {message}  {doing[:60]}")
            sys.stderr.write("\n" if force else "")
            sys.stderr.flush()
        else:
            self.line(f"{share:4.0%}  {message}  {doing}".rstrip())

    def estimate(self) -> str:
        left = self.left()
        return f"about {duration(left)} left" if left is not None else "estimating the time left"

    def line(self, message: str) -> None:
        if not self.quiet:
            lead = "\r\x1b[K" if self.terminal else ""
            print(lead + message, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """`1 h 2 min`, `3 min 4 s`, `5 s`."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
