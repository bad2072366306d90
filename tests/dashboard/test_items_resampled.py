"""Scores under resampled items: what they are of, by hand and against formulas without draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from covering import WORLDS, World, studies

from dashboard.analysis.components import two_factors
from dashboard.analysis.hierarchical import NOTHING_VARIED, intervals
from dashboard.analysis.power import needs
from dashboard.analysis.resample import Items, Panel, Resampling
from dashboard.analysis.shared_items import NO_ITEMS


def panel(tables: Mapping[str, pd.DataFrame], draws: int = 40) -> tuple[Panel, Resampling]:
    """The one panel of these evaluations, all in Finnish."""
    resampling = Resampling(lambda name: tables[name], draws)
    ((lang, panels),) = resampling.panels(list(tables), "test")
    assert lang == "fin" and len(panels) == 1
    return panels[0], resampling


def counted(clusters: list[str], tp: list[float], fp: list[float], fn: list[float]) -> pd.DataFrame:
    table = pd.DataFrame({"cluster_id": clusters, "tp": tp, "fp": fp, "fn": fn, "score": np.nan})
    return table.assign(lang="fin", split="test")


def test_spans_are_micro_averaged_within_every_resample():
    names = ["a", "a", "b", "c"]  # two items of one sentence stay together
    told = counted(names, [3, 1, 0, 2], [1, 0, 2, 0], [0, 1, 1, 1])
    found, resampling = panel({"one": told})
    assert found.counted and found.clusters == 3
    assert found.scores()[0] == pytest.approx(200 * 6 / (12 + 3 + 3))
    weight = resampling.weight(3)
    tp, wrong = weight @ [4, 0, 2], weight @ [2, 3, 1]
    assert found.resampled(weight)[:, 0] == pytest.approx(200 * tp / (2 * tp + wrong), rel=1e-5)


def test_no_span_anywhere_is_zero_and_no_crash():
    found, resampling = panel({"one": counted(["a", "b"], [0, 0], [0, 0], [0, 0])})
    assert found.scores().tolist() == [0.0]
    assert (found.resampled(resampling.weight(2)) == 0).all()


def test_mined_pairs_of_any_side_are_items_of_all():
    """BUCC: a pair that one side names and the other does not is neither right nor wrong there."""
    mine = counted(["g1", "g2", "w1"], [1, 0, 0], [0, 0, 1], [0, 1, 0])
    base = counted(["g1", "g2", "w2", "w3"], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0])
    found, resampling = panel({"mine": mine, "base": base})
    assert found.clusters == 5  # g1, g2, w1, w2, w3
    assert found.scores() == pytest.approx([200 / (2 + 1 + 1), 400 / (4 + 2)])
    weight = resampling.weight(5)
    over, under = weight @ [2, 0, 0, 0, 0], weight @ [2, 1, 1, 0, 0]
    by_hand = np.divide(100 * over, under, out=np.zeros_like(over), where=under > 0)
    assert found.resampled(weight)[:, 0] == pytest.approx(by_hand, rel=1e-5)


def test_evaluations_on_other_items_are_not_paired():
    one = pd.DataFrame({"cluster_id": ["a", "b"], "score": [1.0, 0.0], "lang": "fin"})
    resampling = Resampling(lambda name: one if name == "x" else one.assign(cluster_id=["a", "c"]))
    ((_, panels),) = resampling.panels(["x", "y"], "test")
    assert [found.evaluations for found in panels] == [["x"], ["y"]]


def world(**more: object) -> tuple[pd.DataFrame, Items]:
    return studies(replace(WORLDS[1], **more), 1, np.random.default_rng(8))


def test_a_nan_among_the_items_takes_them_away_and_says_so():
    table, items = world(seeds=3)

    def holed(name: str) -> pd.DataFrame:
        found = items(name)
        return (
            found.assign(score=found["score"].mask(found.index == 7)) if "task" in name else found
        )

    whole, row = (intervals(table, some).iloc[0] for some in (items, holed))
    assert (whole["interval_over"], row["interval_over"]) == ("seeds and items", "seeds")
    assert row["why"] == NO_ITEMS and row["high"] - row["low"] != whole["high"] - whole["low"]
    assert np.isnan(intervals(*world(seeds=1)[:1], holed).iloc[0]["low"])


def test_fifty_items_are_few_and_counted_as_such():
    row, more = (intervals(*world(seeds=1, items=count)).iloc[0] for count in (50, 800))
    assert row["clusters"] == 50 and row["interval_over"] == "items"
    assert row["high"] - row["low"] > 2 * (more["high"] - more["low"])


def test_a_constant_score_is_no_certainty():
    table, items = world(seeds=3)
    always = table.assign(value=100.0, baseline=0.0, gain=100.0)
    row = intervals(always, lambda name: items(name).assign(score=float("task" in name))).iloc[0]
    assert row["gain"] == 100 and np.isnan(row["low"]) and row["why"] == NOTHING_VARIED


@pytest.mark.parametrize("seeds", [1, 6])
def test_what_items_add_is_what_the_formula_without_draws_says(seeds: int):
    """Of one seed the variance of the mean difference; of several, the covariance between two."""
    table, items = world(seeds=seeds)
    row = intervals(table, items, draws=20_000).iloc[0]
    pairs = zip(table["evaluation"], table["baseline_evaluation"], strict=True)
    gains = np.array([(items(a)["score"] - items(b)["score"]).to_numpy() * 100 for a, b in pairs])
    covariance = np.atleast_2d(np.cov(gains, ddof=0)) / gains.shape[1]
    apart = ~np.eye(seeds, dtype=bool) if seeds > 1 else np.ones((1, 1), dtype=bool)
    assert row["items_variance"] == pytest.approx(covariance[apart].mean(), rel=0.05)


def test_the_bootstrap_and_t_agree_where_seeds_are_many():
    table, items = world(seeds=30)
    t, both = (intervals(table, items, method, draws=4000).iloc[0] for method in ("t", "bootstrap"))
    assert both["method"] == "bootstrap" and t["method"] == "t"
    width = t["high"] - t["low"]
    assert both["high"] - both["low"] == pytest.approx(width, rel=0.08)
    assert both["high"] - both["low"] <= width * 1.02


def test_crossed_seeds_by_hand_whole_and_with_a_lineage_missing():
    first, second = list("aabb"), list("xyxy")
    # rows 1 and 5, columns 2 and 4: A = 16 / 2 / 2, B = 4 / 2 / 2, and no rest
    whole = two_factors(np.array([0.0, 2.0, 4.0, 6.0]), first, second)
    assert whole.variance == pytest.approx(4 + 1) and whole.lineage == pytest.approx(0)
    assert whole.df == pytest.approx(25 / (16 + 1))
    # without b-y: rows 1 and 4, columns 2 and 2: A = 4.5 / 2, B = 0
    lacking = two_factors(np.array([0.0, 2.0, 4.0]), first[:3], second[:3])
    assert lacking.variance == pytest.approx(4.5 / 2) and np.isnan(lacking.lineage)


def test_a_missing_lineage_of_a_crossed_design_is_told_and_not_filled():
    table, items = world(seeds=4, crossed=True)
    whole, row = (intervals(some, items).iloc[0] for some in (table, table.drop(index=5)))
    assert (whole["seeds"], row["seeds"]) == (16, 15)
    assert row["design"] == "crossed" and row["levels"] == 4 and row["interval_over"]
    assert row["gain"] == pytest.approx(table.drop(index=5)["gain"].mean())
    assert np.isfinite([row["low"], row["high"]]).all()


def test_the_seeds_that_power_names_resolve_the_gain():
    """Planned on the mean components of 60 pilots with three seeds, tried in 150 studies."""
    one = World("plan", 3, item=0.15, seed=0.08, gain=0.15)
    pilot = intervals(*studies(one, 60, np.random.default_rng(1)), draws=300)
    parts = ["items_variance", "seeds_variance", "noise"]
    typical = pilot.head(1).assign(**pilot[parts].mean())
    typical["se"] = np.sqrt(typical["items_variance"] + typical["seeds_variance"])
    more = int(needs(typical, one.truth)["more_seeds"].iloc[0])
    assert more >= 2
    seen = {}
    for seeds in (3, 3 + more):
        tried = studies(replace(one, seeds=seeds), 150, np.random.default_rng(2))
        seen[seeds] = intervals(*tried, draws=300)["low"].gt(0).mean()
    assert seen[3 + more] >= 0.8 - 3 * (0.8 * 0.2 / 150) ** 0.5
    assert seen[3] < 0.8
