"""The main table: what stands in it, beside it, and what its picture shows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from reports_of import frame, no_items, planted, results

from dashboard.analysis.comparisons import compare
from dashboard.analysis.maintable import AVERAGE, alongside, main_table, ranked
from dashboard.analysis.means import averages, target_means
from dashboard.analysis.published import COLUMNS, published
from dashboard.analysis.results import gathered
from dashboard.analysis.xtreme import OFFICIAL
from dashboard.analysis.xtreme import averages as official
from dashboard.figures.targets import least_width, spread, targets

RETRIEVED = {"target": "tatoeba", "target_seed": ""}


def retrieved(gain: float, task: str = "mnli") -> list[dict]:
    """Tatoeba: a baseline without a seed."""
    rows = [none(30.0, "") | RETRIEVED]
    return rows + [after(task, 30.0 + gain + s - 2, str(s)) | RETRIEVED for s in (1, 2, 3)]


@cache
def study():
    rows = planted({"fin": [1.0, 2.0, 3.0], "hun": [3.0, 4.0, 5.0]}) + retrieved(40.0)
    rows += [after("squad", 40.0, s, lang=lang) for s in "123" for lang in ("fin", "hun")]
    return results(scores(*rows))


def of(table: pd.DataFrame, column: str, task: str) -> pd.Series:
    return table[table["column"].eq(column) & table["intermediate"].eq(task)].iloc[0]


BOTH, WITHOUT = "mean of 2 XTREME tasks", "mean of 1 without retrieval"


def test_scores_of_the_baseline_and_gains_below_with_and_without_retrieval():
    table = main_table(study())
    assert of(table, "xnli", "none")["value"] == 50 and of(table, "xnli", "none")["own"]
    assert of(table, "xnli", "mnli")["gain"] == pytest.approx(3.0)
    assert of(table, BOTH, "mnli")["gain"] == pytest.approx((3 + 40) / 2)
    assert of(table, WITHOUT, "mnli")["gain"] == pytest.approx(3.0)
    assert of(table, BOTH, "none")["value"] == pytest.approx(40.0)
    assert set(table.loc[table["group"].eq(AVERAGE), "column"]) == {BOTH, WITHOUT}


def test_a_missing_target_leaves_no_average_and_counts_unless_common_cells_are_asked_for():
    table = main_table(study())
    row = of(table, BOTH, "squad")
    assert np.isnan(row["gain"]) and row["state"] == "1 of 2 missing"
    same = main_table(study(), common=True)
    assert of(same, BOTH, "squad")["gain"] == pytest.approx(-10.0)
    assert of(same, BOTH, "mnli")["gain"] == pytest.approx(3.0)  # without Tatoeba, as squad
    assert of(same, BOTH, "mnli")["over"] == 2 and np.isnan(of(same, BOTH, "mnli")["low"])


def test_ranked_by_the_average_and_what_has_none_comes_last():
    assert ranked(main_table(study())) == ["mnli", "squad"]
    assert ranked(main_table(study(), common=True)) == ["mnli", "squad"]


def test_both_ways_to_average_agree_over_all_nine_targets():
    """`means.averages` over a study and `xtreme.averages` over cells are one average."""
    rows = []
    for at, (target, (_, metric)) in enumerate(OFFICIAL.items()):
        read = {"target_seed": ""} if target in ("bucc", "tatoeba") else {}
        for lang, gain in (("eng", 1.0), ("fin", float(at))):
            about = {"target": target, "metric": metric, "lang": lang} | read
            rows += [none(40.0 + at, "1", **about), after("mnli", 40 + at + gain, "1", **about)]
    told = results(scores(*rows))
    mine = averages(told, target_means(told)).query("intermediate == 'mnli'")
    theirs = official(told.cells[told.cells["gain"].notna()], value="gain").iloc[0]
    assert mine["gain"].tolist() == pytest.approx([theirs["average"], theirs["without_retrieval"]])
    assert theirs["average"] == pytest.approx(2.5)


def test_a_contrast_over_languages_is_a_mean_within_each_seed():
    rows = scores(*planted({"fin": [1.0, 2.0, 3.0], "hun": [3.0, 4.0, 8.0]}))
    table = compare(rows, whole=True)
    assert table["lang"].tolist() == ["mean"] and table["seeds"].tolist() == [3]
    assert table["gain"].iloc[0] == pytest.approx((2 + 3 + 5.5) / 3)
    assert table["low"].notna().all()


# the picture


def shown(figure) -> dict[tuple[str, str], str]:
    """(column, row) -> the number written there, by the overlay's places."""
    cells = figure.data[-1]
    texts = {
        (round(x, 3), round(y, 3)): text
        for trace in figure.data
        if trace.type == "scatter" and trace.mode == "text"
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True)
    }
    places = zip(cells.x, cells.y, cells.customdata, strict=True)
    return {tuple(data): texts.get((round(x, 3), round(y, 3)), "") for x, y, data in places}


