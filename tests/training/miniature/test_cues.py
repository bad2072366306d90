"""Labels follow from the events and not from a surface cue: simple models stay near chance."""

from __future__ import annotations

import pytest
from cues import Items, baseline, cues, pairs

from training.miniature import tasks
from training.miniature.events import Split

ITEMS, MARGIN = 2400, 0.05
HELD_OUT = 80_000
"""Sentences of a world whose dev split has 2,000 items."""


def made(task: str, split: Split = "train") -> Items:
    return pairs(task, tasks.rows(task, split, "eng", 5, ITEMS if split == "train" else HELD_OUT))


@pytest.mark.parametrize("task", ["mnli", "anli", "qqp", "pawsx", "hellaswag", "cosmosqa", "csqa"])
def test_no_cue_gives_the_label_away(task: str) -> None:
    without_cue(made(task))


@pytest.mark.parametrize("task", ["hellaswag", "cosmosqa", "csqa"])
def test_no_cue_of_held_out_choices_either(task: str) -> None:
    """A split has more events for some answers than for others, which must not show."""
    without_cue(made(task, "dev"))


def without_cue(items: Items) -> None:
    assert len(items.gold) >= 2000
    found = cues(items)
    best = max(found.values())
    assert best <= baseline(items) + MARGIN, f"{found} against {baseline(items):.3f}"


def test_the_test_would_find_a_cue() -> None:
    """A label that can be read off the words is read off the words."""
    items = made("mnli")
    telling = [
        text + (" not" if gold == 2 else "")
        for text, gold in zip(items.second, items.gold, strict=True)
    ]
    leaking = Items(items.first, telling, items.gold)
    assert cues(leaking)["second"] > baseline(items) + 0.2
