"""Masked language modelling beside a task, or instead of one: batches by step, as everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch.utils.data import Dataset

from training.data.masking import MaskedText
from training.data.module import Planned
from training.families.base import Batch
from training.spec.recipe import Recipe
from training.spec.setting import MLM

STREAM = 31
"""Keeps these draws apart from the other draws of a run's seed."""
SAMPLE = 2000
"""Inputs drawn to find the mean length of a corpus's lines."""


class Joint(Dataset):
    """Supervised batches (task name, tensors) with masked ones ("mlm", tensors) between them.

    Both come in their own order; which step is which is drawn by the seed.
    """

    def __init__(self, tasks: Planned, text: MaskedText, seed: int) -> None:
        self.tasks, self.text = tasks, text
        kinds = np.repeat([False, True], [len(tasks), len(text)])
        self.masked = np.random.default_rng((seed, STREAM)).permutation(kinds)
        self.place = np.where(self.masked, self.masked.cumsum(), (~self.masked).cumsum()) - 1

    def __len__(self) -> int:
        return len(self.masked)

    def __getitem__(self, step: int) -> tuple[str, Batch]:
        place = int(self.place[step])
        return (MLM, self.text[place]) if self.masked[step] else self.tasks[place]

    def parts(self, step: int, size: int) -> list[tuple[str, Batch]]:
        """The batch of a step, `size` examples at a time."""
        place = int(self.place[step])
        if self.masked[step]:
            return [(MLM, part) for part in self.text.parts(place, size)]
        return self.tasks.parts(place, size)


def supervised(recipe: Recipe) -> Recipe:
    """The recipe of the supervised batches: where steps are told, MLM has its share of them."""
    return replace(recipe, steps=recipe.steps - masked_steps(recipe, 0)) if recipe.steps else recipe


def masked_steps(recipe: Recipe, others: int) -> int:
    """Steps of MLM: a share of `recipe.steps`, or what makes that share on top of `others`."""
    if recipe.steps:
        return min(max(1, round(recipe.steps * recipe.mlm_share)), max(1, recipe.steps - 1))
    return max(1, round(others * recipe.mlm_share / (1 - recipe.mlm_share)))


def tokens(planned: Planned) -> float:
    """Mean tokens of a step, without padding."""
    total = 0
    for name, indices in planned.plan:
        features = planned.tasks[name].features
        total += sum(len(ids) for i in indices for ids in features[i].ids)
    return total / len(planned)


def as_many_tokens(text: MaskedText, wanted: float) -> int:
    """Lines a batch that come nearest to the wanted tokens; one at least."""
    rng = np.random.default_rng((text.seed, STREAM))
    mean = float(np.mean([len(text.draw(rng)) for _ in range(SAMPLE)]))
    return max(1, round(wanted / mean))
