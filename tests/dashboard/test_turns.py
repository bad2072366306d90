"""Pages one after another, and what a page that cannot wait for ever does."""

from __future__ import annotations

import threading

import pytest

from dashboard.views.turns import turn


def test_a_second_page_waits_for_the_first():
    told: list[str] = []

    def second() -> None:
        with turn(60):
            told.append("second")

    with turn(60):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.2)
        told.append("first")
    other.join(60)
    assert told == ["first", "second"]


def test_it_goes_ahead_after_a_while_and_leaves_the_turn_to_whose_it_is():
    with turn():
        with turn(0.01):
            pass
        with turn(0.01):  # the turn above is still the first one's
            pass
    with turn(0):
        pass


def test_a_page_that_fails_gives_its_turn_back():
    with pytest.raises(KeyError), turn():
        raise KeyError("no")
    done = threading.Event()

    def other() -> None:
        with turn(60):
            done.set()

    threading.Thread(target=other).start()
    assert done.wait(30)
