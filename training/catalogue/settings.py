"""Intermediate settings read, titled and judged: the grammar is that of `spec/setting.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from training.catalogue import TASKS
from training.catalogue.languages import LANGUAGES, language
from training.catalogue.names import UnknownName
from training.spec.setting import CONTROL, ENGLISH, MLM, SHUFFLED, TOGETHER, Part, Setting
from training.spec.task import Task

NONE = "none"
"""The intermediate "task" of the baseline: nothing is trained in between."""
TRANSLATABLE = ("classification", "choice", "span")
"""Families whose examples survive translation; tags belong to the words of one language."""
FORMS: tuple[tuple[str, str], ...] = (
    ("mnli+squad", "a mixture of any tasks: one task a batch, a head each"),
    ("mnli+mlm", "masked language modelling beside a task or a mixture"),
    ("mnli@deu", "a task machine-translated (files under translated/, see `silta translate`)"),
    ("mnli~shuffled", "control: labels dealt out anew over the training examples"),
    ("mlm", "control: masked language modelling alone, for recipe.steps"),
    ("mlm~mnli", "control: the same, for as many steps and tokens as mnli takes"),
)
"""An example of each form beyond a task's name, and what it means: for listings."""
_PART = re.compile(r"(\w+)(?:@([\w-]+))?(?:~(\w+))?")


class BadSetting(ValueError):
    """No intermediate setting; the message says what to write instead."""


def offered() -> tuple[str, ...]:
    """Tasks and named mixtures that can be intermediate, by name."""
    return tuple(name for name, one in TASKS.items() if "intermediate" in one.roles)


@cache
def setting(given: str) -> Setting:
    """The setting of a spelling, canonical or not. Raises UnknownName or BadSetting."""
    words = given.split(TOGETHER)
    if given.startswith(MLM + CONTROL):
        return Setting(mlm=True, matched=_matched(given))
    if words.count(MLM) > 1:
        raise BadSetting(f"{given!r} names mlm twice; keep one")
    mixed = [word for word in words if word in TASKS and TASKS[word].members]
    rest = [word for word in words if word != MLM]
    if mixed and len(rest) > 1:
        raise BadSetting(
            f"{given!r}: {mixed[0]} has its members already; name the tasks one by one"
        )
    parts = _members(rest[0]) if mixed else _sorted(_part(word, given) for word in rest)
    twice = sorted({part.name for part in parts if parts.count(part) > 1})
    if twice:
        raise BadSetting(f"{given!r} names {', '.join(twice)} twice; keep one")
    return Setting(parts, MLM in words, _named(parts))


def _matched(given: str) -> str:
    name = given.removeprefix(MLM + CONTROL)
    if name not in offered():
        if name in TASKS or re.search(r"[+@~]", name):
            raise BadSetting(f"{given!r}: {MLM}~ takes one of {', '.join(offered())}")
        raise UnknownName("intermediate task", name, offered())
    return name


def _part(word: str, given: str) -> Part:
    found = _PART.fullmatch(word)
    if not found:
        raise BadSetting(f"{given!r} is no intermediate setting: write it like {_examples()}")
    name, spelt, control = found.groups()
    task = _task(name, given)
    if control not in (None, SHUFFLED):
        raise UnknownName("control", f"{name}~{control}", [f"{name}~{SHUFFLED}"])
    if task.members:
        raise BadSetting(f"{given!r}: name the tasks of {name} one by one, each with its sign")
    lang = language(spelt).code if spelt else ENGLISH
    if spelt and lang == ENGLISH:
        raise BadSetting(f"{given!r}: {name} is English as published; write {name}")
    if spelt and (task.family not in TRANSLATABLE or task.made_from):
        raise BadSetting(f"{given!r}: {task.title} cannot be translated; leave {name} as it is")
    return Part(name, lang, control == SHUFFLED)


def _task(name: str, given: str) -> Task:
    if name in TASKS and "intermediate" in TASKS[name].roles:
        return TASKS[name]
    if given == NONE:
        raise BadSetting(f"{NONE!r} is the baseline, for which nothing is trained in between")
    if name in (NONE, MLM):
        raise BadSetting(f"{given!r}: {name} stands alone" + f" or as +{name}" * (name == MLM))
    if name in TASKS:
        told = ", ".join((NONE, *offered()))
        raise BadSetting(f"{name!r} is no intermediate task; those are: {told}, or {_examples()}")
    raise UnknownName("intermediate task", name, (NONE, MLM, *offered()))


def _examples() -> str:
    return ", ".join(form for form, _ in FORMS)


def _sorted(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: part.name))


def _members(name: str) -> tuple[Part, ...]:
    return _sorted(Part(member) for member in TASKS[name].members)


def _named(parts: Iterable[Part]) -> str:
    """The named mixture that these parts are, if any."""
    names = [part.name for part in parts]
    found = (name for name, one in TASKS.items() if one.members and sorted(one.members) == names)
    return next(found, "")


def title(name: str) -> str:
    """A setting as pages write it; a name that is none stays as it is."""
    try:
        one = setting(name)
    except (BadSetting, UnknownName):
        return name
    if one.matched:
        return f"MLM as long as {TASKS[one.matched].title}"
    parts = [TASKS[one.mixture].title] if one.mixture else [_title(part) for part in one.parts]
    return " + ".join((*parts, "MLM") if parts and one.mlm else parts or ["MLM alone"])


def _title(part: Part) -> str:
    lang = f" in {LANGUAGES[part.lang].name}" if part.lang != ENGLISH else ""
    return f"{TASKS[part.task].title}{lang}{', shuffled labels' if part.shuffled else ''}"


def reuses(intermediate: str, target: str) -> bool:
    """Whether the intermediate setting holds the target's own training data.

    Every part counts, whatever became of it: translated, or with labels shuffled, or made into a
    synthetic task, the texts are still those that the target learns from. MLM's corpus does not
    count: it holds no labels, and `mlm~mnli` takes the length of MNLI and not its text.
    """
    if intermediate == NONE:
        return False
    held = set(TASKS[target].reuses)
    parts = setting(intermediate).parts
    return any({part.task, TASKS[part.task].made_from} & held for part in parts)


def kind(intermediate: str) -> str:
    """`task`, `mixture`, `mlm-joint`, `translated`, `shuffled`, `synthetic`, `mlm`, or several of
    them joined by `+`; `none` for the baseline."""
    if intermediate == NONE:
        return NONE
    one = setting(intermediate)
    made = any(TASKS[part.task].made_from for part in one.parts)
    kinds = tuple(kind for kind in one.kinds if not (made and kind == "task"))
    return TOGETHER.join((*kinds, "synthetic") if made else kinds)
