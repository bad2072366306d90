"""The types of a matrix's fields: words that the catalogue knows, lists, seeds, the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)
from pydantic import ValidationError as Invalid

from training.catalogue import TASKS, UnknownName, settings
from training.catalogue import scale as scale_of
from training.catalogue import task as task_of
from training.catalogue.names import suggestion
from training.plan.errors import EVERY
from training.plan.settings import codes, listed, number
from training.spec.source import world
from training.spec.task import Task

NONE = settings.NONE
INTERMEDIATES = (NONE, *settings.offered())
TARGETS = tuple(name for name, one in TASKS.items() if "target" in one.roles)
T = TypeVar("T", bound=Hashable)


def _known(find: Callable[[str], Any]) -> Callable[[str], str]:
    """A validator that accepts what `find` finds."""

    def check(name: str) -> str:
        try:
            find(name)
        except UnknownName as error:
            raise ValueError(str(error)) from None
        return name

    return check


def _of(kind: str, names: tuple[str, ...]) -> Callable[[str], str]:
    """A validator that accepts the tasks of one role."""

    def check(name: str) -> str:
        if name in names:
            return name
        if name in TASKS:
            raise ValueError(f"{name!r} is no {kind} task; those are: {', '.join(names)}")
        raise ValueError(f"unknown {kind} task {name!r}{suggestion(name, names)}")

    return check


def _intermediate(name: str) -> str:
    """A validator that accepts `none` and every intermediate setting, in its canonical spelling."""
    return name if name == NONE else canonical(name)


def canonical(name: str) -> str:
    """The canonical spelling of an intermediate setting. Raises ValueError for what is none."""
    try:
        return settings.setting(name).name
    except UnknownName as error:
        raise ValueError(str(error)) from None


def _trained(name: str) -> str:
    if name not in TASKS and re.search(r"[+@~]|^mlm$", name):
        if name != canonical(name):
            raise ValueError(f"write {name!r} as {canonical(name)!r}, as runs record it")
        return name
    task: Task = TASKS[_known(task_of)(name)]
    if task.family == "retrieval":
        raise ValueError(f"nothing is trained for {name}, so it has no recipe; take it out")
    return name


def _distinct(given: tuple[T, ...]) -> tuple[T, ...]:
    if not given:
        raise ValueError("nothing is named; name at least one")
    twice = sorted({str(one) for one in given if given.count(one) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}; keep one of each")
    return given


def _by_scale(value: Any) -> Any:
    """A list holds for every scale."""
    return value if isinstance(value, dict) else {EVERY: value}


def _scale_or_every(name: str) -> str:
    return name if name == EVERY else _known(scale_of)(name)


def _plain(name: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise ValueError(f"{name!r}: a study's name has letters, digits, '.', '_' and '-' only")
    return name


def _source(value: Any) -> Any:
    """`hub`, or `miniature/seed=13/sentences=4000` as runs record it."""
    if not isinstance(value, str):
        return value
    found = world(value.strip())
    if found:
        return {"kind": "miniature", "seed": found[0], "sentences": found[1]}
    return {"kind": value.strip()}


def _tried(value: Any) -> Any:
    """Sources by their position in a list, which messages then tell; one alone has none."""
    if isinstance(value, str) and "," in value:
        value = value.split(",")
    if isinstance(value, list):
        return {place: _source(one) for place, one in enumerate(value)}
    return {EVERY: _source(value)}


def _in_order(told: dict[str | int, Source]) -> str:
    return ",".join(_distinct(tuple(one.text for one in told.values())))


def _read_from(name: str) -> str:
    task: Task = TASKS[_known(task_of)(name)]
    if task.members:
        raise ValueError(
            f"{name} has no data of its own; name its members: {', '.join(task.members)}"
        )
    return name


def _seeds(value: Any) -> Any:
    if isinstance(value, str | int | float):
        raise ValueError(f"one seed or that many? Write [{value}], or [1, 2, 3] for three seeds")
    return {"intermediate": value} if isinstance(value, list) else value


Seed = Annotated[int, Field(ge=0, lt=2**32), BeforeValidator(number)]
ScaleName = Annotated[str, AfterValidator(_known(scale_of))]
Intermediate = Annotated[str, AfterValidator(_intermediate)]
Target = Annotated[str, AfterValidator(_of("target", TARGETS))]
Trained = Annotated[str, AfterValidator(_trained)]
Layer = Annotated[int, Field(ge=0), BeforeValidator(number)]
Item = TypeVar("Item")
Distinct = Annotated[tuple[Item, ...], AfterValidator(_distinct), BeforeValidator(listed)]
"""One or more, none of them twice; one word stands for the list of it."""
PerScale = Annotated[
    dict[Annotated[str, AfterValidator(_scale_or_every)], Distinct[Item]],
    BeforeValidator(_by_scale),
]
"""A list for every scale, or a mapping from scale to list."""
Codes = Annotated[tuple[str, ...], AfterValidator(codes), BeforeValidator(listed)]


class Source(BaseModel):
    """Where text and tasks come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["miniature", "files", "hub"]
    seed: Annotated[int | None, Field(ge=0), BeforeValidator(number)] = None
    sentences: Annotated[int | None, Field(ge=1), BeforeValidator(number)] = None

    @model_validator(mode="after")
    def _whole_or_plain(self) -> Source:
        told = [self.seed is not None, self.sentences is not None]
        if self.kind == "miniature" and not all(told):
            raise ValueError("a miniature needs both: {kind: miniature, seed: 13, sentences: 4000}")
        if self.kind != "miniature" and any(told):
            raise ValueError(f"seed and sentences belong to a miniature, not to {self.kind}")
        return self

    @property
    def text(self) -> str:
        """As runs record it: `miniature/seed=13/sentences=4000`, `files` or `hub`."""
        if self.kind != "miniature":
            return self.kind
        return f"miniature/seed={self.seed}/sentences={self.sentences}"


