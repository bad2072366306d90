"""MLM beside a task, or as long as one: shares, tokens, and every batch a function of its step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue import TASKS
from training.data import joint
from training.data.masking import MaskedText
from training.data.module import Planned, Prepared, Steps
from training.data.sources import rows
from training.engine.weights import SHIPPED
from training.families.registry import FAMILIES
from training.miniature.write import lines
from training.phases.encoder import tokenizer_of
from training.spec.recipe import Recipe

SOURCE = "miniature/seed=3/sentences=60"
TOKENIZER = tokenizer_of(SHIPPED / "tokenizer")
PAD = int(TOKENIZER.pad_token_id)
LINES = {lang: lines(3, 60)[lang] for lang in ("eng", "fin")}
RECIPE = Recipe(batch=4, steps=12, max_length=64)


def tasks(recipe: Recipe, *names: str) -> Planned:
    prepared = {}
    for name in names:
        family, task = FAMILIES[TASKS[name].family], TASKS[name]
        examples = rows(task, "train", "eng", SOURCE).read.examples
        prepared[name] = Prepared(family, family.encode(examples, TOKENIZER, task, recipe, True))
    return Planned(prepared, recipe, 1, PAD)


def made(recipe: Recipe = RECIPE, seed: int = 1) -> joint.Joint:
    supervised = tasks(joint.supervised(recipe), "mnli", "qqp")
    masked = joint.masked_steps(recipe, len(supervised))
    return joint.Joint(supervised, MaskedText(LINES, TOKENIZER, recipe, seed, masked), seed)


def test_told_steps_are_shared_out_and_both_kinds_keep_their_own_order() -> None:
    data = made(replace(RECIPE, mlm_share=0.25))
    assert len(data) == 12 and len(data.text) == 3 and len(data.tasks) == 9
    names = [name for name, _ in (data[step] for step in range(len(data)))]
    assert names.count("mlm") == 3 and set(names) == {"mlm", "mnli", "qqp"}
    supervised = [data[step] for step in range(12) if not data.masked[step]]
    for (name, batch), (other, expected) in zip(supervised, (data.tasks[i] for i in range(9))):  # noqa: B905
        assert name == other and torch.equal(batch["input_ids"], expected["input_ids"])
    masked = [data[step][1] for step in range(12) if data.masked[step]]
    for batch, i in zip(masked, range(3), strict=True):
        assert torch.equal(batch["input_ids"], data.text[i]["input_ids"])
        assert torch.equal(batch["labels"], data.text[i]["labels"])


def test_where_epochs_decide_mlm_comes_on_top() -> None:
    recipe = replace(RECIPE, steps=0, epochs=1.0, mlm_share=0.5)
    data = made(recipe)
    assert len(data.tasks) == 15 + 15 and len(data.text) == 30 and len(data) == 60


@given(st.integers(2, 500), st.floats(0.01, 0.99))
def test_shares(steps: int, share: float) -> None:
    told = Recipe(steps=steps, mlm_share=share)
    masked = joint.masked_steps(told, 0)
    assert 1 <= masked < steps and abs(masked - share * steps) <= 1
    assert joint.supervised(told).steps == steps - masked
    on_top = joint.masked_steps(replace(told, steps=0), steps)
    assert on_top >= 1 and (on_top / (on_top + steps) == pytest.approx(share, abs=1 / steps))


def test_a_step_is_the_same_however_often_and_in_whatever_order_it_is_asked_for() -> None:
    one, other = made(), made()
    for step in (11, 0, 7, 11):
        (name, batch), (again, same) = one[step], other[step]
        assert name == again and batch.keys() == same.keys()
        assert all(torch.equal(batch[key], same[key]) for key in batch)
    late = [name for name, _ in Steps(one, start=5).train_dataloader()]
    assert late == [other[step][0] for step in range(5, 12)]


def test_seeds_mix_differently() -> None:
    orders = {tuple(made(replace(RECIPE, steps=40), seed).masked) for seed in (1, 2, 3)}
    assert len(orders) == 3


@pytest.mark.parametrize("name", ["mnli", "squad", "csqa"])
def test_as_many_tokens_as_a_task_takes(name: str) -> None:
    """Within the half line that a batch of whole lines cannot halve."""
    recipe = replace(RECIPE, steps=30, batch=6)
    like = tasks(recipe, name)
    text = MaskedText(LINES, TOKENIZER, recipe, 1, 30)
    wanted = np.mean(
        [int(batch["attention_mask"].sum()) for _, batch in (like[i] for i in range(len(like)))]
    )
    assert joint.tokens(like) == pytest.approx(float(wanted))
    count = joint.as_many_tokens(text, joint.tokens(like))
    text.recipe = replace(recipe, batch=count)
    seen = np.mean([int(text[step]["attention_mask"].sum()) for step in range(30)])
    mean_line = seen / count
    assert abs(seen - wanted) <= 0.5 * mean_line + 0.1 * wanted
    assert joint.as_many_tokens(text, 0.1) == 1


@settings(max_examples=30)
@given(st.lists(st.integers(1, 3000), min_size=2, max_size=9), st.integers(1, 2000))
def test_a_mixtures_steps_count_examples_up_to_the_cap(sizes: list[int], cap: int) -> None:
    """jiant: the sum over tasks of epochs times ceil(min(n, cap) / batch)."""
    from training.data.module import epochs_steps

    recipe = Recipe(batch=32, epochs=3.0, cap=cap)
    assert epochs_steps(sizes, recipe) == sum(3 * -(-min(n, cap) // 32) for n in sizes)
    assert epochs_steps([5000], Recipe(batch=50, epochs=1.0, cap=10)) == 100, "no mixture, no cap"
