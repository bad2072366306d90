"""A plan: every run and every evaluation that a matrix comes to, each told once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from training.spec.evaluation import Evaluation
from training.spec.record import PLAN_SCHEMA
from training.spec.run import Run
from training.spec.task import PHASES


@dataclass(frozen=True)
class Planned:
    """An evaluation with its place in the matrix, read off the lineage of its run."""

    evaluation: Evaluation
    intermediate: str
    """`none`: nothing is trained in between."""
    intermediate_seed: int | None
    target_seed: int | None
    """None where no target training takes place (retrieval)."""
    mlm: str | None
    """Id of the phase-1 run in the lineage."""
    reuses: bool
    """Whether the intermediate task holds the target's own training data."""

    @property
    def id(self) -> str:
        """That of the evaluation: where it stands in a matrix is no part of it."""
        return self.evaluation.id

    def document(self) -> dict[str, Any]:
        """One evaluation of `plan --json`."""
        one = self.evaluation
        return {
            "id": one.id,
            "run": one.run,
            "scale": one.scale,
            "target": one.target,
            "intermediate": self.intermediate,
            "intermediate_seed": self.intermediate_seed,
            "target_seed": self.target_seed,
            "mlm": self.mlm,
            "reuses": self.reuses,
            "settings": one.settings,
        }


@dataclass(frozen=True)
class Comparison:
    """A contrast named before the numbers were seen, with the scales it holds for."""

    name: str
    intermediate: str
    baseline: str
    target: str
    scales: tuple[str, ...]
    languages: tuple[str, ...]
    """ISO 639-3; empty: all that the data offer."""
    reuses: bool


@dataclass(frozen=True)
class Plan:
    """Runs, parents first, and evaluations; none of them twice."""

    study: str
    runs: tuple[Run, ...]
    evaluations: tuple[Planned, ...]
    cells: int
    """Points of the matrix: scale, intermediate, target and seeds. A seedless baseline fills all of
    its seeds, and two targets may be read off one training, so there are fewer runs."""
    contrast: Comparison | None = None

    @property
    def counts(self) -> dict[str, Any]:
        """How many of what; every run is a training."""
        phases = Counter(run.phase for run in self.runs)
        return {
            "runs": len(self.runs),
            "trainings": len(self.runs),
            "evaluations": len(self.evaluations),
            "cells": self.cells,
            "by_phase": {phase: phases[phase] for phase in PHASES},
        }

    def document(self) -> dict[str, Any]:
        """The plan as JSON, by the schema `silta.plan/1`."""
        recipes: dict[int, dict[str, Any]] = {}
        return {
            "schema": PLAN_SCHEMA,
            "study": self.study,
            "runs": [_run(run, recipes) for run in self.runs],
            "evaluations": [one.document() for one in self.evaluations],
            "contrast": _comparison(self.contrast),
            "counts": self.counts,
        }


def _run(run: Run, recipes: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """One run of `plan --json`; recipes that runs share are written once."""
    key = id(run.recipe)
    if key not in recipes:
        changed = run.recipe.changed()
        recipes[key] = {k: list(v) if isinstance(v, tuple) else v for k, v in changed.items()}
    return {
        "id": run.id,
        "phase": run.phase,
        "task": run.task,
        "scale": run.scale,
        "seed": run.seed,
        "parent": run.parent,
        "source": run.source,
        "recipe": recipes[key],
    }


def _comparison(told: Comparison | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {k: list(v) if isinstance(v, tuple) else v for k, v in vars(told).items()}
