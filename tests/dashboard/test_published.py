"""Published figures: read strictly, shown beside ours, never among them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from frames_of import after, none, scores

from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells
from dashboard.analysis.published import COLUMNS, COMPARISON, beside, published
from training.catalogue import TASKS
from training.catalogue.languages import LANGUAGES
from training.catalogue.scales import SCALES

FIGURE = dict(
    source="the paper, table 2", scale="large", intermediate="mnli", target="xnli", lang="",
    split="dev", metric="accuracy", kind="gain", value="-1.2", protocol="zero-shot",
)  # fmt: skip
GROUPS = {"sentence-pair", "structured", "qa", "overall", "overall without retrieval"}


def own(path: Path, *changes: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(FIGURE | one for one in changes)
    return path


def test_shipped_figures_name_things_that_exist():
    table = published()
    assert table["source"].ne("").all() and table["from"].eq("shipped").all()
    assert set(table["scale"]) <= set(SCALES) and set(table["target"]) <= {*TASKS, *GROUPS}
    assert set(table["lang"]) - {""} <= set(LANGUAGES)
    named = table[table["lang"].ne("")]
    for target, rows in named.groupby("target"):
        assert set(rows["lang"]) <= {"eng", *TASKS[str(target)].languages}, target


def test_averages_that_can_be_checked_are_those_of_their_languages():
    table = published()
    base = table[table["scale"].eq("base") & table["target"].eq("xnli")]
    mean, whole = base.loc[base["lang"].ne(""), "value"].mean(), base.loc[base["lang"].eq("")]
    assert len(base) == 16 and float(whole["value"].iloc[0]) == pytest.approx(mean, abs=0.06)
    found = table[table["target"].eq("tatoeba")]
    assert len(found) == 36 and found["value"].mean() == pytest.approx(31.0, abs=0.05)
    bucc = table[table["target"].eq("bucc")]
    assert bucc["value"].mean() == pytest.approx(71.5, abs=0.05)


def test_what_was_not_read_is_not_there():
    """The main table's deltas were read nowhere: no single English task has a figure."""
    assert set(published()["intermediate"]) == {"none", "best per target"}


def test_ones_own_figures_are_added_and_marked(tmp_path: Path):
    path = own(tmp_path / "mine.csv", {})
    table = published(path)
    mine = table[table["from"].eq(str(path))]
    assert len(table) == len(published()) + 1 and mine["value"].tolist() == [-1.2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": " "}, "has no source"),
        ({"target": ""}, "has no target"),
        ({"kind": "delta"}, "no known kind"),
        ({"split": "train"}, "no known split"),
        ({"value": "+1,2"}, "no number"),
        ({"value": ""}, "no number"),
        ({"kind": "score"}, "score below 0"),
        ({"lang": "fi"}, "three letters"),
    ],
)
def test_what_is_wrong_is_refused_by_line(tmp_path: Path, change: dict[str, str], words: str):
    with pytest.raises(ValueError, match=f"mine.csv:2: .*{words}"):
        published(own(tmp_path / "mine.csv", change))


def test_a_figure_twice_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="gives accuracy of xnli twice: keep one"):
        published(own(tmp_path / "mine.csv", {}, {"value": "-1.3"}))


def test_beside_ours_and_never_among_them(tmp_path: Path):
    here = {"scale": "large", "target": "tatoeba", "target_seed": ""}
    frame = scores(
        none(40.0, lang="fin", **here),
        after("mnli", 80.0, **here | {"lang": "fin", "intermediate_seed": "1"}),
    )
    table = cells(gains(frame))
    told = beside(table, published())
    assert list(told.columns) == list(COMPARISON)
    ours = told[told["ours"].notna()]
    assert ours[["target", "lang", "ours", "published"]].to_numpy().tolist() == [
        ["tatoeba", "fin", 40.0, 41.5]
    ]
    assert ours["difference"].iloc[0] == pytest.approx(-1.5)
    assert ours["source"].iloc[0].startswith("jiant-dev pull request 128")
    assert told["published"].notna().all()
    pd.testing.assert_frame_equal(table, cells(gains(frame)))


def test_a_gain_stands_beside_a_gain_and_other_protocols_apart(tmp_path: Path):
    frame = scores(
        *(none(50.0, s, lang="fin", scale="large") for s in "12"),
        *(after("mnli", 53.0, s, lang="fin", scale="large") for s in "12"),
    )
    path = own(tmp_path / "m.csv", {"lang": "fin", "split": "test", "value": "2.0"})
    told = beside(cells(gains(frame)), published(path))
    ours = told[told["ours"].notna()]
    assert ours[["kind", "ours", "published"]].to_numpy().tolist() == [["gain", 3.0, 2.0]]
    other = beside(cells(gains(frame)), published(), protocol="translate-train-all")
    assert set(other["scale"]) == {"large", "xl", "xxl"} and other["ours"].isna().all()
