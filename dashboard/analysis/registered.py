"""Contrasts that were named before the numbers were seen, read strictly from a YAML file.

`contrasts.yaml` beside this module holds the study's own and shows every key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).with_name("contrasts.yaml")
SCHEMA = "silta.contrasts/1"
CORRECTIONS: dict[str, str] = {
    "none": "",
    "bonferroni": "Bonferroni",
    "holm": "Holm 1979",
    "benjamini-hochberg": "Benjamini and Hochberg 1995",
}
"""What the contrasts that could be tested are corrected by, and whose that is."""

KINDS: dict[str, tuple[str, ...]] = {
    "scale": ("from", "to", "languages"),
    "languages": ("from", "languages", "scales"),
    "gap": ("from", "to", "languages", "reference"),
}
"""Kind -> the keys it takes beside name, kind and families (optional).

scale: the same languages at a larger scale (`to`) against a smaller one (`from`); languages: some
languages against others (`from`) at one scale; gap: what `languages` gain less than `reference`, at
the larger scale against the smaller one."""


@dataclass(frozen=True)
class Pair:
    """One contrast: the gain `there` against the gain `here`, each a scale and languages."""

    name: str
    kind: str
    family: str
    targets: tuple[str, ...]
    here: tuple[str, str]
    """(scale, name of the language group): where the gain is known."""
    there: tuple[str, str]
    """(scale, name of the language group): where the question is whether it holds."""
    reference: str = ""
    """Kind gap: the language group that both sides are held against."""


@dataclass(frozen=True)
class Registered:
    """A contrast file: the settings that all of its contrasts share, and these one by one."""

    split: str
    baseline: str
    intermediates: tuple[str, ...]
    """Empty: each that was measured."""
    margin: float
    """Points; a loss smaller than this counts as none."""
    confidence: float
    correction: str
    least_seeds: int
    reuses: str
    languages: Mapping[str, tuple[str, ...]]
    pairs: tuple[Pair, ...]


def read(path: Path | str = SHIPPED) -> Registered:
    """The contrasts of a file; ValueError says what is wrong in it, where, and what was meant."""
    text = Path(path).read_text(encoding="utf-8")
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is no YAML: {error}") from error
    try:
        return parsed(told)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parsed(told: Any) -> Registered:
    """The contrasts of a document as YAML loads it. Raises ValueError, as `read`."""
    top = _keys(told, "the file", TOP, TOP)
    if top["schema"] != SCHEMA:
        raise ValueError(f"schema is {top['schema']!r}; this reads {SCHEMA}")
    languages = _groups(top["languages"], "languages")
    families = _groups(top["families"], "families")
    rows = top["contrasts"]
    if not isinstance(rows, list) or not rows:
        raise ValueError("contrasts: a list with at least one contrast")
    pairs = [
        pair
        for place, row in enumerate(rows, 1)
        for pair in _pairs(row, f"contrast {place}", languages, families)
    ]
    doubled = {pair for pair in pairs if pairs.count(pair) > 1}
    if doubled:
        raise ValueError(f"contrast {next(iter(doubled)).name!r} is there twice")
    each = top["intermediates"] == "each"
    return Registered(
        split=_one_of(top["split"], "split", ("dev", "test")),
        baseline=_text(top["baseline"], "baseline"),
        intermediates=() if each else _texts(top["intermediates"], "intermediates"),
        margin=_number(top["margin"], "margin", 0, 100),
        confidence=_number(top["confidence"], "confidence", 0.5, 1),
        correction=_one_of(top["correction"], "correction", CORRECTIONS),
        least_seeds=_least(top["least_seeds"]),
        reuses=_one_of(top["reuses"], "reuses", ("included", "left out")),
        languages=languages,
        pairs=tuple(pairs),
    )


def check(asked: Registered, languages: Iterable[str], targets: Iterable[str]) -> None:
    """Raise ValueError for a language or target that the frames do not know, with what was meant.

    No languages, or no targets: an empty frame, which knows nothing and refuses nothing.
    """
    for names, some in (
        (languages, [code for group in asked.languages.values() for code in group]),
        (targets, [target for pair in asked.pairs for target in pair.targets]),
    ):
        if known := list(names):
            _known(list(dict.fromkeys(some)), "the contrast file", known)


TOP = (
    *("schema", "split", "baseline", "intermediates", "margin", "confidence", "correction"),
    *("least_seeds", "reuses", "languages", "families", "contrasts"),
)


def _pairs(
    row: Any,
    where: str,
    languages: Mapping[str, tuple[str, ...]],
    families: Mapping[str, tuple[str, ...]],
) -> Iterator[Pair]:
    """The contrasts that one entry stands for: a product of its lists."""
    if not isinstance(row, dict) or "kind" not in row:
        raise ValueError(f"{where}: kind is missing; one of {', '.join(KINDS)}")
    kind = _one_of(row["kind"], f"{where}: kind", KINDS)
    needed = ("name", "kind", *KINDS[kind])
    told = _keys(row, where, needed, (*needed, "families"))
    name = _text(told["name"], f"{where}: name")
    groups = _known(told["languages"], f"{where}: languages", languages)
    for family in _known(told.get("families", list(families)), f"{where}: families", families):
        same: dict[str, Any] = {
            "name": name,
            "kind": kind,
            "family": family,
            "targets": families[family],
        }
        for group in groups:
            for here, there, reference in _sides(kind, told, group, where, languages):
                yield Pair(**same, here=here, there=there, reference=reference)


def _sides(
    kind: str, told: Mapping[str, Any], group: str, where: str, languages: Iterable[str]
) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    if kind == "languages":
        (other,) = _known([told["from"]], f"{where}: from", languages)
        for scale in _texts(told["scales"], f"{where}: scales"):
            yield (scale, other), (scale, group), ""
        return
    reference = ""
    if kind == "gap":
        (reference,) = _known([told["reference"]], f"{where}: reference", languages)
    smaller = _text(told["from"], f"{where}: from")
    for scale in _texts(told["to"], f"{where}: to"):
        yield (smaller, group), (scale, group), reference


def _groups(told: Any, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(told, dict) or not told:
        raise ValueError(f"{where}: names, and a list for each of them")
    return {_text(name, where): _texts(some, f"{where}: {name}") for name, some in told.items()}


def _keys(
    told: Any, where: str, needed: Iterable[str], allowed: Iterable[str]
) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise ValueError(f"{where}: keys and values are needed, not {told!r}")
    allowed = list(allowed)
    for key in told:
        if key not in allowed:
            raise ValueError(f"{where}: unknown key {key!r}{_meant(str(key), allowed)}")
    absent = [key for key in needed if key not in told]
    if absent:
        raise ValueError(f"{where}: {', '.join(absent)} is missing")
    return told


def _known(told: Any, where: str, names: Iterable[str]) -> tuple[str, ...]:
    names = list(names)
    return tuple(_one_of(one, where, names) for one in _texts(told, where))


def _one_of(told: Any, where: str, names: Iterable[str]) -> str:
    names = list(names)
    if told not in names:
        raise ValueError(f"{where}: {told!r} is unknown{_meant(str(told), names)}")
    return str(told)


def _meant(given: str, names: list[str]) -> str:
    near = get_close_matches(given.lower(), [name.lower() for name in names], n=1, cutoff=0.5)
    found = [name for name in names if near and name.lower() == near[0]]
    return f": did you mean {found[0]!r}?" if found else f"; there are {', '.join(names)}"


def _texts(told: Any, where: str) -> tuple[str, ...]:
    if not isinstance(told, list) or not told:
        raise ValueError(f"{where}: a list of names is needed, not {told!r}")
    found = tuple(_text(one, where) for one in told)
    twice = sorted({one for one in found if found.count(one) > 1})
    if twice:
        raise ValueError(f"{where}: {', '.join(twice)} is there twice")
    return found


def _text(told: Any, where: str) -> str:
    if not isinstance(told, str) or not told:
        hint = " (YAML reads a bare no, yes, on or off as a truth value)" * isinstance(told, bool)
        raise ValueError(f"{where}: a name is needed, not {told!r}{hint}")
    return told


def _number(told: Any, where: str, low: float, high: float) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not low < told < high:
        raise ValueError(f"{where}: a number between {low:g} and {high:g} is needed, not {told!r}")
    return float(told)


def _least(told: Any) -> int:
    if isinstance(told, bool) or not isinstance(told, int) or told < 3:
        raise ValueError(f"least_seeds: a whole number from 3 on is needed, not {told!r}")
    return told
