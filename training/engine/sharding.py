"""One training over several GPUs: Lightning's strategy for FSDP2, a process a GPU.

Each rank holds its part of weights and optimizer states and computes its part of every planned
batch, weighed by its share of the batch's targets: the effective batch, and the loss to float
tolerance, are those of one process. On a machine without GPUs ranks are CPU processes (gloo).
Lightning's other one, `FSDPStrategy`, refuses to run there and keeps no plain names of parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch.distributed as dist
from pytorch_lightning.plugins.environments import LightningEnvironment
from pytorch_lightning.strategies import ModelParallelStrategy
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.fsdp import fully_shard
from torch.utils.data import Dataset

from training.data.module import Steps
from training.engine.checkpoints import Checkpoints
from training.engine.encoders import Start
from training.engine.ending import Ending
from training.engine.finite import NotFinite
from training.engine.fitting import Attempt
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.together import LEAD, Agreed, AllFinite, Together, agreed, sealed
from training.phases.base import Phase, shares_of, targets


class Mine(Dataset[Any]):  # type: ignore[misc]
    """A rank's part of every batch; `share(step)` says how much of the batch's targets it holds.

    A ranking loss compares all of a batch, so that such batches are computed whole by every rank.
    """

    def __init__(self, data: Any, batch: int, rank: int, ranks: int, whole: bool) -> None:
        self.data, self.rank, self.ranks, self.whole = data, rank, ranks, whole
        self.size = -(-batch // ranks)
        self.shares: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, step: int) -> Any:
        if self.whole:
            self.shares[step] = 1 / self.ranks
            return self.data[step]
        parts = self.data.parts(step, self.size)
        shares = shares_of([targets(part) for part in parts])
        mine = self.rank if self.rank < len(parts) and shares[self.rank] else None
        self.shares[step] = 0.0 if mine is None else shares[mine]
        some = max(range(len(parts)), key=lambda i: shares[i])  # nothing of its own: it helps along
        return parts[some if mine is None else mine]

    def share(self, step: int) -> float:
        """Of the batch's targets; each step is asked for once, its own share is then forgotten."""
        return self.shares.pop(step)


class Weighed(ModelParallelStrategy):  # type: ignore[misc]
    """FSDP averages the ranks' gradients: times ranks times share, that is the batch's mean."""

    weight = 1.0
    checkpoints: Checkpoints

    def backward(self, closure_loss: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return super().backward(closure_loss * self.weight, *args, **kwargs)

    def save_checkpoint(
        self, checkpoint: dict[str, Any], filepath: Any, storage_options: Any = None
    ) -> None:
        path = agreed(filepath)
        temporary = agreed(self.checkpoints.begun(path))
        super().save_checkpoint(checkpoint, temporary)
        self.barrier()
        sealed(self.checkpoints, temporary, path)


class Shares(pl.Callback):  # type: ignore[misc]
    """Before each step: what its loss weighs; and what is logged is of the whole batch."""

    def __init__(self, mine: Mine, strategy: Weighed, module: Phase) -> None:
        self.mine, self.strategy, self.share = mine, strategy, 1.0
        self.told: Callable[[str, Tensor], None] = module.note
        module.note = self.note  # type: ignore[method-assign]

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self.share = self.mine.share(trainer.global_step)
        self.strategy.weight = self.share * self.mine.ranks

    def note(self, name: str, loss: Tensor) -> None:
        """Keep the sum of what the ranks have, each by its share."""
        total = loss * self.share
        dist.all_reduce(total)
        self.told(name, total)


def configured(self: Any) -> None:
    """Lightning's hook: shard every layer, then what is left of the encoder, then the heads.

    Adapters are fp32 in an encoder that may be bf16: each by itself, since a group is of one type.
    """
    mesh = self.device_mesh["data_parallel"]
    for name, one in self.encoder.named_modules():
        if name.endswith((".lora_A.default", ".lora_B.default")):
            fully_shard(one, mesh=mesh)
    for layer in self.encoder.encoder.layer:
        fully_shard(layer, mesh=mesh)
    fully_shard(self.encoder, mesh=mesh)
    heads = [one for name, one in self.named_children() if name != "encoder"]
    for head in heads:
        for one in head.values() if isinstance(head, nn.ModuleDict) else [head]:
            fully_shard(one, mesh=mesh)


def kept_whole(self: Any, checkpoint: dict[str, Any]) -> None:
    """Lightning's hook: its checkpoints of several processes are read as a whole."""


def sharded(module: Phase) -> None:
    """Give a module the hooks, which Lightning looks for in its class."""
    kind = type(module)
    hooks = {"configure_model": configured, "on_save_checkpoint": kept_whole}
    module.__class__ = type(f"Sharded{kind.__name__}", (kind,), hooks)


def fit_sharded(
    one: Attempt, encoder: Start, store: Store, runtime: Runtime, ending: Ending
) -> bool:
    """As `fit`, on every rank; the lead is left with the plain module, the others end here."""
    material, module, ranks = one.material, one.material.module, runtime.devices
    rank = LightningEnvironment().local_rank()
    batch = getattr(material.data, "recipe", module.recipe).batch
    mine = Mine(material.data, batch, rank, ranks, whole=module.recipe.ranking > 0)
    strategy = Weighed(data_parallel_size=ranks, tensor_parallel_size=1)
    strategy.checkpoints = one.checkpoints
    sharded(module)
    selection, finite = Agreed(material, encoder, store.path(one.run.id)), AllFinite()
    together = Together(one.checkpoints, ending, runtime.checkpoint_every, finite, one.note)
    trainer = pl.Trainer(
        max_steps=module.steps,
        accelerator="auto",
        devices=ranks,
        strategy=strategy,
        plugins=[LightningEnvironment()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=module.recipe.clip or None,
        callbacks=[Shares(mine, strategy, module), finite, selection, together],
        inference_mode=False,
        use_distributed_sampler=False,
        log_every_n_steps=1,
    )
    found = one.found and str(one.found.path)
    try:
        trainer.fit(module, datamodule=Steps(mine, one.step), ckpt_path=found)
    except SystemExit:  # Lightning's answer to Ctrl-C, which is not a failure
        raise KeyboardInterrupt from None
    except NotFinite as error:
        raise one.failed(error, store) from None
    if trainer.global_step < module.steps:
        one.interrupted(trainer.global_step, store)
        return False
    selection.restore(module)
    gather(module)
    if rank != LEAD:
        raise SystemExit(0)
    module.eval()
    return True


def gather(module: Phase) -> None:
    """Put whole parameters, on the CPU, in the place of the lead's parts of them."""
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    whole = get_model_state_dict(module, options=options)
    for name, value in whole.items():  # empty on the other ranks
        owner, _, own = name.rpartition(".")
        at = module.get_submodule(owner)
        if own in at._parameters:
            at._parameters[own] = nn.Parameter(value, requires_grad=False)
        else:
            at._buffers[own] = value
    dist.barrier()
