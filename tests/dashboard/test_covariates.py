"""Covariates: every value with its source, what is not known missing, and strict reading."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pytest

from dashboard.analysis import factors, measures
from dashboard.analysis.covariates import (
    COLUMNS,
    NUMBERS,
    ORDERED,
    TEXTS,
    covariates,
    missing,
    wide,
    with_measures,
)
from training.catalogue import TASKS
from training.catalogue.languages import LANGUAGES
from training.catalogue.scales import SCALES
from training.catalogue.sizes import sizes
from training.spec import record


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return wide(covariates())


def own(path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_every_value_has_a_source_and_a_licence():
    table = covariates()
    assert table[["value", "source", "licence"]].map(str.strip).ne("").all().all()
    assert not table.duplicated(["lang", "name"]).any()


def test_genealogy_is_the_catalogues(frame: pd.DataFrame):
    assert list(frame["lang"]) == list(LANGUAGES)
    told = frame.set_index("lang")
    for code, language in LANGUAGES.items():
        assert (told.at[code, "family"], told.at[code, "genus"]) == (
            language.family,
            language.genus,
        )


def test_values_that_were_read_in_wals(frame: pd.DataFrame):
    told = frame.set_index("lang")
    assert told.at["fin", "wals_21A"] == "Case + number"
    assert told.at["hun", "wals_21A"] == "Monoexponential case"
    assert told.at["fin", "wals_22A"] == told.at["eng", "wals_22A"] == "2-3 categories per word"
    assert told.at["hun", "wals_28A"] == "No syncretism"
    assert told.at["est", "wals_20A"] is None  # WALS has no Estonian there
    assert told.at["fin", "wals_49A_rank"] == 8 and told.at["tur", "wals_49A_rank"] == 6
    assert math.isnan(told.at["hin", "wals_49A_rank"])
    filled = frame[[name for name in TEXTS if name.startswith("wals_")]].notna().sum().sum()
    assert filled == 364


def test_distance_is_known_of_some_and_tokens_of_none(frame: pd.DataFrame):
    told = frame.set_index("lang")["syntactic_distance"]
    assert told["fin"] == 0.268 and told["hun"] == 0.326 and told["eng"] == 0
    assert told.notna().sum() == 20 and math.isnan(told["ita"])
    assert frame["pretraining_tokens"].isna().all()
    table = missing(frame).set_index("name")
    assert table.at["pretraining_tokens", "languages"] == 0
    assert "fin" in table.at["pretraining_tokens", "without"].split()
    assert set(missing(frame)["name"]) == {*TEXTS, *NUMBERS, *(f"{one}_rank" for one in ORDERED)}


def test_a_table_of_ones_own_adds_values(tmp_path: Path):
    mine = own(tmp_path / "mine.csv", ("fin", "pretraining_tokens", "6.73e9", "a paper", "facts"))
    told = wide(covariates(mine)).set_index("lang")["pretraining_tokens"]
    assert told["fin"] == 6.73e9 and math.isnan(told["hun"])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("fin", "pretraining_token", "1", "a", "b"), "did you mean 'pretraining_tokens'"),
        (
            ("fim", "pretraining_tokens", "1", "a", "b"),
            "unknown language 'fim'; did you mean 'fin'",
        ),
        (("fin", "pretraining_tokens", "6,7", "a", "b"), "'6,7' is no number"),
        (("fin", "pretraining_tokens", "-1", "a", "b"), "'-1' is no number from 0 on"),
        (("fin", "pretraining_tokens", "nan", "a", "b"), "'nan' is no number"),
        (("fin", "pretraining_tokens", "", "a", "b"), "has no value; leave the row out"),
        (("fin", "pretraining_tokens", "1", " ", "b"), "has no source"),
        (("fin", "pretraining_tokens", "1", "a", ""), "has no licence"),
        (("ben", "wals_49A", "9 cases", "a", "b"), "unknown value of wals_49A '9 cases'"),
        (("fin", "genus", "Finnic", "a", "b"), "both tell genus of fin: keep one"),
    ],
)
def test_what_is_wrong_is_refused_by_line(tmp_path: Path, row: tuple[str, ...], words: str):
    with pytest.raises(ValueError, match=words) as error:
        covariates(own(tmp_path / "mine.csv", row))
    assert "mine.csv:2" in str(error.value)


def test_other_columns_are_refused(tmp_path: Path):
    path = own(tmp_path / "mine.csv", ("fin", "genus"), header=("lang", "name"))
    with pytest.raises(ValueError, match="lacks the column.*value, source, licence"):
        covariates(path)


# measures


def test_the_wire_is_the_same_on_both_sides():
    assert measures.SCHEMA == record.MORPHOLOGY_SCHEMA
    assert measures.COLUMNS == record.MORPHOLOGY_COLUMNS
    assert tuple(measures.MEASURES) == record.MORPHOLOGY_MEASURES


def test_shipped_measures_are_of_one_parallel_text(frame: pd.DataFrame):
    measured = measures.read()
    assert set(measured["lang"]) == set(LANGUAGES)
    some = measured[measured["measure"].ne("types_per_lemma")]
    assert set(some["text"]) == {"SIB-200 test (FLORES-200)"} and some["parallel"].eq("yes").all()
    told = with_measures(frame, measured).set_index("lang")
    assert list(told.index) == list(LANGUAGES)
    assert told.at["fin", "fertility"] > told.at["hun", "fertility"] > told.at["eng", "fertility"]
    assert told.at["eng", "premium"] == 1
    assert told["fertility"].isna().sum() == 4 and math.isnan(told.at["cmn", "word_length"])
    assert "not parallel" in measures.basis(measured, "types_per_lemma")
    assert measures.basis(measured, "fertility").startswith("SIB-200 test (FLORES-200), tokenizer")


def rows(path: Path, *changes: dict[str, str]) -> Path:
    usual = dict(
        schema=measures.SCHEMA, lang="fin", measure="fertility", value="1.5", words="10",
        text="t", parallel="yes", tokenizer="k", note="",
    )  # fmt: skip
    told = [tuple((usual | one).values()) for one in changes]
    return own(path, *told, header=measures.COLUMNS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": "silta.morphology/2"}, "'silta.morphology/2', this reads 'silta.morphology/1'"),
        ({"measure": "fertillity"}, "unknown measure 'fertillity'"),
        ({"value": "a lot"}, ":2: 'a lot' is no number"),
        ({"value": ""}, "fertility of fin is missing without why"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, change: dict[str, str], words: str):
    with pytest.raises(ValueError, match=words):
        measures.read(rows(tmp_path / "m.csv", change))


def test_doubles_and_two_texts_are_refused(tmp_path: Path, frame: pd.DataFrame):
    with pytest.raises(ValueError, match="fertility of fin is told twice"):
        measures.read(rows(tmp_path / "m.csv", {}, {}))
    two = measures.read(rows(tmp_path / "m.csv", {}, {"lang": "hun", "text": "u"}))
    with pytest.raises(ValueError, match="fertility was measured on t and on u"):
        with_measures(frame, two)


def test_a_measured_language_needs_its_family(tmp_path: Path):
    measured = measures.read(rows(tmp_path / "m.csv", {"lang": "sme"}))
    with pytest.raises(ValueError, match="sme was measured and has no covariates"):
        with_measures(wide(covariates()), measured)
    mine = own(tmp_path / "mine.csv", ("sme", "family", "Uralic", "Glottolog 5.1", "CC BY 4.0"))
    told = with_measures(wide(covariates(mine)), measured).set_index("lang")
    assert told.at["sme", "fertility"] == 1.5 and told.at["sme", "genus"] is None


def test_a_missing_measure_stays_missing(tmp_path: Path, frame: pd.DataFrame):
    measured = measures.read(rows(tmp_path / "m.csv", {"value": "", "note": "no words"}))
    assert with_measures(frame, measured)["fertility"].isna().all()
    assert measures.basis(measured, "fertility") == "measured in no language"


# scales and targets


def test_factors_are_the_catalogues():
    told = factors.known()
    assert told.parameters == {name: one.parameters for name, one in SCALES.items()}
    assert told.layer == {name: one.retrieval_layer for name, one in SCALES.items()}
    targets = {name: one for name, one in TASKS.items() if "target" in one.roles}
    assert told.family == {name: one.family for name, one in targets.items()}
    train = {
        name: sizes(one.trains_on, "train").get("eng")
        for name, one in targets.items()
        if one.trains_on
    }
    assert told.train == {name: rows for name, rows in train.items() if rows}
