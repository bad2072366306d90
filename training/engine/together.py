"""What the processes of one training do as one: find a checkpoint, save it, heed an end.

The lead decides; a checkpoint is a folder that holds every rank's part (torch.distributed
.checkpoint), in the lead's run. One is kept: it is as large as the model's states.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
import torch.distributed as dist
from torch.distributed import checkpoint as parts

from training.engine.checkpoints import Checkpoints, Found, digest_of, discard, files_of, size_of
from training.engine.finite import Finite
from training.engine.resume import Resumable
from training.engine.selection import STATE, Selection, learnt
from training.engine.store import sync
from training.phases.base import Phase

LEAD = 0
"""The rank that writes."""
BEST = "best."
"""Before the names of the best state's weights, among those of the model."""


def join() -> None:
    """Meet the other ranks; before Lightning does, since what was found must be agreed on."""
    if dist.is_initialized():
        return
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")


def agreed(value: Any) -> Any:
    """The lead's value, on every rank."""
    told = [value]
    dist.broadcast_object_list(told, LEAD)
    return told[0]


def found(checkpoints: Checkpoints) -> Found | None:
    """The lead's newest whole checkpoint, which the others read in its folder."""
    join()
    lead = dist.get_rank() == LEAD
    one: Found | None = agreed(checkpoints.newest() if lead else None)
    return one


def seal(checkpoints: Checkpoints, temporary: Path, path: Path) -> None:
    """Make what all ranks have written durable; name it, vouch for it, remove the one before."""
    for file in [*files_of(temporary), temporary]:
        sync(file)
    discard(path)
    checkpoints.vouch(temporary, path, size_of(temporary), digest_of(temporary))
    for note in checkpoints.notes()[1:]:
        checkpoints.remove_checkpoint(note.with_suffix(".ckpt"))


def sealed(checkpoints: Checkpoints, temporary: Path, path: Path) -> None:
    """On the lead; its error, if there is one, is everybody's."""
    trouble: OSError | None = None
    if dist.get_rank() == LEAD:
        try:
            seal(checkpoints, temporary, path)
        except OSError as error:
            trouble = error
    trouble = agreed(trouble)
    if trouble:
        raise trouble


def any_of(*flags: bool) -> list[bool]:
    """Whether any rank says so, for each flag."""
    told = torch.tensor(flags, dtype=torch.int32)
    dist.all_reduce(told, dist.ReduceOp.MAX)
    return [bool(one) for one in told.tolist()]


class Together(Resumable):
    """Asked of one rank, all save and end at the same step; the lead's clock counts."""

    def wanted(self) -> tuple[bool, bool]:
        asked, due = super().wanted()
        self.ending.asked, due = any_of(asked, due and dist.get_rank() == LEAD)
        return self.ending.asked, due


class AllFinite(Finite):
    """A loss that is no number on one rank ends all of them."""

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: Phase, *told: Any) -> None:
        assert pl_module.last is not None
        pl_module.last = pl_module.last.clone()  # it may be the loss itself
        dist.all_reduce(pl_module.last)
        super().on_train_batch_end(trainer, pl_module, *told)


class Agreed(Selection):
    """All ranks compute the same dev scores; the lead's decide, so that all keep the same step.

    The best state is divided as the model is: in a checkpoint it lies beside the model's weights.
    """

    def score(self, *told: Any) -> Any:
        return agreed(super().score(*told))

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        super().on_save_checkpoint(trainer, pl_module, checkpoint)
        if self.best:
            mean, state = self.best
            checkpoint["state_dict"] |= {BEST + name: value for name, value in state.items()}
            checkpoint[STATE]["best"] = (mean, None)

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        super().on_load_checkpoint(trainer, pl_module, checkpoint)
        if self.best:
            like = learnt(pl_module).items()
            state = {BEST + name: torch.empty_like(value) for name, value in like}
            parts.load({"state_dict": state}, checkpoint_id=trainer.ckpt_path)
            self.best = (self.best[0], {name.removeprefix(BEST): v for name, v in state.items()})
