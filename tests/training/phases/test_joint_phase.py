"""MLM beside a task: the head of phase 1 on the task's encoder, heads that start as ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from training.catalogue import SCALES, TASKS
from training.data.masking import MaskedText
from training.engine.weights import SHIPPED
from training.families.registry import FAMILIES
from training.miniature.write import lines
from training.phases.base import Phase
from training.phases.encoder import fresh, tokenizer_of
from training.phases.intermediate import Intermediate
from training.phases.mlm import MaskedLanguageModel
from training.phases.supervised import Learnt
from training.spec.recipe import Recipe

TOKENIZER = tokenizer_of(SHIPPED / "tokenizer")
RECIPE = Recipe(batch=4, steps=10, dropout=0.0, max_length=64)
TINY = replace(SCALES["nano"], hidden=16, heads=2, feedforward=32, layers=2)
LINES = {lang: lines(3, 60)[lang] for lang in ("eng", "fin")}


def joint(pieces: int = len(TOKENIZER), recipe: Recipe = RECIPE) -> Intermediate:
    tasks = {name: Learnt(TASKS[name], FAMILIES[TASKS[name].family]) for name in ("mnli", "csqa")}
    return Intermediate(fresh(TINY, len(TOKENIZER), 1), tasks, recipe, 1, 10, pieces)


def masked_batch(recipe: Recipe = RECIPE) -> Any:
    return MaskedText(LINES, TOKENIZER, recipe, 1, 3)[2]


@pytest.mark.parametrize("recipe", [RECIPE, replace(RECIPE, pairs=1.0, ranking=0.5)])
def test_a_masked_batch_is_learnt_as_in_phase_1(recipe: Recipe) -> None:
    """The same loss and the same gradients as the module of phase 1 with the same weights."""
    phase1 = MaskedLanguageModel(fresh(TINY, len(TOKENIZER), 1), recipe, 1, 10)
    beside, batch = joint(recipe=recipe), masked_batch(recipe)
    one, other = phase1.training_step(batch, 0), beside.training_step(("mlm", batch), 0)
    assert torch.equal(one, other)
    one.backward()
    other.backward()
    theirs = dict(phase1.encoder.named_parameters())
    for name, mine in beside.encoder.named_parameters():
        assert (mine.grad is None) == (theirs[name].grad is None)
        assert mine.grad is None or torch.equal(mine.grad, theirs[name].grad)
    assert all(value.grad is None for value in beside.heads.parameters())
    assert beside.words.weight.grad is not None, "the head is tied to the embeddings"


def test_the_tasks_heads_start_the_same_with_mlm_as_without() -> None:
    mine, theirs = joint().heads.state_dict(), joint(pieces=0).heads.state_dict()
    assert mine.keys() == theirs.keys() and mine
    assert all(torch.equal(mine[key], theirs[key]) for key in mine)
    assert joint(pieces=0).masked is None


def test_the_masked_head_is_trained_and_is_no_part_of_the_encoder() -> None:
    module = joint()
    learnt = {name for name, value in module.named_parameters() if value.requires_grad}
    assert {"masked.dense.weight", "masked.norm.weight", "masked.bias"} <= learnt
    groups = module.configure_optimizers()["optimizer"].param_groups
    assert sum(len(group["params"]) for group in groups) == len(learnt)
    assert not any(
        "masked" in name or "dense.weight" == name for name in module.encoder.state_dict()
    )


def test_the_warm_up_may_be_told_in_steps() -> None:
    module = Phase(fresh(TINY, len(TOKENIZER), 1), replace(RECIPE, warmup_steps=4), 1, 10)
    assert [module.rate(step) for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    share = Phase(fresh(TINY, len(TOKENIZER), 1), replace(RECIPE, warmup=0.4), 1, 10)
    assert [module.rate(step) for step in range(11)] == [share.rate(step) for step in range(11)]
    longer = Phase(fresh(TINY, len(TOKENIZER), 1), replace(RECIPE, warmup_steps=40), 1, 10)
    assert longer.rate(9) == 0.25, "XTREME's TyDiQA ends before its warm-up does"
