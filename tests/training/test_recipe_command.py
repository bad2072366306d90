"""`silta recipe`: both published recipes, readable in 80 columns and by machines."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from commands import refused, silta

from training.catalogue import TASKS
from training.plan.published import document, table
from training.spec.recipe import Recipe
from training.spec.record import RECIPE_SCHEMA


def test_the_table_shows_both_recipes_in_80_columns() -> None:
    done = silta("recipe")
    assert done.returncode == 0 and not done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    titled = [line.split(":")[0] for line in lines if line.startswith(("jiant:", "xtreme:"))]
    assert titled == ["jiant", "xtreme"]
    squads = [line.split() for line in lines if line.startswith("xquad ")]
    assert squads == [
        ["xquad", "1e-05", "16", "2", "10%", "0.01", "384", "best", "dev"],
        ["xquad", "3e-05", "32", "3", "500", "steps", "0.0001", "384", "last"],
    ]
    assert any(line.split()[:4] == ["mixture", "1e-05", "32", "3"] for line in lines)


def test_json_spells_out_every_field() -> None:
    done = silta("recipe", "xnli", "--json")
    made = json.loads(done.stdout)
    assert made["schema"] == RECIPE_SCHEMA and made == json.loads(
        json.dumps(document("xnli", "large"))
    )
    for base, epochs in (("jiant", 2.0), ("xtreme", 5.0)):
        told = made["recipes"][base]["target"]["xnli"]
        assert set(told) == {field.name for field in fields(Recipe)} and told["epochs"] == epochs
        assert set(made["recipes"][base]) == {"title", "target"}


def test_everything_that_is_trained_has_a_recipe() -> None:
    made = document("", "large")["recipes"]["jiant"]
    assert set(made["target"]) == {n for n, one in TASKS.items() if one.trains_on}
    assert set(made["intermediate"]) == {
        n for n, one in TASKS.items() if "intermediate" in one.roles
    }


@pytest.mark.parametrize("name", ["mlm+mnli", "mnli@de", "mlm~squad", "mlm", "sib200"])
def test_a_setting_has_the_recipe_of_its_plain_task(name: str) -> None:
    told = document(name, "large")["recipes"]
    (spelt,) = told["jiant"]["intermediate"]
    shown = table(document(name, "large"))
    assert spelt in shown and "xtreme:" not in shown
    assert ("target" in told["jiant"]) == (name == "sib200")


def test_lengths_are_those_that_the_scale_takes() -> None:
    assert (
        document("squad", "nano")["recipes"]["jiant"]["intermediate"]["squad"]["max_length"] == 256
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("mnlj",), "did you mean 'mnli'"),
        (("tatoeba",), "nothing is trained for tatoeba"),
        (("xnli", "--scale", "larg"), "did you mean 'large'"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], says: str) -> None:
    refused(silta("recipe", *arguments), says)
