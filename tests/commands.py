"""Running the real commands as a user does, and a data folder small enough for a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Done = subprocess.CompletedProcess[str]
REFUSING = "http://127.0.0.1:9"
"""A port (discard) where nothing listens."""


def command(*arguments: Any, python: tuple[str, ...] = ()) -> list[str]:
    """`silta ...` with this interpreter."""
    return [sys.executable, *python, "-m", "training", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """The tests' environment with the checkout importable."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def silta(*arguments: Any, cwd: Path = ROOT, **more: str) -> Done:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=300,
    )


def begin(*arguments: Any) -> subprocess.Popen[str]:
    """Start a command, which heeds Ctrl-C also where the tests themselves run in the background."""
    return subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def refused(done: Done, *words: str) -> None:
    """Bad input: one message that holds the words, exit code 2, no traceback."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert done.returncode == 2, f"exit code {done.returncode}: {said}"
    assert not done.stdout.strip(), done.stdout
    assert done.stderr.count("silta: ") == 1, said
    for word in words:
        assert word in done.stderr, f"{word!r} is not in: {done.stderr}"


def until(true: Callable[[], Any], process: subprocess.Popen[str], seconds: float = 120) -> Any:
    """Wait for something that a running command brings about."""
    limit = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < limit, "it did not happen in time"
        if process.poll() is not None:
            said = process.communicate()
            raise AssertionError(f"the command ended with {process.returncode}: {said}")
        time.sleep(0.02)
    return found
