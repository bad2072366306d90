"""Retrieval targets: sentences embedded once, sides compared, no training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from training.data.module import length_batches
from training.data.sources import Loaded
from training.engine.sweep import Sweep
from training.families.base import Batch, Scores, inputs
from training.families.examples import Bitext
from training.families.retrieval import Embedded, embed, encode, score
from training.phases.encoder import shortened
from training.spec.task import Split, Task

Cells = Mapping[tuple[Split, str], Loaded]
Read = tuple[list[int], Tensor]
"""Which texts, and their vectors."""
CHUNK = 2**15
"""Sentences that are tokens at once: BUCC's half a million a side would be a gigabyte of them."""
TOKENS = 16384
"""Of a batch."""


@dataclass
class Embedder:
    """Sentence vectors of one layer; a sentence is embedded once, however often it is asked for.

    Layers behind that one are computed only of sentences that the sweep wants to see.
    """

    encoder: nn.Module
    tokenizer: PreTrainedTokenizerBase
    layer: int
    pooling: str
    longest: int
    known: dict[str, Tensor] = field(default_factory=dict)
    subwords: dict[str, int] = field(default_factory=dict)
    sweep: Sweep | None = None

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """[N, H] in fp32, in the order of the texts, where the encoder is."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        made = torch.empty(len(fresh), self.config.hidden_size, device=self.device)
        wanted = self.sweep.wanted if self.sweep else frozenset()
        shown = [i for i, text in enumerate(fresh) if text in wanted]
        others = [i for i, text in enumerate(fresh) if text not in wanted]
        for places, vectors in chain(self.whole(fresh, shown), self.part(fresh, others)):
            made[places] = vectors
        self.known.update(zip(fresh, made, strict=True))
        if len(fresh) == len(texts):  # a large side is not copied
            return made
        return torch.stack([self.known[text] for text in texts])

    @property
    def config(self) -> Any:
        return self.encoder.config

    @property
    def device(self) -> torch.device:
        return next(self.encoder.parameters()).device

    def again(self, sweep: Sweep) -> None:
        """Show the sweep what it missed."""
        missing = sweep.missing()
        with torch.no_grad():
            for _ in self.whole(missing, list(range(len(missing)))):
                pass

    def keep(self, texts: Set[str]) -> None:
        """Let go of all other sentences."""
        self.known = {text: v.clone() for text, v in self.known.items() if text in texts}
        self.subwords = {text: self.subwords[text] for text in self.known}

    def whole(self, texts: Sequence[str], places: Sequence[int]) -> Iterator[Read]:
        """Vectors of some of the texts, all of whose hidden states the sweep is shown."""
        for chosen, batch in self.batches(texts, places):
            states = self.encoder(**batch, output_hidden_states=True).hidden_states
            if self.sweep:
                told = [texts[i] for i in chosen]
                self.sweep.see(told, states, batch["attention_mask"])
            yield chosen, embed(states[self.layer], batch["attention_mask"], self.pooling)

    def part(self, texts: Sequence[str], places: Sequence[int]) -> Iterator[Read]:
        """The same without what lies behind the layer."""
        encoder = shortened(self.encoder, self.layer)
        for chosen, batch in self.batches(texts, places):
            states = encoder(**batch).last_hidden_state
            yield chosen, embed(states, batch["attention_mask"], self.pooling)

    def batches(
        self, texts: Sequence[str], places: Sequence[int]
    ) -> Iterator[tuple[list[int], Batch]]:
        """Some of the texts as batches of like length, and where they are among the texts."""
        pad = int(self.tokenizer.pad_token_id)
        for at in range(0, len(places), CHUNK):
            some = places[at : at + CHUNK]
            features = encode([texts[i] for i in some], self.tokenizer, self.longest)
            for chosen in length_batches(features, TOKENS):
                mine = [features[i] for i in chosen]
                where = [some[i] for i in chosen]
                self.subwords |= {texts[i]: int(f.place) for i, f in zip(where, mine, strict=True)}
                batch = inputs(mine, pad)
                yield where, {key: value.to(self.device) for key, value in batch.items()}


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

    With `sweep`, every other way to read the vectors is measured beside (`families.sweep`). In
    memory are one cell's vectors, and those that a later cell asks for.
    """
    longest = int(encoder.config.max_position_embeddings) - 2
    embedder = Embedder(encoder, tokenizer, layer, pooling, min(512, longest))
    if sweep:
        config: Any = encoder.config
        embedder.sweep = Sweep(config.num_hidden_layers + 1, config.hidden_size)
    limits: dict[str, float] = {}
    order = sorted(texts, key=lambda cell: cell[0] != "dev")  # thresholds are known before test
    for place, (split, lang) in enumerate(order):
        due = (texts[cell].read.examples[0] for cell in order[place:])
        embedder.keep({line for one in due for line in (*one.foreign, *one.english)})
        bitext = texts[split, lang].read.examples[0]
        yield split, lang, measured(task, split, bitext, embedder, limits)


def measured(
    task: Task, split: Split, bitext: Bitext, embedder: Embedder, limits: dict[str, float]
) -> Scores:
    """One cell; `limits` holds the thresholds of dev by language, and gets this one's."""
    sweep = embedder.sweep
    part = sweep.expect(bitext) if sweep else None
    both = side(bitext, embedder)
    if split == "dev" and task.schema == "bucc":
        limits[bitext.lang] = both.limit
    made = score(task, both, limits.get(bitext.lang) if split == "test" else None)
    if sweep and part:
        embedder.again(sweep)
        made = replace(made, sweep=sweep.measure(task, split, bitext, part))
    return made


def side(bitext: Bitext, embedder: Embedder) -> Embedded:
    """A bitext and its vectors."""
    foreign, english = embedder(bitext.foreign), embedder(bitext.english)
    return Embedded(
        bitext, foreign, english, tuple(embedder.subwords[text] for text in bitext.foreign)
    )
