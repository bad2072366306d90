"""Windows over a long context, and the window in which an answer may start."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.families.windows import Window, own_starts, token_span, windows

SIZES = st.tuples(st.integers(0, 300), st.integers(1, 60), st.integers(-1, 80))


def slow_windows(tokens: int, room: int, step: int) -> list[tuple[int, int]]:
    """BERT's loop: stop at the window that reaches the end."""
    found, start = [], 0
    while True:
        length = min(tokens - start, room)
        found.append((start, start + length))
        if start + length == tokens:
            return found
        start += max(1, min(length, step))


def slow_best(ranges: list[tuple[int, int]], token: int) -> int:
    """BERT's `check_is_max_context`, token by token."""
    best, best_score = -1, float("-inf")
    for index, (low, high) in enumerate(ranges):
        if low <= token < high:
            score = min(token - low, high - 1 - token) + 0.01 * (high - low)
            if score > best_score:
                best, best_score = index, score
    return best


def test_starts_are_one_step_apart() -> None:
    assert windows(10, 4, 2) == [(0, 4), (2, 6), (4, 8), (6, 10)]
    assert windows(9, 4, 3) == [(0, 4), (3, 7), (6, 9)]


def test_a_short_context_is_one_window() -> None:
    assert windows(4, 4, 1) == [(0, 4)]
    assert windows(0, 4, 1) == [(0, 0)]
    assert own_starts([(0, 4)], 4) == [(0, 4)]


def test_xtreme_sizes() -> None:
    """384 tokens, a question of 14 and 4 specials leave 366; starts lie 128 apart."""
    assert windows(500, 366, 128) == [(0, 366), (128, 494), (256, 500)]


def test_the_longer_window_has_one_percent_of_its_length_more() -> None:
    """Token 375: 118 + 3.66 in the window of 366, 119 + 2.44 in the last, of 244."""
    ranges = windows(500, 366, 128)
    assert own_starts(ranges, 500)[1:] == [(247 - 128, 376 - 128), (376 - 256, 500 - 256)]
    for token in (246, 247, 375, 376):
        low, high = own_starts(ranges, 500)[slow_best(ranges, token)]
        assert low <= token - ranges[slow_best(ranges, token)][0] < high


@given(SIZES)
def test_windows_as_the_loop(sizes: tuple[int, int, int]) -> None:
    assert windows(*sizes) == slow_windows(*sizes)


@given(SIZES)
def test_an_answer_starts_in_its_best_window_only(sizes: tuple[int, int, int]) -> None:
    ranges = windows(*sizes)
    own = own_starts(ranges, sizes[0])
    for token in range(sizes[0]):
        holding = [
            i
            for i, ((begin, _), (low, high)) in enumerate(zip(ranges, own, strict=True))
            if low <= token - begin < high
        ]
        assert holding == [slow_best(ranges, token)]


OFFSETS = [(0, 1), (0, 3), (3, 3), (4, 6), (6, 9)]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [(0, 3, (0, 1)), (4, 9, (3, 4)), (5, 6, (3, 3)), (3, 4, None), (2, 5, (1, 3)), (9, 12, None)],
)
def test_tokens_of_characters(start: int, stop: int, expected: tuple[int, int] | None) -> None:
    assert token_span(OFFSETS, start, stop) == expected


def test_text_of_positions() -> None:
    window = Window(5, ((2, 3), (3, 7)), (0, 2), 9)
    assert window.text("xx a cat", 5, 6) == "a ca"
    assert window.text("xx a cat", 5, 5) == ""
