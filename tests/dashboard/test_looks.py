"""Nothing that comes late is missed, however often it is looked, and little is read twice."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from dashboard.snapshot.looks import FEW, OVERLAP, Looks

START, MS = 1_000_000.0, 1000


def test_a_few_that_ended_lately_are_read_again_and_many_are_not():
    looks = Looks().after([1e9], 0.0)
    few = [1e9 - MS * second for second in range(FEW)]
    assert looks.since(few, 1.0) == 1e9 - MS * OVERLAP
    assert looks.since([*few, 1e9 - 1], 1.0) == 1e9  # those of the last moment alone
    assert looks.since([1e9] * (FEW + 1), 1.0) == 1e9 + 1


def test_after_a_while_all_is_read_again_and_once_more_of_a_server_that_rests():
    ended, looks = [1e9] * 100, Looks().after([1e9] * 100, 0.0)
    assert looks.since(ended, OVERLAP - 1) == 1e9 + 1
    assert looks.after(ended, OVERLAP - 1) is looks
    assert looks.since(ended, OVERLAP) == 1e9 - MS * OVERLAP
    looks = looks.after(ended, OVERLAP)
    assert looks.since(ended, 2 * OVERLAP) == 1e9 + 1  # whatever came late was there by then


def test_a_clock_that_was_set_back_delays_nothing():
    looks = Looks().after([1e9] * 100, 1e6)
    assert looks.due(1e6 - 5) and looks.since([1e9] * 100, 1e6 - 5) < 1e9


def test_of_a_server_that_was_empty_everything_is_read_again():
    """Also what came beside many others, by a clock that was behind theirs."""
    looks = Looks().after([], 0.0)
    ended = [1e9] * (FEW + 1)
    assert looks.since(ended, 1.0) == 1e9 + 1
    assert looks.since([*ended, 1e9 + MS * OVERLAP], OVERLAP) == 0.0


@dataclass(frozen=True)
class Written:
    """When a run was there to be read, and the end that it bears, of a clock that is off."""

    at: float
    ended: float


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Written], list[float]]:
    """Runs, often many in a moment, and the times of readings."""
    runs = []
    for _ in range(draw(st.integers(1, 6))):
        at = START + draw(st.integers(0, 4000))
        for _ in range(draw(st.sampled_from([1, 3, 30]))):
            off = draw(st.integers(-OVERLAP // 2 + 1, OVERLAP // 2 - 1))
            runs.append(Written(at, MS * (at + off)))
    steps = draw(st.lists(st.sampled_from([1, 60, 60, 60, 599, 600, 2000]), max_size=40))
    times = [START + sum(steps[:at]) for at in range(len(steps) + 1)]
    return runs, times


@given(worlds())
def test_whatever_clocks_say_everything_is_read_in_the_end(world: tuple):
    runs, times = world
    known, looks = set[int](), Looks()
    last = max(times[-1], max(one.at for one in runs)) + 1
    for now in [*times, last, last + OVERLAP, last + 2 * OVERLAP]:
        ended = [runs[one].ended for one in known]
        since = looks.since(ended, now) if ended else 0.0
        there = {at for at, one in enumerate(runs) if one.at <= now and one.ended >= since}
        known |= there
        looks = looks.after([runs[one].ended for one in known], now)
    assert known == set(range(len(runs)))
