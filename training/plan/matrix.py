"""A matrix file read strictly: what was asked, every value of its right type and name.

study: demo
source: {kind: miniature, seed: 13, sentences: 4000}      # or files, hub, or tried in order: [a, b]
sources: {csqa: files}                                    # optional: other sources, by data set
scales: [nano, micro]
mlm: {steps: 100}                                         # optional: phase 1, one run a scale
intermediates: [none, mnli]                               # or by scale: {nano: [none, mnli]}; also
                                                          # mnli+squad, mnli+mlm, mnli@deu,
                                                          # mnli~shuffled: see spec/setting.py
targets: [xnli, tatoeba]
seeds: [1, 2]                                             # or {intermediate:, target:, design:}
languages: [fi, hu]                                       # optional: all that the data offer
layers: [2, 3]                                            # optional: a retrieval sweep
method: lora                                              # optional: adapters in every phase
recipe: {base: jiant, target: {lr: 1e-4}, tasks: {xnli: {epochs: 1}}, scales: {nano: {batch: 16}}}
also: [{targets: [tatoeba], seeds: [3, 4]}]               # more blocks; the plan is the union
contrast: {name: first, intermediate: mnli, target: xnli} # a comparison named beforehand
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as File
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic import ValidationError as Invalid

from training.plan import check
from training.plan.errors import EVERY, MatrixError, Path, at, told
from training.plan.named import (
    NONE,
    Codes,
    DataSet,
    Distinct,
    Intermediate,
    Layer,
    PerScale,
    ScaleName,
    SeedsField,
    SourceField,
    StudyName,
    Target,
    Trained,
)
from training.plan.reading import load
from training.plan.reading import read as text_of
from training.plan.settings import NAMES, Layered, Settings
from training.spec.source import by_task
from training.spec.task import PHASES, Phase

T = TypeVar("T")


class Strict(BaseModel):
    """No key but the ones named, and nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Recipes(Strict):
    """Settings over the catalogue's; later ones win: phase, task, scale.

    Under a task or a scale, a phase's name may hold what is meant for that phase alone. For a
    target, the settings of the task it learns from come before its own.
    """

    base: Literal["jiant", "xtreme"] = "jiant"
    """The published recipe that all of this changes (`silta recipe` shows both)."""
    intermediate: Settings = Field(default_factory=dict)
    target: Settings = Field(default_factory=dict)
    tasks: dict[Trained, Layered] = Field(default_factory=dict)
    scales: dict[ScaleName, Layered] = Field(default_factory=dict)


class Contrast(Strict):
    """A comparison named before the numbers were seen; no scales or languages: all there are."""

    name: str = Field(min_length=1)
    intermediate: Intermediate
    baseline: Intermediate = NONE
    target: Target
    scales: Distinct[ScaleName] = ()
    languages: Codes = ()


class Also(Strict):
    """One more block; what it leaves out is as at the top."""

    scales: Distinct[ScaleName] | None = None
    intermediates: PerScale[Intermediate] | None = None
    targets: PerScale[Target] | None = None
    seeds: SeedsField | None = None
    languages: Codes | None = None
    layers: PerScale[Layer] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _something(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("nothing is given; write what is meant or leave the key out")
        return value


class Block(Strict):
    """A full product of scales, intermediates, targets and seeds."""

    scales: Distinct[ScaleName]
    intermediates: PerScale[Intermediate]
    targets: PerScale[Target]
    seeds: SeedsField
    languages: Codes = ()
    layers: PerScale[Layer] = Field(default_factory=dict)

    def intermediates_of(self, scale: str) -> tuple[str, ...]:
        """Intermediate tasks at a scale, `none` among them."""
        return of(self.intermediates, scale)

    def targets_of(self, scale: str) -> tuple[str, ...]:
        """Target tasks at a scale."""
        return of(self.targets, scale)

    def layers_of(self, scale: str) -> tuple[int, ...]:
        """Layers that retrieval reads; empty: the scale's own."""
        return of(self.layers, scale)


def of(told: dict[str, tuple[T, ...]], scale: str) -> tuple[T, ...]:
    """What a list for every scale, or a list for this one, holds."""
    return told.get(scale, told.get(EVERY, ()))


def _given(value: Any) -> Any:
    if value is None:
        raise ValueError("write `mlm: {}` for phase 1 as published, or leave the key out for none")
    return value


class Matrix(Block):
    """What a matrix file asks for."""

    study: StudyName
    source: SourceField
    sources: dict[DataSet, SourceField] = Field(default_factory=dict)
    """Of single data sets, for whatever learns from them or is measured on them."""
    method: Literal["full", "lora"] | None = None
    """Of all runs that their settings say nothing else of."""
    mlm: Annotated[Settings | None, BeforeValidator(_given)] = None
    recipe: Recipes = Field(default_factory=Recipes)
    also: tuple[Also, ...] = ()
    contrast: Contrast | None = None

    def settings(self, phase: Phase) -> Settings:
        """What the matrix says of a phase, whatever the task and the scale."""
        told = {"intermediate": self.recipe.intermediate, "target": self.recipe.target}
        method = {"method": self.method} if self.method else {}
        return method | told.get(phase, self.mlm or {})

    def source_of(self, *names: str) -> str:
        """Where the data of these tasks come from, as runs and evaluations record it."""
        return by_task({name: self.sources.get(name, self.source) for name in names})

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The main block and the further ones, each with everything it inherits."""
        main = {name: getattr(self, name) for name in Block.model_fields}
        further = [{name: getattr(one, name) for name in one.model_fields_set} for one in self.also]
        return tuple(Block.model_construct(**(main | more)) for more in ({}, *further))


def read(path: File | str) -> Matrix:
    """The matrix of a file. Raises MatrixError: what is wrong, on which line, what to do."""
    return parse(text_of(File(path)), str(path))


def parse(text: str, where: str = "matrix") -> Matrix:
    """The matrix of a YAML text; `where` names it in messages. Raises MatrixError."""
    document, lines = load(text, where)
    if not isinstance(document, dict):
        what = "empty" if document is None else "no mapping of keys to values"
        raise MatrixError(f"{where}: {what}; a matrix begins with a line like `study: demo`")
    try:
        matrix = Matrix.model_validate(document)
    except Invalid as error:
        raise told(error, where, _known, lines) from None
    for path, message in check.complaints(matrix):
        raise MatrixError(f"{at(where, path, lines)}: {message}")
    return matrix


def _known(path: Path) -> Iterable[str]:
    """The keys that may stand at a place."""
    match tuple(part for part in path if isinstance(part, str)):
        case ():
            return Matrix.model_fields
        case ("also",):
            return Also.model_fields
        case ("seeds",) | ("also", "seeds"):
            return ("intermediate", "target", "design")
        case ("source",) | ("sources", _):
            return ("kind", "seed", "sentences")
        case ("contrast",):
            return Contrast.model_fields
        case ("recipe",):
            return Recipes.model_fields
        case ("recipe", "tasks" | "scales", _):
            return (*NAMES, *PHASES)
        case _:
            return NAMES
