"""Sign flips and swapped answers: p values that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from covering import WORLDS, studies

from dashboard.analysis.permutation import sign_flips, swaps


def gains(*values: float, crossed: bool = False) -> pd.DataFrame:
    """One cell, a lineage a value; paired seeds, or two by two."""
    seeds = [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")] if crossed else None
    rows = []
    for at, value in enumerate(values):
        first, second = seeds[at] if seeds else (str(at), str(at))
        about = {"scale": "nano", "target": "xnli", "variant": "", "split": "test", "lang": "fin"}
        about |= {"metric": "accuracy", "intermediate": "mnli", "gain": value}
        rows.append(about | {"intermediate_seed": first, "target_seed": second})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("values", "p"),
    [([1, 1, 1, 1, 1], 2 / 32), ([3, 1, -1], 6 / 8), ([0, 0, 0], 1.0), ([2], 1.0)],
)
def test_all_flips_are_counted(values, p):
    """3, 1, -1: sums of flips are ±5, ±3, ±3, ±1, and the one observed is 3."""
    (found,) = sign_flips(gains(*values))["p"]
    assert found == pytest.approx(p)


def test_the_smallest_p_that_so_few_seeds_can_give_is_told():
    row = sign_flips(gains(1, 2, 3)).iloc[0]
    assert row["least_p"] == row["p"] == 0.25 and row["flips"] == "exact"


def test_many_lineages_are_drawn_and_the_observed_one_counts():
    row = sign_flips(gains(*[1.0] * 20), most=1000).iloc[0]
    assert row["flips"] == "drawn" and row["p"] == pytest.approx(1 / 1001)


def test_crossed_seeds_and_missing_gains_have_no_p_and_a_reason():
    crossed = sign_flips(gains(1, 2, 3, 4, crossed=True)).iloc[0]
    assert np.isnan(crossed["p"]) and "crossed" in crossed["why"]
    missing = sign_flips(gains(np.nan)).iloc[0]
    assert np.isnan(missing["p"]) and missing["why"] == "no gain" and missing["seeds"] == 0


def test_swapped_answers_find_what_is_there_and_only_that():
    """A true gain of ten points is found in nearly all; where nothing is true, in one of twenty."""
    world = replace(WORLDS[0], seed=0.0, item=0.0)
    for gain, least, most in ((0.5, 0.95, 1.0), (0.0, 0.0, 0.12)):
        table, items = studies(replace(world, gain=gain, seeds=1), 120, np.random.default_rng(3))
        found = swaps(table, items, draws=400)
        assert least <= found["p_items"].lt(0.05).mean() <= most


def test_without_items_there_is_no_p_but_a_reason():
    table, _ = studies(replace(WORLDS[0], seeds=1), 1, np.random.default_rng(0))
    found = swaps(table, lambda name: pd.DataFrame())
    assert found["p_items"].isna().all() and found["why_no_p"].ne("").all()
