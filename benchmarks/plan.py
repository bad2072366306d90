"""How long planning 100,000 cells takes: `python benchmarks/plan.py`, and in `make bench`.

The matrix is the paper's intermediate and target tasks at its four sizes with as many seeds as make
up 100,000 cells, written to a temporary file. Judged by the clock; processor time stands beside it,
for a machine that others use. Timed is the whole command `silta plan MATRIX --json`
(start of Python, reading, expansion, every id, costs, what cannot fit, JSON) and, in this process,
each part alone. The result goes to `benchmarks/results/plan-100000.json`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine

CELLS, LIMIT, REPEATS = 100_000, 5.0, 3
SCALES, TASKS, TARGETS = 4, 11, 9
MATRIX = """study: large
source: hub
sources: {{ccg: files}}
scales: [base, large, xl, xxl]
intermediates: [none, anli, mnli, qqp, squad, squad2, hellaswag, ccg, cosmosqa, csqa, mixture]
targets: [xnli, pawsx, udpos, panx, xquad, mlqa, tydiqa, bucc, tatoeba]
seeds: {seeds}
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def whole(matrix: Path) -> tuple[float, float]:
    """Seconds by the clock and of processor time of the command, its output thrown away."""
    command = [sys.executable, "-m", "training", "plan", str(matrix), "--json"]
    command += ["--work", str(matrix.parent / "work")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent, _ = timed(
        lambda: subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return round(spent, 3), round(used, 3)


def parts(matrix: Path) -> tuple[dict[str, float], int]:
    """Seconds by part, and how many cells there are."""
    from training.plan.cost import cost
    from training.plan.expand import expand
    from training.plan.matrix import read

    told = {}
    told["read"], asked = timed(lambda: read(matrix))
    told["expand"], plan = timed(lambda: expand(asked))
    told["cost"], _ = timed(lambda: cost(plan))
    told["json"], _ = timed(lambda: json.dumps(plan.document()))
    return {name: round(spent, 3) for name, spent in told.items()}, plan.cells


def main() -> int:
    """Measure, write the result, and say whether it is in its limit."""
    seeds = -(-CELLS // (SCALES * TASKS * TARGETS))
    with tempfile.TemporaryDirectory() as folder:
        matrix = Path(folder) / "large.yaml"
        matrix.write_text(MATRIX.format(seeds=list(range(1, seeds + 1))))
        taken, used = zip(*(whole(matrix) for _ in range(REPEATS)), strict=True)
        by_part, cells = parts(matrix)
    told = {
        "schema": SCHEMA,
        "name": "plan-100000",
        "cells": cells,
        "seconds": taken,
        "median_s": median(taken),
        "processor_s": median(used),
        "parts": by_part,
        "limit": LIMIT,
        "passed": median(taken) <= LIMIT,
        "machine": machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "plan-100000.json").write_text(json.dumps(told, indent=2) + "\n")
    print(
        f"planning {cells:,} cells: {median(taken):.2f} s, limit {LIMIT:.0f} s "
        f"({median(used):.2f} s of processor time); "
        + ", ".join(f"{name} {spent:.2f} s" for name, spent in by_part.items())
    )
    return 0 if told["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
