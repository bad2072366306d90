"""Gains: what is paired with what, by hand and by property."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.gains import GAINS, gains


def gain(table: pd.DataFrame, task: str) -> list[float]:
    rows = table[table["intermediate"].eq(task)].sort_values(["intermediate_seed", "target_seed"])
    return [round(value, 9) for value in rows["gain"]]


def test_pairs_by_target_seed():
    frame = scores(none(50, "1"), none(60, "2"), after("mnli", 53, "1"), after("mnli", 58, "2"))
    assert gain(gains(frame), "mnli") == [3, -2]


def test_absolute_points_of_one_language_only():
    frame = scores(none(50), none(20, lang="hun"), after("mnli", 55), after("mnli", 21, lang="hun"))
    table = gains(frame).query("intermediate == 'mnli'").set_index("lang")
    assert table["gain"].to_dict() == {"fin": 5, "hun": 1}
    assert table["baseline"].to_dict() == {"fin": 50, "hun": 20}


def test_retrieval_without_seed_is_broadcast():
    bare = {"target": "tatoeba", "target_seed": ""}
    frame = scores(
        none(40, **bare),
        after("mnli", 45, **bare | {"intermediate_seed": "1"}),
        after("mnli", 38, **bare | {"intermediate_seed": "2"}),
    )
    assert gain(gains(frame), "mnli") == [5, -2]


def test_retrieval_against_a_seeded_baseline_pairs_by_intermediate_seed():
    bare = {"target": "tatoeba", "target_seed": ""}
    rows = [
        after(task, value, **bare | {"intermediate_seed": seed})
        for task, seed, value in [
            ("shuffled", "1", 40.0),
            ("shuffled", "2", 50.0),
            ("mnli", "1", 41.0),
            ("mnli", "2", 55.0),
        ]
    ]
    assert gain(gains(scores(*rows), baseline="shuffled"), "mnli") == [1, 5]


def test_crossed_design_broadcasts_the_baseline_over_intermediate_seeds():
    rows = [none(50, "1"), none(60, "2")]
    rows += [
        after("mnli", value, target, intermediate_seed=first)
        for first, target, value in [("1", "1", 51), ("1", "2", 62), ("2", "1", 53), ("2", "2", 64)]
    ]
    assert gain(gains(scores(*rows)), "mnli") == [1, 2, 3, 4]


def test_crossed_design_against_a_seeded_baseline():
    rows = [
        after(task, value, target, intermediate_seed=first)
        for task, step in (("qqp", 0), ("mnli", 2))
        for first, target, value in [("1", "1", 50 + step), ("1", "2", 60), ("2", "1", 70 - step)]
    ]
    assert gain(gains(scores(*rows), baseline="qqp"), "mnli") == [2, 0, -2]


def test_a_missing_baseline_stays_missing():
    table = gains(scores(after("mnli", 53), none(50, "2")))
    assert table.query("intermediate == 'mnli'")["gain"].isna().all()
    assert table.query("intermediate == 'mnli'")["baseline"].isna().all()


def test_phase_one_scale_source_and_reading_are_never_mixed():
    for other in ({"mlm": "mlm-a"}, {"scale": "xl"}, {"source": "miniature"}, {"variant": "l=2"}):
        table = gains(scores(none(50, **other), after("mnli", 55)))
        assert table.query("intermediate == 'mnli'")["gain"].isna().all(), other


def test_two_recipes_in_one_place_are_refused_by_name():
    frame = scores(none(50, evaluation="evaluation-a"), none(51, evaluation="evaluation-b"))
    with pytest.raises(ValueError, match="evaluation-a and evaluation-b .* Choose one study"):
        gains(frame)


def test_a_frame_without_its_columns_is_refused():
    with pytest.raises(ValueError, match="lacks the column.*metric"):
        gains(scores(none(50)).drop(columns="metric"))


def test_nothing_gives_nothing():
    assert list(gains(scores()).columns) == list(GAINS)
    assert gains(scores()).empty


VALUES = st.one_of(st.just(float("nan")), st.floats(0, 100))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Any part of a design of tasks x seeds x languages, with values missing here and there."""
    rows = [
        (none if task == "none" else lambda v, s, t=task, **m: after(t, v, s, **m))(
            draw(VALUES), seed, lang=lang
        )
        for task in ("none", "mnli", "squad")
        for seed in ("1", "2", "3")
        for lang in ("fin", "hun")
        if draw(st.booleans())
    ]
    return scores(*rows)


@settings(max_examples=20, deadline=None)
@given(frames())
def test_gain_against_itself_is_zero(frame: pd.DataFrame):
    for task in ("none", "mnli", "squad"):
        own = gains(frame, baseline=task).query("intermediate == @task")
        there = own["value"].notna()
        assert own.loc[there, "gain"].eq(0).all()
        assert own.loc[~there, "gain"].isna().all()


@settings(max_examples=20, deadline=None)
@given(frames(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(frame: pd.DataFrame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    keys = ["evaluation", "lang"]
    straight = gains(frame).sort_values(keys, ignore_index=True)
    mixed = gains(frame.iloc[order]).sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(straight, mixed)


@settings(max_examples=40, deadline=None)
@given(frames())
def test_missing_is_never_zero_and_no_row_is_lost(frame: pd.DataFrame):
    table = gains(frame)
    assert len(table) == len(frame)
    missing = table["value"].isna() | table["baseline"].isna()
    assert table.loc[missing, "gain"].isna().all()
    there = table[~missing]
    assert np.allclose(there["gain"], there["value"] - there["baseline"])
