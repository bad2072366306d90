"""CosmosQA of the miniature: the answer is the world's law, and some questions need the text."""

from __future__ import annotations

from itertools import islice

import pytest

from training.miniature.concepts import HOME, KIND_OF, KINDS
from training.miniature.tasks import cosmos
from training.miniature.tasks.items import Item
from training.miniature.world import World


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return list(islice(cosmos.items("cosmosqa", World(3, "cosmosqa", "train")), 400))


def test_the_answer_is_where_the_thing_belongs(items: list[Item]) -> None:
    for item in items:
        told, about = item.parts
        event = told[item.label]
        assert (about.subject, about.verb) == (event.subject, event.verb)
        assert about.place == HOME[event.object.concept]
        assert about.object.concept in {event.object.concept, KIND_OF.get(event.object.concept)}


def test_the_text_tells_no_place_and_its_things_belong_in_four(items: list[Item]) -> None:
    for item in items:
        told, _ = item.parts
        assert not any(event.place for event in told)
        assert len({HOME[event.object.concept] for event in told}) == cosmos.PEOPLE


def test_half_of_the_things_with_a_kind_are_asked_for_by_it(items: list[Item]) -> None:
    """Of these the law alone names several places: the text says which thing it was."""
    kinds = [item.parts[1].object.concept in KINDS for item in items]
    could = [item.parts[0][item.label].object.concept in KIND_OF for item in items]
    assert sum(kinds) / sum(could) == pytest.approx(0.5, abs=0.12)
    assert all(len({HOME[thing] for thing in things}) > 1 for things in KINDS.values())


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("eng", "at the "), ("fin", "ssa"), ("hun", "ban"), ("tur", "da")],
)
def test_choices_are_inflected_as_an_answer_would_be(lang: str, expected: str) -> None:
    items = islice(cosmos.items("cosmosqa", World(3, "cosmosqa", "test")), 60)
    rows = [cosmos.row(item, lang, i, "cosmosqa", "test") for i, item in enumerate(items)]
    choices = [str(row[f"answer{k}"]) for row in rows for k in range(cosmos.PEOPLE)]
    assert sum(expected in choice for choice in choices) > len(choices) / 10
