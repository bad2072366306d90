"""A loss that is no number ends its run: nothing is learnt from there on."""

from __future__ import annotations

import math
from typing import Any

import pytorch_lightning as pl
import torch

from training.phases.base import Phase

LATE = 16
"""Steps that may pass on a GPU before their losses are looked at: each look waits for the GPU."""


class NotFinite(Exception):
    """The loss became infinite or no number, at `step`."""

    def __init__(self, loss: float, step: int, steps: int, lr: float) -> None:
        super().__init__(
            f"the loss is {loss} at step {step} of {steps}, so nothing is learnt any more: lower "
            f"recipe.lr (now {lr:g}), raise recipe.warmup, or look at the data of this step"
        )
        self.loss, self.step = loss, step


class Finite(pl.Callback):  # type: ignore[misc]
    """Looks at every step's loss; on a GPU a few steps late, and before anything is kept of it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, torch.Tensor]] = []

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Phase, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert pl_module.last is not None
        self.waiting.append((trainer.global_step, pl_module.last))
        late = len(self.waiting) >= LATE or trainer.global_step == pl_module.steps
        if late or pl_module.last.device.type == "cpu":
            self.look(pl_module)

    def look(self, module: Phase) -> None:
        """Raises NotFinite for the first step whose loss is no number."""
        several = len(self.waiting) > 1  # of a GPU, asked for together
        told = [loss for _, loss in self.waiting]
        losses = torch.stack(told).tolist() if several else [one.item() for one in told]
        for (step, _), loss in zip(self.waiting, losses, strict=True):
            if not math.isfinite(loss):
                raise NotFinite(loss, step, module.steps, module.recipe.lr)
        self.waiting.clear()
