"""AdamW, also for weights in bf16 that really learn.

bf16 has 8 significant bits: a weight above 256 times the step does not move when the sum is rounded
to the nearest number, so that at a rate of 1e-5 most of a model would stand still. Two ways out:
masters (an fp32 copy of each weight takes the steps, the model computes with its rounded value), or
stochastic rounding (up or down by chance, by distance, so that the mean of many steps is exact).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer

from training.spec.recipe import Recipe

Groups = list[dict[str, Any]]
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
    return HalfAdamW(groups, recipe.lr, recipe.adam_eps, recipe.precision == "bf16")


class HalfAdamW(Optimizer):
    """AdamW that reckons in fp32 whatever its weights are.

    `masters`: fp32 weights and moments beside those in bf16 (16 bytes a parameter with gradients);
    otherwise weights and moments are bf16, rounded by chance (8 bytes). The chance is torch's
    generator, which each training step seeds.
    """

    def __init__(self, groups: Groups, lr: float, eps: float, masters: bool) -> None:
        super().__init__(groups, {"lr": lr, "eps": eps, "weight_decay": 0.0})
        self.masters = masters

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
        """One step of one tensor, a piece at a time: fp32 copies of a whole one would be large."""
        state = self.state[weights] or self.begun(weights)
        state["step"] += 1
        master = state.get("master", weights)
        all_of = (state["exp_avg"], state["exp_avg_sq"], master, weights, weights.grad)
        pieces = zip(*(local(one).reshape(-1).split(PIECE) for one in all_of), strict=True)
        for first, second, own, plain, gradient in pieces:
            stepped((first, second, own), gradient.float(), group, float(state["step"]))
            if master is not weights:
                plain.copy_(own)

    def begun(self, weights: Tensor) -> dict[str, Any]:
        """The state of a tensor before its first step."""
        kind = torch.float32 if self.masters else weights.dtype
        state = self.state[weights]
        state["step"] = torch.tensor(0.0)
        state["exp_avg"] = torch.zeros_like(weights, dtype=kind)
        state["exp_avg_sq"] = torch.zeros_like(weights, dtype=kind)
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


def stepped(
    kept: tuple[Tensor, Tensor, Tensor], gradient: Tensor, group: dict[str, Any], count: float
) -> None:
    """Moments and weights after a step, in place, as torch's AdamW takes it."""
    first, second, own = (one.float() for one in kept)
    first.lerp_(gradient, 1 - BETAS[0])
    second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
    spread = (second / (1 - BETAS[1] ** count)).sqrt_().add_(group["eps"])
    own.mul_(1 - group["lr"] * group["weight_decay"])
    own.addcdiv_(first / (1 - BETAS[0] ** count), spread, value=-group["lr"])
    for place, value in zip(kept, (first, second, own), strict=True):
        if place.dtype != torch.float32:  # otherwise it is the value itself
            place.copy_(rounded(value))


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
