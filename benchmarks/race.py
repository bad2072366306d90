"""Silta beside Hugging Face's Trainer on a processor: `python benchmarks/race.py [--quick]`.

One thread, a model of 4 layers of 256, batches of 32. Lengths are drawn as those of NLI pairs
(lognormal, mean 39.9 pieces, 99 % under 76) and of UD English sentences (mean 23, 99 % under 84).
Every racer's own sampler orders 6,400 examples, of which each repetition trains a few batches drawn
by chance, the racers in turn; they are compared turn by turn. Counted are real tokens a second of
processor time, so neither padding nor a busy machine helps anybody. Beside it: the losses of the
first steps on the same batches, padding by layout, and the milliseconds that a framework adds to a
plain loop.
Goals, figures and machine go to `benchmarks/results/race.json`; 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from bench import RESULTS, SCHEMA, machine
from course import Course, Shape
from goal import Goal
from racers import Lap, Order, Racer, plain, plain_theirs, silta
from rivals import hugging_face
from transformers.trainer_pt_utils import get_length_grouped_indices

from training import compilers
from training.data.module import length_batches
from training.data.sampling import batches
from training.families.base import Feature
from training.spec.recipe import Recipe

EXAMPLES, WARM, FIRST = 6400, 2, 5
SAME = 1e-4
"""How far losses may be apart, relative."""
PADDED, FLAT = "silta, grouped and padded", "silta, grouped and flat"
COMPILED = "silta, padded, layers compiled"
FIXED, DYNAMIC, GROUPED = "Trainer, padded to 128", "Trainer, dynamic", "Trainer, group_by_length"
LOOP = "plain loop, grouped"
RACERS: dict[str, tuple[Racer, str]] = {
    PADDED: (silta("padded"), "silta"),
    FLAT: (silta("flat"), "silta"),
    COMPILED: (silta("padded", compiled=True), "silta"),
    FIXED: (hugging_face(padded=True), "random"),
    DYNAMIC: (hugging_face(padded=False), "random"),
    GROUPED: (hugging_face(padded=False), "theirs"),
    LOOP: (plain, "silta"),
}
"""Each with the sampler that orders its examples. Compiling is not counted."""


def lengths(mean: float, spread: float, longest: int, count: int = EXAMPLES) -> tuple[int, ...]:
    """Lognormal pieces, cut at `longest`."""
    draw = np.random.default_rng(1).lognormal(np.log(mean) - spread**2 / 2, spread, count)
    return tuple(int(one) for one in np.clip(np.rint(draw), 5, longest))


NLI = Course("mnli", lengths(39.9, 0.29, 128))
UD = Course("udpos", lengths(23.0, 0.67, 128))


def order(sampler: str, course: Course, seed: int) -> Order:
    """All batches of an epoch as a sampler makes them."""
    if sampler == "silta":
        told = Recipe(batch=course.batch)
        steps = len(course.lengths) // course.batch
        return [one.tolist() for one in batches(course.lengths, told, seed, steps)]
    torch.manual_seed(seed)
    if sampler == "random":
        places = torch.randperm(len(course.lengths)).tolist()
    else:
        places = get_length_grouped_indices(list(course.lengths), course.batch)
    return [places[i : i + course.batch] for i in range(0, len(places), course.batch)]


def some(whole: Order, count: int, seed: int) -> Order:
    """Batches drawn by chance: first and last ones of a sorted stretch are unlike the others."""
    drawn = np.random.default_rng(seed).choice(len(whole), count, replace=False)
    return [whole[i] for i in drawn]


def speeds(course: Course, steps: int, repeats: int) -> dict[str, list[float]]:
    """Real tokens a second of processor time, by racer and repetition."""
    found: dict[str, list[float]] = {name: [] for name in RACERS}
    for turn in range(repeats):
        names = list(RACERS)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            racer, sampler = RACERS[name]
            chosen, lap = some(order(sampler, course, turn), WARM + steps, turn), Lap(WARM, steps)
            racer(course, chosen, lap)
            tokens = sum(course.lengths[i] for batch in chosen[WARM:] for i in batch)
            found[name].append(tokens / lap.seconds)
            print(f"  {turn + 1}/{repeats} {name}: {found[name][-1]:.0f}", file=sys.stderr)
    return found


def differences(course: Course) -> dict[str, float]:
    """How far each racer's first losses are from the plain loop's on the same batches."""
    chosen, told = some(order("random", course, 0), FIRST, 0), {}
    for name, (racer, _) in RACERS.items():
        lap = Lap(1, FIRST - 1, watch=True)
        racer(course, chosen, lap)
        told[name] = np.array(lap.losses[:FIRST])
    return {name: float(np.abs(one / told[LOOP] - 1).max()) for name, one in told.items()}


def race(name: str, course: Course, steps: int, repeats: int) -> tuple[dict[str, Any], list[Goal]]:
    """One course: figures, and the goals of speed and equality."""
    found, apart = speeds(course, steps, repeats), differences(course)
    middle = {racer: statistics.median(told) for racer, told in found.items()}
    own = found[PADDED]  # a processor's layout unless told otherwise
    limits = (
        {FIXED: 1.7, DYNAMIC: 1.2, GROUPED: 1.0} if name == "NLI" else {FIXED: 4.0, DYNAMIC: 2.0}
    )
    goals = [
        Goal(f"{name}: times {who}", times(own, found[who]), least) for who, least in limits.items()
    ]
    worst = max(apart.values())
    goals.append(Goal(f"{name}: losses of the first {FIRST} steps apart", worst, SAME, least=False))
    rows = {
        racer: {
            "tokens_per_s": round(middle[racer], 1),
            "range": [round(min(told), 1), round(max(told), 1)],
            "losses_apart": apart[racer],
        }
        for racer, told in found.items()
    }
    print(f"{name}: real tokens a second of processor time, median of {repeats} (range)")
    for racer, row in rows.items():
        low, high = row["range"]
        print(f"  {racer:26} {row['tokens_per_s']:8.0f} ({low:.0f} to {high:.0f})")
    return rows, goals


def times(ours: list[float], theirs: list[float]) -> float:
    """The median of how many times as quick, turn by turn: within one the machine is the same."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def share(sizes: tuple[int, ...], chosen: Order) -> float:
    """Of what is computed, how much is padding."""
    cut = [[sizes[i] for i in batch] for batch in chosen]
    return 1 - sum(map(sum, cut)) / sum(max(one) * len(one) for one in cut)


