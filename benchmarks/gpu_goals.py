"""Figures of `gpu.py` against what one H200 is to reach (H1 to H10): arithmetic only.

The goals are for the peak of 989.5 TFLOP/s of dense bf16 products, operations counted by
`training/plan/operations.py`, and real tokens. A figure that is not there yet judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from goal import Goal

Figures = Mapping[str, Mapping[str, Any]]
"""By measurement: its figures."""


@dataclass(frozen=True)
class Judged(Goal):
    """A figure and the goal that it is for."""

    goal: str = ""

    @property
    def by(self) -> float:
        """By how much in percent of the goal, above zero where it is more than met."""
        if not self.wanted:  # nothing at all is wanted
            return -100.0 * self.figure
        off = 100 * (self.figure / self.wanted - 1)
        return off if self.least else -off

    def line(self) -> str:
        figures = f"{self.figure:11.5g} {self.sign} {self.wanted:<8g} {self.by:+6.1f} %"
        return f"{self.word} {self.goal:4} {figures}  {self.what}"

    def document(self) -> dict[str, Any]:
        told = {"goal": self.goal, "what": self.what, "wanted": self.wanted}
        return told | {"figure": self.figure, "met": self.met, "by_percent": round(self.by, 1)}


RATES = (
    ("H1", "xl full, 16k tokens", "mfu_percent", 45.0, True),
    ("H1", "xl full, 16k tokens", "peak_gib", 130.0, False),
    ("H2", "xxl full, 8k tokens", "mfu_percent", 40.0, True),
    ("H2", "xxl full, 8k tokens", "peak_gib", 135.0, False),
    ("H3", "xl lora, 16k tokens", "tokens_per_s", 33_000.0, True),
    ("H3", "xxl lora, 8k tokens", "tokens_per_s", 10_000.0, True),
    ("H4", "xl full, recipe", "step_ms", 90.0, False),
    ("H5", "xl optimiser", "over_traffic", 1.3, False),
    ("H6", "large full, 16k tokens", "mfu_percent", 35.0, True),
    ("H6", "base full, 16k tokens", "mfu_percent", 20.0, True),
    ("H8", "xl evaluation", "tokens_per_s", 75_000.0, True),
    ("H8", "large retrieval", "share_of_whole", 0.65, False),
    ("H9", "xl syncs", "per_step", 0.0, False),
    ("H10", "flat attention", "relative_error", 1e-2, False),
    ("H10", "xl losses", "apart", 2e-2, False),
    ("H7", "base head memory", "share", 0.2, False),
)
"""Goal, measurement, figure, what is wanted, whether at least."""
RACES = (
    ("H4", "xl full, recipe", "xl trainer padded, recipe", 2.0),
    ("H4", "xl full, recipe", "xl trainer dynamic, recipe", 1.3),
    ("H4", "xl lora, recipe", "xl trainer padded, recipe", 2.5),
    ("H4", "xl lora, recipe", "xl trainer dynamic, recipe", 1.6),
    ("H4", "xl full, 8k NLI tokens", "xl trainer padded, 8k NLI tokens", 3.0),
    ("H4", "xl full, 8k QA tokens", "xl trainer padded, 8k QA tokens", 1.8),
    ("H6", "base best of compiled and several, recipe", "base full, recipe", 1.7),
    ("H6", "large best of compiled and several, recipe", "large full, recipe", 1.7),
    ("H7", "base mlm", "base mlm, all rows", 2.0),
    ("H7", "large mlm", "large mlm, all rows", 1.4),
    ("H7", "xl mlm", "xl mlm, all rows", 1.1),
    ("H8", "xl evaluation", "xl trainer prediction", 4.0),
    ("H9", "xl full, recipe", "xl loop, recipe", 0.98),
    ("H9", "base full, recipe", "base loop, recipe", 0.9),
)
"""Goal, ours, theirs, by how many times ours is to have their real tokens a second."""
TRAINED, READ = 91.6e6, 26e6
"""Tokens that a study trains on and reads for a scale, intermediate task and seed, without BUCC."""
SHARE = 0.06


def judged(found: Figures) -> Iterator[Judged]:
    """Every goal whose figures are there."""
    found = {**found, **best(found)}
    for goal, name, figure, wanted, least in RATES:
        if found.get(name, {}).get(figure) is not None:
            yield Judged(f"{name}: {figure}", float(found[name][figure]), wanted, least, goal)
    for goal, ours, theirs, times in RACES:
        if "tokens_per_s" in found.get(ours, {}) and "tokens_per_s" in found.get(theirs, {}):
            ratio = found[ours]["tokens_per_s"] / found[theirs]["tokens_per_s"]
            yield Judged(f"{ours}: times {theirs}", ratio, times, goal=goal)
    both = [found.get(one, {}) for one in ("xl evaluation", "xl full, recipe")]
    if all("tokens_per_s" in one for one in both):
        reading, training = (one["tokens_per_s"] for one in both)
        share = (READ / reading) / (TRAINED / training)
        yield Judged("xl evaluation: share of a target's training", share, SHARE, False, "H8")


def best(found: Figures) -> dict[str, Mapping[str, Any]]:
    """The quicker of compiled layers and several processes, where one was measured."""
    made = {}
    for scale in ("base", "large"):
        kinds = [f"{scale} {how}, recipe" for how in ("compiled", "2 at once", "4 at once")]
        some = [found[one] for one in kinds if "tokens_per_s" in found.get(one, {})]
        if some:
            quickest = max(some, key=lambda one: float(one["tokens_per_s"]))
            made[f"{scale} best of compiled and several, recipe"] = quickest
    return made
