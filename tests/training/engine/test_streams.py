"""Evaluation in one stream: all languages together score as each alone, whatever is in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue import SCALES, TASKS
from training.data.sources import rows
from training.engine import evaluate
from training.engine.evaluate import Noted, pools, predicted
from training.engine.runtime import Runtime
from training.engine.selection import outputs_of
from training.engine.weights import SHIPPED
from training.families.base import Feature
from training.families.classification import Classification
from training.families.registry import FAMILIES
from training.phases.encoder import fresh, tokenizer_of
from training.phases.supervised import Learnt
from training.phases.target import Target
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.task import Task

SOURCE = "miniature/seed=3/sentences=40"
LANGUAGES = ("eng", "fin", "cmn")
TARGETS = {"xnli": "nano", "udpos": "nano-xl", "xquad": "nano-xl"}


def model(task: Task, scale: str, family: Any = None) -> tuple[Target, Any]:
    """A random one, in evaluation mode."""
    tokenizer = tokenizer_of(SHIPPED / "tokenizer")
    encoder = fresh(SCALES[scale], len(tokenizer), 1)
    learnt = Learnt(task, family or FAMILIES[task.family])
    return Target(encoder, {task.name: learnt}, Recipe(max_length=64), 1, 1).eval(), tokenizer


@pytest.mark.parametrize("target", TARGETS)
def test_all_languages_together_score_as_each_alone(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metrics and items to the last bit, in the same order, in fewer batches."""
    task, scale = TASKS[target], TARGETS[target]
    made, batches = model(task, scale), []
    made[0].encoder.register_forward_hook(lambda *_: batches.append(1))
    monkeypatch.setattr(evaluate, "fine_tuned", lambda *_: made)
    one = Evaluation("a run", scale, target, SOURCE, languages=LANGUAGES)
    told = (one, task, Runtime(progress=False))
    together, count = list(predicted(*told, Noted())), len(batches)
    monkeypatch.setattr(evaluate, "pools", partial(pools, most=1))
    alone = list(predicted(*told, Noted()))
    assert together == alone
    assert {lang for _, lang, _ in together} == set(LANGUAGES)
    assert count < len(batches) - count


class Raw(Classification):
    """Its outputs are the logits."""

    def decode(self, logits: torch.Tensor, batch: Any) -> list[Any]:
        return list(logits)


def test_logits_do_not_depend_on_what_else_is_in_the_batch() -> None:
    task = TASKS["xnli"]
    module, tokenizer = model(task, "nano", Raw())
    parts = [
        module.tasks[task.name].family.encode(
            rows(task, "test", lang, SOURCE).read.examples, tokenizer, task, module.recipe, False
        )
        for lang in LANGUAGES
    ]
    pad = int(tokenizer.pad_token_id)
    together = outputs_of(module, task.name, [one for part in parts for one in part], pad)
    alone = [logits for part in parts for logits in outputs_of(module, task.name, part, pad)]
    assert len(together) == len(alone) > 50
    difference = (torch.stack(together) - torch.stack(alone)).abs().max()
    assert difference <= 1e-5
    assert torch.stack(alone).std(0).min() > 1e-4, "they do differ from each other"


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=9), st.integers(1, 40))
def test_pools_hold_what_memory_allows(sizes: list[list[int]], most: int) -> None:
    parts: list[Any] = [
        ("test", str(i), [], [Feature(((0,) * size,), None, 0) for size in part])
        for i, part in enumerate(sizes)
    ]
    made = list(pools(iter(parts), most))
    assert [part for pool in made for part in pool] == parts
    for pool in made:
        tokens = sum(one.length for part in pool for one in part[-1])
        assert tokens <= most or len(pool) == 1


def test_a_pool_is_scored_before_the_next_is_read() -> None:
    read = []

    def parts() -> Iterator[Any]:
        for i in range(4):
            read.append(i)
            yield "test", str(i), [], [Feature(((0,) * 5,), None, 0)]

    made = pools(parts(), 10)
    next(made)
    assert read == [0, 1, 2], "the first of the next pool, which is not scored yet, and no more"
