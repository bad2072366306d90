"""The plan of a training: one task a step by the mixture's shares, batches by step number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.data.module import Planned, Prepared, Steps, length_batches, plan, predict, shares
from training.families.base import Batch, Feature, inputs
from training.spec.recipe import Recipe


@dataclass
class Echo:
    """A family whose outputs are its inputs."""

    def collate(self, features: Any, pad: int) -> Batch:
        return inputs(features, pad)

    def decode(self, logits: torch.Tensor, batch: Batch) -> list[Any]:
        pairs = zip(logits, batch["attention_mask"], strict=True)
        return [row[mask.bool()].tolist() for row, mask in pairs]


def prepared(count: int, longest: int = 9) -> Prepared:
    features = [Feature((tuple(range(2, 3 + i % longest)),), None, i) for i in range(count)]
    return Prepared(Echo(), features)  # type: ignore[arg-type]


TASKS = {"anli": prepared(10), "mnli": prepared(40), "squad": prepared(90)}


@pytest.mark.parametrize(
    ("recipe", "weights"),
    [
        (Recipe(mixture="proportional"), [10, 40, 90]),
        (Recipe(mixture="proportional", cap=40), [10, 40, 40]),
        (Recipe(mixture="uniform"), [1, 1, 1]),
        (Recipe(mixture="temperature", temperature=2.0, cap=40), [10**0.5, 40**0.5, 40**0.5]),
        (Recipe(mixture="temperature", temperature=1.0), [10, 40, 90]),
    ],
)
def test_shares(recipe: Recipe, weights: list[float]) -> None:
    assert shares([10, 40, 90], recipe) == pytest.approx(np.array(weights) / sum(weights))


def test_tasks_are_drawn_by_their_shares() -> None:
    steps = 4000
    drawn = Counter(name for name, _ in plan(TASKS, Recipe(batch=2), 1, steps))
    for name, share in zip(sorted(TASKS), shares([10, 40, 90], Recipe()), strict=True):
        assert drawn[name] / steps == pytest.approx(share, abs=0.03)


def test_each_task_goes_through_its_own_epochs() -> None:
    recipe = Recipe(batch=5, mixture="uniform")
    seen: dict[str, list[int]] = {name: [] for name in TASKS}
    for name, indices in plan(TASKS, recipe, 3, 120):
        seen[name] += indices.tolist()
    for name, indices in seen.items():
        count = len(TASKS[name].features)
        whole = len(indices) // count * count
        assert whole, "more than an epoch is looked at"
        assert set(Counter(indices[:whole]).values()) == {whole // count}


def test_the_order_of_naming_the_tasks_does_not_matter() -> None:
    turned = dict(reversed(TASKS.items()))
    one, other = (plan(tasks, Recipe(batch=4), 7, 50) for tasks in (TASKS, turned))
    assert [(n, i.tolist()) for n, i in one] == [(n, i.tolist()) for n, i in other]


def test_a_mixture_has_the_steps_of_its_members_unless_told() -> None:
    recipe = Recipe(batch=10, epochs=1.0)
    assert len(Planned(TASKS, recipe, 1, pad=1)) == 1 + 4 + 9
    assert len(Planned(TASKS, replace(recipe, steps=3), 1, pad=1)) == 3


def test_a_step_is_the_same_however_often_it_is_asked_for() -> None:
    data = Planned(TASKS, Recipe(batch=4, steps=12), 5, pad=1)
    for step in (11, 0, 11, 3):
        (one, first), (two, second) = data[step], data[step]
        assert one == two and torch.equal(first["input_ids"], second["input_ids"])


def test_resuming_is_a_start_value() -> None:
    data = Planned(TASKS, Recipe(batch=4, steps=9), 5, pad=1)
    whole = [batch["input_ids"].tolist() for _, batch in Steps(data).train_dataloader()]
    late = [batch["input_ids"].tolist() for _, batch in Steps(data, start=6).train_dataloader()]
    assert len(whole) == 9 and late == whole[6:]


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 300))
def test_length_batches_cover_all_within_the_budget(lengths: list[int], tokens: int) -> None:
    features = [Feature((tuple(range(n)),), None, i) for i, n in enumerate(lengths)]
    made = list(length_batches(features, tokens))
    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    for batch in made:
        longest = max(features[i].length for i in batch)
        assert len(batch) == 1 or longest * len(batch) <= tokens


@pytest.mark.parametrize("tokens", [1, 30, 10_000])
def test_predictions_come_in_the_order_of_the_features(tokens: int) -> None:
    one = prepared(50, 13)
    made = predict(one.features, one.family, 1, lambda batch: batch["input_ids"], tokens)
    assert made == [list(feature.ids[0]) for feature in one.features]
