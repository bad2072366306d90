"""Training with labels: an encoder under one head a task, one task a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.families.base import Batch, Family
from training.phases.base import Phase
from training.spec.recipe import Recipe
from training.spec.task import Task


@dataclass(frozen=True)
class Learnt:
    """A task as it is learnt: its declaration (labels filled in) and its family's behaviour."""

    task: Task
    family: Family


class Supervised(Phase):
    """An encoder and fresh heads; a training batch is (task name, tensors)."""

    def __init__(
        self, encoder: nn.Module, tasks: Mapping[str, Learnt], recipe: Recipe, seed: int, steps: int
    ) -> None:
        super().__init__(encoder, recipe, seed, steps)
        self.tasks = dict(tasks)
        hidden = int(encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.heads = nn.ModuleDict(
                {
                    name: one.family.head(hidden, one.task, recipe.dropout)
                    for name, one in tasks.items()
                }
            )

    def logits(self, name: str, batch: Batch) -> Tensor:
        """Head output of one task."""
        family = self.tasks[name].family
        return family.logits(self.heads[name], self.states(batch, family.first), batch)

    def losses(self, told: tuple[str, Batch]) -> dict[str, Tensor]:
        name, batch = told
        return {"train/loss": self.tasks[name].family.loss(self.logits(name, batch), batch)}
