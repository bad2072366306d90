"""AdamW, also for weights in bf16 that really learn.

bf16 has 8 significant bits: a weight above 256 times the step does not move when the sum is rounded
to the nearest number, so that at a rate of 1e-5 most of a model would stand still. Two ways out:
masters (an fp32 copy of each weight takes the steps, the model computes with its rounded value), or
stochastic rounding (up or down by chance, by distance, so that the mean of many steps is exact).
Beside masters the moments of matrices may be kept in 8 bits (`eightbit.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer

from training import compilers
from training.phases.eightbit import decode, encode, table
from training.spec.recipe import Recipe

Groups = list[dict[str, Any]]
Number: TypeAlias = float | Tensor
LOW_BITS = 16
"""Bits of an fp32 number that bf16 has not."""
BETAS = (0.9, 0.999)
PIECE = 2**24
"""Numbers that are stepped at once."""


def adamw(groups: Groups, recipe: Recipe) -> Optimizer:
    """torch's own for fp32; where weights in bf16 are learnt, the recipe's way."""
    learnt = [one for group in groups for one in group["params"]]
    if all(one.dtype == torch.float32 for one in learnt):
        return AdamW(groups, lr=recipe.lr, eps=recipe.adam_eps, fused=True)
    return HalfAdamW(groups, recipe.lr, recipe.adam_eps, recipe.precision)


MOMENTS = {"exp_avg": True, "exp_avg_sq": False}
"""AdamW's two running means by their names in a state, and whether they can be negative."""
LARGEST = "_largest"
"""Ends the name of the rows' largest, beside a moment in 8 bits."""


class HalfAdamW(Optimizer):
    """AdamW that reckons in fp32 whatever its weights are, in one of the recipe's precisions.

    bf16: fp32 weights and moments beside those in bf16 (16 bytes a parameter with gradients);
    bf16-8bit: the same with the moments of matrices in 8 bits (10); bf16-stochastic: weights and
    moments are bf16, rounded by chance (8). The chance is torch's generator, which each training
    step seeds.
    """

    def __init__(self, groups: Groups, lr: float, eps: float, precision: str) -> None:
        super().__init__(groups, {"lr": lr, "eps": eps, "weight_decay": 0.0})
        self.masters, self.eight = precision != "bf16-stochastic", precision == "bf16-8bit"

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            for one in group["params"]:
                if one.grad is not None:
                    self.learn(one, group)
        return loss

    def learn(self, weights: Tensor, group: dict[str, Any]) -> None:
        """One step of one tensor, some rows at a time: fp32 copies of all of it would be large."""
        state = self.state[weights] or self.begun(weights)
        state["step"] += 1
        mine = {name: local(one) for name, one in state.items() if name != "step"}
        plain, gradient = local(weights), local(weights.grad)
        own = mine.pop("master", None)
        device = plain.device
        eight = {name: signed for name, signed in MOMENTS.items() if name + LARGEST in mine}
        tables = {name: table(signed, device) for name, signed in eight.items()}
        work, pace = stepping(device.type), Pace.of(group, float(state["step"]), device)
        for rows in pieces(plain):
            kept = {name: one[rows] for name, one in mine.items()}
            some = None if own is None else own[rows]
            work(kept, tables, some, plain[rows], gradient[rows], pace)

    def begun(self, weights: Tensor) -> dict[str, Any]:
        """The state of a tensor before its first step."""
        state = self.state[weights]
        state["step"] = torch.tensor(0.0)
        eight = self.eight and weights.dim() == 2
        kind = torch.uint8 if eight else torch.float32 if self.masters else weights.dtype
        for name in MOMENTS:
            state[name] = torch.zeros_like(weights, dtype=kind)
            if eight:
                first = weights.detach()[:, :1]
                state[name + LARGEST] = torch.zeros_like(first, dtype=torch.float32)
        if self.masters and weights.dtype != torch.float32:
            state["master"] = weights.detach().float()
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """torch would round masters and moments to the type of their weights."""
        super().load_state_dict(state_dict)
        saved = [id for group in state_dict["param_groups"] for id in group["params"]]
        mine = [one for group in self.param_groups for one in group["params"]]
        for id, weights in zip(saved, mine, strict=True):
            for name, value in state_dict["state"].get(id, {}).items():
                device = "cpu" if name == "step" else weights.device
                self.state[weights][name] = value.detach().clone().to(device)


