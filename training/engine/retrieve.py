"""Retrieval targets: sentences embedded once, sides compared, no training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from training.data.module import length_batches
from training.data.sources import Loaded
from training.families.base import Scores, inputs
from training.families.examples import Bitext
from training.families.retrieval import Embedded, embed, encode, score
from training.spec.task import Split, Task

Cells = Mapping[tuple[Split, str], Loaded]


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

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """[N, H] in fp32, in the order of the texts."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.learn(fresh)
        return torch.stack([self.known[text] for text in texts])

    def learn(self, texts: Sequence[str]) -> None:
        with torch.inference_mode():
            self._learn(texts)

    def _learn(self, texts: Sequence[str]) -> None:
        features = encode(texts, self.tokenizer, self.longest)
        pad = int(self.tokenizer.pad_token_id)
        device = next(self.encoder.parameters()).device
        for chosen in length_batches(features, tokens=16384):
            batch = {k: v.to(device) for k, v in inputs([features[i] for i in chosen], pad).items()}
            states = self.encoder(**batch, output_hidden_states=True).hidden_states[self.layer]
            vectors = embed(states, batch["attention_mask"], self.pooling).cpu()
            for i, vector in zip(chosen, vectors, strict=True):
                self.known[texts[i]] = vector
                self.subwords[texts[i]] = int(features[i].place)


def retrieval(
    task: Task,
    texts: Cells,
    encoder: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    layer: int,
    pooling: str,
) -> Iterator[tuple[Split, str, Scores]]:
    """Scores of every split and language; a threshold is tuned on dev and kept for test."""
    longest = int(encoder.config.max_position_embeddings) - 2
    embedder = Embedder(encoder, tokenizer, layer, pooling, min(512, longest))
    for (split, lang), loaded in texts.items():
        dev = texts.get(("dev", lang)) if split == "test" else None
        yield split, lang, score(task, side(loaded, embedder), side(dev, embedder) if dev else None)


def side(loaded: Loaded, embedder: Embedder) -> Embedded:
    """The bitext of a split and its vectors."""
    bitext: Bitext = loaded.read.examples[0]
    foreign, english = embedder(bitext.foreign), embedder(bitext.english)
    return Embedded(
        bitext, foreign, english, tuple(embedder.subwords[text] for text in bitext.foreign)
    )
