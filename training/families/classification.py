"""Classification of a text or a pair of texts: one label, read off `<s>`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn, tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedTokenizerBase

from training.families.base import (
    Batch,
    Feature,
    Scores,
    SentenceHead,
    inputs,
    pair,
    pieces,
    single,
)
from training.families.examples import PairExample
from training.families.measures import of_labels
from training.spec.recipe import Recipe
from training.spec.task import Task


class Classification:
    """NLI, paraphrase, topic. `Feature.place`: subwords of the segments before any cut."""

    place: Callable[..., Any] | None = None
    first = True

    def encode(
        self,
        examples: Sequence[PairExample],
        tokenizer: PreTrainedTokenizerBase,
        task: Task,
        recipe: Recipe,
        training: bool,
    ) -> list[Feature]:
        """`<s> a </s>` or `<s> a </s></s> b </s>`; the longer segment is cut first, at its end."""
        firsts = pieces(tokenizer, [one.first for one in examples])
        seconds = pieces(tokenizer, [one.second or "" for one in examples])
        made: list[Feature] = []
        for i, (one, a, b) in enumerate(zip(examples, firsts, seconds, strict=True)):
            if one.second is None:
                ids = single(tokenizer, a, recipe.max_length)
            else:
                ids = pair(tokenizer, a, b, recipe.max_length)
            made.append(Feature((ids,), one.label, i, len(a) + len(b)))
        return made

    def collate(self, features: Sequence[Feature], pad: int) -> Batch:
        """`input_ids`, `attention_mask` [N, T] and `labels` [N]."""
        return inputs(features, pad) | {"labels": tensor([one.target for one in features])}

    def head(self, hidden: int, task: Task, dropout: float) -> nn.Module:
        """Dense, tanh, dropout, linear to one logit a label."""
        return SentenceHead(hidden, len(task.labels), dropout)

    def logits(self, head: nn.Module, states: Tensor, batch: Batch) -> Tensor:
        """[N, T, H] -> [N, labels]."""
        return head(states)

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Mean cross-entropy of the batch, in nats."""
        return cross_entropy(logits.float(), batch["labels"])

    def decode(self, logits: Tensor, batch: Batch) -> list[int]:
        """The index of the best label of every feature."""
        return logits.argmax(-1).tolist()

    def score(
        self,
        examples: Sequence[PairExample],
        features: Sequence[Feature],
        outputs: Sequence[int],
        task: Task,
    ) -> Scores:
        """Accuracy; for two labels also F1 of the second and the mean of both (QQP)."""
        chosen = {one.example: output for one, output in zip(features, outputs, strict=True)}
        subwords = {one.example: one.place for one in features}
        predicted = [chosen[i] for i in range(len(examples))]
        items = [
            _item(one, task.labels, predicted[i], subwords[i]) for i, one in enumerate(examples)
        ]
        return Scores(of_labels(task, [one.label for one in examples], predicted), items)


def _item(
    one: PairExample, labels: Sequence[str], predicted: int, subwords: int
) -> dict[str, object]:
    segments = [one.first] if one.second is None else [one.first, one.second]
    return {
        "item_id": one.id,
        "cluster_id": one.cluster,
        "lang": one.lang,
        "gold": labels[one.label],
        "prediction": labels[predicted],
        "score": float(predicted == one.label),
        "tp": None,
        "fp": None,
        "fn": None,
        "n_words": sum(len(segment.split()) for segment in segments),
        "n_subwords": subwords,
        "feats": None,
        "text": " | ".join(segments),
    }
