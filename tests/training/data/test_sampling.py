"""Batches: every example once an epoch, of similar length where grouped, fixed by the seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.sampling import batches, total_steps
from training.spec.recipe import Recipe

LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=80)
RECIPES = st.builds(
    Recipe,
    batch=st.integers(1, 9),
    window=st.integers(1, 5),
    sampling=st.sampled_from(["grouped", "iid"]),
)


def epoch(count: int, recipe: Recipe) -> int:
    """Batches of one epoch."""
    return -(-count // recipe.batch)


@given(LENGTHS, RECIPES, st.integers(0, 2**32 - 1))
def test_every_example_once_an_epoch(lengths: list[int], recipe: Recipe, seed: int) -> None:
    steps = epoch(len(lengths), recipe)
    made = batches(lengths, recipe, seed, 2 * steps)
    assert len(made) == 2 * steps
    for half in (made[:steps], made[steps:]):
        assert sorted(np.concatenate(half).tolist()) == list(range(len(lengths)))
        assert all(len(one) <= recipe.batch for one in half)


@given(LENGTHS, RECIPES, st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_more_steps_do_not_change_the_first_ones(
    lengths: list[int], recipe: Recipe, seed: int, steps: int
) -> None:
    few, many = batches(lengths, recipe, seed, steps), batches(lengths, recipe, seed, steps + 7)
    assert [one.tolist() for one in few] == [one.tolist() for one in many[:steps]]


def test_grouped_batches_are_of_similar_length_and_iid_ones_are_not() -> None:
    lengths = np.random.default_rng(0).integers(5, 200, 3200)
    recipe = Recipe(batch=32, window=50)
    steps = epoch(len(lengths), recipe)

    def spread(sampling: str) -> float:
        made = batches(lengths.tolist(), replace(recipe, sampling=sampling), 1, steps)
        return float(np.mean([np.ptp(lengths[one]) for one in made]))

    assert spread("grouped") < 0.1 * spread("iid")


def test_grouped_batches_come_in_no_order_of_length() -> None:
    lengths = list(range(1000))
    made = batches(lengths, Recipe(batch=10, window=100), 1, 100)
    firsts = [int(one.min()) for one in made]
    assert abs(np.corrcoef(firsts, range(100))[0, 1]) < 0.4


@pytest.mark.parametrize("sampling", ["grouped", "iid"])
def test_seeds_and_epochs_differ(sampling: str) -> None:
    recipe = Recipe(batch=8, window=4, sampling=sampling)  # type: ignore[arg-type]
    one, other = (batches([3] * 64, recipe, seed, 16) for seed in (1, 2))
    assert [b.tolist() for b in one] != [b.tolist() for b in other]
    assert [b.tolist() for b in one[:8]] != [b.tolist() for b in one[8:]]


def test_nothing_to_sample_from_is_an_error_and_no_endless_loop() -> None:
    with pytest.raises(ValueError, match="no examples"):
        batches([], Recipe(), 1, 3)
    assert batches([], Recipe(), 1, 0) == []


@pytest.mark.parametrize(
    ("recipe", "examples", "steps"),
    [
        (Recipe(batch=32, epochs=3.0), 320, 30),
        (Recipe(batch=32, epochs=3.0), 321, 31),
        (Recipe(batch=32, epochs=0.5), 320, 5),
        (Recipe(batch=32, epochs=0.001), 320, 1),
        (Recipe(batch=32, epochs=3.0, steps=7), 320, 7),
    ],
)
def test_steps_follow_from_epochs_unless_told(recipe: Recipe, examples: int, steps: int) -> None:
    assert total_steps(recipe, examples) == steps
