"""Paraphrase (QQP, PAWS-X): the same event or the same people in other roles, in the same words.

Word overlap says nothing: both labels reorder, tell from the other side, or swap clauses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import CONVERSE, PEOPLE
from training.miniature.events import GIVES, converse, swapped
from training.miniature.grammar import Clause, Role
from training.miniature.tasks.inference import bare, events
from training.miniature.tasks.items import Item, Row, balanced, question, text
from training.miniature.world import World

Told = tuple[Clause, ...]
ASKED: tuple[Role, ...] = ("object", "time", "place")


def trade(world: World) -> Clause:
    """A transfer that can be told from both sides."""
    return bare(world.event("transfer", world.random.choice([*CONVERSE, *GIVES])))


def from_other_side(world: World) -> tuple[int, Told, Told]:
    """X sold it to Y; Y bought it from X, or X bought it from Y."""
    event = replace(trade(world), time=world.time(0.3))
    label = int(world.chance(0.5))
    other = converse(event if label else swapped(event))
    return label, (varied(world, event),), (varied(world, other),)


def reordered(world: World) -> tuple[int, Told, Told]:
    """The same verb in another order, the people in the same roles or in each other's."""
    event = world.event("transfer")
    event = replace(event, time=event.time or world.time())
    label = int(world.chance(0.5))
    other = event if label else swapped(event)
    return label, (event,), (replace(other, order=world.order(event, 0.0)),)


def exchanged(world: World) -> tuple[int, Told, Told]:
    """Two events told anew, each with its own thing or with the other's."""
    first, second = events(world, "handle")
    label = int(world.chance(0.5))
    one, two = first, second
    if not label:
        one, two = replace(first, object=second.object), replace(second, object=first.object)
    retold = tuple(replace(clause, order="object_first") for clause in (one, two))
    return label, (first, second), retold if world.chance(0.5) else retold[::-1]


def varied(world: World, clause: Clause) -> Clause:
    return replace(clause, order=world.order(clause, 0.3))


def told(world: World) -> Iterator[Item]:
    while True:
        label, first, second = world.random.choice((from_other_side, reordered, exchanged))(world)
        if world.allows(*first, *second):
            pair = (first, second) if world.chance(0.5) else (second, first)
            yield Item(label, pair)


def asked(world: World) -> Iterator[Item]:
    """What was sold to Y by X, what Y bought from X: the same question only if the people fit.

    The people are common nouns and the last words of the question: a shared "did Anna" or
    "pupil in" would give the roles away.
    """
    while True:
        event = trade(world)
        role = world.random.choice(ASKED)
        label = int(world.chance(0.5))
        other = converse(event if label else swapped(event))
        people = {np.concept for np in (event.subject, event.recipient, event.source) if np}
        seen = replace(event, object=None) if role == "object" else event
        if world.allows(event, other, seen) and people <= set(PEOPLE):
            pair = ((event, role), (other, role))
            yield Item(label, pair if world.chance(0.5) else pair[::-1])


def items(task: str, world: World) -> Iterator[Item]:
    def english(item: Item) -> tuple[str, str]:
        first, second = written(item, task, "eng")
        return first, second

    return balanced(asked(world) if task == "qqp" else told(world), english, 2, signature)


def signature(item: Item) -> tuple[object, ...]:
    """Verb and order, or verb and question word, of both sides."""
    parts = (part for side in item.parts for part in side)
    return tuple((p.verb, p.order) if isinstance(p, Clause) else p for p in parts)


def written(item: Item, task: str, lang: str) -> list[str]:
    if task == "qqp":
        return [question(clause, ask, lang) for clause, ask in item.parts]
    return [text(clauses, lang) for clauses in item.parts]


def row(item: Item, lang: str, index: int, task: str, split: str) -> Row:
    first, second = written(item, task, lang)
    if task == "qqp":
        return {"question1": first, "question2": second, "label": item.label, "idx": index}
    return {"id": index, "sentence1": first, "sentence2": second, "label": item.label}
