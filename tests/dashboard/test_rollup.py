"""Means over languages: named weights, counted gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.rollup import TARGET_FAMILY, common, completed, described, mean_gain
from dashboard.analysis.xtreme import OFFICIAL, averages

CELLS = pd.DataFrame(
    {
        "lang": ["fin", "est", "deu", "fra"],
        "family": ["Uralic", "Uralic", "IE", "IE"],
        "gain": [2.0, 4.0, 1.0, np.nan],
        "n": [100.0, 300.0, 50.0, 50.0],
    }
)


def means(weights, missing="skip") -> dict[str, float]:
    table = mean_gain(CELLS, ["family"], weights, missing)
    return dict(zip(table["family"], table["gain"], strict=True))


def test_languages_count_the_same():
    assert means("languages") == {"Uralic": 3.0, "IE": 1.0}


def test_items_weigh_by_their_number():
    assert means("items") == {"Uralic": pytest.approx(3.5), "IE": 1.0}


def test_own_weights():
    assert means({"fin": 3, "est": 1, "deu": 1, "fra": 9}) == {"Uralic": 2.5, "IE": 1.0}


def test_a_language_without_a_weight_is_named():
    with pytest.raises(ValueError, match="no weight for est, fra"):
        means({"fin": 1, "deu": 1})


def test_gaps_are_counted_and_may_be_refused():
    table = mean_gain(CELLS, ["family"], "languages", "skip").set_index("family")
    assert table["missing"].to_dict() == {"Uralic": 0, "IE": 1}
    assert table["languages"].to_dict() == {"Uralic": 2, "IE": 1}
    assert np.isnan(means("languages", "refuse")["IE"])
    assert means("languages", "refuse")["Uralic"] == 3.0


def test_nothing_measured_is_missing_and_not_zero():
    table = mean_gain(CELLS.assign(gain=np.nan), ["family"], "languages", "skip")
    assert table["gain"].isna().all()


def places(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["scale", "target", "intermediate", "lang", "gain"])


TWO = places(
    ("large", "udpos", "mnli", "fin", 2.0),
    ("large", "udpos", "mnli", "deu", 4.0),
    ("large", "tatoeba", "mnli", "fin", 12.0),
    ("xl", "udpos", "mnli", "fin", 3.0),
)
TRAITS = pd.DataFrame(
    [("fin", "Finnish", "Uralic"), ("deu", "German", "Indo-European")],
    columns=["lang", "language", "family"],
)


def test_traits_and_kinds_of_targets_are_joined_and_the_unknown_is_said():
    more = pd.concat([TWO, places(("xl", "newtask", "mnli", "xyz", 1.0))])
    table = described(more, TRAITS).set_index(["scale", "target", "lang"])
    assert table.loc[("large", "tatoeba", "fin"), "target_family"] == "retrieval"
    assert table.loc[
        ("xl", "newtask", "xyz"), ["target_family", "family", "language"]
    ].tolist() == [
        "unknown",
        "unknown",
        "xyz",
    ]


def test_kinds_of_targets_agree_with_the_catalogue():
    from training.catalogue import TASKS

    kinds = {"span": "question answering"}
    told = {name: TASKS[name].family for name in TARGET_FAMILY}
    assert {n: kinds.get(kind, kind) for n, kind in told.items()} == TARGET_FAMILY


def test_what_was_measured_elsewhere_gets_a_row_and_is_counted():
    table = mean_gain(completed(TWO), ["scale"], "languages", "skip").set_index("scale")
    assert table["languages"].to_dict() == {"large": 3, "xl": 1}
    assert table["missing"].to_dict() == {"large": 0, "xl": 1}


def test_common_cells_compare_like_with_like():
    assert common(TWO, ["scale"])["gain"].tolist() == [2.0, 3.0]
    table = mean_gain(TWO, ["scale"], "languages", "common", across=["scale"])
    assert table.set_index("scale")["gain"].to_dict() == {"large": 2.0, "xl": 3.0}
    assert table["left_out"].tolist() == [2, 0]


def test_common_cells_of_nothing_are_refused_and_none_in_common_is_missing():
    with pytest.raises(ValueError, match="common cells of what"):
        mean_gain(TWO, ["scale"], "languages", "common")
    apart = TWO[~(TWO["lang"].eq("fin") & TWO["target"].eq("udpos") & TWO["scale"].eq("large"))]
    assert mean_gain(apart, ["scale"], "languages", "common", ["scale"])["gain"].isna().all()


def test_targets_and_families_may_count_the_same():
    large = described(TWO[TWO["scale"].eq("large")], TRAITS)
    assert mean_gain(large, ["scale"], "languages", "skip")["gain"][0] == 6.0
    assert mean_gain(large, ["scale"], "targets", "skip")["gain"][0] == pytest.approx(7.5)
    assert mean_gain(large, ["scale"], "families", "skip")["gain"][0] == pytest.approx(5.5)


def official(**changed: float) -> pd.DataFrame:
    """Every target scores 60 in English and 40 in German, but those that are changed."""
    rows = [
        ("large", "none", "test", target, lang, metric, changed.get(target, base))
        for target, (_, metric) in OFFICIAL.items()
        for lang, base in (("eng", 60.0), ("deu", 40.0))
    ]
    columns = ["scale", "intermediate", "split", "target", "lang", "metric", "value"]
    return pd.DataFrame(rows, columns=columns)


def test_xtremes_average_stands_beside_the_same_without_retrieval():
    row = averages(official(tatoeba=95.0)).iloc[0]
    assert row["average"] == pytest.approx((8 * 50 + 95) / 9)
    assert row["without_retrieval"] == 50 and row["retrieval"] == pytest.approx(72.5)
    assert (row["targets"], row["missing"], row["missing_cells"]) == (9, "", 0)


def test_the_official_average_takes_all_nine_and_every_published_language():
    less = official()[official()["target"].ne("bucc")]
    row = averages(less).iloc[0]
    assert np.isnan(row["average"]) and row["without_retrieval"] == 50
    assert (row["targets"], row["missing"]) == (8, "bucc")
    assert averages(less, missing="skip").iloc[0]["average"] == 50
    languages = dict.fromkeys(OFFICIAL, ["eng", "deu"]) | {"xnli": ["eng", "deu", "fra"]}
    row = averages(official(), languages=languages).iloc[0]
    assert np.isnan(row["without_retrieval"]) and row["missing"] == "xnli"
    assert row["missing_cells"] == 1


def test_averages_over_common_cells():
    less = official(xnli=0.0).assign(scale="xl")
    less = less[~(less["target"].eq("panx") & less["lang"].eq("deu"))]
    table = averages(pd.concat([official(), less]), missing="common").set_index("scale")
    assert table["tagging"].to_dict() == {"large": 55, "xl": 55}
    assert table["cells"].to_dict() == {"large": 17, "xl": 17}
    assert table.loc["xl", "missing"] == "panx"


def test_official_metrics_are_the_catalogues():
    from training.catalogue import TASKS

    assert {n: (TASKS[n].group, TASKS[n].metric) for n in OFFICIAL} == OFFICIAL


def test_no_rows_give_no_means():
    assert mean_gain(TWO[:0], ["scale"], "languages", "common", ["scale"]).empty
    assert completed(TWO[:0]).empty and averages(official()[:0]).empty


def test_two_scores_of_one_place_are_refused():
    with pytest.raises(ValueError, match="two scores share a place"):
        averages(pd.concat([official(), official()[:1]]))
