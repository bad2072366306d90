"""The layer sweep beside a retrieval cell, from the forward passes that the cell itself makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from training.families.examples import Bitext
from training.families.sweep import POOLINGS, SAMPLED, Thresholds, measured, sampled, stacked
from training.spec.task import Split, Task

MEMORY = 4 * 2**30
"""Bytes of vectors held at once: Tatoeba fits for XLM-R XXL (2,000 sentences of 1.6 MB)."""
SENTENCES = 5000
"""A side, at most: of BUCC's half a million a sample is swept (the official cell reads all)."""


@dataclass
class Sweep:
    """Keeps all layers' vectors of the sentences that are wanted, as the encoder shows them."""

    layers: int
    hidden: int
    memory: int = MEMORY
    sentences: int = SENTENCES
    stacks: dict[str, Tensor] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    thresholds: dict[str, Thresholds] = field(default_factory=dict)
    """By language, of dev."""

    @property
    def room(self) -> int:
        """Sentences whose vectors fit into the memory."""
        return max(2, self.memory // (4 * self.layers * len(POOLINGS) * self.hidden))

    def expect(self, bitext: Bitext) -> Bitext:
        """The part of a bitext that is swept; its sentences are kept from now on."""
        part = sampled(bitext, min(self.sentences, self.room // 2))
        self.wanted = frozenset(part.foreign) | frozenset(part.english)
        if len(self.stacks.keys() | self.wanted) > self.room:
            self.stacks = {text: one for text, one in self.stacks.items() if text in self.wanted}
        return part

    def see(self, texts: Sequence[str], states: Sequence[Tensor], mask: Tensor) -> None:
        """Hidden states [N, T, H] of a batch go by."""
        if not self.wanted.isdisjoint(texts):
            made = stacked(states, mask).cpu()
            for text, one in zip(texts, made, strict=True):
                if text in self.wanted:
                    self.stacks[text] = one.clone()  # not a view of the whole batch

    def missing(self) -> list[str]:
        """Wanted sentences that were embedded when they were not yet wanted."""
        return sorted(self.wanted - self.stacks.keys())

    def measure(
        self, task: Task, split: Split, whole: Bitext, part: Bitext
    ) -> list[dict[str, Any]]:
        """Rows of the cell in `record.SWEEP_COLUMNS`; metrics of a sample are named so."""
        foreign, english = (
            torch.stack([self.stacks[text] for text in lines])
            for lines in (part.foreign, part.english)
        )
        dev = self.thresholds.get(part.lang, {})
        rows, own = measured(task, split, part, foreign, english, dev)
        if split == "dev":
            self.thresholds[part.lang] = own
        suffix = "" if part is whole else SAMPLED
        return [{**row, "metric": row["metric"] + suffix} for row in rows]
