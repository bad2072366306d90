"""How a run learns. Everything here changes results and enters the run's identity.

A default may never change: a field that equals its default is left out of the hash, so that a
knob added later keeps every old id (`tests/golden/run_ids.json` holds that promise).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal


@dataclass(frozen=True)
class Recipe:
    """Defaults are jiant's XTREME guide, the paper's framework (reference: its shell scripts)."""

    lr: float = 1e-5
    batch: int = 32
    """Examples an optimiser step (effective batch)."""
    epochs: float = 3.0
    steps: int = 0
    """Optimiser steps; 0: epochs decide."""
    examples: int = 0
    """Use only the first N training examples; 0: all."""
    warmup: float = 0.1
    """Share of the steps with a rising rate; then linear decay to zero."""
    warmup_steps: int = 0
    """The same in steps; 0: the share decides."""
    embeddings_rate: float = 1.0
    """Learning rate of the word embeddings as a share of `lr`: low, they stay aligned."""
    weight_decay: float = 0.01
    """Not on biases and LayerNorm."""
    adam_eps: float = 1e-8
    clip: float = 1.0
    max_length: int = 256
    dropout: float = 0.1
    """Hidden, attention and head dropout."""
    sampling: Literal["grouped", "iid"] = "grouped"
    """grouped: batches of similar length from a shuffled window; iid: plain shuffling."""
    window: int = 50
    """Batches in a grouping window."""
    selection: Literal["best", "last"] = "best"
    """best: the checkpoint with the best English dev score; last: the final one."""
    dev_checks: int = 4
    """How often English dev is scored during a run, evenly spaced."""
    dev_examples: int = 500
    stride: int = 128
    """Span tasks: tokens between the starts of neighbouring windows (XTREME's doc_stride)."""
    max_query: int = 64
    mask: float = 0.15
    """MLM: share of tokens predicted (80 % masked, 10 % random, 10 % kept)."""
    pairs: float = 0.0
    """MLM: share of the batches made of translation pairs (one line in two languages)."""
    pivot: str = ""
    """MLM: the language that every translation pair has on one side; empty: any two."""
    scratch: bool = False
    """MLM: start from random weights although the scale has weights of its own."""
    embeddings: Literal["random", "latent"] = "random"
    """MLM from scratch: latent starts the word embeddings aligned (`phases/latent.py`)."""
    ranking: float = 0.0
    """MLM: weight of a translation ranking loss on the pairs (`phases/ranking.py`)."""
    tied: bool = True
    """MLM: the head scores pieces with the word embeddings (RoBERTa); otherwise with its own."""
    languages: tuple[str, ...] = ()
    """MLM: languages of the text; empty: all of the corpus."""
    corpus: str = ""
    """MLM: text from `corpora/<corpus>/<lang>.txt` under --data; empty: the source's own."""
    mlm_share: float = 0.5
    """MLM beside a task: share of the steps; where epochs decide, on top of the task's own."""
    mixture: Literal["proportional", "temperature", "uniform"] = "proportional"
    cap: int = 131072
    """Mixture: a task counts min(n, cap) examples."""
    temperature: float = 2.0
    freeze: str = ""
    """Regular expression of parameter names that stay fixed."""
    method: Literal["full", "lora"] = "full"
    """lora: the head and adapters on all linear layers learn; they like a `lr` of 1e-4 and more."""
    rank: int = 16
    """Of the adapters."""
    precision: Literal["fp32", "bf16", "bf16-8bit", "bf16-stochastic"] = "fp32"
    """Of the encoder. bf16: with fp32 masters; bf16-8bit: with moments in 8 bits besides;
    bf16-stochastic: without masters, rounded by chance."""
    handover: Literal["trained", "bf16"] = "trained"
    """Type of the weights handed over: as trained (LoRA: merged in fp32), or rounded to bf16."""

    def changed(self) -> dict[str, Any]:
        """The fields that differ from their default, the part that enters an id."""
        return dict(self._changed)

    @cached_property
    def _changed(self) -> dict[str, Any]:
        """Reckoned once: tens of thousands of runs share a recipe."""
        values = ((f.name, getattr(self, f.name), f.default) for f in fields(self))
        return {name: value for name, value, default in values if value != default}
