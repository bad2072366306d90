"""A tokenizer, an encoder and a training loop that take seconds, for the tests of the families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

from training.catalogue import TASKS
from training.data import tokenizer as miniature
from training.data.sources import rows
from training.families.base import Batch, Family
from training.families.tagging import labels_of
from training.spec.recipe import Recipe
from training.spec.task import Split, Task

SOURCE = "miniature/seed=3/sentences=200"
PAD = 1


@lru_cache(maxsize=1)
def tokenizer() -> PreTrainedTokenizerFast:
    """The miniature's own, small."""
    return miniature.train(11, 500, 2500)


def examples(task: Task, split: Split = "train", lang: str = "eng") -> tuple[Any, ...]:
    """Examples of the miniature."""
    # Read by the declaration: where labels are read off training, dev may hold others.
    return rows(TASKS[task.name], split, lang, SOURCE).read.examples


def named(name: str) -> Task:
    """A task of the catalogue, labels filled in as the engine does."""
    task = TASKS[name]
    if task.family == "tagging" and not task.labels:
        return replace(task, labels=labels_of(examples(task)))
    return task


class Model:
    """A random two-layer XLM-R without dropout, and a fresh head of the task."""

    def __init__(self, family: Family, task: Task) -> None:
        torch.manual_seed(0)
        config = XLMRobertaConfig(
            vocab_size=2500,
            hidden_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=128,
            max_position_embeddings=258,
            pad_token_id=PAD,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.family, self.task = family, task
        self.encoder = XLMRobertaModel(config, add_pooling_layer=False)
        self.head = family.head(64, task, 0.0)

    def logits(self, batch: Batch) -> torch.Tensor:
        told = {key: batch[key] for key in ("input_ids", "attention_mask")}
        return self.family.logits(self.head, self.encoder(**told).last_hidden_state, batch)

    def learn(self, found: Sequence[Any], steps: int = 30) -> list[float]:
        """Losses of full-batch steps."""
        features = self.family.encode(found, tokenizer(), self.task, Recipe(), True)
        batch = self.family.collate(features, PAD)
        optimiser = torch.optim.AdamW(
            [*self.encoder.parameters(), *self.head.parameters()], lr=2e-3
        )
        losses = []
        for _ in range(steps):
            loss = self.family.loss(self.logits(batch), batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return losses

    def metrics(self, found: Sequence[Any], size: int = 8) -> dict[str, float]:
        """Scores of the model's own decoding, in small batches."""
        features = self.family.encode(found, tokenizer(), self.task, Recipe(), False)
        outputs: list[Any] = []
        with torch.no_grad():
            for at in range(0, len(features), size):
                batch = self.family.collate(features[at : at + size], PAD)
                outputs += self.family.decode(self.logits(batch), batch)
        return self.family.score(found, features, outputs, self.task).metrics
