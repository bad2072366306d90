"""A model size: an architecture and where its weights come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Scale:
    """One line of `catalogue/scales.py`."""

    name: str
    architecture: Literal["xlm-roberta", "xlm-roberta-xl"]
    hidden: int
    layers: int
    heads: int
    feedforward: int
    vocabulary: int
    """Embedding rows (XL and XXL have 250,880 rows for 250,002 pieces)."""
    positions: int = 514
    """Position rows; the longest input is two shorter."""
    weights: str = "random"
    """`hub:<id>`, `shipped:<name>` (inside this package), or `random`."""
    retrieval_layer: int = 8
    """Index into hidden_states (0 = embeddings) that retrieval reads unless told otherwise."""
    recipe: dict[str, object] = field(default_factory=dict)
    """What this size needs differently from the task's recipe, for instance a learning rate."""

    @property
    def parameters(self) -> int:
        """Weights of the encoder, embeddings included, heads and MLM head not."""
        h, f = self.hidden, self.feedforward
        block = 4 * (h * h + h) + 2 * h * f + h + f + 4 * h
        norm = 2 * h  # after the embeddings (XLM-R) or after the last layer (XLM-R XL)
        types = 1
        return (self.vocabulary + self.positions + types) * h + norm + self.layers * block
