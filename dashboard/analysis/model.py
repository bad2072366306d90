"""What can be asked of a mixed model of gains: its terms, and the choices that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FIXED = (
    "intermediate",
    "target family",
    "scale",
    "morphology",
    "distance",
    "pre-training",
    "target train",
    "morphology x scale",
    "morphology x intermediate",
)
RANDOM: dict[str, tuple[str, ...]] = {
    "family": ("family",),
    "language": ("lang",),
    "language x scale": ("lang",),
    "target": ("target",),
    "language after intermediate": ("lang", "intermediate"),
    "language in target": ("lang", "target"),
    "intermediate in target": ("scale", "intermediate", "target"),
    "intermediate run": ("scale", "intermediate", "intermediate_seed"),
    "baseline run": ("baseline_evaluation",),
    "lineage": ("evaluation",),
}
"""Random effects and what tells their groups apart. Languages lie within families. Seeds are
trained things, not numbers: the intermediate training that several targets start from, the baseline
that all gains of a target are over, and the lineage (one evaluation) that all its languages share.
`language in target` and `intermediate in target` keep what is particular to a pair from being
counted as evidence about languages or tasks, and `language x scale` (a slope in log10 parameters)
and `language after intermediate` from being counted as evidence about morphology with scale or
task."""

SLOPES = {"language x scale": "log parameters"}
"""Random effects that enter a row times one of its columns; the others are intercepts."""

LANGUAGE_TERMS: dict[str, str] = {
    "morphology": "",
    "distance": "syntactic_distance",
    "pre-training": "",
}
"""Terms that vary between languages only, in the order in which they are kept, and their columns:
`morphology` is the model's `measure`, `pre-training` its `data`."""


DEVIATION = "standard deviation"


@dataclass(frozen=True)
class Model:
    """What is fitted. Terms that these data cannot tell are dropped, with a word in the result."""

    measure: str = "fertility"
    """The column of the frame of languages that stands for morphology."""
    data: str = "pretraining_tokens"
    """The column that stands for the amount of pre-training text, of which the log is taken."""
    fixed: tuple[str, ...] = FIXED
    random: tuple[str, ...] = tuple(RANDOM)
    split: str = "test"
    baseline: str = "none"
    """The intermediate that the gains are over: its own rows, zero by definition, are no data."""
    english: Literal["left out", "included"] = "left out"
    """English is what was trained on: its gains are not transfer."""
    least_languages: int = 10
    """Languages that a slope over languages takes at least."""
    confidence: float = 0.95
