"""Multiple choice: each choice is read as a pair with the prompt and gets one logit off `<s>`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedTokenizerBase

from training.families import metrics
from training.families.base import (
    Batch,
    Feature,
    Scores,
    SentenceHead,
    inputs,
    padded,
    pair,
    pieces,
)
from training.families.examples import ChoiceExample
from training.spec.recipe import Recipe
from training.spec.task import Task


class Choice:
    """HellaSwag, CosmosQA, CommonsenseQA. `Feature.place`: subwords of prompt and choices uncut."""

    place: Callable[..., Any] | None = None
    first = True

    def encode(
        self,
        examples: Sequence[ChoiceExample],
        tokenizer: PreTrainedTokenizerBase,
        task: Task,
        recipe: Recipe,
        training: bool,
    ) -> list[Feature]:
        """`<s> prompt </s></s> choice </s>` for every choice."""
        prompts = pieces(tokenizer, [one.prompt for one in examples])
        seconds = iter(pieces(tokenizer, [text for one in examples for text in one.seconds]))
        made: list[Feature] = []
        for i, (one, prompt) in enumerate(zip(examples, prompts, strict=True)):
            mine = [next(seconds) for _ in one.choices]
            ids = tuple(ending_pair(tokenizer, prompt, s, recipe.max_length) for s in mine)
            made.append(Feature(ids, one.label, i, len(prompt) + sum(map(len, mine))))
        return made

    def collate(self, features: Sequence[Feature], pad: int) -> Batch:
        """Sequences of all choices [N * C, T]; `rows` [N, C] (-1: no such choice), `labels` [N]."""
        rows, at = [], 0
        for one in features:
            rows.append(range(at, at + len(one.ids)))
            at += len(one.ids)
        labels = torch.tensor([one.target for one in features])
        return inputs(features, pad) | {"rows": padded(rows, -1), "labels": labels}

    def head(self, hidden: int, task: Task, dropout: float) -> nn.Module:
        """Dense, tanh, dropout, linear to one logit a sequence."""
        return SentenceHead(hidden, 1, dropout)

    def logits(self, head: nn.Module, states: Tensor, batch: Batch) -> Tensor:
        """[N * C, T, H] -> [N, C]; minus infinity where an example has fewer choices."""
        rows = batch["rows"]
        return head(states)[:, 0][rows.clamp(min=0)].masked_fill(rows < 0, -torch.inf)

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Mean cross-entropy over the choices, in nats."""
        return cross_entropy(logits.float(), batch["labels"])

    def decode(self, logits: Tensor, batch: Batch) -> list[int]:
        """The index of the best choice of every feature."""
        return logits.argmax(-1).tolist()

    def score(
        self,
        examples: Sequence[ChoiceExample],
        features: Sequence[Feature],
        outputs: Sequence[int],
        task: Task,
    ) -> Scores:
        """Accuracy."""
        chosen = {one.example: output for one, output in zip(features, outputs, strict=True)}
        subwords = {one.example: one.place for one in features}
        predicted = [chosen[i] for i in range(len(examples))]
        known = {"accuracy": metrics.accuracy([one.label for one in examples], predicted)}
        items = [_item(one, predicted[i], subwords[i]) for i, one in enumerate(examples)]
        return Scores(metrics.wanted(task, known), items)


def ending_pair(
    tokenizer: PreTrainedTokenizerBase, first: Sequence[int], second: Sequence[int], longest: int
) -> tuple[int, ...]:
    """`base.pair`, but cut at the beginning, as jiant does for choices: questions come last."""
    a, b = kept(len(first), len(second), longest - 4)
    return pair(tokenizer, first[len(first) - a :], second[len(second) - b :], longest)


def kept(first: int, second: int, room: int) -> tuple[int, int]:
    """How many tokens of two segments fit, the longer cut first: the rule of `base.pair`."""
    if first + second <= room:
        return first, second
    if 2 * min(first, second) <= room:
        return (first, room - first) if first < second else (room - second, second)
    return room // 2, room - room // 2


def _item(one: ChoiceExample, predicted: int, subwords: int) -> dict[str, object]:
    """Gold and prediction are numbers from 0: the same in every language, and no text."""
    offered = [f"({i}) {text}" for i, text in enumerate(one.seconds)]
    return {
        "item_id": one.id,
        "cluster_id": one.cluster,
        "lang": one.lang,
        "gold": str(one.label),
        "prediction": str(predicted),
        "score": float(predicted == one.label),
        "tp": None,
        "fp": None,
        "fn": None,
        "n_words": sum(len(text.split()) for text in (one.prompt, *one.seconds)),
        "n_subwords": subwords,
        "feats": None,
        "text": " | ".join(chain([one.prompt], offered)),
    }
