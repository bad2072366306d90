"""Retrieval reads no layer too many and no sentence twice, and holds what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from training.catalogue import SCALES
from training.catalogue.retrieval import BUCC, TATOEBA
from training.data.sources import rows
from training.engine import retrieve
from training.engine.retrieve import Cells, Embedder, retrieval
from training.engine.sweep import Sweep
from training.engine.weights import SHIPPED
from training.phases.encoder import fresh, shortened, tokenizer_of
from training.spec.task import Split, Task

SOURCE = "miniature/seed=3/sentences=120"
TOKENIZER = tokenizer_of(SHIPPED / "tokenizer")
SCALES_OF_BOTH = ("nano", "nano-xl")


def encoder(scale: str) -> nn.Module:
    return fresh(SCALES[scale], len(TOKENIZER), 1).eval()


def cells(task: Task, *languages: str) -> Cells:
    splits: tuple[Split, ...] = ("dev", "test") if task is BUCC else ("test",)
    return {
        (split, lang): rows(task, split, lang, SOURCE) for split in splits for lang in languages
    }


def seen(model: nn.Module) -> list[int]:
    """Sentences that each layer is given, counted as it goes."""
    layers: Any = model.encoder.layer
    counts = [0] * len(layers)

    def count(place: int, given: torch.Tensor) -> None:
        counts[place] += len(given)

    for place, layer in enumerate(layers):
        layer.register_forward_pre_hook(lambda _, given, i=place: count(i, given[0]))
    return counts


def distinct(found: Cells) -> int:
    lines = (one.read.examples[0] for one in found.values())
    return len({line for one in lines for line in (*one.foreign, *one.english)})


@pytest.mark.parametrize("scale", SCALES_OF_BOTH)
def test_a_shortened_encoder_ends_in_the_same_states(scale: str) -> None:
    """To the bit, in every layer: XL's middle layers without its last norm, the last with it."""
    model, told = encoder(scale), torch.tensor([[0, 5, 9, 7, 2], [0, 8, 2, 1, 1]])
    batch = {"input_ids": told, "attention_mask": (told != 1).long()}
    with torch.no_grad():
        states = model(**batch, output_hidden_states=True).hidden_states
        for layer, expected in enumerate(states):
            found = shortened(model, layer)(**batch).last_hidden_state
            assert torch.equal(found, expected), layer
        assert torch.equal(model(**batch).last_hidden_state, states[-1]), "it is whole as before"
    assert all(
        a is b for a, b in zip(shortened(model, 1).parameters(), model.parameters(), strict=False)
    )


@pytest.mark.parametrize("scale", SCALES_OF_BOTH)
def test_layers_behind_the_one_that_is_read_are_not_computed(scale: str) -> None:
    model, found = encoder(scale), cells(BUCC, "deu", "fin")
    counts = seen(model)
    list(retrieval(BUCC, found, model, TOKENIZER, 2, "mean"))
    assert counts == [distinct(found), distinct(found), 0], "and each sentence once"


def test_the_sweep_reads_all_layers_of_what_it_wants_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieve, "Sweep", partial(Sweep, sentences=10))
    model, found = encoder("nano"), cells(BUCC, "deu")
    counts = seen(model)
    list(retrieval(BUCC, found, model, TOKENIZER, 2, "mean", sweep=True))
    assert counts[0] == counts[1] >= distinct(found) > 2 * counts[2] > 0


def test_sentences_that_are_read_in_chunks_score_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model, found = encoder("nano"), cells(BUCC, "deu")
    whole = list(retrieval(BUCC, found, model, TOKENIZER, 2, "mean"))
    monkeypatch.setattr(retrieve, "CHUNK", 50)
    assert list(retrieval(BUCC, found, model, TOKENIZER, 2, "mean")) == whole


def test_vectors_of_a_cell_that_is_over_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the English side, which the next language has too."""
    held = []

    class Watched(Embedder):
        def __call__(self, texts: Sequence[str]) -> torch.Tensor:
            made: torch.Tensor = super().__call__(texts)
            held.append(len(self.known))
            return made

    monkeypatch.setattr(retrieve, "Embedder", Watched)
    model, found = encoder("nano"), cells(TATOEBA, "deu", "fin", "hun")
    counts = seen(model)
    list(retrieval(TATOEBA, found, model, TOKENIZER, 2, "mean"))
    sides = {len(one.read.examples[0].foreign) for one in found.values()}
    assert max(held) <= 2 * max(sides) < distinct(found) == counts[0]
