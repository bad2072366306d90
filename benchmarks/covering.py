"""Do 95 % intervals cover 95 %, and are there 5 % false findings? `python benchmarks/covering.py`.

Simulated studies go through `dashboard.analysis.hierarchical.intervals`, items and all: each
language is a study of its own, with items and seeds of its own. An answer is right where

    strength + item + item under this training task + seed + rest > 0

with normal parts, so that the true gain over the population of items and of seeds is known exactly
(a difference of two normal distribution functions). Worlds differ in which part dominates.
Told are, by world, design, number of seeds and method, how many intervals hold the true gain; and,
where nothing is true, how many grids of cells show a false finding after correction (Holm), or what
share of the findings is false (Benjamini-Hochberg: with nothing true, the same). The result goes to
`benchmarks/results/covering.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from bench import RESULTS, ROOT, SCHEMA, machine
from scipy import stats

sys.path.insert(0, str(ROOT))
from dashboard.analysis.correction import corrected  # noqa: E402
from dashboard.analysis.hierarchical import intervals  # noqa: E402

BOUNDS = (0.93, 0.97)
LEVEL = 0.05
BLOCK = 100
"""Studies that share the draws of their items and seeds."""


@dataclass(frozen=True)
class World:
    """Standard deviations of the parts of an answer, and what the training task adds to it."""

    name: str
    seeds: int
    item: float
    seed: float
    gain: float = 0.1
    items: int = 300
    rest: float = 0.7
    easy: float = 0.3
    crossed: bool = False

    @property
    def truth(self) -> float:
        """The true gain in points."""
        parts = (1.0, self.item**2, self.seed**2 * (2 if self.crossed else 1), self.rest**2)
        spread = sum(parts) ** 0.5
        base = (1.0 + self.item**2 + self.seed**2 + self.rest**2) ** 0.5
        after, before = (self.easy + self.gain) / spread, self.easy / base
        return float(100 * (stats.norm.cdf(after) - stats.norm.cdf(before)))


WORLDS = (
    World("items vary most", 3, item=0.5, seed=0.02),
    World("items and seeds vary alike", 3, item=0.4, seed=0.08),
    World("seeds vary most", 3, item=0.2, seed=0.3),
)


def studies(
    world: World, count: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, Callable[[str], pd.DataFrame]]:
    """(gain table, reader of items) of `count` studies, each a language."""
    hard = rng.normal(size=(count, world.items))
    own = {side: hard + rng.normal(0, world.item, hard.shape) for side in ("none", "task")}
    luck = {
        (kind, seed): rng.normal(0, world.seed, (count, 1))
        for kind in ("none", "task", "first")
        for seed in range(world.seeds)
    }
    names = [f"s{at:04}" for at in range(count)]
    rows = pd.DataFrame(
        {
            "lang": np.repeat(names, world.items),
            "cluster_id": np.tile([f"c{at:04}" for at in range(world.items)], count),
            "split": "test",
        }
    )
    tables: dict[str, np.ndarray] = {}
    frames = []

    def answered(name: str, side: str, luck: np.ndarray) -> np.ndarray:
        strength = world.easy + (world.gain if side == "task" else 0.0)
        noise = rng.normal(0, world.rest, hard.shape)
        right = (strength + own[side] + luck + noise > 0).astype(float)
        tables[name] = right.ravel()
        return 100 * right.mean(axis=1)

    for second in range(world.seeds):
        base = answered(f"none--{second}", "none", luck["none", second])
        for first in range(world.seeds) if world.crossed else (second,):
            shift = luck["task", second] + (luck["first", first] if world.crossed else 0.0)
            mine = answered(f"task-{first}-{second}", "task", shift)
            frames.append(_rows(names, mine, base, first, second))
    return pd.concat(frames, ignore_index=True), lambda name: rows.assign(score=tables[name])


def _rows(
    names: list[str], mine: np.ndarray, base: np.ndarray, first: int, second: int
) -> pd.DataFrame:
    """A gain table's rows of one lineage."""
    return pd.DataFrame({"lang": names, "value": mine, "baseline": base}).assign(
        scale="nano",
        target="xnli",
        variant="",
        split="test",
        metric="accuracy",
        intermediate="task",
        intermediate_seed=str(first),
        target_seed=str(second),
        evaluation=f"task-{first}-{second}",
        baseline_evaluation=f"none--{second}",
        gain=mine - base,
    )


