"""Compiled layers, and a compiled step of the optimiser, compute what plain ones do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from flat_of import CLOSE, RECIPE, encoder, inputs, real
from torch import Tensor, nn
from torch._dynamo.utils import counters

from training import compilers
from training.phases import flat, optimiser
from training.phases.adapters import adapted
from training.phases.base import Phase
from training.phases.compiled import by_layer, is_compiled
from training.phases.optimiser import HalfAdamW, Pace

TRACED = "aot_eager"
"""Traces and derives as a real compilation does, without a compiler behind it."""
SHAPES = ((5, 9, 9, 3), (12, 7, 4), (6, 6), (20, 3, 8, 11, 2), (4, 8))
"""Lengths of the texts of some batches."""


@pytest.fixture(autouse=True)
def anew() -> None:
    """What other tests compiled is forgotten."""
    torch._dynamo.reset()
    counters.clear()


def learnt(model: nn.Module, lengths: tuple[int, ...]) -> tuple[Tensor, dict[str, Tensor]]:
    """(States both ways through the last layer, gradients of their mean square by name)."""
    module, batch = Phase(model, RECIPE, 1, 1).eval(), inputs(lengths)
    batch = flat.placed(batch) if flat.is_flat(model) else batch
    states = torch.cat([real(module.states(batch), batch), module.states(batch, first=True)[:, 0]])
    model.zero_grad()
    states.square().mean().backward()
    given = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
    return states.detach(), {name: one.clone() for name, one in given.items()}


@pytest.mark.parametrize(
    ("scale", "layout", "lora"),
    [
        ("base", "padded", False),
        ("xl", "padded", True),
        ("xl", "flat", False),
        ("base", "flat", True),
    ],
)
def test_layers_are_compiled_once_and_compute_the_same(scale: str, layout: str, lora: bool) -> None:
    def made() -> nn.Module:
        one = encoder(scale, layout)
        return adapted(one, 4, seed=1) if lora else one

    plain, fast = made(), by_layer(made(), TRACED)
    assert is_compiled(fast) and not is_compiled(plain)
    assert list(fast.state_dict()) == list(plain.state_dict()), "hand-over knows nothing of it"
    graphs = []
    for lengths in SHAPES:
        (mine, given), (theirs, wanted) = learnt(fast, lengths), learnt(plain, lengths)
        torch.testing.assert_close(mine, theirs, rtol=0, atol=CLOSE)
        assert given.keys() == wanted.keys()
        for name, value in wanted.items():
            torch.testing.assert_close(given[name], value, rtol=1e-4, atol=CLOSE, msg=name)
        graphs.append(counters["stats"]["unique_graphs"])
    assert graphs[0] > 0, "something was compiled"
    assert graphs[-1] <= 2 * graphs[0], "once with a mask and once without, not for every shape"


def trained(mode: str) -> list[Tensor]:
    """Tensors of many shapes after some steps at rates that change."""
    torch.manual_seed(0)
    shapes = [(100, 20), (64, 20), (20,), (7, 3), (1, 20), (300, 16)]
    some = [nn.Parameter((torch.randn(*shape) * 0.02).bfloat16()) for shape in shapes]
    some.append(nn.Parameter(torch.randn(5, 4)))  # a head is fp32
    made = HalfAdamW([{"params": some, "weight_decay": 0.01}], 1e-3, 1e-8, mode)
    for step in range(6):
        torch.manual_seed(step)
        made.param_groups[0]["lr"] = 1e-3 * (1 - step / 10)
        for one in some:
            one.grad = (torch.arange(one.numel()) + step).sin().view(one.shape).to(one.dtype)
        made.step()
    return [one.detach() for one in some]


@pytest.mark.parametrize("mode", ["bf16", "bf16-8bit", "bf16-stochastic"])
def test_a_compiled_step_is_the_plain_one(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU: rates and corrections are tensors, so that no step is compiled anew."""
    plain = trained(mode)
    fast = torch.compile(optimiser.stepped, dynamic=True, backend=TRACED, fullgraph=True)
    on_gpu = torch.device("cuda")

    def pace(group: dict[str, Any], count: float, device: torch.device) -> Pace:
        return of(group, count, on_gpu)

    of: Callable[..., Pace] = Pace.of
    monkeypatch.setattr(Pace, "of", pace)
    monkeypatch.setattr(optimiser, "stepping", lambda kind: fast)
    for mine, theirs in zip(trained(mode), plain, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-9)
    assert counters["stats"]["unique_graphs"] <= 8, "a graph a kind of tensor, not a step"


def test_a_processor_and_a_machine_without_a_compiler_step_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    optimiser.stepping.cache_clear()
    monkeypatch.setattr(compilers, "COMPILERS", ("g+++",))
    assert optimiser.stepping("cpu") is optimiser.stepped is optimiser.stepping("cuda")
    optimiser.stepping.cache_clear()
    monkeypatch.setattr(compilers, "COMPILERS", ("sh",))
    assert optimiser.stepping("cpu") is optimiser.stepped is not optimiser.stepping("cuda")
    optimiser.stepping.cache_clear()
