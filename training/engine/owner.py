"""Which process holds something, on which machine, and whether it still lives."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Owner:
    """A process; `machine` tells where its number means something."""

    host: str
    machine: str
    pid: int
    began: str
    """When it started, in the kernel's ticks: a number may be given to a later process again."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    @property
    def here(self) -> bool:
        """Whether this process can see if that one lives."""
        return self.machine == machine()

    @property
    def gone(self) -> bool:
        """Whether a process of this machine has ended (a zombie has)."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # another user's
            pass
        state, began = stat(self.pid)
        return state in {"Z", "X"} or bool(began and self.began and began != self.began)


def me() -> Owner:
    """This process."""
    return Owner(platform.node(), machine(), os.getpid(), stat(os.getpid())[1])


@cache
def machine() -> str:
    """One word for all processes that share numbers: this boot and this container."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink(PROC / 'self/ns/pid')}"
    except OSError:  # no Linux
        return platform.node()


def stat(pid: int) -> tuple[str, str]:
    """State and start of a process; empty where they are hidden."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return fields[0], fields[19]
    except OSError:
        return "", ""