class Seeds(BaseModel):
    """Two random factors; where only one is told, the other takes the same seeds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    intermediate: Distinct[Seed] = ()
    target: Distinct[Seed] = ()
    design: Literal["paired", "crossed"] = "paired"

    @model_validator(mode="after")
    def _equally_many(self) -> Seeds:
        if not self.intermediate and not self.target:
            raise ValueError("no seeds: write [1, 2, 3] or {intermediate: [1], target: [1, 2]}")
        one, other = len(self.first), len(self.second)
        if self.design == "paired" and one != other:
            raise ValueError(
                f"paired seeds need equally many, here {one} intermediate and {other} target; "
                "add seeds or write design: crossed"
            )
        return self

    @property
    def first(self) -> tuple[int, ...]:
        """Of the intermediate runs."""
        return self.intermediate or self.target

    @property
    def second(self) -> tuple[int, ...]:
        """Of the target runs."""
        return self.target or self.intermediate

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """(intermediate, target) seeds that meet."""
        if self.design == "paired":
            return tuple(zip(self.first, self.second, strict=True))
        return tuple((one, other) for one in self.first for other in self.second)


def source_text(given: str) -> str:
    """A source as runs record it; ValueError says what is wrong with another."""
    try:
        return str(TypeAdapter(SourceField).validate_python(given))
    except Invalid:
        names = "miniature/seed=N/sentences=M, files or hub, or several: files,hub"
        raise ValueError(f"unknown source {given!r}; name {names}") from None


StudyName = Annotated[str, AfterValidator(_plain)]
SeedsField = Annotated[Seeds, BeforeValidator(_seeds)]
DataSet = Annotated[str, AfterValidator(_read_from)]
# One source, or a list of them that is tried in its order; its value is the text that runs record.
if TYPE_CHECKING:
    SourceField = str
else:
    SourceField = Annotated[
        dict[str | int, Source], AfterValidator(_in_order), BeforeValidator(_tried)
    ]