def pieces(weights: Tensor) -> list[slice]:
    """Rows (or a vector's numbers) that are stepped at once: at most `PIECE` numbers, or a row."""
    width = max(1, weights[:1].numel())
    many = max(1, PIECE // width)
    return [slice(at, at + many) for at in range(0, len(weights), many)]


def moment(kept: dict[str, Tensor], name: str, tables: dict[str, Tensor]) -> Tensor:
    """A moment in fp32: the kept one itself where that is how it is kept."""
    if name in tables:
        return decode(kept[name], kept[name + LARGEST], tables[name])
    return kept[name].float()


def keep(kept: dict[str, Tensor], name: str, tables: dict[str, Tensor], value: Tensor) -> None:
    """Put a moment back, as it is kept."""
    if name in tables:
        index, largest = encode(value, MOMENTS[name], tables[name])
        kept[name].copy_(index)
        kept[name + LARGEST].copy_(largest)
    elif kept[name].dtype != torch.float32:
        kept[name].copy_(rounded(value))


class Pace(NamedTuple):
    """What a step multiplies, divides and adds by."""

    rate: Number
    kept: Number
    """Of each weight, by decay."""
    first: Number
    second: Number
    """Shares of the means that were seen by now (Kingma and Ba 2015)."""
    eps: Number

    @classmethod
    def of(cls, group: dict[str, Any], count: float, device: torch.device) -> Pace:
        """At a step; on a GPU as tensors, since a number that changes is compiled anew."""
        decay, seen = group["lr"] * group["weight_decay"], [1 - beta**count for beta in BETAS]
        told = (group["lr"], 1 - decay, *seen, group["eps"])
        return cls(*(told if device.type == "cpu" else map(torch.tensor, told)))


@cache
def stepping(kind: str) -> Callable[..., None]:
    """What takes a step on a kind of device. A GPU would read and write everything a dozen times
    in as many kernels; compiled, where there is a compiler, it is one for all shapes."""
    if kind == "cpu" or not compilers.there():
        return stepped
    return torch.compile(stepped, dynamic=True)


def stepped(
    kept: dict[str, Tensor],
    tables: dict[str, Tensor],
    master: Tensor | None,
    plain: Tensor,
    gradient: Tensor,
    pace: Pace,
) -> None:
    """Moments and weights after a step, in place, as torch's AdamW takes it, in fp32.

    `tables`: the numbers of moments that are kept in 8 bits.
    """
    own, gradient = plain if master is None else master, gradient.float()
    first, second = moments = [moment(kept, name, tables) for name in MOMENTS]
    first.lerp_(gradient, 1 - BETAS[0])
    second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
    spread = (second / pace.second).sqrt_().add_(pace.eps)
    learnt = own.float().mul_(pace.kept)
    learnt.sub_(first / pace.first / spread * pace.rate)
    for name, value in zip(MOMENTS, moments, strict=True):
        keep(kept, name, tables, value)
    if own.dtype != torch.float32:  # otherwise it is the value itself
        own.copy_(rounded(learnt))
    if own is not plain:
        plain.copy_(learnt)


def local(one: Any) -> Tensor:
    """A tensor, or this process's part of one that is divided among several."""
    part: Tensor = one.to_local() if hasattr(one, "to_local") else one
    return part


def rounded(value: Tensor) -> Tensor:
    """fp32 to bf16, up with a chance of how near that is: right on average.

    A number of 0 to 2^16 - 1 is added to the bits that are then cut off.
    """
    bits = value.view(torch.int32)
    chance = torch.randint_like(bits, 1 << LOW_BITS)
    return ((bits + chance) & -(1 << LOW_BITS)).view(torch.float32).bfloat16()
