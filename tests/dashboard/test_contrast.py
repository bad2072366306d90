"""The contrast named beforehand: known answers, and nothing claimed that the seeds do not bear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from dashboard.analysis import contrast, verdict
from dashboard.analysis.contrast import Contrast, by_seed, lineages, summary
from dashboard.analysis.frames import CONTRASTS, PLAN, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells
from dashboard.analysis.scores import Scores

APART = {"fin": 0.0, "hun": 2.0, "est": -2.0}
"""Three languages whose mean is that of Finnish."""
FIRST = Contrast("first", "mnli", "none", "xnli", ("nano",), (), False)


def study(rows: list[dict[str, Any]], failed: tuple[str, ...] = ()) -> ScoreFrame:
    """A frame whose plan asks for what is in `rows`, and for the target seeds that `failed`."""
    found = scores(*rows)
    plan = found.drop_duplicates("evaluation").assign(study="s", state="done")[list(PLAN)]
    lost = [
        plan.iloc[0].to_dict()
        | {"intermediate": "mnli", "state": "failed", "evaluation": f"lost-{seed}"}
        | dict.fromkeys(contrast.SEEDS, seed)
        for seed in failed
    ]
    plan = pd.concat([plan, pd.DataFrame(lost)], ignore_index=True)
    return ScoreFrame(Scores.of(found), plan=plan)


def seeded(*found: float) -> list[dict[str, Any]]:
    """Gains of MNLI in three languages, a seed each; Hungarian two higher, Estonian two lower."""
    rows = []
    for seed, gain in enumerate(found, 1):
        for lang, more in APART.items():
            rows.append(none(50.0, str(seed), lang=lang))
            rows.append(after("mnli", 50.0 + gain + more, str(seed), lang=lang))
    return rows


def answer(frame: ScoreFrame, asked: Contrast = FIRST) -> tuple[pd.Series, str]:
    """(the row of all languages, the sentence in plain spaces) at the one scale."""
    found = summary(lineages(frame, "s", asked))
    row = found[found["group"].eq("all")].iloc[0]
    return row, verdict.sentence(asked, row).replace("\u00a0", " ")


def test_five_seeds_by_hand():
    frame = study(seeded(1.0, 2.0, 3.0, 4.0, 5.0))
    row, told = answer(frame)
    # mean 3, s = sqrt(2.5), t(0.975, 4) = 2.776445
    half = 2.776445 * np.sqrt(2.5 / 5)
    assert (row["gain"], row["low"], row["high"]) == pytest.approx((3, 3 - half, 3 + half))
    assert told == (
        "first (mnli → xnli) at nano, named beforehand: +3.0 points, 95 % t interval +1.0 to +5.0 "
        "over 5 seeds (excludes zero), all 5 seeds positive."
    )
    assert verdict.basis(row) == "accuracy on test, mean of 3 languages, each counting the same"


def test_each_seed_is_told_for_all_and_for_finnish_and_hungarian_alone():
    table = lineages(study(seeded(1.0, 2.0, 6.0)), "s", FIRST)
    told = by_seed(table)
    assert told["seed"].tolist() == ["1", "2", "3"]
    assert told["all"].tolist() == pytest.approx([1, 2, 6])
    assert told["fin"].tolist() == pytest.approx([1, 2, 6])
    assert told["hun"].tolist() == pytest.approx([3, 4, 8])
    found = summary(table).set_index("group")
    assert found["gain"].to_dict() == pytest.approx({"all": 3, "fin": 3, "hun": 5})
    assert found["positive"].tolist() == [3, 3, 3]


def test_an_interval_that_includes_zero_says_so():
    row, told = answer(study(seeded(-1.0, 1.0, 3.0, -2.0, 4.0)))
    # mean 1, s = sqrt(26 / 4)
    half = 2.776445 * np.sqrt(6.5 / 5)
    assert (row["low"], row["high"]) == pytest.approx((1 - half, 1 + half))
    assert "+1.0 points, 95 % t interval −2.2 to +4.2 over 5 seeds (includes zero)" in told
    assert told.endswith("3 of 5 seeds positive.")


def test_a_loss_is_told_as_one():
    _, told = answer(study(seeded(-4.0, -5.0, -6.0)))
    assert "−5.0 points" in told and "(excludes zero), all 3 seeds negative." in told


@pytest.mark.parametrize(
    ("found", "signs"),
    [((2.0,), "the one seed positive"), ((1.0, 3.0), "all 2 seeds positive")],
)
def test_fewer_than_three_seeds_give_no_interval(found: tuple[float, ...], signs: str):
    row, told = answer(study(seeded(*found)))
    assert row["gain"] == pytest.approx(2) and np.isnan(row["low"]) and np.isnan(row["high"])
    drawn = "1 seed" if len(found) == 1 else "2 seeds"
    assert told.endswith(
        f"+2.0 points, no interval over {drawn} (a t interval takes three), {signs}."
    )


def test_a_missing_seed_is_counted_with_its_reason_and_never_zero():
    rows = seeded(1.0, 2.0, 3.0, 9.0, 9.0)
    gone = [
        row
        for row in rows
        if not (row["target_seed"] == "4" and row["lang"] == "hun" and "intermediate" in row)
        and not (row["target_seed"] == "5" and "intermediate" not in row)
    ]
    frame = study(gone, failed=("6",))
    table = lineages(frame, "s", FIRST)
    assert table["state"].tolist() == ["measured"] * 3 + [
        "some languages missing",
        "no baseline",
        "failed",
    ]
    assert table["all"].isna().tolist() == [False] * 3 + [True] * 3
    row, told = answer(frame)
    # seeds 1 to 3 only: mean 2, s = 1, t(0.975, 2) = 4.302653
    assert row["high"] == pytest.approx(2 + 4.302653 / np.sqrt(3))
    assert "over 3 seeds" in told and told.endswith(
        "all 3 seeds positive; 3 of 6 planned missing "
        "(1 some languages missing, 1 no baseline, 1 failed)."
    )


def test_a_crossed_design_counts_both_kinds_of_seed():
    rows = [none(50, target) for target in "123"]
    for first, step in zip("123", (0.0, 3.0, 6.0), strict=True):
        for second, more in zip("123", (0.0, 1.0, 2.0), strict=True):
            value = 50 + step + more
            rows.append(after("mnli", value, second, intermediate_seed=first))
    frame = study(rows)
    told = by_seed(lineages(frame, "s", FIRST))
    assert told["factor"].tolist() == ["intermediate_seed"] * 3 + ["target_seed"] * 3
    assert told["all"].tolist() == pytest.approx([1, 4, 7, 3, 4, 5])
    row, said = answer(frame)
    # means of intermediate seeds 1, 4, 7 (s = 3), of target seeds 3, 4, 5 (s = 1)
    # and nothing beside the two: Satterthwaite's (10 / 3)**2 / (9 / 2 + (1 / 9) / 2) = 2.44
    half = stats.t.ppf(0.975, (100 / 9) / (9 / 2 + 1 / 18)) * np.sqrt(9 / 3 + 1 / 3)
    assert (row["low"], row["high"]) == pytest.approx((4 - half, 4 + half))
    assert "over 3 intermediate × 3 target seeds (includes zero)" in said
    assert said.endswith("8 of 9 lineages positive.")  # one gained exactly nothing


def test_a_crossed_design_with_two_seeds_of_a_kind_has_no_interval():
    rows = [none(50, target) for target in "123"]
    for first in "12":
        rows += [after("mnli", 52, target, intermediate_seed=first) for target in "123"]
    row, told = answer(study(rows))
    assert np.isnan(row["low"])
    assert "no interval over 2 intermediate × 3 target seeds (a t interval takes three of" in told


def test_retrieval_shares_one_baseline_between_seeds():
    rows = [none(50, "", target="tatoeba")]
    for seed, gain in zip("12345", (1.0, 2.0, 3.0, 4.0, 5.0), strict=True):
        rows.append(after("mnli", 50 + gain, "", intermediate_seed=seed, target="tatoeba"))
    asked = Contrast("r", "mnli", "none", "tatoeba", ("nano",), (), False)
    row, told = answer(study(rows), asked)
    assert row["gain"] == pytest.approx(3) and row["lineages"] == 5
    assert "over 5 seeds (excludes zero), all 5 seeds positive" in told


def test_only_the_languages_that_were_named_count_and_all_of_them():
    frame = study(seeded(1.0, 2.0, 3.0))
    two = Contrast("two", "mnli", "none", "xnli", ("nano",), ("hun", "est"), False)
    assert answer(frame, two)[0]["gain"] == pytest.approx(2)  # (2 + 2 - 2) and so on
    more = Contrast("more", "mnli", "none", "xnli", ("nano",), ("hun", "swa"), False)
    assert "no gain is measured yet; 3 of 3 planned missing" in answer(frame, more)[1]


def test_every_language_counts_the_same_whatever_its_items():
    rows = [row | {"n": 1000.0 if row["lang"] == "hun" else 10.0} for row in seeded(1.0, 2.0, 3.0)]
    assert answer(study(rows))[0]["gain"] == pytest.approx(2)


def test_nothing_in_between_against_a_task_is_the_task_turned_round():
    """Also where nothing was trained for the target, so that `none` has no seed to be told by."""
    rows = [none(50, "", target="tatoeba")]
    for seed, gain in zip("123", (1.0, 2.0, 4.0), strict=True):
        rows.append(after("mnli", 50 + gain, "", intermediate_seed=seed, target="tatoeba"))
    frame = study(rows)
    usual = Contrast("usual", "mnli", "none", "tatoeba", ("nano",), (), False)
    turned = Contrast("turned", "none", "mnli", "tatoeba", ("nano",), (), True)
    one, other = answer(frame, usual)[0], answer(frame, turned)[0]
    assert one["gain"] == pytest.approx(7 / 3)
    assert other["gain"] == pytest.approx(-one["gain"])
    assert (other["low"], other["high"]) == pytest.approx((-one["high"], -one["low"]))
    assert answer(frame, turned)[1].startswith("turned (none against mnli → tatoeba) at nano")
    assert answer(frame, turned)[1].endswith("; it reuses the target's own training data.")


def test_each_scale_is_told_and_the_usual_reading_counts():
    rows = seeded(1.0, 2.0, 3.0)
    rows += [row | {"scale": "micro"} for row in seeded(3.0, 4.0, 5.0)]
    rows += [row | {"variant": "layer=4", "evaluation": f"v{i}"} for i, row in enumerate(rows)]
    asked = Contrast("both", "mnli", "none", "xnli", ("nano", "micro"), (), False)
    found = summary(lineages(study(rows), "s", asked)).query("group == 'all'")
    assert found["scale"].tolist() == ["nano", "micro"]
    assert found["gain"].tolist() == pytest.approx([2, 4])
    assert found["variant"].tolist() == ["", ""]


def test_an_unusual_reading_alone_is_told_as_one():
    rows = [row | {"variant": "layer=4"} for row in seeded(1.0, 2.0, 3.0)]
    assert " at nano (layer=4), named beforehand" in answer(study(rows))[1]


def test_a_plan_of_which_nothing_has_run():
    frame = study(seeded(1.0, 2.0))
    _, told = answer(ScoreFrame(Scores.of(frame.scores.iloc[:0]), plan=frame.plan))
    assert told.endswith("no gain is measured yet; 2 of 2 planned missing (2 not run).")


def test_what_a_plan_names_is_read_back():
    told = {
        "name": "first",
        "intermediate": "mixture",
        "baseline": "none",
        "target": "tatoeba",
        "scales": ["nano", "micro"],
        "languages": [],
        "reuses": True,
    }
    frame = ScoreFrame(contrasts=pd.DataFrame([contrast.row("s", told)], columns=list(CONTRASTS)))
    assert contrast.named(frame, "s") == Contrast(
        "first", "mixture", "none", "tatoeba", ("nano", "micro"), (), True
    )
    assert contrast.named(frame, "another") is None
    assert contrast.named(ScoreFrame(), "s") is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=3, max_size=6), st.randoms())
@example([0.0, 0.0, 1e-6], np.random.RandomState(0))  # too little to be a spread, in both
def test_of_one_language_it_is_that_cell_of_the_heatmap_whatever_the_order(found, random):
    random.shuffle(rows := [row for row in seeded(*found) if row["lang"] == "fin"])
    row = answer(study(rows))[0]
    cell = cells(gains(scores(*rows))).query("intermediate == 'mnli'").iloc[0]
    for name in ("gain", "low", "high"):
        assert row[name] == pytest.approx(cell[name], abs=1e-6, nan_ok=True)
