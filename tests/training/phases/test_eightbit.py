"""256 numbers and a row's largest: what they stand for is what was kept, on average."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.optim import AdamW

from training.phases.eightbit import decode, encode, table
from training.phases.optimiser import HalfAdamW

ROWS = st.lists(
    st.lists(st.floats(-(2.0**60), 2.0**60, width=32), min_size=4, max_size=4),
    min_size=1,
    max_size=5,
)
CPU = torch.device("cpu")


def through(value: torch.Tensor, signed: bool) -> torch.Tensor:
    """Kept in 8 bits and taken out again."""
    numbers = table(signed, CPU)
    return decode(*encode(value, signed, numbers), numbers)


@pytest.mark.parametrize("signed", [True, False])
def test_the_numbers_are_those_of_dynamic_quantisation(signed: bool) -> None:
    """256 different ones over seven powers of ten; the finest steps at the top: 0.9 / 64 (or 128)
    of the largest."""
    numbers = table(signed, CPU)
    assert len(numbers.unique()) == 256 and torch.equal(numbers, numbers.sort().values)
    assert float(numbers[-1]) == 1 and (0.0 in numbers.tolist())
    positive = numbers[numbers > 0]
    assert float(positive[0]) == pytest.approx(5.5e-7 if signed else 3.25e-7)
    top = positive[positive > 0.1].diff()[:-1]
    assert float(top.max()) == pytest.approx(0.9 / (64 if signed else 128), rel=1e-3)
    assert not signed or torch.equal(positive[:-1], -numbers[numbers < 0].flip(0))


@settings(deadline=None)
@given(ROWS, st.booleans())
def test_a_number_becomes_one_of_its_neighbours(rows: list[list[float]], signed: bool) -> None:
    value = torch.tensor(rows)
    value = value if signed else value.abs()
    made = through(value, signed)
    largest = value.abs().amax(1, keepdim=True)
    numbers = table(signed, CPU)
    gaps = numbers.diff().max() * largest  # no two neighbours are farther apart
    assert torch.isfinite(made).all()
    assert ((made - value).abs() <= gaps * 1.0001).all()
    kept = value.abs() == largest
    kept &= value > 0 if signed else value >= 0  # -1 is none of the numbers, as in the paper
    torch.testing.assert_close(made[kept], value[kept], rtol=1e-6, atol=0)


def test_what_is_divided_by_never_becomes_nothing() -> None:
    value = torch.tensor([[1.0, 1e-9, 0.0]])
    made = through(value, signed=False)
    assert made[0, 1] > 0 and made[0, 2] == 0


@pytest.mark.parametrize("signed", [True, False])
def test_a_change_too_small_to_show_is_right_on_average(signed: bool) -> None:
    """To the nearest, a second moment that moves by a thousandth would stand still for ever.

    Held to five standard errors: neighbours are 3 and 56 % apart there, over 100,000 draws.
    """
    torch.manual_seed(0)
    value = torch.cat([torch.full((1, 100_000), 0.5005), torch.full((1, 100_000), 2e-4)])
    value = torch.cat([value, torch.ones(2, 1)], dim=1)
    made = through(value, signed)
    assert float(made[0, :-1].mean()) == pytest.approx(0.5005, rel=2.5e-4)
    assert float(made[1, :-1].mean()) == pytest.approx(2e-4, rel=5e-3)


def test_steps_are_near_those_with_whole_moments() -> None:
    """Rows whose gradients differ by six powers of ten, as those of rare and common words do."""
    torch.manual_seed(0)
    begin = torch.randn(6, 256) * 0.02
    sizes = torch.logspace(-6, 0, 6)[:, None]
    ways = nn.Parameter(begin.bfloat16()), nn.Parameter(begin.bfloat16().float())
    eight = HalfAdamW([{"params": [ways[0]]}], 1e-3, 1e-12, "bf16-8bit")
    whole = AdamW([ways[1]], lr=1e-3, eps=1e-12, weight_decay=0.0)
    for _ in range(60):
        gradient = (torch.randn(6, 256) + 0.5) * sizes
        for one, optimiser in zip(ways, (eight, whole), strict=True):
            one.grad = gradient.bfloat16().to(one.dtype)
            optimiser.step()
    state = eight.state[ways[0]]
    assert {state[name].dtype for name in ("exp_avg", "exp_avg_sq")} == {torch.uint8}
    moved = (
        state["master"] - begin.bfloat16().float(),
        ways[1].detach() - begin.bfloat16().float(),
    )
    for row in range(6):
        apart = (moved[0][row] - moved[1][row]).norm() / moved[1][row].norm()
        assert apart < 0.1, f"row {row}: {apart:.3f}"


def test_ten_bytes_a_parameter() -> None:
    weights = nn.Parameter(torch.zeros(64, 1024, dtype=torch.bfloat16))
    optimiser = HalfAdamW([{"params": [weights]}], 1e-3, 1e-8, "bf16-8bit")
    weights.grad = torch.ones_like(weights)
    optimiser.step()
    kept = [one for name, one in optimiser.state[weights].items() if name != "step"]
    size = sum(one.nbytes for one in [*kept, weights, weights.grad])
    assert size / weights.numel() == pytest.approx(10, rel=0.01)
