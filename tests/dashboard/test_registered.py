"""The contrast file: read strictly, and wrong in no way that goes unsaid."""

from __future__ import annotations

import copy

import pytest
import yaml

from dashboard.analysis.registered import SHIPPED, parsed, read

GOOD = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))


def changed(path: list, value) -> dict:
    told = copy.deepcopy(GOOD)
    place = told
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return told


def test_the_shipped_file_asks_the_studys_question():
    asked = read()
    assert asked.languages["focal"] == ("fin", "hun")
    assert asked.languages["comparison"] == ("est", "tur", "eus")
    assert asked.languages["low-morphology"] == ("eng", "deu", "cmn", "vie")
    scale = {(p.here[0], p.there[0]) for p in asked.pairs if p.kind == "scale"}
    assert scale == {("large", "xl"), ("large", "xxl")}
    assert len({p.family for p in asked.pairs}) == 5


def test_its_targets_and_languages_are_the_catalogues():
    from training.catalogue import LANGUAGES, TASKS

    asked = read()
    assert {t for p in asked.pairs for t in p.targets} <= set(TASKS)
    assert {code for group in asked.languages.values() for code in group} <= set(LANGUAGES)
    assert set(asked.intermediates) <= set(TASKS)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["margn"], 1, "unknown key 'margn': did you mean 'margin'"),
        (["margin"], "1", "margin: a number between 0 and 100"),
        (["margin"], 0, "margin: a number between 0 and 100"),
        (["split"], "tst", "split: 'tst' is unknown: did you mean 'test'"),
        (["least_seeds"], 2, "least_seeds: a whole number from 3 on"),
        (["contrasts", 0, "kind"], "scal", "contrast 1: kind: 'scal' is unknown: did you mean 'sc"),
        (["contrasts", 0, "languages"], ["finish"], "did you mean 'Finnish'"),
        (["contrasts", 1, "to"], ["xl"], "contrast 2: unknown key 'to'"),
        (["contrasts", 2, "reference"], "low", "contrast 3: reference: 'low' is unknown"),
        (["contrasts"], [], "at least one"),
        (["languages", "focal"], [False], "truth value"),
        (["languages", "focal"], ["fin", "fin"], "fin is there twice"),
        (["schema"], "silta.contrasts/9", "this reads silta.contrasts/1"),
    ],
)
def test_what_is_wrong_is_named(path, value, said):
    with pytest.raises(ValueError) as caught:
        parsed(changed(path, value))
    assert said in str(caught.value)


def test_a_missing_key_is_named_and_so_is_the_file(tmp_path):
    told = {key: value for key, value in GOOD.items() if key != "margin"}
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    with pytest.raises(ValueError, match="mine.yaml: the file: margin is missing"):
        read(file)
