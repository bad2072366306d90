"""The races are fair: one set of weights, the same losses, every example once, real tokens only."""

from __future__ import annotations

import pytest
from course import Course, Shape
from race import LOOP, RACERS, Goal, lengths, order, share, some
from racers import Lap, plain_theirs

from training.phases import compiled

SIZES = lengths(20.0, 0.5, 64, count=96)


@pytest.mark.parametrize("task", ["mnli", "udpos"])
def test_all_racers_have_the_losses_of_the_plain_loop(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silta in both layouts, the Trainer with both collators, another loop around its model."""
    monkeypatch.setattr(compiled, "BACKEND", "aot_eager")  # the same graphs, without a compiler
    course = Course(task, SIZES, batch=8, shape=Shape(2, 32, 2))
    chosen = some(order("random", course, 1), 4, 1)
    losses = {}
    racers = {name: racer for name, (racer, _) in RACERS.items()} | {"theirs": plain_theirs}
    for name, racer in racers.items():
        lap = Lap(1, 3, watch=True)
        racer(course, chosen, lap)
        assert lap.seconds > 0
        losses[name] = lap.losses[:4]
    assert len(set(losses[LOOP])) == 4, "something is learnt, or the batches are all alike"
    for name, told in losses.items():
        assert told == pytest.approx(losses[LOOP], rel=1e-5), name


@pytest.mark.parametrize("sampler", ["silta", "random", "theirs"])
def test_every_sampler_shows_every_example_once(sampler: str) -> None:
    course = Course("mnli", SIZES, batch=8)
    whole = order(sampler, course, 3)
    assert sorted(place for batch in whole for place in batch) == list(range(len(SIZES)))
    assert {len(batch) for batch in whole} == {8}
    assert all(batch in whole for batch in some(whole, 5, 1))


def test_padding_is_what_is_computed_for_nothing() -> None:
    assert share((2, 4, 4), [[0, 1], [2]]) == pytest.approx(2 / 12)
    assert share((3, 3), [[0, 1]]) == 0


def test_lengths_are_those_of_the_data_sets() -> None:
    """The reference's shares of real tokens, NLI and UD English padded to 128: 31 and 18 %."""
    assert sum(lengths(39.9, 0.29, 128)) / (6400 * 128) == pytest.approx(0.312, abs=0.01)
    assert sum(lengths(23.0, 0.67, 128)) / (6400 * 128) == pytest.approx(0.18, abs=0.01)


def test_a_goal_is_met_from_its_own_side() -> None:
    assert Goal("faster", 1.7, 1.7).met and not Goal("faster", 1.69, 1.7).met
    assert Goal("dearer", 2.2, 2.2, least=False).met and not Goal("", 2.3, 2.2, least=False).met
    assert Goal("dearer", 2.3, 2.2, least=False).line().startswith("MISSED")
