"""CosmosQA: where something took place, which the text does not say and the world's law does.

Four people handle four things that belong in four places, none of them told; the choices are these
four places. A question names the thing, which the law of BELONGS answers. Of a thing that has a
kind it names as often only that ("the vehicle"): then the text is needed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import HOME, KIND_OF
from training.miniature.grammar import NP, Clause
from training.miniature.tasks.inference import distinct
from training.miniature.tasks.items import Item, Row, located, question, text
from training.miniature.world import World

PEOPLE = 4


def home(clause: Clause) -> str:
    """Where the thing of the event belongs."""
    assert clause.object is not None
    return HOME[clause.object.concept]


def story(world: World) -> tuple[Clause, ...]:
    """Events without a place, of which no two share a person, a thing or the thing's home."""
    told: list[Clause] = []
    while len(told) < PEOPLE:
        event = replace(world.event("handle"), place=None)
        if all(distinct(event, one) and home(event) != home(one) for one in told):
            told.append(replace(event, order=world.order(event, 0.7)))
    return tuple(told)


def asked(world: World, clause: Clause) -> Clause:
    """The event as the question tells it, at its home, with the thing or with the thing's kind."""
    assert clause.object is not None
    thing = clause.object.concept
    named = KIND_OF.get(thing, thing) if world.chance(0.5) else thing
    return replace(clause, order="plain", time=None, object=NP(named, True), place=home(clause))


def items(task: str, world: World) -> Iterator[Item]:
    """The one asked about is drawn evenly, so that no place is a likelier answer than another."""
    while True:
        told = story(world)
        label = world.random.randrange(PEOPLE)
        yield Item(label, (told, asked(world, told[label])))


def row(item: Item, lang: str, index: int, task: str, split: str) -> Row:
    told, about = item.parts
    places = [located(replace(about, place=home(one)), "place", lang)[0] for one in told]
    return {
        "id": f"{split}-{index}",
        "context": text(told, lang),
        "question": question(about, "place", lang),
        **{f"answer{i}": place for i, place in enumerate(places)},
        "label": item.label,
    }
