"""Encoder directories: what is written is what is read, for both architectures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import XLMRobertaModel, XLMRobertaXLModel

from training.catalogue import SCALES
from training.engine.weights import SHIPPED
from training.phases.encoder import fresh, load, save, tokenizer_of, with_dropout

TOKENIZER = tokenizer_of(SHIPPED / "tokenizer")
CLASSES = {"nano": XLMRobertaModel, "nano-xl": XLMRobertaXLModel}


def encoder(scale: str, seed: int = 1) -> nn.Module:
    return fresh(SCALES[scale], len(TOKENIZER), seed)


def states(model: nn.Module, training: bool = False) -> torch.Tensor:
    """Last hidden states of a padded batch."""
    model.train(training)
    ids = torch.tensor([[0, 9, 8, 7, 6, 2], [0, 5, 2, 1, 1, 1]])
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state


@pytest.mark.parametrize("scale", CLASSES)
def test_an_encoder_survives_the_round_trip(scale: str, tmp_path: Path) -> None:
    model = encoder(scale)
    save(model, TOKENIZER, tmp_path)
    again = load(tmp_path)
    assert type(again) is CLASSES[scale]
    assert model.state_dict().keys() == again.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert torch.equal(states(model), states(again))
    text = "Opettaja antoi uuden kirjan Peterille."
    assert tokenizer_of(tmp_path)(text) == TOKENIZER(text)


@pytest.mark.parametrize("scale", CLASSES)
def test_half_precision_takes_half_the_room_and_comes_back_as_fp32(
    scale: str, tmp_path: Path
) -> None:
    model = encoder(scale)
    save(model, TOKENIZER, tmp_path / "whole")
    save(model, TOKENIZER, tmp_path / "half", dtype=torch.float16)
    sizes = [(tmp_path / n / "model.safetensors").stat().st_size for n in ("half", "whole")]
    assert sizes[0] < 0.55 * sizes[1]
    again = load(tmp_path / "half")
    assert {value.dtype for value in again.parameters()} == {torch.float32}
    assert torch.allclose(states(model), states(again), atol=0.02)


def test_a_damaged_directory_is_not_taken(tmp_path: Path) -> None:
    """Missing weights are an error, never silently random."""
    from safetensors.torch import load_file, save_file

    save(encoder("nano"), TOKENIZER, tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights.pop("encoder.layer.1.output.dense.weight")
    save_file(weights, tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError, match=r"layer\.1\.output\.dense\.weight"):
        load(tmp_path)


def test_a_fresh_start_is_fixed_by_its_seed_alone() -> None:
    torch.manual_seed(3)
    one = encoder("nano", 1)
    torch.manual_seed(4)
    same, other = encoder("nano", 1), encoder("nano", 2)
    assert torch.equal(states(one), states(same))
    assert not torch.equal(states(one), states(other))


def test_starting_and_loading_leave_the_global_random_state(tmp_path: Path) -> None:
    save(encoder("nano"), TOKENIZER, tmp_path)
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    encoder("nano")
    load(tmp_path)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("scale", CLASSES)
def test_dropout_is_the_recipes_everywhere(scale: str) -> None:
    """Without it, training and evaluation agree to the bit; with it, every place has it."""
    model = with_dropout(encoder(scale), 0.0)
    assert torch.equal(states(model, training=True), states(model))
    model = with_dropout(model, 0.35)
    rates = {m.p for m in model.modules() if isinstance(m, nn.Dropout)}
    floats = {
        value
        for module in model.modules()
        for name, value in vars(module).items()
        if "dropout" in name and isinstance(value, float)
    }
    assert rates == {0.35} and floats <= {0.35}
    assert not torch.equal(states(model, training=True), states(model))


@pytest.mark.parametrize("scale", CLASSES)
def test_attention_dropout_alone_is_felt(scale: str) -> None:
    model = with_dropout(encoder(scale), 0.0)
    for module in model.modules():
        if "SelfAttention" in type(module).__name__:
            with_dropout(module, 0.5)
    assert not torch.equal(states(model, training=True), states(model))


@pytest.mark.parametrize("scale", [name for name in SCALES if SCALES[name].hidden <= 256])
def test_parameters_are_counted_right(scale: str) -> None:
    told = replace(SCALES[scale], vocabulary=1000)
    assert told.parameters == sum(p.numel() for p in fresh(told, 1000, 1).parameters())
