"""Bitext (Tatoeba, BUCC): find the sentence that tells the same event in the other language."""

from __future__ import annotations

from training.miniature.events import core
from training.miniature.grammar import Clause
from training.miniature.tasks.items import Row, sentence
from training.miniature.world import World

DISTRACTORS = 1.0
"""BUCC: sentences without a counterpart on each side, as a multiple of the pairs."""


def clauses(world: World, count: int) -> list[Clause]:
    """Events of which no two are the same."""
    chosen: dict[str, Clause] = {}
    while len(chosen) < count:
        event = world.told(world.event())
        chosen.setdefault(core(event), event)
    return list(chosen.values())


def tatoeba(world: World, lang: str, count: int) -> list[Row]:
    """One row a pair, in aligned order; sentences keep their newline as the hub's do."""
    return [
        {
            "source_sentence": sentence(clause, lang) + "\n",
            "target_sentence": sentence(clause, "eng") + "\n",
            "source_lang": lang,
            "target_lang": "eng",
        }
        for clause in clauses(world, count)
    ]


def bucc(world: World, lang: str, count: int) -> list[Row]:
    """One row: both haystacks and the 1-based gold pairs."""
    extra = int(count * DISTRACTORS)
    every = clauses(world, count + 2 * extra)
    foreign, english = every[: count + extra], every[:count] + every[count + extra :]
    order = list(range(len(english)))
    world.random.shuffle(order)
    position = {original: place for place, original in enumerate(order)}
    return [
        {
            "sentence1": [sentence(clause, lang) for clause in foreign],
            "sentence2": [sentence(english[i], "eng") for i in order],
            "gold": [[i + 1, position[i] + 1] for i in range(count)],
        }
    ]