def test_the_picture_writes_what_the_table_holds():
    table = main_table(study())
    told = shown(targets(table, ranked(table)))
    assert told["xnli", "none"] == "50.0" and told["xnli", "mnli"] == "+3.0"
    assert told[BOTH, "mnli"] == "+21.5" and told[WITHOUT, "mnli"] == "+3.0"
    assert told[BOTH, "squad"] == "" and told["xnli", "squad"] == "−10.0"
    assert len(told) == len(table)


def test_colours_follow_targets_that_are_trained():
    table = main_table(study())
    assert spread(table) < 40
    only = main_table(results(scores(*retrieved(40.0))))
    assert spread(only) == pytest.approx(40.0)


def test_an_incomplete_average_is_a_sign_with_a_reason():
    figure = targets(main_table(study()), ["mnli", "squad"])
    names = [trace.name for trace in figure.data if trace.name]
    assert any("a part is missing" in name for name in names)
    cells = figure.data[-1]
    texts = dict(zip(map(tuple, cells.customdata), cells.text, strict=True))
    assert "1 of 2 missing" in texts[BOTH, "squad"]


# beside published figures

FIGURE = dict(
    source="<b>a</b> paper", scale="nano", intermediate="none", target="xnli", lang="",
    split="test", metric="accuracy", kind="score", value="79.2", protocol="zero-shot",
)  # fmt: skip


@pytest.fixture
def theirs(tmp_path: Path) -> pd.DataFrame:
    rows = [FIGURE, FIGURE | {"intermediate": "mnli", "kind": "gain", "value": "1.5"}]
    rows += [FIGURE | {"metric": "em"}, FIGURE | {"lang": "fin"}, FIGURE | {"scale": "xl"}]
    path = tmp_path / "mine.csv"
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(path, index=False)
    return published(path)


def test_only_averages_of_the_same_scale_and_metric_stand_beside(theirs: pd.DataFrame):
    found = alongside(theirs, main_table(study()), "nano")
    assert found[["intermediate", "value"]].to_numpy().tolist() == [["none", 79.2], ["mnli", 1.5]]
    assert found["number"].tolist() == [1, 1]


def test_published_figures_are_drawn_apart_and_change_nothing_of_ours(theirs: pd.DataFrame):
    table = main_table(study())
    beside = alongside(theirs, table, "nano")
    bare, both = (targets(table, ranked(table), published=one) for one in (None, beside))
    assert shown(bare) == shown(both)
    heat = [[trace.z for trace in one.data if trace.type == "heatmap"] for one in (bare, both)]
    for mine, other in zip(*heat, strict=True):
        assert np.nansum(mine) == pytest.approx(np.nansum(other))
    told = [
        trace
        for trace in both.data
        if trace.type == "scatter" and trace.mode == "text" and trace.customdata is not None
    ]
    assert list(told[0].text) == ["79.2", "+1.5"]
    assert set(told[0].customdata) == {"&lt;b&gt;a&lt;/b&gt; paper"}  # a source is text, not HTML
    assert least_width(table) > 300


def test_without_items_the_main_table_is_the_same():
    rows = scores(*planted({"fin": [1.0, 2.0, 3.0], "hun": [3.0, 4.0, 5.0]}), *retrieved(40.0))
    made = frame(rows)
    slow, quick = (
        gathered(made, None, "test", "none", one, scale="nano") for one in (no_items, None)
    )
    pd.testing.assert_frame_equal(main_table(slow), main_table(quick))
