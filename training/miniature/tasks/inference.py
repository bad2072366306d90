"""Inference (MNLI, ANLI+, XNLI): which event a hypothesis is about, and whether it denies it.

The premise tells one event and denies another of the same verb. The hypothesis puts a subject and
an object of the premise together: those of one event follow or contradict, else it is neutral.
Premise and hypothesis differ in word order (English: in voice) or in the side a transfer is told
from, so that no run of words is shared under one label more than under another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import CONVERSE, HANDLE, KIND_OF, KINDS
from training.miniature.events import GIVES, converse
from training.miniature.grammar import NP, Clause
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


def kind_event(world: World, verb: str | None) -> Clause:
    """An event with a thing that has a kind, of this split."""
    while True:
        thing = NP(world.random.choice(list(KIND_OF)))
        event = Clause(verb or world.random.choice(HANDLE), world.person(), thing)
        if world.allows(event):
            return event


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


def hypotheses(world: World, first: Clause, second: Clause) -> Iterator[tuple[int, Clause]]:
    """All labelled hypotheses over two events, of which `second` is denied."""
    for denied in (False, True):
        follows = ENTAILMENT if not denied else CONTRADICTION
        yield follows, replace(first, negated=denied)
        yield (CONTRADICTION if not denied else ENTAILMENT), replace(second, negated=denied)
        for a, b in ((first, second), (second, first)):
            yield NEUTRAL, replace(a, object=b.object, negated=denied)


def plain(world: World) -> Iterator[Item]:
    """Hypotheses in the words of the premise."""
    while True:
        first, second = events(world, "handle")
        label, claim = choice(world, list(hypotheses(world, first, second)))
        yield turned(world, label, premise(world, first, second), claim)


def named(world: World) -> Iterator[Item]:
    """Hypotheses that name a kind for a thing (told) or a thing for a kind (denied)."""
    while True:
        first = kind_event(world, None)
        second = kind_event(world, first.verb)
        one, two = (c.object.concept if c.object else "" for c in (first, second))
        if KIND_OF[one] == KIND_OF[two] or not distinct(first, second):
            continue
        general = replace(first, object=NP(KIND_OF[one], False))
        member = world.random.choice(KINDS[KIND_OF[two]])
        special = replace(second, object=NP(member, False))
        told = (
            replace(first, object=NP(one, False)),
            replace(second, object=NP(KIND_OF[two], False)),
        )
        label, claim = choice(world, list(hypotheses(world, general, special)))
        if world.allows(special):
            yield turned(world, label, premise(world, *told), claim)


def traded(world: World) -> Iterator[Item]:
    """Hypotheses that tell a transfer from the other side."""
    while True:
        first, second = events(world, "transfer")
        if first.verb not in CONVERSE and first.verb not in GIVES:
            continue
        label, claim = choice(world, list(hypotheses(world, converse(first), converse(second))))
        yield Item(label, (premise(world, first, second), claim))


def turned(world: World, label: int, told: tuple[Clause, Clause], claim: Clause) -> Item:
    """Premise and hypothesis in different orders."""
    if world.chance(0.5):
        return Item(label, (told, replace(claim, order="object_first")))
    first, second = (replace(clause, order="object_first") for clause in told)
    return Item(label, ((first, second), claim))


def choice(world: World, offers: list[tuple[int, Clause]]) -> tuple[int, Clause]:
    """A label evenly, then one of its hypotheses that this split may hold."""
    label = world.random.choice((ENTAILMENT, NEUTRAL, CONTRADICTION))
    return world.random.choice([offer for offer in offers if offer[0] == label])


def premise(world: World, first: Clause, second: Clause) -> tuple[Clause, Clause]:
    """The two events in either order, with a time now and then."""
    told = replace(first, time=world.time(0.3)), replace(second, negated=True, time=world.time(0.3))
    return told if world.chance(0.5) else (told[1], told[0])


MIX = {"mnli": (plain, named), "anli": (plain, named, traded), "xnli": (plain, named)}


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
