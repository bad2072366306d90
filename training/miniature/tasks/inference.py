"""Inference (MNLI, ANLI+, XNLI): which event a hypothesis is about, and whether it denies it.

The premise tells one event and denies another of the same verb. The hypothesis puts a subject and
an object of the premise together: those of one event follow or contradict, else it is neutral, as
it is when the two sides of a transfer change places.
Premise and hypothesis differ in word order (English: in voice) or in the side a transfer is told
from, so that no run of words is shared under one label more than under another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import CONVERSE
from training.miniature.events import GIVES, converse, swapped
from training.miniature.grammar import Clause
from training.miniature.tasks.items import Item, Row, balanced, sentence, text
from training.miniature.world import World

ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2


def events(world: World, kind: str) -> tuple[Clause, Clause]:
    """Two events of one verb with different people and things."""
    first = bare(world.event(kind))
    while True:
        second = bare(world.event(kind, first.verb))
        if distinct(first, second):
            return first, second


def bare(clause: Clause) -> Clause:
    """Without qualities, place and time: what the hypothesis may be about."""
    thing = replace(clause.object, quality=None, definite=True) if clause.object else None
    return replace(clause, object=thing, place=None, time=None)


def distinct(first: Clause, second: Clause) -> bool:
    """No person or thing occurs in both."""

    def names(clause: Clause) -> set[str]:
        parts = (clause.subject, clause.object, clause.recipient, clause.source)
        return {part.concept for part in parts if part}

    return not names(first) & names(second)


def hypotheses(first: Clause, second: Clause, denied: bool) -> Iterator[tuple[int, Clause]]:
    """All labelled hypotheses, each denied or none, over two events of which `second` is denied."""
    follows, contradicts = (CONTRADICTION, ENTAILMENT) if denied else (ENTAILMENT, CONTRADICTION)
    yield follows, replace(first, negated=denied)
    yield contradicts, replace(second, negated=denied)
    for one, other in ((first, second), (second, first)):
        yield NEUTRAL, replace(one, object=other.object, negated=denied)
        if one.recipient or one.source:
            yield NEUTRAL, replace(swapped(one), negated=denied)


def plain(world: World) -> Iterator[Item]:
    """Hypotheses in the words of the premise."""
    while True:
        first, second = events(world, world.random.choice(("handle", "transfer")))
        label, claim = choice(world, first, second)
        yield turned(world, label, premise(world, first, second), claim)


def traded(world: World) -> Iterator[Item]:
    """Hypotheses that tell a transfer from the other side."""
    while True:
        first, second = events(world, "transfer")
        if first.verb not in CONVERSE and first.verb not in GIVES:
            continue
        label, claim = choice(world, converse(first), converse(second))
        yield Item(label, (premise(world, first, second), claim))


def turned(world: World, label: int, told: tuple[Clause, Clause], claim: Clause) -> Item:
    """Premise and hypothesis in different orders."""
    if world.chance(0.5):
        return Item(label, (told, replace(claim, order="object_first")))
    first, second = (replace(clause, order="object_first") for clause in told)
    return Item(label, ((first, second), claim))


def choice(world: World, first: Clause, second: Clause) -> tuple[int, Clause]:
    """A label evenly, then one of its hypotheses, of which one in four is denied."""
    label = world.random.choice((ENTAILMENT, NEUTRAL, CONTRADICTION))
    offers = hypotheses(first, second, denied=world.chance(0.25))
    return label, world.random.choice([claim for known, claim in offers if known == label])


def premise(world: World, first: Clause, second: Clause) -> tuple[Clause, Clause]:
    """The two events in either order, with a time now and then."""
    told = replace(first, time=world.time(0.3)), replace(second, negated=True, time=world.time(0.3))
    return told if world.chance(0.5) else (told[1], told[0])


MIX = {"mnli": (plain, traded), "anli": (plain, traded, traded), "xnli": (plain, traded)}
"""No hypernyms ("fruit" for "apple"): a told thing entails its kind and a denied kind each of its
things, so hypothesis alone (kind or thing, told or denied) would tell entailment and contradiction
apart."""


def candidates(task: str, world: World) -> Iterator[Item]:
    """The task's mix of phenomena; events of the hypothesis stay inside the split too."""
    streams = [make(world) for make in MIX[task]]
    while True:
        item = next(world.random.choice(streams))
        if world.allows(item.parts[1], *item.parts[0]):
            yield item


def items(task: str, world: World) -> Iterator[Item]:
    def english(item: Item) -> tuple[str, str]:
        return text(item.parts[0], "eng"), sentence(item.parts[1], "eng")

    return balanced(candidates(task, world), english, labels=3)


def row(item: Item, lang: str, index: int, task: str, split: str) -> Row:
    pair = {"premise": text(item.parts[0], lang), "hypothesis": sentence(item.parts[1], lang)}
    if task == "mnli":
        return {**pair, "label": item.label, "idx": index}
    if task == "anli":
        return {"uid": f"{split}-{index}", **pair, "label": item.label, "reason": ""}
    return {**pair, "label": item.label}
