"""Every precision moves weights as fp32 does; plain bf16 does not, and the same test shows it."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from training.phases.optimiser import HalfAdamW, adamw, rounded
from training.spec.recipe import Recipe

RATE, STEPS = 1e-5, 100
ROWS, WIDTH = 100, 200
Make = Callable[[list[nn.Parameter]], Optimizer]


def made(mode: str) -> Make:
    return lambda some: HalfAdamW([{"params": some}], RATE, 1e-8, mode)


MODES = {mode: made(mode) for mode in ("bf16", "bf16-8bit", "bf16-stochastic")}


def naive(some: list[nn.Parameter]) -> Optimizer:
    return AdamW(some, lr=RATE, weight_decay=0.0)


def start(dtype: torch.dtype) -> nn.Parameter:
    torch.manual_seed(0)
    return nn.Parameter((torch.randn(ROWS, WIDTH) * 0.02).bfloat16().to(dtype))


def moved(make: Make, dtype: torch.dtype, steps: int) -> tuple[float, float]:
    """(mean movement against a constant gradient's sign, share of weights that moved)."""
    weights = start(dtype)
    begin, optimiser = weights.detach().clone().float(), make([weights])
    sign = torch.where(torch.arange(WIDTH) % 2 == 0, 1.0, -1.0).expand(ROWS, WIDTH)
    for _ in range(steps):
        weights.grad = (sign * 1e-3).to(dtype)
        optimiser.step()
    change = begin - weights.detach().float()
    return float((change * sign).mean()), float((change != 0).float().mean())


@pytest.mark.parametrize("mode", MODES)
def test_every_precision_moves_weights_as_fp32_does(mode: str) -> None:
    whole, _ = moved(naive, torch.float32, STEPS)
    mine, share = moved(MODES[mode], torch.bfloat16, STEPS)
    print(f"{mode}: {mine / whole:.4f} of fp32's movement, {share:.1%} of weights moved")
    assert mine == pytest.approx(whole, rel=0.02)


def test_plain_bf16_fails_it() -> None:
    """The trap itself: most weights stand still for ever, so that movement is far from fp32's."""
    whole, _ = moved(naive, torch.float32, STEPS)
    mine, share = moved(naive, torch.bfloat16, STEPS)
    _, first = moved(naive, torch.bfloat16, 1)
    print(f"plain bf16: {mine / whole:.4f} of fp32's movement; first step moves {first:.1%}")
    assert mine != pytest.approx(whole, rel=0.02)
    assert first == pytest.approx(0.155, abs=0.02), "as many as arithmetic says"
    assert share == pytest.approx(first, abs=0.02), "the others never move"


def test_one_step_without_masters_is_exact_in_expectation() -> None:
    """C9: the mean over many draws of one step, which moves every weight by some share of them."""
    make, draws = MODES["bf16-stochastic"], 400
    begin = start(torch.bfloat16).detach().float()[:5, :100]
    total, ever = torch.zeros(5, 100), torch.zeros(5, 100, dtype=torch.bool)
    for draw in range(draws):
        weights = nn.Parameter(begin.bfloat16())
        torch.manual_seed(draw)
        weights.grad = torch.full_like(weights, 1e-3)
        make([weights]).step()
        change = begin - weights.detach().float()
        total, ever = total + change, ever | (change != 0)
    assert float(total.mean() / draws) == pytest.approx(RATE, rel=0.02)
    assert float(ever.float().mean()) >= 0.99


@pytest.mark.parametrize("mode", MODES)
def test_a_model_in_bf16_learns_as_in_fp32(mode: str) -> None:
    """Gradients that change, momentum and decay: the same loss in the end."""

    def loss(dtype: torch.dtype, recipe: Recipe) -> float:
        torch.manual_seed(1)
        data, wanted = torch.randn(64, 16), torch.randn(64, 4)
        model = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 4)).to(dtype)
        optimiser = adamw([{"params": list(model.parameters()), "weight_decay": 0.01}], recipe)
        for step in range(200):
            torch.manual_seed(step)
            optimiser.zero_grad()
            told = nn.functional.mse_loss(model(data.to(dtype)).float(), wanted)
            told.backward()
            optimiser.step()
        return float(told.detach())

    whole = loss(torch.float32, Recipe(lr=3e-3))
    mine = loss(torch.bfloat16, Recipe(lr=3e-3, precision=mode))  # type: ignore[arg-type]
    assert mine == pytest.approx(whole, rel=0.1)


def test_fp32_is_torchs_own() -> None:
    told = [{"params": [nn.Parameter(torch.ones(3))], "weight_decay": 0.0}]
    assert type(adamw(told, Recipe(precision="bf16"))) is AdamW, "adapters and heads alone"
    mine = HalfAdamW([{"params": [start(torch.float32)]}], RATE, 1e-8, "bf16")
    theirs = AdamW([start(torch.float32)], lr=RATE, weight_decay=0.0)
    for one in (mine, theirs):
        (weights,) = one.param_groups[0]["params"]
        for step in range(5):
            weights.grad = torch.sin(torch.arange(ROWS * WIDTH) + step).reshape(ROWS, WIDTH)
            one.step()
    a, b = (one.param_groups[0]["params"][0] for one in (mine, theirs))
    torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("mode", MODES)
def test_a_saved_state_comes_back_to_the_bit(mode: str) -> None:
    """torch rounds what it loads to the type of the weights: masters would be lost."""

    def step(optimiser: Optimizer, weights: nn.Parameter, number: int) -> None:
        torch.manual_seed(number)
        weights.grad = torch.randn(ROWS, WIDTH).bfloat16()
        optimiser.step()

    one = start(torch.bfloat16)
    first = MODES[mode]([one])
    step(first, one, 1)
    other = nn.Parameter(one.detach().clone())
    second = MODES[mode]([other])
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for name, value in first.state[one].items():
        assert second.state[other][name].dtype == value.dtype, name
    step(first, one, 2)
    step(second, other, 2)
    assert torch.equal(one, other)


FLOATS = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)


@given(FLOATS)
def test_rounding_by_chance_takes_one_of_the_two_neighbours(value: float) -> None:
    many = torch.full((64,), value)
    found = {float(one) for one in rounded(many).float()}
    nearest = float(many[0].bfloat16())
    exact = nearest == value
    assert found == {value} if exact else len(found) <= 2
    assert all(abs(one - value) <= 2.0**-7 * abs(value) for one in found)


def test_rounding_by_chance_is_right_on_average() -> None:
    torch.manual_seed(0)
    value: Tensor = torch.full((100_000,), 1 + 0.3 * 2.0**-7)
    assert float(rounded(value).float().mean()) == pytest.approx(1 + 0.3 * 2.0**-7, abs=5e-5)
