"""Recipe settings as written in a matrix or after `--set`, and what they add up to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as Invalid
from typing_extensions import TypedDict

from training.catalogue import language
from training.catalogue.names import UnknownName, suggestion
from training.plan.errors import MatrixError, told
from training.spec.recipe import Recipe
from training.spec.task import PHASES

NAMES = tuple(one.name for one in fields(Recipe))

LIMITS: dict[str, dict[str, float]] = {
    "lr": {"gt": 0, "le": 1},
    "embeddings_rate": {"ge": 0, "le": 1},
    "batch": {"ge": 1},
    "epochs": {"gt": 0},
    "steps": {"ge": 0},
    "examples": {"ge": 0},
    "warmup": {"ge": 0, "le": 1},
    "warmup_steps": {"ge": 0},
    "weight_decay": {"ge": 0},
    "adam_eps": {"gt": 0},
    "clip": {"ge": 0},
    "max_length": {"ge": 8},
    "dropout": {"ge": 0, "lt": 1},
    "window": {"ge": 1},
    "dev_checks": {"ge": 1},
    "dev_examples": {"ge": 1},
    "stride": {"ge": 0},
    "max_query": {"ge": 1},
    "mask": {"gt": 0, "lt": 1},
    "pairs": {"ge": 0, "le": 1},
    "ranking": {"ge": 0},
    "mlm_share": {"gt": 0, "lt": 1},
    "cap": {"ge": 1},
    "temperature": {"gt": 0},
    "rank": {"ge": 1},
}
"""What each number may be; a number that a recipe gains without a line here may be anything."""


def listed(value: Any) -> Any:
    """One word stands for the list of it."""
    return [value] if isinstance(value, str | int | float) else value


def codes(given: Iterable[str]) -> tuple[str, ...]:
    """ISO 639-3 codes of languages in any accepted spelling, in the order of the alphabet.

    Raises ValueError for a language that is unknown or named twice.
    """
    found: dict[str, str] = {}
    for one in given:
        try:
            code = language(one).code
        except UnknownName as error:
            raise ValueError(str(error)) from None
        if code in found:
            raise ValueError(f"{one!r} is {code}, already named as {found[code]!r}; keep one")
        found[code] = one
    return tuple(sorted(found))


def _code(value: str) -> str:
    return codes([value])[0] if value else ""


def number(value: Any) -> Any:
    """A value on its way to a number; true and false are none."""
    if isinstance(value, bool):
        raise ValueError(f"a number is meant, not {str(value).lower()}")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression ({error}): {value!r}") from None
    return value


def _folder(value: str) -> str:
    if value and not re.fullmatch(r"\w[\w.-]*", value):
        raise ValueError(f"{value!r}: a corpus is named by its folder, without slashes")
    return value


def _field(name: str, kind: Any) -> Any:
    """The type of one recipe field with what this project asks of it."""
    if kind in (int, float):
        limits: dict[str, Any] = {**LIMITS.get(name, {})}
        if kind is float:
            limits["allow_inf_nan"] = False
        return Annotated[kind, Field(**limits), BeforeValidator(number)]
    if name == "languages":
        return Annotated[kind, AfterValidator(codes), BeforeValidator(listed)]
    checks: dict[str, Any] = {"freeze": _pattern, "pivot": _code, "corpus": _folder}
    return Annotated[kind, AfterValidator(checks[name])] if name in checks else kind


# Settings: some of the fields of Recipe. Layered: the same, some of them under a phase's name.
# They are made of Recipe itself, so that a new field is known here at once.
if TYPE_CHECKING:
    Settings = dict[str, Any]
    Layered = dict[str, Any]
else:
    _TYPES = {name: _field(name, kind) for name, kind in get_type_hints(Recipe).items()}
    Settings = TypedDict("Settings", _TYPES, total=False)
    Settings.__pydantic_config__ = ConfigDict(extra="forbid")
    Layered = TypedDict("Layered", {**_TYPES, **dict.fromkeys(PHASES, Settings)}, total=False)
    Layered.__pydantic_config__ = ConfigDict(extra="forbid")


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(Settings)


def coerce(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Settings with every value of its field's type.

    Raises MatrixError for an unknown field (with the nearest right spelling) or a wrong value.
    """
    try:
        return dict(_adapter().validate_python(dict(given)))
    except Invalid as error:
        raise told(error, where, lambda path: NAMES) from None


def parse_set(given: Iterable[str]) -> dict[str, Any]:
    """`["recipe.lr=1e-4", "recipe.languages=fi,hu"]` as recipe settings of the right types.

    Raises MatrixError for an unknown field, a field named twice, or a value that does not fit.
    """
    found: dict[str, Any] = {}
    for one in given:
        key, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not key:
            raise MatrixError(f"--set {one}: write it as recipe.<field>=<value>, without spaces")
        name = key.removeprefix("recipe.")
        if name not in NAMES or not key.startswith("recipe."):
            known = [f"recipe.{field}" for field in NAMES]
            hint = suggestion(key if "." in key else f"recipe.{key}", known)
            raise MatrixError(f"--set {one}: unknown setting {key!r}{hint}")
        if name in found:
            raise MatrixError(f"--set {one}: {key} was already set; keep one of the two")
        parts = [part.strip() for part in value.split(",") if part.strip()]
        found[name] = parts if name == "languages" else value
    return coerce(found, "--set")


def merged(phase: str, layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Settings of a phase: later layers win, and within one what is said for the phase."""
    total: dict[str, Any] = {}
    for layer in layers:
        total |= {key: value for key, value in layer.items() if key not in PHASES}
        total |= dict(layer.get(phase, {}))
    return total
