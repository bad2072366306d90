"""Adapters: where they stand, that nothing changes at first, and the plain encoder at the end."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from training.catalogue import SCALES
from training.phases.adapters import LINEARS, adapted, merged
from training.phases.encoder import fresh
from training.plan.memory import ADAPTERS

SHAPE = {"hidden": 16, "heads": 2, "feedforward": 64, "layers": 2, "vocabulary": 50}
RANK = 4


def encoder(scale: str) -> nn.Module:
    return fresh(replace(SCALES[scale], **SHAPE), 50, 1).eval()  # type: ignore[arg-type]


def states(model: nn.Module) -> Tensor:
    ids = torch.tensor([[0, 9, 8, 7, 2], [0, 5, 2, 1, 1]])
    with torch.no_grad():
        out: Tensor = model(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
    return out.float()


@pytest.fixture(params=["nano", "nano-xl"])
def scale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def learnt(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: one for name, one in model.named_parameters() if one.requires_grad}


def test_every_linear_of_every_layer_has_one_and_nothing_else_is_learnt(scale: str) -> None:
    plain = encoder(scale)
    linears = sum(isinstance(one, nn.Linear) for one in plain.modules())
    model = adapted(plain, RANK, seed=1)
    assert linears == len(LINEARS) * SHAPE["layers"]
    assert len(learnt(model)) == 2 * linears and all("lora_" in name for name in learnt(model))
    counted = sum(one.numel() for one in learnt(model).values())
    assert counted == ADAPTERS * RANK * SHAPE["hidden"] * SHAPE["layers"], "as the plan reckons"


def test_nothing_changes_at_first_and_the_seed_alone_decides(scale: str) -> None:
    before = states(encoder(scale))
    torch.manual_seed(3)
    one = adapted(encoder(scale), RANK, seed=1)
    expected = torch.rand(2)
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), expected), "the global generator is left alone"
    assert torch.equal(states(one), before)
    same, other = (adapted(encoder(scale), RANK, seed=seed) for seed in (1, 2))
    mine = learnt(one)
    assert all(torch.equal(value, mine[name]) for name, value in learnt(same).items())
    assert any(not torch.equal(value, mine[name]) for name, value in learnt(other).items())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
def test_merged_it_is_a_plain_encoder_in_fp32_that_says_the_same(
    scale: str, dtype: torch.dtype
) -> None:
    model = adapted(encoder(scale).to(dtype), RANK, seed=1)
    assert {one.dtype for one in learnt(model).values()} == {torch.float32}
    with torch.no_grad():
        for one in learnt(model).values():
            one += 0.02 * torch.sin(torch.arange(one.numel())).view_as(one)
    told, whole = states(model), merged(copy.deepcopy(model))
    plain = encoder(scale)
    assert whole.state_dict().keys() == plain.state_dict().keys()
    assert {one.dtype for one in whole.parameters()} == {torch.float32}
    exact = dtype == torch.float32
    torch.testing.assert_close(
        states(whole), told, rtol=0, atol=1e-5 if exact else 0.1, msg="not the same function"
    )
    assert not torch.allclose(states(whole), states(plain), atol=1e-3), "adapters did nothing"
    change = whole.state_dict()["encoder.layer.0.output.dense.weight"]
    base = plain.state_dict()["encoder.layer.0.output.dense.weight"].to(dtype).float()
    assert (change != base).float().mean() > 0.99, "what is small must not be rounded away"
