"""Questions, and a model that knows their answers, for the tests of the span family."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.catalogue.span import SQUAD
from training.families.base import Feature, Scores
from training.families.examples import SpanExample
from training.families.span import Span
from training.spec.recipe import Recipe
from training.spec.task import Task

SPAN = Span()
LONG = "The old teacher gave the book to Anna in the morning. " * 6 + "The dog slept in Budapest."
RECIPE = Recipe(max_length=48, stride=8)


def example(context: str, *answers: str, id: str = "1", question: str = "Who?") -> SpanExample:
    """A question whose answers stand in the context (-1: they do not)."""
    gold = tuple((answer, context.find(answer)) for answer in answers)
    return SpanExample(id, id, "eng", context, question, gold)


def sure(features: Sequence[Feature], length: int) -> Tensor:
    """Logits of a model that knows the answer, and knows it where it sees it [N, T, 2]."""
    logits = torch.zeros(len(features), length, 2)
    for row, feature in enumerate(features):
        height = 20.0 if feature.target != (0, 0) else 5.0
        for side, position in enumerate(feature.target):
            logits[row, position, side] = height
    return logits


def answered(
    examples: Sequence[SpanExample],
    tokenizer: PreTrainedTokenizerBase,
    recipe: Recipe,
    task: Task = SQUAD,
) -> Scores:
    """Scores of that model."""
    features = SPAN.encode(examples, tokenizer, task, recipe, training=False)
    batch = SPAN.collate(features, 1)
    outputs = SPAN.decode(sure(features, batch["input_ids"].shape[1]), batch)
    return SPAN.score(examples, features, outputs, task)
