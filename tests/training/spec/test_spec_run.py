"""Identity: what enters a run's id, what does not, and that documents come back whole."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import PHASE_VERSION, Run, canonical, digest

RUN = Run("intermediate", "nano", "mnli", 1, "hub")
OTHERS = {
    "phase": "target",
    "scale": "micro",
    "task": "qqp",
    "seed": 2,
    "source": "files",
    "recipe": Recipe(lr=1.0),
    "parent": "mlm-text-0123456789ab",
    "task_version": 2,
}
EVALUATION = Evaluation("target-mnli-0123456789ab", "nano", "xnli", "hub")
ELSE = {
    "run": None,
    "scale": "micro",
    "target": "xquad",
    "source": "files",
    "layer": 2,
    "pooling": "cls",
    "languages": ("fin",),
}


def test_an_id_is_phase_task_and_twelve_digits() -> None:
    phase, task, code = RUN.id.split("-")
    assert (phase, task) == ("intermediate", "mnli")
    assert len(code) == 12 and set(code) <= set("0123456789abcdef")


def test_every_field_of_a_run_is_part_of_its_id() -> None:
    assert set(OTHERS) == {field.name for field in fields(Run)}
    ids = {RUN.id} | {replace(RUN, **{name: value}).id for name, value in OTHERS.items()}
    assert len(ids) == len(OTHERS) + 1


def test_every_field_of_a_recipe_is_part_of_the_id() -> None:
    for field in fields(Recipe):
        other = {"sampling": "iid", "selection": "last", "mixture": "uniform"}.get(field.name)
        if other is None:
            kind = type(field.default)
            other = ("fin",) if kind is tuple else kind("x" if kind is str else field.default + 1)
            other = not field.default if kind is bool else other
        changed = Recipe(**{field.name: other})
        assert changed.changed() == {field.name: other}
        assert replace(RUN, recipe=changed).id != RUN.id


def test_what_equals_its_default_is_left_out() -> None:
    told = {"phase": "intermediate", "scale": "nano", "task": "mnli", "seed": 1, "source": "hub"}
    assert RUN.identity() == told
    assert RUN.id == f"intermediate-mnli-{digest(told)}"
    assert Recipe(lr=Recipe.lr).changed() == {}


def test_a_new_version_of_a_phase_makes_new_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    before = RUN.id
    monkeypatch.setitem(PHASE_VERSION, "intermediate", 2)
    assert replace(RUN).id != before


def test_canonical_json_knows_no_order() -> None:
    assert canonical({"b": [1, 2], "a": "ä"}) == canonical({"a": "ä", "b": [1, 2]})
    assert canonical({"a": "ä"}) == '{"a":"ä"}'
    assert digest({}) == "44136fa355b3"  # the first digits of SHA-256 of `{}`


def test_a_document_comes_back_whole() -> None:
    run = replace(RUN, recipe=Recipe(languages=("fin", "hun"), lr=1e-4), parent="mlm-text-0")
    document = json.loads(json.dumps(run.document()))
    assert document["id"] == run.id
    assert Run.read(document | {"commit": "provenance is left aside"}) == run


def test_every_field_of_an_evaluation_is_part_of_its_id() -> None:
    assert set(ELSE) == {field.name for field in fields(Evaluation)}
    ids = {EVALUATION.id} | {replace(EVALUATION, **{k: v}).id for k, v in ELSE.items()}
    assert len(ids) == len(ELSE) + 1


def test_settings_hold_what_differs_from_the_default() -> None:
    assert EVALUATION.settings == {"source": "hub", "scale": "nano"}
    other = replace(EVALUATION, layer=2, languages=("fin",))
    assert other.settings == {
        "source": "hub", "scale": "nano", "layer": 2, "languages": ["fin"],
    }  # fmt: skip
    assert json.loads(json.dumps(other.document()))["id"] == other.id