def padding() -> tuple[dict[str, float], list[Goal]]:
    """Shares of padding: training batches of NLI, QA and POS, and evaluation's of 33 languages."""
    qa = Course("squad", lengths(202.0, 0.33, 384))
    pooled = lengths(29.8, 0.67, 256)
    features = [Feature(((0,) * size,), None, i) for i, size in enumerate(pooled)]
    told = {
        "NLI": share(NLI.lengths, order("silta", NLI, 0)),
        "QA": share(qa.lengths, order("silta", qa, 0)),
        "POS, English": share(UD.lengths, order("silta", UD, 0)),
        "POS, pooled languages": share(pooled, list(length_batches(features, 8192))),
    }
    limits = {"NLI": 0.10, "QA": 0.05, "POS, pooled languages": 0.15}
    goals = [Goal(f"padding, {one}", told[one], most, least=False) for one, most in limits.items()]
    return told | {"flat": 0.0}, goals


def overhead(steps: int, repeats: int) -> tuple[dict[str, float], list[Goal]]:
    """Milliseconds a step over the plain loop with the same model and batches, paired medians."""
    small = replace(NLI, lengths=NLI.lengths[:800], batch=8, shape=Shape(1, 64, 2))
    pairs = {"silta": (silta("padded"), plain), "Trainer": (hugging_face(False), plain_theirs)}
    more: dict[str, list[float]] = {name: [] for name in pairs}
    for turn in range(repeats):
        for name, both in pairs.items():
            laps = []
            chosen = some(order("silta", small, turn), 50, turn)
            for racer in both:
                lap = Lap(20, steps)
                racer(small, list(chosen) * (1 + (steps + 20) // 50), lap)
                laps.append(1000 * lap.seconds / steps)
            more[name].append(laps[0] - laps[1])
    told = {name: statistics.median(some_ms) for name, some_ms in more.items()}
    print(
        f"a step over a plain loop: silta {told['silta']:.2f} ms, Trainer {told['Trainer']:.2f} ms"
    )
    goals = [
        Goal("ms a step over a plain loop", told["silta"], 2.2, least=False),
        Goal("of it above Trainer's", told["silta"] - told["Trainer"], 0.0, least=False),
    ]
    return told, goals


def main() -> int:
    """All races; the result is kept unless it was a quick one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few steps; nothing is kept")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    if quick or not compilers.there():
        RACERS.pop(COMPILED)
    steps, repeats = (2, 1) if quick else (5, 9)
    told: dict[str, Any] = {"schema": SCHEMA, "name": "race", "steps": steps, "repeats": repeats}
    # First: in a process that has compiled layers Lightning's steps take 0.3 ms longer.
    told["overhead_ms"], goals = overhead(*((20, 1) if quick else (150, 25)))
    for name, course in (("NLI", NLI), ("UD", UD)):
        told[name], more = race(name, course, steps, repeats)
        goals += more
    told["padding"], more = padding()
    goals += more
    print("\n".join(one.line() for one in goals))
    told["goals"] = [one.document() for one in goals]
    told |= {"passed": all(one.met for one in goals), "machine": machine()}
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "race.json").write_text(json.dumps(told, indent=2) + "\n")
    return 0 if told["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
