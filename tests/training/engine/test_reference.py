"""Scores beside what needs no model: which are above, and by how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.engine.reference import BASELINES, averaged, best, compared, references
from training.engine.runtime import Runtime
from training.engine.store import SCORES, Store, read_json, write_json
from training.plan.expand import expand
from training.plan.matrix import parse
from training.plan.plan import Plan

MATRIX = """
study: small
source: {kind: miniature, seed: 3, sentences: 320}
scales: [nano]
intermediates: [none, csqa]
targets: [udpos, tatoeba]
seeds: [1, 2]
languages: [fi, hu]
"""


@pytest.fixture
def plan() -> Plan:
    return expand(parse(MATRIX))


@pytest.fixture
def runtime(tmp_path: Path, plan: Plan) -> Runtime:
    (tmp_path / "studies" / plan.study).mkdir(parents=True)
    return Runtime(tmp_path)


def measured(plan: Plan, runtime: Runtime, value: float) -> None:
    """Every evaluation of the plan in the store; the i-th has `value` plus i in both languages."""
    store = Store(runtime.work)
    for i, one in enumerate(plan.evaluations):
        metric = "accuracy" if one.evaluation.target == "tatoeba" else "f1"
        path = store.begin(one.id, {"id": one.id})
        told = {"test": {lang: {metric: value + i} for lang in ("fin", "hun")}}
        write_json(path / SCORES, {"scores": told})
        store.finish(one.id)


def test_only_the_languages_of_the_study_are_read(plan: Plan, runtime: Runtime) -> None:
    found = references(plan, runtime)
    assert {target: set(told) for target, told in found.items()} == {
        "udpos": {"fin", "hun"},
        "tatoeba": {"fin", "hun"},
    }
    assert found["tatoeba"]["fin"] == {"chance": pytest.approx(100 / 40)}
    assert 0 < found["udpos"]["fin"]["lookup"] < 100
    assert read_json(runtime.work / "studies" / "small" / BASELINES) == found


def test_what_is_known_is_not_computed_again(plan: Plan, runtime: Runtime) -> None:
    told = {name: {"fin": {"chance": 1.0}} for name in ("udpos", "tatoeba")}
    write_json(runtime.work / "studies" / "small" / BASELINES, told)
    assert references(plan, runtime) == told


def test_the_table_tells_who_is_above(plan: Plan, runtime: Runtime) -> None:
    measured(plan, runtime, value=10.0)
    lines = {line.split()[1]: line for line in compared(plan, runtime)[1:]}
    assert set(lines) == {"udpos", "tatoeba"}
    assert "above in 2 of 2 languages" in lines["tatoeba"]
    lookup = references(plan, runtime)["udpos"]["fin"]["lookup"]
    assert f"(lookup {lookup:.1f})" in lines["udpos"]
    assert "above in 0 of 2 languages" in lines["udpos"]


def test_the_mean_over_seeds_counts_shared_languages_only() -> None:
    assert averaged([{"fin": 1.0, "hun": 2.0}, {"fin": 3.0}]) == {"fin": 2.0}


def test_the_strongest_baseline_is_named() -> None:
    assert best({"majority": 3.0, "lookup": 5.0}) == ("lookup", 5.0)
