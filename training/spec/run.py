"""A trained thing and its identity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from training.spec.recipe import Recipe
from training.spec.task import Phase

PHASE_VERSION: dict[Phase, int] = {"mlm": 1, "intermediate": 1, "target": 1}


CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal things have equal text."""
    return CANONICAL.encode(value)


def digest(value: Any) -> str:
    """12 hexadecimal digits of the SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Run:
    """Phase, scale, task, recipe and seed, and at most one parent: so runs form a forest.

    `parent` is the id of the run whose encoder this one starts from; None: the scale's own weights.
    `source` names what it learns from, for instance `miniature/seed=13/sentences=3000` or `hub`.
    """

    phase: Phase
    scale: str
    task: str
    seed: int
    source: str
    recipe: Recipe = field(default_factory=Recipe)
    parent: str | None = None
    task_version: int = 1

    @cached_property
    def id(self) -> str:
        """`<phase>-<task>-<hash>`: stable under new fields that keep their default."""
        return f"{self.phase}-{self.task}-{digest(self.identity())}"

    def identity(self) -> dict[str, Any]:
        """What the hash covers."""
        told: dict[str, Any] = {
            "phase": self.phase,
            "scale": self.scale,
            "task": self.task,
            "seed": self.seed,
            "source": self.source,
        }
        if recipe := self.recipe.changed():
            told["recipe"] = recipe
        if self.parent:
            told["parent"] = self.parent
        versions = {"task": self.task_version, "phase": PHASE_VERSION[self.phase]}
        return told | {f"{k}_version": v for k, v in versions.items() if v != 1}

    def document(self) -> dict[str, Any]:
        """The run as JSON: what `run-one` reads back. Every recipe field is spelt out."""
        return {"id": self.id, **asdict(self)}

    @classmethod
    def read(cls, document: dict[str, Any]) -> Run:
        """The run of a `document()`; unknown keys (provenance) are left aside."""
        recipe = dict(document["recipe"])
        recipe["languages"] = tuple(recipe.get("languages", ()))
        names = ("phase", "scale", "task", "seed", "source", "parent", "task_version")
        return cls(recipe=Recipe(**recipe), **{name: document[name] for name in names})
