"""A published model on this machine: found, converted once, and trained from."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import XLMRobertaXLConfig, XLMRobertaXLForMaskedLM

from training.catalogue import SCALES
from training.engine import encoders
from training.engine.encoders import learner, start
from training.engine.runtime import Runtime
from training.engine.weights import SHIPPED
from training.phases.encoder import tokenizer_of
from training.spec.recipe import Recipe
from training.spec.run import Run

SCALE = replace(SCALES["nano-xl"], weights="hub:facebook/tiny-xl")


def publish(folder: Path, seed: int = 0) -> torch.Tensor:
    """A `.bin` beside its tokenizer, as XL and XXL are published; one of its weights."""
    torch.manual_seed(seed)
    words = tokenizer_of(SHIPPED / "tokenizer")
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    told = {"intermediate_size": 32, "max_position_embeddings": 40, "vocab_size": len(words) + 8}
    model = XLMRobertaXLForMaskedLM(XLMRobertaXLConfig(**sizes, **told))
    words.save_pretrained(folder)
    model.config.save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    made: torch.Tensor = model.roberta.embeddings.word_embeddings.weight.detach()
    return made


@pytest.fixture
def place(tmp_path: Path) -> Runtime:
    return Runtime(tmp_path / "work", tmp_path / "data", progress=False)


def test_a_pickled_copy_is_converted_once_and_again_when_it_is_another(place: Runtime) -> None:
    assert place.data is not None
    copy = place.data / "models" / "facebook__tiny-xl"
    weights = publish(copy)
    for _ in range(2):
        encoder, words = start(None, SCALE, "files", place)
        assert torch.equal(encoder.embeddings.word_embeddings.weight, weights)
        assert encoder.config.vocab_size == len(words) + 8
        (kept,) = (place.cache / "models").iterdir()
        assert list(kept.glob("*.safetensors"))
    other = publish(copy, seed=1)
    os.utime(copy / "pytorch_model.bin", (1, 1))
    encoder, _ = start(None, SCALE, "files", place)
    assert torch.equal(encoder.embeddings.word_embeddings.weight, other)


def test_a_run_starts_from_it_in_its_own_precision(
    place: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.data is not None
    weights = publish(place.data / "models" / "facebook__tiny-xl")
    monkeypatch.setattr(encoders.catalogue, "scale", lambda name: SCALE)
    recipe = Recipe(precision="bf16", method="lora", rank=2)
    encoder, _ = learner(Run("target", "xl", "mnli", 1, "files", recipe), place)
    found = encoder.embeddings.word_embeddings.weight
    assert torch.equal(found, weights.bfloat16()) and not found.requires_grad
    learnt = {one.dtype for one in encoder.parameters() if one.requires_grad}
    assert learnt == {torch.float32}
