"""`--set recipe.field=value`, and the fields that a matrix may set."""

from __future__ import annotations

from dataclasses import fields

import pytest

from training.plan.errors import MatrixError
from training.plan.settings import LIMITS, NAMES, coerce, merged, parse_set
from training.spec.recipe import Recipe


def test_every_value_gets_the_type_of_its_field() -> None:
    told = ["recipe.lr=1e-4", "recipe.steps = 200", "recipe.scratch=yes", "recipe.selection=last"]
    assert parse_set(told) == {"lr": 1e-4, "steps": 200, "scratch": True, "selection": "last"}
    assert parse_set(["recipe.languages=hu, fi", "recipe.pivot=en"]) == {
        "languages": ("fin", "hun"), "pivot": "eng",
    }  # fmt: skip
    assert parse_set(["recipe.freeze=a=b"]) == {"freeze": "a=b"}


def test_nothing_after_the_sign_means_none_where_that_can_be() -> None:
    told = parse_set(["recipe.languages=", "recipe.freeze=", "recipe.pivot="])
    assert told == {"languages": (), "freeze": "", "pivot": ""}
    with pytest.raises(MatrixError, match="lr"):
        parse_set(["recipe.lr="])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["recipe.lrr=1"], "did you mean 'recipe.lr'"),
        (["lr=1"], "did you mean 'recipe.lr'"),
        (["recip.lr=1"], "did you mean 'recipe.lr'"),
        (["recipe.lr"], "recipe.<field>=<value>"),
        (["=1"], "recipe.<field>=<value>"),
        (["recipe.lr=fast"], "lr: input should be a valid number"),
        (["recipe.batch=0"], "batch: input should be greater than or equal to 1"),
        (["recipe.lr=1", "recipe.lr=1"], "already set"),
        (["recipe.sampling=random"], "'grouped' or 'iid'"),
        (["recipe.languages=fi,xx"], "unknown language 'xx'"),
        (["recipe.freeze=("], "regular expression"),
    ],
)
def test_mistakes(given: list[str], says: str) -> None:
    with pytest.raises(MatrixError) as caught:
        parse_set(given)
    assert says in str(caught.value) and str(caught.value).startswith("--set")


def test_every_field_of_the_recipe_can_be_set_to_its_default() -> None:
    defaults = {field.name: field.default for field in fields(Recipe)}
    assert set(NAMES) == set(defaults)
    assert coerce(defaults, "here") == defaults


def test_every_number_of_the_recipe_has_limits() -> None:
    kinds = {field.name: type(field.default) for field in fields(Recipe)}
    assert set(LIMITS) == {name for name, kind in kinds.items() if kind in (int, float)}


def test_merging_layers() -> None:
    layers = [{"lr": 1, "batch": 1}, {"lr": 2, "target": {"lr": 3}, "mlm": {"lr": 9}}, {"steps": 4}]
    assert merged("target", layers) == {"lr": 3, "batch": 1, "steps": 4}
    assert merged("intermediate", layers) == {"lr": 2, "batch": 1, "steps": 4}
