"""What a family of tasks offers to the phases, and what they give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from training.spec.recipe import Recipe
from training.spec.task import Task

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Feature:
    """One model input: token ids (several sequences for a choice), its target and its example."""

    ids: tuple[tuple[int, ...], ...]
    target: Any
    example: int
    place: Any = None
    """What decoding needs to get back from positions to text."""

    @property
    def length(self) -> int:
        """Tokens of the longest sequence."""
        return max(map(len, self.ids))


@dataclass(frozen=True)
class Scores:
    """Metrics in points (0 to 100) and one row an item in `record.ITEM_COLUMNS`."""

    metrics: dict[str, float]
    items: list[dict[str, Any]] = field(default_factory=list)
    sweep: list[dict[str, Any]] = field(default_factory=list)
    """Retrieval: the same cell in every other reading, in `record.SWEEP_COLUMNS`."""


class Family(Protocol):
    """Behaviour shared by all tasks of a kind. Stateless: everything comes as an argument."""

    place: Callable[..., Any] | None
    """The class of its features' `place`, where that is not plain JSON."""
    first: bool
    """Whether its head reads the first token of each text and no other."""

    def encode(
        self,
        examples: Sequence[Any],
        tokenizer: PreTrainedTokenizerBase,
        task: Task,
        recipe: Recipe,
        training: bool,
    ) -> list[Feature]:
        """Examples as features; in training, what cannot be learnt from is left out."""
        ...

    def collate(self, features: Sequence[Feature], pad: int) -> Batch:
        """Padded tensors `input_ids`, `attention_mask` [N, T] and the targets."""
        ...

    def head(self, hidden: int, task: Task, dropout: float) -> nn.Module:
        """A fresh head."""
        ...

    def logits(self, head: nn.Module, states: Tensor, batch: Batch) -> Tensor:
        """Head output from the last hidden states [N, T, H]."""
        ...

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Mean loss of the batch, a scalar."""
        ...

    def decode(self, logits: Tensor, batch: Batch) -> list[Any]:
        """One output a feature, on the CPU."""
        ...

    def score(
        self,
        examples: Sequence[Any],
        features: Sequence[Feature],
        outputs: Sequence[Any],
        task: Task,
    ) -> Scores:
        """Official metrics over all examples, and the items behind them."""
        ...


def padded(sequences: Sequence[Sequence[int]], value: int) -> Tensor:
    """Ragged integers as one tensor [N, T], filled up with `value`."""
    longest = max(map(len, sequences))
    return torch.tensor([[*s, *[value] * (longest - len(s))] for s in sequences])


def inputs(features: Sequence[Feature], pad: int) -> Batch:
    """`input_ids` and `attention_mask` of all sequences of the features, in order."""
    sequences = [ids for feature in features for ids in feature.ids]
    ids = padded(sequences, pad)
    lengths = torch.tensor([len(s) for s in sequences])
    mask = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
    return {"input_ids": ids, "attention_mask": mask.long()}


def single(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], longest: int) -> tuple[int, ...]:
    """`<s> x </s>`, cut at the end."""
    return (begin(tokenizer), *ids[: longest - 2], end(tokenizer))


def pair(
    tokenizer: PreTrainedTokenizerBase, first: Sequence[int], second: Sequence[int], longest: int
) -> tuple[int, ...]:
    """`<s> a </s></s> b </s>`, XLM-R's layout; the longer segment is cut first, from its end."""
    over = len(first) + len(second) + 4 - longest
    a, b = list(first), list(second)
    while over > 0:
        (a if len(a) >= len(b) else b).pop()
        over -= 1
    s, e = begin(tokenizer), end(tokenizer)
    return (s, *a, e, e, *b, e)


def begin(tokenizer: PreTrainedTokenizerBase) -> int:
    """Id of `<s>`."""
    return int(tokenizer.bos_token_id)  # type: ignore[arg-type]


def end(tokenizer: PreTrainedTokenizerBase) -> int:
    """Id of `</s>`."""
    return int(tokenizer.eos_token_id)  # type: ignore[arg-type]


def pieces(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, without special tokens."""
    if not texts:
        return []
    return list(tokenizer(list(texts), add_special_tokens=False)["input_ids"])  # type: ignore[arg-type]


class SentenceHead(nn.Module):
    """Dense, tanh, dropout, linear on `<s>` (jiant's head for classification and choice)."""

    def __init__(self, hidden: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dense = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(hidden, outputs)
        for layer in (self.dense, self.out):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, states: Tensor) -> Tensor:
        """[N, T, H] -> [N, outputs]."""
        first = self.dropout(states[:, 0])
        return self.out(self.dropout(torch.tanh(self.dense(first))))
