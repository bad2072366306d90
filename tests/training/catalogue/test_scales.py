"""Scales: the parameter count is that of transformers' own classes."""

from __future__ import annotations

import pytest

from training.catalogue import SCALES, UnknownName, scale
from training.spec.scale import Scale


@pytest.mark.parametrize("one", SCALES.values(), ids=SCALES)
def test_parameters_are_those_of_the_real_class(one: Scale) -> None:
    import torch
    from transformers import (
        XLMRobertaConfig,
        XLMRobertaModel,
        XLMRobertaXLConfig,
        XLMRobertaXLModel,
    )

    larger = one.architecture == "xlm-roberta-xl"
    config = (XLMRobertaXLConfig if larger else XLMRobertaConfig)(
        vocab_size=one.vocabulary,
        hidden_size=one.hidden,
        num_hidden_layers=one.layers,
        num_attention_heads=one.heads,
        intermediate_size=one.feedforward,
        max_position_embeddings=one.positions,
        type_vocab_size=1,
    )
    with torch.device("meta"):
        model = (XLMRobertaXLModel if larger else XLMRobertaModel)(config, add_pooling_layer=False)
    assert sum(weights.numel() for weights in model.parameters()) == one.parameters


@pytest.mark.parametrize("one", SCALES.values(), ids=SCALES)
def test_a_scale_makes_sense(one: Scale) -> None:
    assert one.hidden % one.heads == 0
    assert 0 < one.retrieval_layer < one.layers
    assert one.weights == "random" or one.weights.split(":")[0] in {"hub", "shipped"}


def test_the_ladder_has_the_published_sizes() -> None:
    millions = {name: round(SCALES[name].parameters / 1e6) for name in ("base", "large", "xl")}
    assert millions == {"base": 277, "large": 559, "xl": 3476}
    assert 10.6e9 < SCALES["xxl"].parameters < 10.8e9
    assert SCALES["large"].retrieval_layer == 14 and SCALES["base"].retrieval_layer == 8
    assert SCALES["micro"].parameters > 1.5 * SCALES["nano"].parameters


def test_a_misspelt_scale_gets_the_right_spelling() -> None:
    with pytest.raises(UnknownName, match="'nano'"):
        scale("nanno")
