"""Of the last layer is computed what the head reads, and that is what the whole layer gives."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from flat_of import CLOSE, HEADS, HIDDEN, LENGTHS, RECIPE, encoder, equal, inputs, phase, told
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from training.phases.adapters import adapted
from training.phases.base import Phase
from training.phases.recompute import recomputing

SCALES, LAYOUTS = ("nano", "nano-xl"), ("padded", "flat")
LAID = {(s, one): encoder(s, one).eval() for s in SCALES for one in LAYOUTS}


@pytest.fixture(params=SCALES)
def scale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@torch.no_grad()
def states(model: nn.Module, lengths: Sequence[int], first: bool = True) -> Tensor:
    """Of the first tokens [N, 1, H], computed alone or with the whole layer."""
    return Phase(model, RECIPE, 1, 1).eval().states(inputs(lengths), first)[:, :1]


@pytest.mark.parametrize("head", HEADS)
def test_no_more_is_computed_than_the_head_reads(head: str, scale: str, layout: str) -> None:
    module, batch = phase(head, encoder(scale, layout)), told(head)
    rows: list[int] = []
    for layer in module.encoder.encoder.layer:  # type: ignore[union-attr]
        layer.intermediate.register_forward_hook(
            lambda _, told, out: rows.append(out.shape[0] * out.shape[1])
        )
    module.losses(module.on_before_batch_transfer(batch, 0))
    whole = sum(LENGTHS) if layout == "flat" else len(LENGTHS) * max(LENGTHS)
    assert rows == [whole, len(LENGTHS) if head in ("pair", "choice") else whole]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(3, 24), min_size=1, max_size=9), st.sampled_from(sorted(LAID)))
def test_first_tokens_alone_have_the_whole_layers_states(
    lengths: list[int], which: tuple[str, str]
) -> None:
    """In either layout those of the padded one."""
    theirs = states(LAID[which[0], "padded"], lengths, first=False)
    for model in (LAID[which], copy.deepcopy(LAID[which])):
        mine = states(model, lengths)
        assert mine.shape == (len(lengths), 1, HIDDEN)
        equal(mine, theirs)


def test_attention_to_padding_would_be_seen(scale: str) -> None:
    model = copy.deepcopy(LAID[scale, "padded"])
    last = model.encoder.layer[-1]  # type: ignore[union-attr, index]
    usual = last.forward
    last.forward = lambda states, mask=None, *more, **told: usual(states, None, *more, **told)
    whole, broken = states(LAID[scale, "padded"], LENGTHS, first=False), states(model, LENGTHS)
    assert (broken - whole).abs().max() > 1000 * CLOSE


@pytest.mark.parametrize("lora", [False, True], ids=["full", "lora"])
def test_first_tokens_alone_give_the_whole_layers_gradients(
    scale: str, layout: str, lora: bool
) -> None:
    """With layers that are computed again, too, whose dropout must be drawn alike."""

    def gradients(first: bool, spare: bool, dropout: float) -> dict[str, Tensor]:
        model = encoder(scale, layout if first else "padded", dropout).train()
        model = adapted(model, 4, seed=1) if lora else model
        model = recomputing(model) if spare else model
        torch.manual_seed(7)
        module = Phase(model, replace(RECIPE, dropout=dropout), 1, 1)
        states = module.states(inputs(LENGTHS), first)[:, 0]
        (states * torch.linspace(-1, 1, HIDDEN)).mean().backward()
        return {n: one.grad for n, one in model.named_parameters() if one.grad is not None}

    theirs = gradients(False, False, 0.0)
    for spare in (False, True):
        mine = gradients(True, spare, 0.0)
        assert theirs.keys() == mine.keys()
        for name, value in theirs.items():
            torch.testing.assert_close(mine[name], value, rtol=1e-4, atol=CLOSE, msg=name)
    kept, again = gradients(True, False, 0.3), gradients(True, True, 0.3)
    assert all(torch.equal(value, again[name]) for name, value in kept.items())
