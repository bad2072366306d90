"""The promise of identity: the same words, in any order, give the same ids, today and later."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from training.plan.expand import expand
from training.plan.matrix import parse
from training.spec.recipe import Recipe
from training.spec.run import Run

GOLDEN = Path(__file__).parents[2] / "golden" / "run_ids.json"
DOCUMENT: dict[str, Any] = {
    "study": "reordered",
    "source": {"kind": "miniature", "seed": 13, "sentences": 4000},
    "scales": ["nano", "micro"],
    "mlm": {"steps": 50, "lr": 1e-4, "languages": ["fi", "hu"]},
    "intermediates": {"nano": ["none", "mnli", "mixture"], "micro": ["none", "mixture"]},
    "targets": ["xnli", "xquad", "mlqa", "tatoeba"],
    "seeds": {"intermediate": [1, 2], "target": [1, 2], "design": "paired"},
    "languages": ["fi", "hu", "en"],
    "recipe": {
        "intermediate": {"lr": 1e-4, "steps": 100},
        "target": {"lr": 2e-4, "steps": 50},
        "tasks": {"squad": {"batch": 8}, "xnli": {"epochs": 1.0}},
        "scales": {"micro": {"lr": 5e-5, "dropout": 0.0}},
    },
    "also": [{"targets": ["tatoeba"], "scales": ["nano"], "seeds": [1, 2, 3]}],
    "contrast": {"name": "c", "intermediate": "mixture", "target": "tatoeba"},
}


def ids(document: dict[str, Any]) -> set[str]:
    """All ids of the plan of a document, written out as YAML."""
    plan = expand(parse(yaml.safe_dump(document, sort_keys=False)))
    return {run.id for run in plan.runs} | {one.id for one in plan.evaluations}


def shuffled(value: Any, random: Any) -> Any:
    """The same mapping with its keys, and those within, in another order."""
    if isinstance(value, list):
        return [shuffled(one, random) for one in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    random.shuffle(keys)
    return {key: shuffled(value[key], random) for key in keys}


@settings(max_examples=40, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_no_id(random: Any) -> None:
    assert ids(shuffled(DOCUMENT, random)) == ids(DOCUMENT)


@settings(max_examples=20, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_names_changes_no_id(random: Any) -> None:
    mixed = json.loads(json.dumps(DOCUMENT))
    for names in (mixed["scales"], mixed["targets"], mixed["languages"], mixed["mlm"]["languages"]):
        random.shuffle(names)
    assert ids(mixed) == ids(DOCUMENT)


def test_a_setting_that_says_the_default_changes_no_id() -> None:
    told = json.loads(json.dumps(DOCUMENT))
    told["recipe"]["target"]["warmup"] = Recipe().warmup
    told["mlm"]["epochs"] = Recipe().epochs
    assert ids(told) == ids(DOCUMENT)


def test_a_name_for_the_study_or_a_contrast_changes_no_id() -> None:
    assert ids({**DOCUMENT, "study": "other"}) == ids(DOCUMENT)
    assert ids({k: v for k, v in DOCUMENT.items() if k != "contrast"}) == ids(DOCUMENT)


def test_golden_ids_never_change() -> None:
    """A failure here means that finished runs would be trained again: mend the code."""
    golden = json.loads(GOLDEN.read_text())
    assert len(golden) >= 12
    for expected, told in golden.items():
        recipe = {k: tuple(v) if isinstance(v, list) else v for k, v in told["recipe"].items()}
        assert Run(**{**told, "recipe": Recipe(**recipe)}).id == expected


def test_golden_runs_differ_in_one_thing_each() -> None:
    """So that every part of the identity is held."""
    golden = json.loads(GOLDEN.read_text()).values()
    first = next(iter(golden))
    parts = {key for told in golden for key in told if told[key] != first[key]}
    assert parts == set(first)
    knobs = {knob for told in golden for knob in told["recipe"]}
    assert {"lr", "steps", "dropout", "sampling", "languages", "scratch"} <= knobs


def test_paper_answers_within_two_seconds_and_without_torch(root: Path) -> None:
    code = (
        "import json, sys\n"
        "from training.plan.expand import expand\n"
        "from training.plan.matrix import read\n"
        "from training.plan.cost import cost\n"
        "plan = expand(read('training/matrices/paper.yaml'))\n"
        "cost(plan)\n"
        "heavy = [m for m in ('torch', 'transformers', 'mlflow', 'pandas') if m in sys.modules]\n"
        "json.dump({'heavy': heavy, 'counts': plan.document()['counts']}, sys.stdout)\n"
    )
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert time.monotonic() - began < 2
    assert json.loads(told)["heavy"] == []
    assert json.loads(told)["counts"]["trainings"] == 228
