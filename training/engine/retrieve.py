"""Retrieval targets: sentences embedded once, sides compared, no training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from training.data.module import length_batches
from training.data.sources import Loaded
from training.engine.sweep import Sweep
from training.families.base import Feature, Scores, inputs
from training.families.examples import Bitext
from training.families.retrieval import Embedded, embed, encode, score
from training.spec.task import Split, Task

Cells = Mapping[tuple[Split, str], Loaded]
Seen = tuple[list[str], list[Feature], Sequence[Tensor], Tensor]


@dataclass
class Embedder:
    """Sentence vectors of one layer; a sentence is embedded once, however often it is asked for."""

    encoder: nn.Module
    tokenizer: PreTrainedTokenizerBase
    layer: int
    pooling: str
    longest: int
    known: dict[str, Tensor] = field(default_factory=dict)
    subwords: dict[str, int] = field(default_factory=dict)
    sweep: Sweep | None = None

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """[N, H] in fp32, in the order of the texts."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        for chosen, features, states, mask in self.seen(fresh):
            vectors = embed(states[self.layer], mask, self.pooling).cpu()
            for text, feature, vector in zip(chosen, features, vectors, strict=True):
                self.known[text] = vector
                self.subwords[text] = int(feature.place)
            if self.sweep:
                self.sweep.see(chosen, states, mask)
        return torch.stack([self.known[text] for text in texts])

    def again(self, sweep: Sweep) -> None:
        """Show the sweep what it missed."""
        for chosen, _, states, mask in self.seen(sweep.missing()):
            sweep.see(chosen, states, mask)

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def seen(self, texts: Sequence[str]) -> Iterator[Seen]:
        """Batches of texts of like length, their features, all hidden states and the mask."""
        features = encode(texts, self.tokenizer, self.longest)
        pad = int(self.tokenizer.pad_token_id)
        device = next(self.encoder.parameters()).device
        for chosen in length_batches(features, tokens=16384):
            batch = {k: v.to(device) for k, v in inputs([features[i] for i in chosen], pad).items()}
            states = self.encoder(**batch, output_hidden_states=True).hidden_states
            chosen_features = [features[i] for i in chosen]
            yield [texts[i] for i in chosen], chosen_features, states, batch["attention_mask"]


def retrieval(
    task: Task,
    texts: Cells,
    encoder: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    layer: int,
    pooling: str,
    sweep: bool = False,
) -> Iterator[tuple[Split, str, Scores]]:
    """Scores of every split and language; a threshold is tuned on dev and kept for test.

    With `sweep`, every other way to read the vectors is measured beside (`families.sweep`).
    """
    longest = int(encoder.config.max_position_embeddings) - 2
    embedder = Embedder(encoder, tokenizer, layer, pooling, min(512, longest))
    if sweep:
        config: Any = encoder.config
        embedder.sweep = Sweep(config.num_hidden_layers + 1, config.hidden_size)
    for (split, lang), loaded in texts.items():
        part = embedder.sweep.expect(loaded.read.examples[0]) if embedder.sweep else None
        dev = texts.get(("dev", lang)) if split == "test" else None
        made = score(task, side(loaded, embedder), side(dev, embedder) if dev else None)
        if embedder.sweep and part:
            embedder.again(embedder.sweep)
            rows = embedder.sweep.measure(task, split, loaded.read.examples[0], part)
            made = replace(made, sweep=rows)
        yield split, lang, made


def side(loaded: Loaded, embedder: Embedder) -> Embedded:
    """The bitext of a split and its vectors."""
    bitext: Bitext = loaded.read.examples[0]
    foreign, english = embedder(bitext.foreign), embedder(bitext.english)
    return Embedded(
        bitext, foreign, english, tuple(embedder.subwords[text] for text in bitext.foreign)
    )
