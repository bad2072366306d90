"""A published model on this machine: found, converted once, and trained from."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch
from transformers import XLMRobertaXLConfig, XLMRobertaXLForMaskedLM

from training.catalogue import SCALES, TASKS
from training.engine import encoders
from training.engine.encoders import learner, start
from training.engine.evaluate import evaluate
from training.engine.runtime import Runtime
from training.engine.train import train
from training.engine.weights import SHIPPED
from training.phases.encoder import load, tokenizer_of
from training.spec.evaluation import Evaluation
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


@pytest.mark.parametrize("method", ["full", "lora"])
def test_rows_without_a_piece_go_all_the_way(
    method: Literal["full", "lora"], place: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Phase 1, a task, languages measured, translations found: as XL with its 878 such rows."""
    assert place.data is not None
    weights = publish(place.data / "models" / "facebook__tiny-xl")
    monkeypatch.setattr(encoders.catalogue, "scale", lambda name: SCALE)
    source, short = (
        "miniature/seed=5/sentences=40",
        Recipe(steps=3, batch=4, max_length=32, lr=1e-3),
    )
    masked = replace(short, weight_decay=0.0, method=method, rank=2)
    first = train(Run("mlm", "xl", "text", 0, source, masked), place)
    made = load(first / "encoder").embeddings.word_embeddings.weight
    pieces = len(tokenizer_of(first / "encoder"))
    assert made.shape == weights.shape == (pieces + 8, 16)
    assert torch.equal(made[pieces:], weights[pieces:]), "neither predicted nor learnt"
    assert torch.equal(made, weights) == (method == "lora")
    told = replace(short, dev_checks=1, dev_examples=4, method=method, rank=2)
    second = train(Run("target", "xl", "udpos", 1, source, told, first.name), place)
    for run, target in ((second.name, "udpos"), (first.name, "tatoeba")):
        one = Evaluation(run, "xl", target, source, languages=("eng", "fin"))
        scores = json.loads((evaluate(one, {}, place) / "scores.json").read_text())["scores"]
        assert 0 <= scores["test"]["fin"][TASKS[target].metric] <= 100
