"""Shared trainings whose ranks are forks of this process, which imports torch once for all of them:
`python forked_ranks.py '[[document, work], ...]'` prints each failure, or null.

For results to compare with: how commands start their ranks is tested on commands.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def begun(told: dict[str, Any], environment: dict[str, str]) -> None:
    """A rank's life after its fork."""
    from training.engine import ranks

    os.environ.update(environment)
    os.dup2(os.pipe()[0], 0)  # nothing is written to it and it is never closed
    sys.exit(ranks.main(told))


class Rank(get_context("fork").Process):  # type: ignore[misc, name-defined]
    """As `subprocess.Popen` of a rank's command behaves."""

    def __init__(self, command: list[str], env: dict[str, str], **_: Any) -> None:
        super().__init__(target=begun, args=(json.loads(command[-1]), env))
        self.start()

    @property
    def returncode(self) -> int | None:
        return self.exitcode

    def poll(self) -> int | None:
        return self.exitcode

    def wait(self) -> None:
        self.join()


def carried_out(jobs: list[list[str]]) -> list[dict[str, Any] | None]:
    """Why each of the jobs failed that a process of its own carries out like this."""
    from commands import ROOT, environment

    line = [sys.executable, __file__, json.dumps(jobs)]
    done = subprocess.run(line, env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(one) for one in done.stdout.splitlines()]


def main(jobs: list[list[str]]) -> None:
    from training.light import lightly

    lightly()
    import training.engine.train  # noqa: F401  (once for all ranks)
    from training.engine import ranks
    from training.engine.jobs import carry_out
    from training.engine.runtime import Runtime

    ranks.subprocess = SimpleNamespace(Popen=Rank, PIPE=None)  # type: ignore[assignment]
    for path, work in jobs:
        where = Runtime(Path(work), devices=2, layout="padded", progress=False)
        failure = carry_out(Path(path), where)
        print(json.dumps(asdict(failure) if failure else None), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
