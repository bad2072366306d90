"""What the three phases share: the encoder, the optimiser with warm-up and decay, seeded steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from training.families.base import Batch
from training.phases import firsts, flat
from training.phases.encoder import with_dropout
from training.phases.optimiser import adamw
from training.spec.recipe import Recipe

RANKING = "train/ranking"


class Phase(pl.LightningModule):
    """An encoder being trained for `steps` optimiser steps by a recipe.

    Each step seeds torch from (seed, step), so dropout does not depend on what ran before: a
    resumed run repeats the uninterrupted one.
    """

    def __init__(self, encoder: nn.Module, recipe: Recipe, seed: int, steps: int) -> None:
        super().__init__()
        self.encoder = with_dropout(encoder, recipe.dropout)
        self.recipe, self.seed, self.steps = recipe, seed, steps
        self.split = False
        """Whether batches come as lists of their parts."""
        self.last: Tensor | None = None
        """The last step's loss, without its graph."""
        self.known: dict[str, Tensor] = {}
        """The last losses by name, without graphs: a task and MLM are learnt in different steps."""
        self.read = (0, 0)
        """Real tokens that were learnt from, and the sum of their texts' squared lengths."""
        self.shown = False
        """Whether somebody looks at a progress bar."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Lightning notes the name of each hook that it calls, two dozen times a step: torch would
        look for it among all parameters, buffers and modules."""
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """Lightning's hook, on the CPU, where counting waits for nothing."""
        if self.training:
            tokens, squares = counted(batch)
            self.read = (self.read[0] + tokens, self.read[1] + squares)
        return flat.placed(batch) if flat.is_flat(self.encoder) else batch

    def on_train_start(self) -> None:
        self.shown = self.trainer.progress_bar_callback is not None

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        seeded((self.seed << 32) + self.global_step, self.device)

    def losses(self, told: Any) -> Mapping[str, Tensor]:
        """The losses of a batch by the names they are logged by; each a mean over the batch."""
        raise NotImplementedError

    def total(self, losses: Mapping[str, Tensor]) -> Tensor:
        """What is minimised: the sum, in which the ranking loss has the recipe's weight."""
        weights = {RANKING: self.recipe.ranking}
        terms = [loss * weights[n] if n in weights else loss for n, loss in losses.items()]
        return sum(terms[1:], terms[0])

    def training_step(self, told: Any, batch_idx: int) -> Tensor:
        """A batch as one, or the list of its parts, which are in memory one after the other."""
        if self.split:
            return self.in_parts(told)
        losses = self.losses(told)
        self.tell(losses)
        return self.total(losses)

    def in_parts(self, parts: Sequence[Any]) -> Tensor:
        """The last part's share of the loss; the gradients of the others are there already.

        Each part weighs what it has of the batch's targets, so that the sum is the batch's mean.
        """
        self.optimizers().zero_grad()
        parts = [part for part in parts if targets(part)] or parts[:1]
        shares = shares_of([targets(part) for part in parts])
        told: dict[str, Tensor] = {}
        for i, (part, share) in enumerate(zip(parts, shares, strict=True)):
            losses = {name: loss * share for name, loss in self.losses(part).items()}
            for name, loss in losses.items():
                told[name] = told.get(name, 0) + loss.detach()
            if i + 1 < len(parts):
                self.trainer.strategy.backward(self.total(losses), None)
        self.tell(told)
        return self.total(losses)

    def optimizer_zero_grad(self, epoch: int, batch_idx: int, optimizer: Any) -> None:
        """Lightning's turn for this comes after training_step, too late where that has parts."""
        if not self.split:
            optimizer.zero_grad()

    def tell(self, losses: Mapping[str, Tensor]) -> None:
        """Keep a step's losses for whoever looks."""
        self.last = self.total(losses).detach()
        for name, loss in losses.items():
            self.note(name, loss.detach())

    def note(self, name: str, loss: Tensor) -> None:
        """Keep one. Lightning's log, which takes a millisecond a step, is for its bar only."""
        self.known[name] = loss
        if self.shown:
            self.log(name, loss, prog_bar=name != RANKING, batch_size=self.recipe.batch)

    @property
    def words(self) -> nn.Embedding:
        """The encoder's word embeddings."""
        return self.encoder.embeddings.word_embeddings

    def states(self, batch: Batch, first: bool = False) -> Tensor:
        """Last hidden states [N, T, H]; laid out flat, zeros at padding. `first`: those of each
        text's first token are enough, and there may be no others."""
        if flat.is_flat(self.encoder):
            return flat.states(self.encoder, batch, first).float()
        told = {name: batch[name] for name in ("input_ids", "attention_mask")}
        out = self.encoder(**told, **{firsts.FIRST: first})
        return out.last_hidden_state.float()  # heads and losses are fp32, whatever the encoder is

    def configure_optimizers(self) -> Any:
        """AdamW, linear warm-up, linear decay to zero; no weight decay on biases and norms."""
        self.freeze()
        words = self.words.weight
        if self.recipe.embeddings_rate == 0:
            words.requires_grad_(False)
        learnt = [p for p in self.parameters() if p.requires_grad]
        others = [p for p in learnt if p is not words]
        decay = self.recipe.weight_decay
        groups: list[dict[str, Any]] = [
            {"params": [p for p in others if p.dim() > 1], "weight_decay": decay},
            {"params": [p for p in others if p.dim() <= 1], "weight_decay": 0.0},
        ]
        if words.requires_grad:
            rate = self.recipe.lr * self.recipe.embeddings_rate
            groups.append({"params": [words], "weight_decay": decay, "lr": rate})
        optimiser = adamw(groups, self.recipe)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self.rate)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """What is frozen is where it came from: an adapter's checkpoint is as small as it is."""
        fixed = {name for name, one in self.named_parameters() if not one.requires_grad}
        told = checkpoint["state_dict"].items()
        checkpoint["state_dict"] = {name: value for name, value in told if name not in fixed}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        if "state_dict" in checkpoint:  # not where several processes share the training
            checkpoint["state_dict"] = self.state_dict() | checkpoint["state_dict"]

    def freeze(self) -> None:
        """Fix the parameters whose names (`encoder.embeddings...`) the recipe's pattern finds."""
        for name, parameter in self.named_parameters():
            if self.recipe.freeze and re.search(self.recipe.freeze, name):
                parameter.requires_grad_(False)

    def rate(self, step: int) -> float:
        """Share of the peak learning rate at a step."""
        warm = self.recipe.warmup_steps or max(1, round(self.recipe.warmup * self.steps))
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (self.steps - step) / max(1, self.steps - warm))


def seeded(seed: int, device: torch.device) -> None:
    """torch.manual_seed, but for the devices in use only: for each kind that is not there that
    keeps a traceback, which takes a millisecond a step and is never given back."""
    torch.default_generator.manual_seed(seed)
    if device.type != "cpu":
        torch.get_device_module(device).manual_seed(seed)


def counted(batch: Any) -> tuple[int, int]:
    """Real tokens of a batch, a named one or a list of such; and the sum of squared lengths."""
    if isinstance(batch, dict):
        lengths = batch["attention_mask"].sum(1)
        return int(lengths.sum()), int((lengths * lengths).sum())
    found = [counted(one) for one in batch if not isinstance(one, str)]
    return sum(tokens for tokens, _ in found), sum(squares for _, squares in found)


def targets(part: Any) -> int:
    """What is to be predicted in a batch: examples, words with a known tag, masked tokens."""
    batch = part if isinstance(part, dict) else part[1]
    told = batch["labels"] if "labels" in batch else batch["starts"]
    return int((told >= 0).sum())


def shares_of(counts: Sequence[int]) -> list[float]:
    """Each part's share of all targets; nothing where there are none at all."""
    whole = max(1, sum(counts))
    return [count / whole for count in counts]
