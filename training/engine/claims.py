"""Claims: which process does a job, told by files that every machine that shares the store sees.

`claims/<job>/<n>` names the n-th holder of a job; the highest number holds. Taking a job is
creating the next number, and a name is created once however many try (a hard link to a written
file: atomic over NFS too, where flock is not to be relied on). So a dead holder is followed by one
successor, and a holder that lets go makes itself its own, free, successor. A holder is dead at once
when it ran on this machine and its process is gone; elsewhere when its file was not touched for
STALE seconds, by the file server's clock, nor in CONFIRM seconds more.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from training.engine.owner import Owner, me
from training.engine.placing import place
from training.spec.record import RESUMABLE

BEAT = 5.0
"""Seconds between two touches of a claim."""
STALE = 30.0
"""Seconds without a touch after which a holder on another machine counts as dead..."""
CONFIRM = 10.0
"""... if it still does after these: a file server that was away stops all holders at once."""
LOOK = 1.0
"""Seconds between looks at a claim that is waited for."""
FREE = json.dumps({"free": True})
HELD: dict[Path, Claim] = {}
"""What this process holds, by the job's folder."""


class Held(Exception):
    """Another process does this job."""

    def __init__(self, job: str, owner: Owner | None) -> None:
        super().__init__(f"{job} is done by {owner or 'another process'}")


@dataclass(frozen=True)
class Seen:
    """The last holder of a job, as its file tells."""

    number: int
    owner: Owner | None
    """None: let go, or not yet written."""
    free: bool
    touched: float


class Claims:
    """The claims of a store, under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def holder(self, job: str) -> Owner | None:
        """Who does a job now; None: nobody that lives."""
        seen = look(self.folder / job)
        return seen.owner if seen and not self.over(seen) else None

    def over(self, seen: Seen) -> bool:
        """Whether a holder has let go or is dead."""
        if seen.free:
            return True
        if seen.owner and seen.owner.here:
            return seen.owner.gone
        return self.now() - seen.touched > STALE

    def now(self) -> float:
        """The file server's time; this machine's where nothing can be written."""
        clock = self.folder / ".clock"
        try:
            clock.touch()
            os.utime(clock)
            return clock.stat().st_mtime
        except OSError:
            return time.time()

    def take(self, job: str) -> Claim | None:
        """Hold a job; None where another process does."""
        folder = self.folder / job
        for _ in range(100):  # its last holder may be tidying the folder up just now
            with suppress(FileNotFoundError):
                folder.mkdir(exist_ok=True)
                seen = look(folder)
                if seen and not self.dead(folder, seen):
                    return None
                number = seen.number + 1 if seen else 1
                if not place(folder / str(number), json.dumps(asdict(me()))):
                    return None
                return self.settle(folder, number)
        return None

    def dead(self, folder: Path, seen: Seen) -> bool:
        """Whether a holder is over for good. Looks a second time at one on another machine."""
        if not self.over(seen):
            return False
        if seen.free or (seen.owner and seen.owner.here):
            return True
        time.sleep(CONFIRM)
        again = look(folder)
        return again is not None and (again.number, again.touched) == (seen.number, seen.touched)

    def settle(self, folder: Path, number: int) -> Claim | None:
        """Remove earlier claims; None where a later one appeared, which then holds."""
        for earlier in numbers(folder):
            if earlier < number:
                (folder / str(earlier)).unlink(missing_ok=True)
        if max(numbers(folder), default=number) > number:
            (folder / str(number)).unlink(missing_ok=True)
            return None
        return Claim(folder, number)


class Claim:
    """A job that this process holds; a thread keeps touching the file."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True)
        HELD[folder] = self
        self.thread.start()

    def beat(self) -> None:
        while not self.ended.wait(BEAT):
            if self.lost:
                leave(self.folder.name)
            with suppress(OSError):  # the next touch may succeed
                os.utime(self.folder / str(self.number))

    @property
    def lost(self) -> bool:
        """Whether another process has followed, taking this one for dead (it was suspended); that
        one may even have finished."""
        try:
            mine = self.folder / str(self.number)
            return max(numbers(self.folder), default=0) > self.number or not mine.exists()
        except OSError:  # the next look may tell
            return False

    def release(self, finished: bool) -> None:
        """Let go. Of a finished job nothing stays: whoever takes it looks first if it is done."""
        self.ended.set()
        self.thread.join()
        HELD.pop(self.folder, None)
        mine = self.folder / str(self.number)
        if self.lost:
            mine.unlink(missing_ok=True)
            return
        if finished:
            sweep(self.folder)
            return
        with suppress(OSError):  # on a full disk the number may be drawn a second time
            place(self.folder / str(self.number + 1), FREE)
        mine.unlink(missing_ok=True)


def hold(claims: Claims, job: str, wait: bool) -> Claim:
    """A job's claim, for which one waits, or else raises Held."""
    while (claim := claims.take(job)) is None:
        if not wait:
            raise Held(job, claims.holder(job))
        time.sleep(LOOK)
    return claim


def numbers(folder: Path) -> list[int]:
    try:
        return [int(name) for name in os.listdir(folder) if name.isdecimal()]
    except FileNotFoundError:
        return []


def look(folder: Path) -> Seen | None:
    """The last holder of a job. The file is opened, so that NFS asks its server when it changed."""
    number = max(numbers(folder), default=0)
    if not number:
        return None
    try:
        with (folder / str(number)).open() as file:
            touched = os.fstat(file.fileno()).st_mtime
            text = file.read()
    except FileNotFoundError:  # it was let go of in between
        return look(folder) if numbers(folder) else None
    try:
        told = json.loads(text)
    except ValueError:  # where hard links are unknown, it is written after it is created
        return Seen(number, None, False, touched)
    free = bool(told.get("free"))
    return Seen(number, None if free else Owner(**told), free, touched)


def sweep(folder: Path) -> None:
    """Remove a folder and what killed processes left in it."""
    with suppress(OSError):
        for name in os.listdir(folder):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def leave(job: str) -> None:
    """End this process at once: what it does is another's by now."""
    print(
        f"{job}: taken over by another process, since this one was not heard of for {STALE:.0f} s",
        file=sys.stderr,
        flush=True,
    )
    os._exit(RESUMABLE)
