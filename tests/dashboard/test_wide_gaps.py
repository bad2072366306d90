"""The same pages over studies that lack something: seeds, scales, languages, gains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pages_of import Open, figure, made
from wide_of import THREE, words
from worlds import World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", THREE)
def test_one_seed_has_means_and_no_intervals(open_alone: Open, migrated, tmp_path, name: str):
    page = open_alone(name, made(migrated, tmp_path, World(targets=("xnli",), seeds=(1,))))
    assert not page.exception
    if name != "morphology":
        assert "no interval, 1 seed" in words(page)
    assert page.get("plotly_chart")


def test_one_scale_says_that_it_cannot_tell_of_growth(open_alone: Open, migrated, tmp_path: Path):
    page = open_alone("scale", made(migrated, tmp_path, World(targets=("xnli",))))
    assert not page.exception
    assert "This study has one scale, nano: it cannot say" in words(page)


def test_few_languages_have_a_line_that_is_called_too_few(open_alone: Open, migrated, tmp_path):
    page = open_alone("morphology", made(migrated, tmp_path, World(targets=("xnli",))))
    line = next(one for one in figure(page)["data"] if one.get("name") == "line")
    assert line["line"]["dash"] == "dash"
    assert "too few to be evidence: a slope over languages takes 10" in words(page)


@pytest.mark.parametrize("way", ["absent", "failed", "baseline only"])
def test_a_study_without_gains_says_so(open_alone: Open, migrated, tmp_path, way: str):
    world = World(targets=("xnli",), intermediates=("none", "mnli"), seeds=(1,))
    if way == "absent":
        world = replace(world, absent=frozenset({("none", "xnli"), ("mnli", "xnli")}))
    elif way == "failed":
        world = replace(world, failed=frozenset({("mnli", "xnli")}))
    else:
        world = replace(world, intermediates=("none",))
    work = made(migrated, tmp_path, world)
    for name in THREE:
        page = open_alone(name, work)
        assert not page.exception
        told = words(page).lower()
        assert page.title and ("no gain" in told or "no slope over 0 languages" in told), name


def test_missing_cells_are_counted(open_alone: Open, migrated, tmp_path: Path):
    world = World(targets=("xnli",), failed=frozenset({("squad", "xnli")}))
    page = open_alone("families", made(migrated, tmp_path, world))
    assert "16 of 24 cells are in the means, 8 missing" in words(page)
    shown = page.dataframe[0].value.set_index("family")
    assert shown.loc["Uralic", "missing"] == 3 and shown.loc["Uralic", "cells"] == 6


@pytest.mark.parametrize("name", THREE)
def test_an_empty_server_says_what_to_run(open_alone: Open, tmp_path: Path, name: str):
    page = open_alone(name, tmp_path / "new")
    assert not page.exception and page.title[0].value == "Nothing measured yet"
