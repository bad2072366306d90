"""Encoder directories: weights (safetensors), config and tokenizer, handed from phase to phase.

Heads never travel: they have different sizes and always start fresh.
"""

from __future__ import annotations

import json
from copy import copy
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import (
    AutoTokenizer,
    PreTrainedTokenizerBase,
    XLMRobertaConfig,
    XLMRobertaModel,
    XLMRobertaXLConfig,
    XLMRobertaXLModel,
)

from training.phases.tensors import fill, stored
from training.spec.scale import Scale

CLASSES = {
    "xlm-roberta": (XLMRobertaConfig, XLMRobertaModel),
    "xlm-roberta-xl": (XLMRobertaXLConfig, XLMRobertaXLModel),
}
WEIGHTS = "model.safetensors"


def configuration(scale: Scale, vocabulary: int, dropout: float = 0.1) -> Any:
    """The transformers config of a scale, with a tokenizer of `vocabulary` pieces."""
    config, _ = CLASSES[scale.architecture]
    return config(
        vocab_size=vocabulary,
        hidden_size=scale.hidden,
        num_hidden_layers=scale.layers,
        num_attention_heads=scale.heads,
        intermediate_size=scale.feedforward,
        max_position_embeddings=scale.positions,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        type_vocab_size=1,
    )


def fresh(scale: Scale, vocabulary: int, seed: int) -> nn.Module:
    """A randomly initialised encoder without pooler."""
    _, model = CLASSES[scale.architecture]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return model(configuration(scale, vocabulary), add_pooling_layer=False)


def with_dropout(encoder: nn.Module, dropout: float) -> nn.Module:
    """The same encoder with the recipe's dropout in every place."""
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = dropout
        if isinstance(getattr(module, "dropout", None), float):
            module.dropout = dropout  # type: ignore[assignment]
    return encoder


def shortened(encoder: nn.Module, layers: int) -> nn.Module:
    """The encoder up to a layer, with the same weights: what follows is not computed.

    Its last hidden state is `hidden_states[layers]` of the whole: XL's last norm, which stands
    behind all layers, is no part of a middle one.
    """
    inner: nn.Module = encoder.encoder  # type: ignore[assignment]
    if layers >= len(inner.layer):  # type: ignore[arg-type]
        return encoder
    outer, body = copy(encoder), copy(inner)
    body._modules = inner._modules | {"layer": inner.layer[:layers]}  # type: ignore[index]
    if "LayerNorm" in body._modules:
        body._modules["LayerNorm"] = nn.Identity()
    outer._modules = encoder._modules | {"encoder": body}
    return outer


def save(
    encoder: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    directory: Path,
    dtype: torch.dtype | None = None,
) -> None:
    """Write an encoder directory; `dtype` of its weights, where it is not to be the encoder's."""
    directory.mkdir(parents=True, exist_ok=True)
    encoder.config.save_pretrained(directory)  # type: ignore[union-attr, operator]
    tokenizer.save_pretrained(directory)
    weights: dict[str, Tensor] = {
        name: (value.to(dtype) if dtype and value.is_floating_point() else value).contiguous()
        for name, value in encoder.state_dict().items()
    }
    save_file(weights, directory / WEIGHTS, metadata={"format": "pt"})


def load(directory: Path, dtype: torch.dtype = torch.float32) -> nn.Module:
    """The encoder of a directory, ours or a published model's: its weights are there only once."""
    kind = json.loads((directory / "config.json").read_text())["model_type"]
    config_class, model_class = CLASSES[kind]
    config = config_class.from_pretrained(directory)
    with torch.random.fork_rng(), torch.device("meta"):
        encoder = model_class(config, add_pooling_layer=False)
    return fill(encoder, stored(directory), dtype)


def tokenizer_of(directory: Path) -> PreTrainedTokenizerBase:
    """The fast tokenizer of an encoder directory."""
    return AutoTokenizer.from_pretrained(directory)
