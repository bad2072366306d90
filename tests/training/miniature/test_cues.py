"""Labels follow from the events and not from a surface cue: simple models stay near chance."""

from __future__ import annotations

import pytest
from cues import Items, baseline, cues, pairs

from training.miniature import tasks

ITEMS, MARGIN = 2400, 0.05


def made(task: str) -> Items:
    return pairs(task, tasks.rows(task, "train", "eng", 5, ITEMS))


@pytest.mark.parametrize("task", ["mnli", "anli", "qqp", "pawsx", "hellaswag", "cosmosqa", "csqa"])
def test_no_cue_gives_the_label_away(task: str) -> None:
    items = made(task)
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
