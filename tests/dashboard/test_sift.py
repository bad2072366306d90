"""Which items pass, in which order, and that one page is all that is taken."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.analysis import features, sift
from dashboard.analysis.sift import Sieve

TABLE = pd.DataFrame(
    {
        "item_id": ["a", "b", "c", "d"],
        "group": ["fixed", "broken", "fixed", "right both times"],
        "text": ["Talossa (iso).", "TALO", None, "hus"],
        "gold": ["yes", "no", "yes", "no"],
        "prediction": ["yes", "yes", "yes", "no"],
        "prediction_before": ["no", "no", "talo?", "no"],
        "per_word": [1.0, 3.0, 2.0, None],
        "n_words": [5.0, 1.0, 2.0, 1.0],
        "change": [100.0, -100.0, 100.0, 0.0],
    }
)


def ids(rows: pd.DataFrame) -> list[str]:
    return rows["item_id"].tolist()


def test_everything_passes_an_open_sieve():
    assert ids(sift.sifted(TABLE, Sieve())) == ["a", "b", "c", "d"]


def test_search_is_by_letter_in_texts_and_answers_whatever_the_case():
    assert ids(sift.sifted(TABLE, Sieve(text="talo"))) == ["a", "b", "c"]
    assert ids(sift.sifted(TABLE, Sieve(text="(iso)."))) == ["a"]  # no pattern
    assert ids(sift.sifted(TABLE, Sieve(text="."))) == ["a"]
    assert ids(sift.sifted(TABLE, Sieve(text="hus", group="fixed"))) == []


def test_groups_bins_and_features_narrow_each_other():
    having = pd.Series([True, True, False, False])
    assert ids(sift.sifted(TABLE, Sieve(group="fixed"))) == ["a", "c"]
    assert ids(sift.sifted(TABLE, Sieve(group="fixed", feature="Case=Ine"), having)) == ["a"]
    lowest = features.binned(TABLE["per_word"])[0]
    assert lowest == "1–2" and ids(sift.sifted(TABLE, Sieve(per_word=lowest))) == ["a", "c"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("set", "abcd"),
        ("gain", "acdb"),
        ("loss", "bdac"),
        ("split", "bcad"),
        ("whole", "acbd"),
        ("long", "acbd"),
        ("short", "bdca"),
    ],
)
def test_order(order: str, expected: str):
    assert ids(sift.ordered(TABLE, order)) == list(expected)


def test_orders_have_names():
    assert sift.ORDERS.keys() == sift.ORDER_NAMES.keys()


def test_a_page_of_many_is_twenty_five_and_the_last_one_the_rest():
    many = pd.DataFrame({"item_id": range(100_010)})
    assert sift.pages(many) == 4001
    assert ids(sift.page(many, 1)) == list(range(25))
    assert ids(sift.page(many, 4001)) == list(range(100_000, 100_010))
    assert sift.pages(many.iloc[:0]) == 1 and sift.page(many.iloc[:0], 1).empty


def test_pages_part_the_items_without_gap_or_overlap():
    some = pd.DataFrame({"item_id": range(61)})
    parts = [sift.page(some, number) for number in range(1, sift.pages(some) + 1)]
    assert ids(pd.concat(parts)) == list(range(61))
