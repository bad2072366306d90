"""Intervals over seeds and over items: known answers, and what they may never do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.gains import gains
from dashboard.analysis.hierarchical import NOTHING_VARIED
from dashboard.analysis.intervals import cells
from dashboard.analysis.resample import Items, times
from dashboard.analysis.shared_items import NO_ITEMS, OTHER_METRIC


def one(table: pd.DataFrame, task: str = "mnli") -> pd.Series:
    rows = table[table["intermediate"].eq(task)]
    assert len(rows) == 1
    return rows.iloc[0]


def paired(*found: float, base: float = 50.0) -> pd.DataFrame:
    """Gains of one task, a seed each."""
    rows = []
    for seed, gain in enumerate(found, 1):
        rows += [none(base, str(seed)), after("mnli", base + gain, str(seed))]
    return gains(scores(*rows))


def test_t_interval_over_three_seeds_by_hand():
    cell = one(cells(paired(1.0, 2.0, 3.0)))
    # mean 2, s = 1, t(0.975, 2) = 4.302653
    assert cell["gain"] == pytest.approx(2)
    assert cell["low"] == pytest.approx(2 - 4.302653 / np.sqrt(3), abs=1e-5)
    assert cell["high"] == pytest.approx(2 + 4.302653 / np.sqrt(3), abs=1e-5)
    assert (cell["interval_over"], cell["seeds"]) == ("seeds", 3)


def test_t_interval_over_five_seeds_by_hand():
    cell = one(cells(paired(4.0, 5.0, 6.0, 7.0, 8.0)))
    # mean 6, s = sqrt(2.5), t(0.975, 4) = 2.776445
    assert cell["high"] - cell["gain"] == pytest.approx(2.776445 * np.sqrt(2.5 / 5), abs=1e-5)


@pytest.mark.parametrize("found", [(1.0,), (1.0, 5.0)])
def test_fewer_than_three_seeds_give_no_interval_over_seeds(found: tuple[float, ...]):
    cell = one(cells(paired(*found)))
    assert cell["gain"] == pytest.approx(np.mean(found))
    assert np.isnan(cell["low"]) and np.isnan(cell["high"]) and cell["interval_over"] is None


def test_crossed_seeds_are_not_taken_for_independent_ones():
    rows = [none(50, target) for target in "123"]
    for first, step in zip("123", (0.0, 3.0, 6.0), strict=True):
        rows += [after("mnli", 50 + step, target, intermediate_seed=first) for target in "123"]
    cell = one(cells(gains(scores(*rows))))
    # nine lineages, but only three intermediate seeds: mean 3, s = 3
    assert cell["high"] - cell["gain"] == pytest.approx(4.302653 * 3 / np.sqrt(3), abs=1e-4)


def test_a_seed_without_baseline_is_counted_and_left_out():
    frame = scores(none(50, "1"), after("mnli", 52, "1"), after("mnli", 90, "2"))
    cell = one(cells(gains(frame)))
    assert (cell["gain"], cell["seeds"], cell["unpaired"]) == (2, 1, 1)
    assert (cell["value"], cell["baseline"]) == (52, 50)


def test_a_cell_without_any_baseline_keeps_its_score_and_has_no_gain():
    cell = one(cells(gains(scores(after("mnli", 52)))))
    assert np.isnan(cell["gain"]) and cell["value"] == 52 and cell["seeds"] == 0


@settings(max_examples=20)
@given(st.lists(st.floats(-50, 50), min_size=3, max_size=6), st.floats(-20, 20))
def test_shifting_all_gains_shifts_the_interval(found: list[float], shift: float):
    here = one(cells(paired(*found, base=0.0)))
    there = one(cells(paired(*(gain + shift for gain in found), base=0.0)))
    for side in ("gain", "low", "high"):
        assert there[side] == pytest.approx(here[side] + shift, abs=1e-6, nan_ok=True)
    if np.isnan(here["low"]):
        assert np.ptp(found) < 1e-4 and here["interval_over"] is None
    else:
        assert here["low"] < here["gain"] < here["high"]


# items


def table_of(score: Mapping[str, list[float]], clusters: list[str] | None = None) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "cluster_id": clusters or [f"c{i}" for i in range(len(values))],
                "lang": lang,
                "split": "test",
                "score": values,
            }
        )
        for lang, values in score.items()
    ]
    return pd.concat(frames, ignore_index=True)


def measured(base: list[float], mine: list[float], clusters: list[str] | None = None):
    """(gain table, item reader) of one seed whose scores are the items' means."""
    tables = {
        "nano-xnli-none--1": table_of({"fin": base}, clusters),
        "nano-xnli-mnli-1-1": table_of({"fin": mine}, clusters),
    }
    told = gains(scores(none(100 * np.mean(base)), after("mnli", 100 * np.mean(mine))))
    return told, lambda evaluation: tables[evaluation]


