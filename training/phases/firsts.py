"""The last layer for heads that read the first token of each text alone: the rest is not computed.

Keys and values are of all tokens; query, attention and what follows of one a text. The states are
those that the whole layer would give, and of its products (12 h^2 a token) a sixth is left: of XL's
36 layers that saves 2.3 %, of base's 12 6.9 %, of a small model's 4 a fifth.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

from torch import Tensor, nn
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

FIRST = "silta_first"
"""The encoder's keyword that asks for it; the other layers take no notice."""


def spared(encoder: nn.Module) -> nn.Module:
    """An encoder whose last layer computes so where it is asked for."""
    layers: Any = encoder.encoder.layer  # type: ignore[union-attr]
    layers[-1].forward = MethodType(forward, layers[-1])
    return encoder


def forward(
    layer: Any, states: Tensor, mask: Tensor | None = None, *more: Any, **told: Any
) -> Tensor:
    """In the place of both architectures' `forward`: where so asked [N, T, H] -> [N, 1, H], and of
    a flat batch [1, P, H] -> [1, N, H]."""
    if not told.pop(FIRST, False):
        whole: Tensor = type(layer).forward(layer, states, mask, *more, **told)
        return whole
    outer, own = layer.attention, layer.attention.self
    rows = told["pack"].bounds[:-1] if "pack" in told else slice(1)
    before = getattr(outer, "self_attn_layer_norm", nn.Identity())(states)  # XL has it here
    query, key, value = (
        made.unflatten(-1, (-1, own.attention_head_size)).transpose(1, 2)
        for made in (own.query(before[:, rows]), own.key(before), own.value(before))
    )
    seen_by = None if mask is None else mask[:, :, :1]
    told |= {"dropout": own.dropout.p if layer.training else 0.0, "scaling": own.scaling}
    attention = ALL_ATTENTION_FUNCTIONS[own.config._attn_implementation]
    seen, _ = attention(own, query, key, value, seen_by, first=True, **told)
    made: Tensor = layer.feed_forward_chunk(outer.output(seen.flatten(2), states[:, rows]))
    return made
