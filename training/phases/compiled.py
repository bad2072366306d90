"""Layers that are compiled: what lies between the matrix products becomes few kernels.

An encoder's layers are alike, so that one compilation serves all of them and every shape of batch.
Dropout is drawn in another order than without: the same in distribution, not to the digit.
"""

from __future__ import annotations

from typing import Any

from torch import nn

BACKEND = "inductor"


def by_layer(encoder: nn.Module, backend: str = "") -> nn.Module:
    """The encoder, each of whose layers is compiled when it is first called."""
    layers: Any = encoder.encoder.layer  # type: ignore[union-attr]
    for layer in layers:
        layer.compile(dynamic=True, backend=backend or BACKEND)
    return encoder


def is_compiled(encoder: nn.Module) -> bool:
    """Whether an encoder's layers are."""
    layers: Any = encoder.encoder.layer  # type: ignore[union-attr]
    return any(layer._compiled_call_impl is not None for layer in layers)
