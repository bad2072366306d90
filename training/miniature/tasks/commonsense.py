"""Laws of the world (HellaSwag, CommonsenseQA): what follows an action, where a thing belongs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import BELONGS, HANDLE, NEXT, PLACES
from training.miniature.grammar import Clause
from training.miniature.languages import language
from training.miniature.tasks.inference import distinct
from training.miniature.tasks.items import Item, Row, question, sentence
from training.miniature.world import World

LETTERS = "ABCDE"


def endings(world: World) -> Iterator[Item]:
    """A story and four endings by the same person with the same thing; the law of NEXT decides."""
    while True:
        event = world.event("handle")
        after = NEXT[event.verb]
        others = [v for v in HANDLE if v not in {event.verb, after}]
        verbs = [after, *world.random.sample(others, 3)]
        world.random.shuffle(verbs)
        choices = [replace(event, verb=verb, time=None, place=None) for verb in verbs]
        between = world.event() if world.chance(0.4) else None
        if world.allows(*choices) and (between is None or distinct(event, between)):
            yield Item(verbs.index(after), (event, between, tuple(choices)))


def homes(world: World) -> Iterator[Item]:
    """Where an event with a thing took place: where the thing belongs.

    The answer is drawn from the five places before its event, of which a split has more for some
    places than for others: so none is a likelier answer than another.
    """
    while True:
        places = world.random.sample(PLACES, len(LETTERS))
        home = world.random.choice(places)
        yield Item(places.index(home), (belonging(world, home), tuple(places)))


def belonging(world: World, home: str) -> Clause:
    """An event at a place with a thing that belongs there."""
    while True:
        event = replace(world.handle(), place=None)
        assert event.object is not None
        thing = world.random.choice(BELONGS[home].split())
        event = replace(event, object=replace(event.object, concept=thing))
        if world.allows(event):
            return replace(event, place=home)


def items(task: str, world: World) -> Iterator[Item]:
    return endings(world) if task == "hellaswag" else homes(world)


def row(item: Item, lang: str, index: int, task: str, split: str) -> Row:
    return (ending_row if task == "hellaswag" else home_row)(item, lang, index, split)


def ending_row(item: Item, lang: str, index: int, split: str) -> Row:
    event, between, choices = item.parts
    first = sentence(event, lang)
    second = sentence(between, lang) if between else ""
    gap = " " if language(lang).spaced and second else ""
    return {
        "ind": index,
        "activity_label": "Miniature",
        "ctx_a": first,
        "ctx_b": second,
        "ctx": first + gap + second,
        "endings": [sentence(choice, lang) for choice in choices],
        "source_id": f"miniature~{split}{index}",
        "split": {"dev": "val"}.get(split, split),
        "split_type": "indomain",
        "label": str(item.label),
    }


def home_row(item: Item, lang: str, index: int, split: str) -> Row:
    event, places = item.parts
    clause: Clause = event
    assert clause.object is not None
    made = language(lang)
    return {
        "id": f"{split}-{index}",
        "question": question(clause, "place", lang),
        "question_concept": made.noun(clause.object.concept),
        "choices": {"label": list(LETTERS), "text": [made.noun(place) for place in places]},
        "answerKey": LETTERS[item.label],
    }
