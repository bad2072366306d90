"""Tagging: one tag a word, read off the word's first subword. Every word gets a prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedTokenizerBase

from training.families import metrics
from training.families.base import Batch, Feature, Scores, inputs, pieces, single
from training.families.examples import TagExample
from training.families.measures import matched, of_tags
from training.spec.recipe import Recipe
from training.spec.task import Task

UNLEARNT = -100
"""Target of a word whose tag is not among the labels: it teaches nothing and is always wrong."""


@dataclass(frozen=True)
class Chunk:
    """Where a feature lies: its first word in the sentence, and its words' first subwords."""

    start: int
    firsts: tuple[int, ...]


class Tagging:
    """POS, named entities, supertags."""

    place: Callable[..., Any] | None = Chunk
    first = False

    def encode(
        self,
        examples: Sequence[TagExample],
        tokenizer: PreTrainedTokenizerBase,
        task: Task,
        recipe: Recipe,
        training: bool,
    ) -> list[Feature]:
        """Sentences as one chunk or several, each `<s> words </s>`; `target`: label ids of words.

        In training, chunks without a single known tag are left out. Raises ValueError where the
        task has no labels.
        """
        numbers = {label: i for i, label in enumerate(_labels(task))}
        room = recipe.max_length - 2
        lexicon = subwords((word for one in examples for word in one.words), tokenizer, room)
        made: list[Feature] = []
        for i, one in enumerate(examples):
            words = [lexicon[word] for word in one.words]
            for start, stop in chunks([len(word) for word in words], room):
                firsts, at = [], 1
                for word in words[start:stop]:
                    firsts.append(at)
                    at += len(word)
                target = tuple(numbers.get(tag, UNLEARNT) for tag in one.tags[start:stop])
                ids = single(tokenizer, list(chain(*words[start:stop])), recipe.max_length)
                if not training or any(label != UNLEARNT for label in target):
                    made.append(Feature((ids,), target, i, Chunk(start, tuple(firsts))))
        return made

    def collate(self, features: Sequence[Feature], pad: int) -> Batch:
        """`input_ids`, `attention_mask` [N, T]; for the W words of the batch `positions` (into
        N * T) and `labels` [W]; `counts` [N] words of each feature."""
        batch = inputs(features, pad)
        width = batch["input_ids"].shape[1]
        places = [n * width + at for n, one in enumerate(features) for at in one.place.firsts]
        labels = [label for one in features for label in one.target]
        return batch | {
            "positions": torch.tensor(places),
            "labels": torch.tensor(labels),
            "counts": torch.tensor([len(one.target) for one in features]),
        }

    def head(self, hidden: int, task: Task, dropout: float) -> nn.Module:
        """Dropout and linear to one logit a label."""
        linear = nn.Linear(hidden, len(_labels(task)))
        nn.init.normal_(linear.weight, std=0.02)
        nn.init.zeros_(linear.bias)
        return nn.Sequential(nn.Dropout(dropout), linear)

    def logits(self, head: nn.Module, states: Tensor, batch: Batch) -> Tensor:
        """[N, T, H] -> [W, labels]: first subwords only, the head is not run on the rest."""
        return head(states.reshape(-1, states.shape[-1])[batch["positions"]])

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Mean cross-entropy of the words with a known tag, in nats; 0 where there is none."""
        labels = batch["labels"]
        total = cross_entropy(logits.float(), labels, ignore_index=UNLEARNT, reduction="sum")
        return total / (labels != UNLEARNT).sum().clamp(min=1)

    def decode(self, logits: Tensor, batch: Batch) -> list[list[int]]:
        """Label indices of every feature's words."""
        best = iter(logits.argmax(-1).tolist())
        return [list(islice(best, count)) for count in batch["counts"].tolist()]

    def score(
        self,
        examples: Sequence[TagExample],
        features: Sequence[Feature],
        outputs: Sequence[Sequence[int]],
        task: Task,
    ) -> Scores:
        """F1, precision and recall of spans and token accuracy, over the joined sentences.

        `unseen`, where a gold tag is not among the labels: the share of such words, in points;
        they count as wrong.
        """
        labels = _labels(task)
        predicted = [[""] * len(one.words) for one in examples]
        sizes = [0] * len(examples)
        for one, output in zip(features, outputs, strict=True):
            stop = one.place.start + len(one.target)
            predicted[one.example][one.place.start : stop] = [labels[label] for label in output]
            sizes[one.example] += len(one.ids[0]) - 2
        return scored(task, examples, predicted, sizes)


def scored(
    task: Task,
    examples: Sequence[TagExample],
    predicted: Sequence[Sequence[str]],
    sizes: Sequence[int],
) -> Scores:
    """Scores of predicted tags; `sizes` are the subwords of each sentence."""
    found = matched(examples, predicted)
    by_span = task.metric != "accuracy"
    items = [
        _item(one, predicted[i], found[i], sizes[i], by_span) for i, one in enumerate(examples)
    ]
    return Scores(of_tags(task, examples, predicted, found), items)


def labels_of(examples: Iterable[TagExample]) -> tuple[str, ...]:
    """The tags of a training set, sorted: `labels` of a task that declares none (CCG)."""
    return tuple(sorted({tag for one in examples for tag in one.tags}))


def subwords(
    words: Iterable[str], tokenizer: PreTrainedTokenizerBase, room: int
) -> dict[str, list[int]]:
    """Subwords of every distinct word, tokenised alone.

    One without any (U+00AD alone), or with more than fit, becomes `<unk>`: XTREME's rule.
    """
    distinct = list(dict.fromkeys(words))
    unknown = [int(tokenizer.unk_token_id)]  # type: ignore[arg-type]
    found = zip(distinct, pieces(tokenizer, distinct), strict=True)
    return {word: ids if 0 < len(ids) <= room else unknown for word, ids in found}


def chunks(sizes: Sequence[int], room: int) -> list[tuple[int, int]]:
    """(first, behind the last) word of each chunk: a new one before the word that overflows."""
    made: list[tuple[int, int]] = []
    start, filled = 0, 0
    for i, size in enumerate(sizes):
        if filled + size > room:
            made.append((start, i))
            start, filled = i, 0
        filled += size
    return [*made, (start, len(sizes))] if sizes else []


def _labels(task: Task) -> tuple[str, ...]:
    if not task.labels:
        raise ValueError(
            f"task {task.name} has no labels: read them off its training data "
            "(tagging.labels_of) and fill them in with dataclasses.replace"
        )
    return task.labels


def _item(
    one: TagExample,
    predicted: Sequence[str],
    found: metrics.Counts,
    subwords: int,
    by_span: bool,
) -> dict[str, object]:
    """Score: F1 of the sentence's spans (1 where there is none to find and none was found)."""
    right = sum(g == p for g, p in zip(one.tags, predicted, strict=True))
    score = right / max(1, len(one.tags))
    if by_span:
        score = found.f1 / 100 if found != metrics.Counts() else 1.0
    return {
        "item_id": one.id,
        "cluster_id": one.cluster,
        "lang": one.lang,
        "gold": " ".join(one.tags),
        "prediction": " ".join(predicted),
        "score": score,
        "tp": int(found.tp) if by_span else None,
        "fp": int(found.fp) if by_span else None,
        "fn": int(found.fn) if by_span else None,
        "n_words": len(one.words),
        "n_subwords": subwords,
        "feats": None if one.feats is None else " ".join(one.feats),
        "text": " ".join(one.words),
    }
