"""Phase 2: a task or a mixture, perhaps with MLM beside it; only the encoder is carried over."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from training.families.base import Batch
from training.phases.mlm import MaskedHead, masked_losses
from training.phases.supervised import Learnt, Supervised
from training.spec.recipe import Recipe
from training.spec.setting import MLM


class Intermediate(Supervised):
    """One head a task, all dropped at the hand-over, also where the target is the same task.

    `masked` pieces: there is a head for masked language modelling too, as in phase 1, for the
    batches that are named so; 0: there is none. The tasks' heads start the same with it as without.
    """

    def __init__(
        self,
        encoder: nn.Module,
        tasks: Mapping[str, Learnt],
        recipe: Recipe,
        seed: int,
        steps: int,
        masked: int = 0,
    ) -> None:
        super().__init__(encoder, tasks, recipe, seed, steps)
        self.masked: MaskedHead | None = None
        if masked:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                self.masked = MaskedHead(self.words, recipe.tied, masked)

    def losses(self, told: tuple[str, Batch]) -> dict[str, Tensor]:
        name, batch = told
        if name == MLM and self.masked is not None:
            return masked_losses(self, self.masked, batch, "train/mlm")
        return super().losses(told)
