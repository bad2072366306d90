"""Verdicts where data are missing, broken, few or coarse: each a defined, worded result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import verdicts as bench

from dashboard.analysis.generalise import verdicts

QUIET = bench.World("quiet", "generalises", "scale", shared=0.1, own=0.1)


def gains_of(**changed) -> pd.DataFrame:
    table = bench.study(replace(QUIET, **changed), np.random.default_rng(1))
    return table.assign(n=500.0, reuses=False, at_chance=False)


def verdict(table: pd.DataFrame, kind: str = "scale") -> pd.Series:
    return verdicts(table, bench.contrasts(kind)).iloc[0]


def test_missing_cells_are_dropped_on_both_sides_and_counted():
    table = gains_of()
    gone = table["scale"].eq("xxl") & table["lang"].eq("hun") & table["target"].eq("panx")
    row = verdict(table[~gone])
    assert (row["cells"], row["missing"]) == (9, 3)
    assert row["verdict"] == "generalises" and "3 more not in all seeds" in row["words"]


def test_a_planted_imbalance_does_not_leak_into_the_change():
    """Hungarian gains more and is missing at XXL: over common cells nothing changes."""
    table = gains_of()
    table.loc[table["lang"].eq("hun"), "gain"] += 20
    row = verdict(table[~(table["scale"].eq("xxl") & table["lang"].eq("hun"))])
    assert abs(row["change"]) < 0.5 and row["measured_there"] == "fin"
    assert "without hun" in row["words"]


def test_a_failed_run_costs_its_seed_and_says_so():
    table = gains_of()
    failed = table["scale"].eq("xxl") & table["target_seed"].eq("2") & table["target"].eq("panx")
    row = verdict(table[~failed])
    assert (row["seeds_here"], row["seeds_there"], row["seeds_left_out"]) == (5, 4, 1)
    assert row["verdict"] == "generalises" and "1 incomplete lineage left out" in row["words"]


def test_a_degenerate_run_is_left_out_and_counted():
    table = gains_of()
    bad = table["scale"].eq("xxl") & table["target_seed"].eq("2")
    table.loc[bad, ["gain", "at_chance"]] = [np.nan, True]
    row = verdict(table)
    assert row["seeds_there"] == 4 and row["at_chance"] == 12
    assert "12 gains at chance left out" in row["words"]


@pytest.mark.parametrize("seeds", [1, 2])
def test_below_three_seeds_nothing_can_be_told(seeds):
    row = verdict(gains_of(seeds=seeds))
    assert row["verdict"] == "cannot tell" and row["needs"] == 3
    assert np.isnan(row["low"]) and row["gain_there"] == pytest.approx(3, abs=0.5)
    assert "needs 3 seeds" in row["words"]


def test_unequal_seeds_all_count():
    table = gains_of()
    row = verdict(table[table["scale"].eq("large") | table["target_seed"].isin(["1", "2", "3"])])
    assert (row["seeds_here"], row["seeds_there"]) == (5, 3)
    assert "5 and 3 seeds" in row["words"]


def test_one_item_of_fifty_is_more_than_the_margin():
    table = gains_of()
    table.loc[table["lang"].eq("hun"), "n"] = 50.0
    row = verdict(table)
    assert row["items"] == 50 and "50 items, one of which is 2.0 points" in row["words"]


def test_constant_scores_tell_of_no_spread():
    row = verdict(gains_of().assign(gain=3.0))
    assert row["verdict"] == "cannot tell" and np.isnan(row["needs"]) and np.isnan(row["low"])
    assert "alike" in row["why"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_missing(bad):
    row = verdict(gains_of().assign(gain=bad))
    assert row["verdict"] == "cannot tell" and np.isnan(row["gain_here"])
    assert row["why"] == "not measured on both sides" and row["cells"] == 0


def test_an_absent_scale_and_an_empty_table():
    table = gains_of()
    for some in (table[table["scale"].eq("large")], table[:0]):
        row = verdict(some)
        assert row["verdict"] == "cannot tell" and np.isnan(row["change"])