def test_items_interval_is_near_the_normal_one_and_says_what_it_is_over():
    rng = np.random.default_rng(1)
    base = (rng.random(800) < 0.5).astype(float)
    mine = np.where(rng.random(800) < 0.1, 1.0, base)
    pairs, read = measured(list(base), list(mine))
    cell = one(cells(pairs, items=read, draws=2000))
    error = 100 * np.std(mine - base) / np.sqrt(800)
    assert cell["interval_over"] == "items"
    assert cell["low"] == pytest.approx(cell["gain"] - 1.96 * error, abs=0.2 * error)
    assert cell["high"] == pytest.approx(cell["gain"] + 1.96 * error, abs=0.2 * error)


def test_pairing_by_item_removes_what_both_sides_share():
    rng = np.random.default_rng(2)
    base = (rng.random(400) < 0.5).astype(float)
    pairs, read = measured(list(base), list(base))
    cell = one(cells(pairs, items=read))
    assert cell["gain"] == 0 and np.isnan(cell["low"]) and cell["interval_over"] is None
    assert cell["lacks"] == NOTHING_VARIED


def span(pairs: pd.DataFrame, items: Items) -> pd.Series:
    return one(cells(pairs, items=items))


def test_items_of_one_cluster_are_drawn_together():
    rng = np.random.default_rng(3)
    mine = list(np.repeat((rng.random(40) < 0.5).astype(float), 10))
    base = [0.0] * 400
    alone = span(*measured(base, mine))
    together = span(*measured(base, mine, [f"c{i // 10}" for i in range(400)]))
    assert together["high"] - together["low"] > 2.5 * (alone["high"] - alone["low"])


def test_the_same_seed_gives_the_same_interval_and_order_changes_nothing():
    rng = np.random.default_rng(4)
    base, mine = list(rng.random(50)), list(rng.random(50))
    pairs, read = measured(base, mine)

    def shuffled(evaluation: str) -> pd.DataFrame:
        return read(evaluation).sample(frac=1, random_state=len(evaluation))

    first, second = (span(pairs, reader) for reader in (read, shuffled))
    assert first["low"] == pytest.approx(second["low"], abs=1e-9)


def test_no_interval_where_items_cannot_tell():
    good = [1.0, 0.0, 1.0, 1.0]
    pairs, read = measured(good, good)
    empty = table_of({"fin": []})
    longer = table_of({"fin": [*good, 1.0]})
    other_metric = table_of({"fin": [0.0, 0.0, 1.0, 0.0]})
    for odd, lacks in ((empty, NO_ITEMS), (longer, NO_ITEMS), (other_metric, OTHER_METRIC)):
        cell = span(pairs, lambda e, odd=odd: odd if "mnli" in e else read(e))
        assert np.isnan(cell["low"]) and cell["interval_over"] is None and cell["lacks"] == lacks


def test_pairs_that_only_one_side_names_count_zero_on_the_other():
    """Mined sentence pairs (BUCC): every evaluation lists the gold pairs and its own guesses."""
    gold = [f"g{i}" for i in range(40)]

    def mined(right: int, wrong: list[str]) -> pd.DataFrame:
        table = pd.DataFrame({"cluster_id": [*gold, *wrong], "lang": "fin", "split": "test"})
        table["tp"] = [1.0] * right + [0.0] * (40 - right) + [0.0] * len(wrong)
        table["fn"] = [0.0] * right + [1.0] * (40 - right) + [0.0] * len(wrong)
        table["fp"] = [0.0] * 40 + [1.0] * len(wrong)
        return table.assign(score=table["tp"])

    tables = {
        "nano-xnli-none--1": mined(20, ["w1", "w2"]),
        "nano-xnli-mnli-1-1": mined(30, ["w2", "w3", "w4"]),
    }
    base, mine = 200 * 20 / (40 + 2 + 20), 200 * 30 / (60 + 3 + 10)
    told = gains(scores(none(base), after("mnli", mine)))
    cell = span(told, lambda evaluation: tables[evaluation])
    assert cell["interval_over"] == "items"
    assert cell["low"] < cell["gain"] < cell["high"] and cell["low"] > 0


def test_resamples_keep_the_number_of_clusters():
    weights = times(50, 17, 0)
    assert weights.shape == (50, 17) and (weights.sum(axis=1) == 17).all()
    assert abs(weights.mean(axis=0) - 1).max() < 0.6
