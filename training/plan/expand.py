"""From a matrix to a plan: the product of what was asked, with everything shared told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from training.catalogue import SCALES, TASKS, settings
from training.plan.check import compared
from training.plan.errors import MatrixError
from training.plan.matrix import Block, Matrix
from training.plan.named import NONE
from training.plan.plan import Comparison, Plan, Planned
from training.plan.recipes import TEXT, data_sets, learns, recipe, version
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import Run
from training.spec.task import Phase

__all__ = ["Plan", "Planned", "expand"]

MLM_SEED = 0
"""Phase 1 is made once for a scale: it is no random factor of the study."""
Cell = tuple[str, str, str, int, int]
"""Scale, intermediate, target, intermediate seed, target seed."""


def expand(matrix: Matrix) -> Plan:
    """Every run, parents first, and every evaluation that the matrix comes to.

    Raises MatrixError where two targets that share a training ask for different recipes, or where
    a recipe does not fit a scale.
    """
    growth = _Growth(matrix)
    for block in matrix.blocks:
        for scale in block.scales:
            growth.add(block, scale)
    return Plan(
        matrix.study,
        tuple(growth.runs.values()),
        tuple(growth.evaluations.values()),
        len(growth.cells),
        _comparison(matrix),
    )


class _Growth:
    """The plan while it grows. Ids are reckoned once for each run: there may be 100,000."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.runs: dict[str, Run] = {}
        self.evaluations: dict[str, Planned] = {}
        self.cells: set[Cell] = set()
        self.recipes: dict[tuple[Phase, str, str], Recipe] = {}
        self.shared: dict[tuple[str, str], str] = {}
        """(scale, trained task) -> the target that was first to train it."""
        self.ids: dict[tuple[Phase, str, str, int, str | None], str] = {}
        self.learnt: dict[tuple[Phase, str], tuple[str, str, int]] = {}
        self.told: dict[tuple[str, str], tuple[bool, str]] = {}

    def add(self, block: Block, scale: str) -> None:
        """One scale of one block."""
        mlm = self.run("mlm", scale, TEXT, MLM_SEED, None) if self.matrix.mlm is not None else None
        targets, pairs = block.targets_of(scale), block.seeds.pairs
        for intermediate in block.intermediates_of(scale):
            self.cells |= {(scale, intermediate, t, a, b) for t in targets for a, b in pairs}
            for first in dict.fromkeys(a for a, _ in pairs):
                tuned, seed = mlm, None
                if intermediate != NONE:
                    tuned, seed = self.run("intermediate", scale, intermediate, first, mlm), first
                lineage = (mlm, intermediate, seed, tuned)
                seconds = tuple(b for a, b in pairs if a == first)
                for target in targets:
                    self.measure(block, scale, target, lineage, seconds)

    def measure(
        self,
        block: Block,
        scale: str,
        target: str,
        lineage: tuple[str | None, str, int | None, str | None],
        seeds: tuple[int, ...],
    ) -> None:
        """A target off one encoder: once where nothing is trained for it, else once a seed."""
        mlm, intermediate, seed, tuned = lineage
        reuses, source = self.about(intermediate, target)
        layers = tuple(self._layers(block, scale, target))
        for second in seeds if TASKS[target].trains_on else (None,):
            run = tuned if second is None else self.run("target", scale, target, second, tuned)
            for layer in layers:
                one = Evaluation(run, scale, target, source, layer, languages=block.languages)
                planned = Planned(one, intermediate, seed, second, mlm, reuses)
                self.evaluations.setdefault(planned.id, planned)

    def run(self, phase: Phase, scale: str, task: str, seed: int, parent: str | None) -> str:
        """The id of a run, which is added where it is new; `task` of a target run: the target."""
        key = (phase, scale, task, seed, parent)
        if key not in self.ids:
            learnt, source, number = self.learns(phase, task)
            told = self.recipe(phase, scale, task)
            made = Run(phase, scale, learnt, seed, source, told, parent, number)
            self.ids[key] = made.id
            self.runs.setdefault(self.ids[key], made)
        return self.ids[key]

    def about(self, intermediate: str, target: str) -> tuple[bool, str]:
        """Whether the intermediate task holds the target's data, and where those come from."""
        key = (intermediate, target)
        if key not in self.told:
            reuses = settings.reuses(intermediate, target)
            self.told[key] = reuses, self.matrix.source_of(target)
        return self.told[key]

    def learns(self, phase: Phase, task: str) -> tuple[str, str, int]:
        """What a run learns from, where that comes from, and its version."""
        key = (phase, task)
        if key not in self.learnt:
            name = learns(phase, task)
            self.learnt[key] = name, self.matrix.source_of(*data_sets(name)), version(name)
        return self.learnt[key]

    def recipe(self, phase: Phase, scale: str, task: str) -> Recipe:
        """The recipe, made once; refused where targets that share a training disagree."""
        key = (phase, scale, task)
        if key not in self.recipes:
            told = self.matrix.settings(phase)
            self.recipes[key] = recipe(phase, scale, task, told, self.matrix.recipe)
            if phase == "target":
                self._agree(scale, task)
        return self.recipes[key]

    def _agree(self, scale: str, target: str) -> None:
        learnt = learns("target", target)
        other = self.shared.setdefault((scale, learnt), target)
        mine, theirs = (self.recipes["target", scale, one] for one in (target, other))
        apart = [f.name for f in fields(Recipe) if getattr(mine, f.name) != getattr(theirs, f.name)]
        if apart:
            told = "; ".join(f"{n} {getattr(theirs, n)} against {getattr(mine, n)}" for n in apart)
            raise MatrixError(
                f"study {self.matrix.study}: {other} and {target} are read off one training on "
                f"{learnt}, but their recipes differ at {scale} ({told}); set "
                f"recipe.tasks.{other} and recipe.tasks.{target} alike, or recipe.tasks.{learnt}"
            )

    @staticmethod
    def _layers(block: Block, scale: str, target: str) -> Iterator[int]:
        """Layers that retrieval reads; -1 is the scale's own, so that it has one name only."""
        asked = block.layers_of(scale) if TASKS[target].family == "retrieval" else ()
        own = SCALES[scale].retrieval_layer
        yield from ((-1 if layer == own else layer) for layer in asked or (-1,))


def _comparison(matrix: Matrix) -> Comparison | None:
    asked = matrix.contrast
    if asked is None:
        return None
    return Comparison(
        asked.name,
        asked.intermediate,
        asked.baseline,
        asked.target,
        asked.scales or compared(matrix, asked),
        asked.languages,
        settings.reuses(asked.intermediate, asked.target),
    )
