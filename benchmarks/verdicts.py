"""How often the verdict is right: 200 made-up studies in each of five worlds, in `make bench`.

And how often the 95 % interval of the change holds what was planted: 1,000 studies in three.

A study has two targets, three intermediates, six languages and two scales; its gains are planted,
with a spread that a seed's cells share and one of each cell. Judged on one contrast a world:
right in at least 95 % of the studies, and never "generalises" where seeds are too few. The result
goes to `benchmarks/results/verdicts.json`.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from bench import RESULTS, SCHEMA, machine

from dashboard.analysis.generalise import verdicts
from dashboard.analysis.registered import Registered, parsed

STUDIES, RIGHT = 200, 0.95
COVERED, BOUNDS = 1000, (0.93, 0.97)
COMPLEX, SIMPLE = ("fin", "hun"), ("eng", "deu", "cmn", "vie")
TARGETS, INTERMEDIATES = ("udpos", "panx"), ("mnli", "squad", "hellaswag")


@dataclass(frozen=True)
class World:
    """Planted gains in points by (scale, whether the language is complex), seeds and spreads."""

    name: str
    word: str
    contrast: str
    at_large: tuple[float, float] = (3.0, 3.0)
    """In simple, in complex languages."""
    at_xxl: tuple[float, float] = (3.0, 3.0)
    seeds: int = 5
    shared: float = 0.3
    """SD over seeds that all cells of a lineage share, points."""
    own: float = 1.0
    """SD of a cell and seed, points: the field's working assumption for one."""


WORLDS = (
    World("generalises", "generalises", "scale"),
    World("shrinks with morphology", "shrinks", "languages", (3.0, 1.0), (3.0, 1.0)),
    World("reverses at XXL", "reverses", "scale", (3.0, 3.0), (3.0, -2.0)),
    World("too few seeds", "cannot tell", "scale", seeds=2),
    World("three seeds, spread too wide", "cannot tell", "scale", (1.0, 1.0), (1.0, 1.0), 3, 5.0),
)


def contrasts(kind: str) -> Registered:
    """One contrast: complex languages, large to xxl; or against simple ones at large."""
    one = {"name": kind, "kind": kind, "languages": ["complex"]}
    sides = {"from": "large", "to": ["xxl"]}
    sides = sides if kind == "scale" else {"from": "simple", "scales": ["large"]}
    return parsed(
        {
            **{"schema": "silta.contrasts/1", "split": "test", "baseline": "none"},
            **{"intermediates": "each", "margin": 1.0, "confidence": 0.95, "correction": "none"},
            **{"least_seeds": 3, "reuses": "included", "families": {"tagging": [*TARGETS]}},
            "languages": {"complex": [*COMPLEX], "simple": [*SIMPLE]},
            "contrasts": [one | sides],
        }
    )


def study(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """A GainTable: one row for every cell and seed."""
    seeds = [str(one + 1) for one in range(world.seeds)]
    places = list(product(("large", "xxl"), seeds, TARGETS, INTERMEDIATES, SIMPLE + COMPLEX))
    columns = ["scale", "target_seed", "target", "intermediate", "lang"]
    table = pd.DataFrame(places, columns=columns)
    means = {"large": world.at_large, "xxl": world.at_xxl}
    planted = [means[scale][lang in COMPLEX] for scale, *_, lang in places]
    shared = rng.normal(0, world.shared, 2 * world.seeds).repeat(len(table) // 2 // world.seeds)
    gain = np.array(planted) + shared + rng.normal(0, world.own, len(table))
    return table.assign(
        gain=gain, intermediate_seed=table["target_seed"], split="test", metric="f1", variant=""
    )


def words(world: World, studies: int, seed: int = 0) -> Counter[str]:
    """How often each word was said."""
    rng, asked = np.random.default_rng(seed), contrasts(world.contrast)
    found = (verdicts(study(world, rng), asked)["verdict"].iloc[0] for _ in range(studies))
    return Counter(found)


def planted(world: World) -> float:
    """The change that its contrast asks for: xxl against large, or complex against simple."""
    there = world.at_xxl if world.contrast == "scale" else world.at_large
    return there[1] - world.at_large[1 if world.contrast == "scale" else 0]


def covered(world: World, studies: int, seed: int = 0) -> float:
    """Share of studies whose interval of the change holds the planted one."""
    rng, asked = np.random.default_rng(seed), contrasts(world.contrast)
    found = [verdicts(study(world, rng), asked).iloc[0] for _ in range(studies)]
    return float(np.mean([one["low"] <= planted(world) <= one["high"] for one in found]))


def passed(world: World, found: Counter[str]) -> bool:
    """Right often enough, and where nothing can be told, never a false comfort."""
    sound = world.word != "cannot tell" or not found["generalises"]
    return sound and found[world.word] >= RIGHT * found.total()


def main() -> int:
    """Simulate, write the result, and say whether every world is judged rightly."""
    began, told = time.perf_counter(), []
    for world in WORLDS:
        found = words(world, STUDIES)
        told.append({"world": world.name, "right": world.word, "said": dict(found)})
        told[-1]["passed"] = passed(world, found)
        print(f"{world.name:30} {found[world.word] / STUDIES:6.1%} {world.word}; {dict(found)}")
    intervals = []
    for world in (*WORLDS[:3],):
        share = covered(world, COVERED, seed=1)
        sound = BOUNDS[0] <= share <= BOUNDS[1]
        intervals.append({"world": world.name, "coverage": round(share, 4), "passed": sound})
        print(f"{world.name:30} {share:6.1%} of intervals of the change hold it")
    whole = {"schema": SCHEMA, "name": "verdicts", "studies": STUDIES, "worlds": told}
    whole |= {"intervals": intervals}
    whole |= {"seconds": round(time.perf_counter() - began, 1), "machine": machine()}
    whole["passed"] = all(one["passed"] for one in (*told, *intervals))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "verdicts.json").write_text(json.dumps(whole, indent=2) + "\n")
    return 0 if whole["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
