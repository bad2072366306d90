"""How long the intervals of the paper's whole grid take: `make bench`, `benchmarks/intervals.py`.

4 scales x 11 intermediate tasks (and none) x 9 targets x 40 languages x 3 seeds, 1,000 test items
each, 2,000 resamples of the items: 15,840 gains with an interval over seeds and items. Scores are
drawn at random; what is timed is all from the table of scores and the items of every evaluation
(in memory, as the snapshot's parquet files give them) to the table of intervals with their p values
corrected for the whole grid. The result goes to `benchmarks/results/intervals.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from bench import RESULTS, ROOT, SCHEMA, machine

sys.path.insert(0, str(ROOT))
from dashboard.analysis.correction import corrected  # noqa: E402
from dashboard.analysis.gains import gains  # noqa: E402
from dashboard.analysis.hierarchical import intervals  # noqa: E402

LIMIT = 60.0
TASKS = ("none", *(f"task{at}" for at in range(1, 12)))


@dataclass(frozen=True)
class Grid:
    """A study whose every answer is drawn at random; `items` are of one language."""

    scales: int = 4
    targets: int = 9
    languages: int = 40
    seeds: int = 3
    items: int = 1000

    def evaluations(self) -> Iterator[dict[str, str]]:
        for scale in range(self.scales):
            for target in range(self.targets):
                for task in TASKS:
                    for seed in range(1, self.seeds + 1):
                        yield {
                            "evaluation": f"{scale}-{target}-{task}-{seed}",
                            "scale": f"scale{scale}",
                            "target": f"target{target}",
                            "intermediate": task,
                            "intermediate_seed": "" if task == "none" else str(seed),
                            "target_seed": str(seed),
                        }

    def rows(self) -> pd.DataFrame:
        """(lang, cluster_id, split) of a file of items; every evaluation gets its own copy."""
        names = [f"l{at:02}" for at in range(self.languages)]
        clusters = [f"c{at:04}" for at in range(self.items)]
        return pd.DataFrame(
            {
                "lang": np.repeat(names, self.items),
                "cluster_id": np.tile(clusters, self.languages),
                "split": "test",
            }
        )


def study(grid: Grid, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """(scores, evaluation -> right or wrong of each row of `Grid.rows`)."""
    hard = rng.normal(size=(grid.languages, grid.items)).astype("f4")
    answers, frames = {}, []
    for told in grid.evaluations():
        luck = rng.normal(0.3, 0.05, size=(grid.languages, 1)).astype("f4")
        noise = rng.standard_normal(hard.shape, dtype="f4")
        right = hard + luck + 0.5 * noise > 0
        answers[told["evaluation"]] = right.ravel().astype("u1")
        frames.append(
            pd.DataFrame({"lang": [f"l{at:02}" for at in range(grid.languages)]}).assign(
                value=100 * right.mean(axis=1), **told
            )
        )
    scores = pd.concat(frames, ignore_index=True)
    usual = {"variant": "", "split": "test", "metric": "accuracy", "mlm": "", "source": "hub"}
    return scores.assign(**usual, n=float(grid.items), reuses=False, health="ok"), answers


def measured(grid: Grid, draws: int, seed: int) -> dict[str, object]:
    """Seconds by the clock and of processor time, by part, and how many cells came of it."""
    scores, answers = study(grid, np.random.default_rng(seed))
    rows = grid.rows()

    def items(evaluation: str) -> pd.DataFrame:
        return rows.assign(score=answers[evaluation].astype(float))

    began, used = time.perf_counter(), time.process_time()
    table = gains(scores)
    table = table[table["intermediate"].ne("none")]
    paired = time.perf_counter()
    cells = intervals(table, items, draws=draws)
    computed = time.perf_counter()
    shown = corrected(cells, method="holm")
    ended = time.perf_counter()
    whole = shown["interval_over"].eq("seeds and items")
    if not whole.all():
        raise SystemExit(f"{(~whole).sum()} of {len(whole)} cells have no interval over both draws")
    return {
        "cells": len(shown),
        "resampled_scores": len(scores) * draws,
        "seconds": round(ended - began, 2),
        "processor_s": round(time.process_time() - used, 2),
        "parts": {
            "gains": round(paired - began, 2),
            "intervals": round(computed - paired, 2),
            "correction": round(ended - computed, 2),
        },
    }


def main() -> int:
    """1 where the grid takes longer than its limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--languages", type=int, default=40)
    parser.add_argument("--draws", type=int, default=2000)
    asked = parser.parse_args()
    grid = Grid(languages=asked.languages)
    told = measured(grid, asked.draws, seed=1)
    threads = os.environ.get("OPENBLAS_NUM_THREADS") or "all"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result = {"schema": SCHEMA, "name": "intervals", "draws": asked.draws, "threads": threads}
    result |= told | {"peak_mib": peak, "limit": LIMIT}
    result |= {"passed": told["seconds"] <= LIMIT, "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "intervals.json").write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"intervals of {told['cells']:,} cells, {asked.draws:,} resamples: {told['seconds']} s, "
        f"limit {LIMIT:.0f} s ({told['processor_s']} s of processor time, {peak} MiB, "
        f"{threads} thread(s))"
    )
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
