"""Operations of a training and a reading: the one formula behind expected hours and reached MFU.

A forward pass of one token takes 2 P + 4 h s L operations, with P the weights that are multiplied
(embeddings are looked up, at no cost), h the width, L the layers and s the length of its own text;
training takes three times as much, and twice as much where only adapters learn. Heads are left out,
and the last layer is counted whole, also where a head that reads `<s>` alone spares five sixths of
its products (`phases/firsts.py`): of XL that is 2.3 % of all, by which MFU then reads higher.
"""

from __future__ import annotations

from training.spec.recipe import Recipe
from training.spec.scale import Scale


def multiplied(scale: Scale) -> int:
    """P: weights of the encoder's matrix products; 12 L h^2 where the middle layer is 4 h wide."""
    return scale.layers * (4 * scale.hidden**2 + 2 * scale.hidden * scale.feedforward)


def forward(scale: Scale, tokens: float, squares: float) -> float:
    """To read so many tokens; `squares`: the sum of their texts' squared lengths."""
    attended = 4.0 * scale.hidden * scale.layers * squares
    return 2.0 * multiplied(scale) * tokens + attended


def passes(recipe: Recipe) -> int:
    """How many forward passes a training step is worth: gradients of what is frozen are spared."""
    return 2 if recipe.method == "lora" else 3
