"""Lightning data: every step's batch is planned beforehand, so resuming is a start value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset, Sampler

from training.data.features import lengths
from training.data.sampling import batches, total_steps
from training.families.base import Batch, Family, Feature
from training.spec.recipe import Recipe


@dataclass(frozen=True)
class Prepared:
    """One task's training features and how to collate them."""

    family: Family
    features: Sequence[Feature]


class Planned(Dataset):
    """Supervised batches by step: (task name, tensors)."""

    def __init__(self, tasks: Mapping[str, Prepared], recipe: Recipe, seed: int, pad: int) -> None:
        self.tasks, self.pad = tasks, pad
        self.steps = recipe.steps or epochs_steps(
            [len(one.features) for one in tasks.values()], recipe
        )
        self.plan = plan(tasks, recipe, seed, self.steps)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> tuple[str, Batch]:
        name, indices = self.plan[step]
        one = self.tasks[name]
        return name, one.family.collate([one.features[i] for i in indices], self.pad)

    def parts(self, step: int, size: int) -> list[tuple[str, Batch]]:
        """The batch of a step, `size` examples at a time."""
        name, indices = self.plan[step]
        one = self.tasks[name]
        cut = [indices[at : at + size] for at in range(0, len(indices), size)]
        return [(name, one.family.collate([one.features[i] for i in c], self.pad)) for c in cut]


def epochs_steps(sizes: Sequence[int], recipe: Recipe) -> int:
    """Steps that the epochs come to: of a mixture, the sum over its tasks of epochs times
    ceil(min(n, cap) / batch), as in jiant; the cap is none of a single task's business."""
    if len(sizes) == 1:
        return total_steps(recipe, sizes[0])
    batches_of = (math.ceil(min(size, recipe.cap) / recipe.batch) for size in sizes)
    return sum(max(1, math.ceil(recipe.epochs * count)) for count in batches_of)


def plan(
    tasks: Mapping[str, Prepared], recipe: Recipe, seed: int, steps: int
) -> list[tuple[str, np.ndarray]]:
    """(task, example indices) of every step; one task a step, drawn by the recipe's mixture."""
    names = sorted(tasks)
    rng = np.random.default_rng((seed, 29))
    drawn = rng.choice(
        len(names), size=steps, p=shares([len(tasks[n].features) for n in names], recipe)
    )
    queues = {}
    for i, name in enumerate(names):
        known = lengths(tasks[name].features)
        queues[name] = iter(batches(known, recipe, seed + 1000 * i, int((drawn == i).sum())))
    return [(names[i], next(queues[names[i]])) for i in drawn]


def shares(sizes: Sequence[int], recipe: Recipe) -> np.ndarray:
    """How often each task is drawn: proportional to min(n, cap), its T-th root, or evenly."""
    capped = np.minimum(np.asarray(sizes, dtype=float), recipe.cap)
    power = {"proportional": 1.0, "temperature": 1.0 / recipe.temperature, "uniform": 0.0}
    weights = capped ** power[recipe.mixture]
    return weights / weights.sum()


class Split(Dataset):
    """The batches of a data set, each a list of its parts of at most `size` examples."""

    def __init__(self, data: Any, size: int) -> None:
        self.data, self.size = data, size

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, step: int) -> list[Any]:
        return list(self.data.parts(step, self.size))


class Order(Sampler):
    """Steps from `start` on. Its length is that of all steps: Lightning counts those done too."""

    def __init__(self, start: int, steps: int) -> None:
        self.start, self.steps = start, steps

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.steps))


class Steps(pl.LightningDataModule):
    """Any data set of batches by step, read from `start` on."""

    def __init__(self, data: Any, start: int = 0) -> None:
        super().__init__()
        self.data, self.start = data, start

    def train_dataloader(self) -> DataLoader:
        order = Order(self.start, len(self.data))
        return DataLoader(self.data, batch_size=None, sampler=order)


def predict(
    features: Sequence[Feature],
    family: Family,
    pad: int,
    forward: Callable[[Batch], Any],
    tokens: int = 8192,
) -> list[Any]:
    """Outputs of all features in their order, computed in length-sorted batches."""
    outputs: list[Any] = [None] * len(features)
    for chosen in length_batches(features, tokens):
        batch = family.collate([features[i] for i in chosen], pad)
        for i, output in zip(chosen, family.decode(forward(batch), batch), strict=True):
            outputs[i] = output
    return outputs


def length_batches(features: Sequence[Feature], tokens: int) -> Iterator[list[int]]:
    """Positions of all features, shortest first, in batches of at most `tokens` padded tokens."""
    batch: list[int] = []
    for i in sorted(range(len(features)), key=lambda i: features[i].length):
        if batch and cost(features[i]) * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def cost(feature: Feature) -> int:
    """Padded tokens of a feature's sequences."""
    return feature.length * len(feature.ids)
