"""A training that can be taken up again: checkpoints by the clock, and one when asked to end."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch

from training.engine.blame import NO_ROOM
from training.engine.checkpoints import Checkpoints
from training.engine.ending import Ending
from training.engine.finite import Finite
from training.engine.room import full, say
from training.phases.base import Phase

STATE = "silta.random"


class Resumable(pl.Callback):  # type: ignore[misc]
    """Saves at the first step boundary after `every` seconds, and when `ending` was asked for.

    The last of the callbacks: a checkpoint holds what the others did at its step.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        ending: Ending,
        every: float,
        finite: Finite,
        note: Callable[[], dict[str, Any]],
    ) -> None:
        self.checkpoints, self.ending, self.every, self.finite = checkpoints, ending, every, finite
        self.note, self.saved = note, time.monotonic()

    def on_train_start(self, trainer: pl.Trainer, pl_module: Phase) -> None:
        """Lightning has put itself before our signal handlers: it would end between two steps."""
        self.ending.heed()
        self.saved = time.monotonic()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Phase, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.global_step >= pl_module.steps:
            return  # what follows takes less time than a checkpoint
        asked, due = self.wanted()
        if asked or due:
            self.save(trainer, pl_module)
        if asked:
            trainer.should_stop = True

    def wanted(self) -> tuple[bool, bool]:
        """Whether to end, and whether it is time for a checkpoint."""
        return self.ending.asked, time.monotonic() - self.saved >= self.every

    def save(self, trainer: pl.Trainer, module: Phase) -> None:
        """A checkpoint; where the disk has no room for it the training goes on without."""
        self.finite.look(module)
        self.checkpoints.note = {"step": trainer.global_step} | self.note()
        path = self.checkpoints.path(trainer.global_step)
        try:
            trainer.save_checkpoint(path, weights_only=False)
        except Exception as error:  # torch hides the disk's own error in some places
            if not full(error):
                raise
            say(f"{path}: {NO_ROOM} for a checkpoint; going on without")
        self.saved = time.monotonic()

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: Phase, checkpoint: dict[str, Any]
    ) -> None:
        checkpoint[STATE] = random_states()

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: Phase, checkpoint: dict[str, Any]
    ) -> None:
        restore(checkpoint[STATE])


def random_states() -> dict[str, Any]:
    """Of every generator. Steps seed torch by themselves; nothing else may be left to chance."""
    state: Any = np.random.get_state(legacy=True)
    kind, keys, *rest = state
    return {
        "python": random.getstate(),
        "numpy": (kind, torch.from_numpy(keys.astype(np.int64)), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore(told: dict[str, Any]) -> None:
    """Put every generator where it was; GPUs only where there are as many."""
    version, internal, gauss = told["python"]
    random.setstate((version, tuple(internal), gauss))
    kind, keys, *rest = told["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(told["torch"])
    if told["cuda"] and len(told["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(told["cuda"])