def coverage(world: World, count: int, method: str, seed: int) -> dict[str, object]:
    """How many of `count` intervals hold the true gain, and their median width in points.

    Every `BLOCK` studies have draws of their own: one set of 1,000 tells a 95 % quantile to 0.7
    points of coverage, by which all studies of a case would be off together.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for at in range(0, count, BLOCK):
        table, items = studies(world, min(BLOCK, count - at), rng)
        drawn = 1000 * seed + at // BLOCK
        parts.append(intervals(table, items, method=method, draws=1000, seed=drawn))
    found = pd.concat(parts, ignore_index=True)
    held = found["low"].le(world.truth) & found["high"].ge(world.truth)
    return {
        "world": world.name,
        "design": "crossed" if world.crossed else "paired",
        "seeds": world.seeds,
        "method": method,
        "studies": int(found["low"].notna().sum()),
        "coverage": round(float(held.mean()), 4),
        "width": round(float((found["high"] - found["low"]).median()), 2),
        "over": sorted(set(found["interval_over"].astype(str))),
        "passed": bool(BOUNDS[0] <= held.mean() <= BOUNDS[1]),
    }


def false_findings(world: World, grids: int, cells: int, seed: int) -> dict[str, object]:
    """Share of grids in which nothing is true that show a finding, by correction.

    Holm promises at most `LEVEL`; what is beyond three standard errors of the simulation fails.
    """
    null = replace(world, gain=0.0)
    table, items = studies(null, grids * cells, np.random.default_rng(seed))
    found = intervals(table, items, draws=1000)
    found["grid"] = np.arange(len(found)) % grids
    told: dict[str, object] = {"world": world.name, "seeds": world.seeds, "grids": grids}
    told |= {"cells": cells, "uncorrected": round(float(found["p"].lt(LEVEL).mean()), 4)}
    for method in ("holm", "benjamini-hochberg"):
        shown = corrected(found, method, within=["grid"])
        rate = float(shown["p_corrected"].lt(LEVEL).groupby(shown["grid"]).any().mean())
        told[method] = round(rate, 4)
    bound = LEVEL + 3 * (LEVEL * (1 - LEVEL) / grids) ** 0.5
    worst = max(float(str(told[name])) for name in ("holm", "benjamini-hochberg"))
    return told | {"passed": worst <= bound}


def cases(count: int) -> Iterator[dict[str, object]]:
    """Every world at 3, 5 and 10 seeds, with each method that there is for so many."""
    for at, world in enumerate(WORLDS):
        for seeds in (3, 5, 10):
            for method in ("t", "bootstrap") if seeds >= 5 else ("t",):
                yield coverage(replace(world, seeds=seeds), count, method, seed=100 * at + seeds)
    for seeds in (3, 5):
        crossed = replace(WORLDS[1], seeds=seeds, crossed=True)
        yield coverage(crossed, count // 2, "t", seed=900 + seeds)


def main() -> int:
    """1 where an interval covers too little or too much, or findings are false too often."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    asked = parser.parse_args()
    covered, false = [], []
    for told in cases(asked.studies):
        covered.append(told)
        print(
            f"{told['world']:27} {told['design']:8} {told['seeds']:2} seeds, {told['method']:9} "
            f"{100 * float(str(told['coverage'])):5.1f} %, width {told['width']}",
            flush=True,
        )
    for at, world in enumerate(WORLDS):
        for seeds in (3, 5, 10):
            told = false_findings(replace(world, seeds=seeds), asked.studies // 8, 20, 500 + at)
            false.append(told)
            print(f"nothing true: {told}", flush=True)
    passed = all(bool(told["passed"]) for told in (*covered, *false))
    result = {"schema": SCHEMA, "name": "covering", "studies": asked.studies, "bounds": BOUNDS}
    result |= {"coverage": covered, "false_findings": false, "passed": passed}
    RESULTS.mkdir(exist_ok=True)
    whole = json.dumps(result | {"machine": machine()}, indent=2)
    (RESULTS / "covering.json").write_text(whole + "\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
