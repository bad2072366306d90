"""Which examples meet in a batch: a matter of the recipe, fixed by the seed alone.

Everything is a function of (seed, step), so a resumed run sees the batches it would have seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from training.spec.recipe import Recipe


def total_steps(recipe: Recipe, examples: int) -> int:
    """Optimiser steps of a run: `steps`, or what the epochs need."""
    return recipe.steps or max(1, math.ceil(recipe.epochs * examples / recipe.batch))


def batches(lengths: Sequence[int], recipe: Recipe, seed: int, steps: int) -> list[np.ndarray]:
    """`steps` batches of example indices: every example once an epoch, the last batch short."""
    if not len(lengths) and steps:
        raise ValueError("there are no examples to make batches of")
    made: list[np.ndarray] = []
    epoch = 0
    sizes = np.asarray(lengths)
    while len(made) < steps:
        rng = np.random.default_rng((seed, epoch))
        order = rng.permutation(len(sizes))
        made += (
            grouped(order, sizes, recipe, rng)
            if recipe.sampling == "grouped"
            else cut(order, recipe.batch)
        )
        epoch += 1
    return made[:steps]


def cut(order: np.ndarray, batch: int) -> list[np.ndarray]:
    """Consecutive pieces of a permutation."""
    return [order[i : i + batch] for i in range(0, len(order), batch)]


def grouped(
    order: np.ndarray, sizes: np.ndarray, recipe: Recipe, rng: np.random.Generator
) -> list[np.ndarray]:
    """Batches of similar length: sorted inside windows of the permutation, then shuffled."""
    span = recipe.batch * recipe.window
    made: list[np.ndarray] = []
    for start in range(0, len(order), span):
        window = order[start : start + span]
        pieces = cut(window[np.argsort(sizes[window], kind="stable")], recipe.batch)
        made += [pieces[i] for i in rng.permutation(len(pieces))]
    return made
