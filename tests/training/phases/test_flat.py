"""The flat layout says what the padded one says, for every head; and what it would be to get wrong
is not small: positions from 0, attention across texts, a head that reads the row's first token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from flat_of import (
    CLOSE,
    HEADS,
    HIDDEN,
    LENGTHS,
    RECIPE,
    TASK,
    both,
    encoder,
    equal,
    inputs,
    phase,
    real,
    sharpened,
    told,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import AttentionInterface

from training.phases import flat
from training.phases.adapters import adapted
from training.phases.base import Phase
from training.phases.recompute import recomputing


@pytest.fixture(params=["nano", "nano-xl"])
def scale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("head", HEADS)
def test_losses_and_gradients_of_every_head_are_the_padded_ones(head: str, scale: str) -> None:
    plain, laid = (phase(head, encoder(scale, layout)) for layout in ("padded", "flat"))
    batch = told(head)
    losses = plain.losses(batch), laid.losses(laid.on_before_batch_transfer(batch, 0))
    for mine, theirs in zip(*(one.values() for one in losses), strict=True):
        equal(theirs, mine)
        mine.backward()
        theirs.backward()
    learnt_of = zip(plain.named_parameters(), laid.parameters(), strict=True)
    for (name, mine), theirs in learnt_of:
        assert (mine.grad is None) == (theirs.grad is None), name
        if mine.grad is not None:
            torch.testing.assert_close(theirs.grad, mine.grad, rtol=1e-4, atol=CLOSE, msg=name)
    assert any(one.grad is not None and one.grad.abs().max() > 1e-3 for one in laid.parameters())


@pytest.mark.parametrize("head", TASK)
def test_logits_of_every_head_are_the_padded_ones(head: str, scale: str) -> None:
    name, batch = told(head)
    modules = [phase(head, encoder(scale, layout)).eval() for layout in ("padded", "flat")]
    equal(*(module.logits(name, batch) for module in modules))  # type: ignore[operator]


PLAIN = {name: encoder(name, "padded").eval() for name in ("nano", "nano-xl")}
LAID = {name: encoder(name, "flat").eval() for name in ("nano", "nano-xl")}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(3, 24), min_size=1, max_size=9), st.sampled_from(sorted(PLAIN)))
def test_any_lengths_give_the_padded_states(lengths: list[int], scale: str) -> None:
    batch = inputs(lengths)
    with torch.no_grad():
        theirs = PLAIN[scale](**batch).last_hidden_state
        mine = flat.states(LAID[scale], batch)
    equal(real(mine, batch), real(theirs, batch))
    assert not mine[batch["attention_mask"] == 0].any(), "padding is zero"


def test_positions_from_zero_would_be_seen(scale: str) -> None:
    theirs, laid, batch = both(scale)
    equal(real(flat.states(laid, batch), batch), theirs)
    laid.embeddings.padding_idx = -1  # type: ignore[union-attr]
    broken = real(flat.states(laid, batch), batch)
    assert (broken - theirs).abs().max() > 1000 * CLOSE
    with pytest.raises(AssertionError):
        equal(broken, theirs)


def test_attention_across_texts_would_be_seen(scale: str) -> None:
    theirs, laid, batch = both(scale)

    def across(*three: Any, pack: Any = None, **more: Any) -> tuple[Tensor, None]:
        return flat.attention(*three, **more)  # what sdpa does of a row

    AttentionInterface.register(flat.NAME, across)
    try:
        broken = real(flat.states(laid, batch), batch)
    finally:
        AttentionInterface.register(flat.NAME, flat.attention)
    assert (broken - theirs).abs().max() > 1000 * CLOSE
    with pytest.raises(AssertionError):
        equal(broken, theirs)
    equal(real(flat.states(laid, batch), batch), theirs)


def test_a_head_that_reads_the_rows_first_token_would_be_seen(scale: str) -> None:
    """transformers' own classification heads do: `features[:, 0]`."""
    theirs, laid, batch = both(scale)
    module = phase("pair", laid)
    firsts = theirs[flat.found(batch["attention_mask"])[flat.BOUNDS][:-1]]
    head = module.heads[TASK["pair"]]  # type: ignore[index]
    sharpened(head)
    states = module.states(batch)
    equal(head(states), head(firsts[:, None]))
    row = states[batch["attention_mask"].bool()][None]
    broken = head(row).expand(len(LENGTHS), -1)
    assert (broken - head(firsts[:, None]))[1:].abs().max() > 1000 * CLOSE
    with pytest.raises(AssertionError):
        equal(broken, head(firsts[:, None]))


@pytest.mark.parametrize("spare", [False, True], ids=["kept", "computed again"])
@pytest.mark.parametrize("lora", [False, True], ids=["full", "lora"])
def test_adapters_and_computing_again_change_nothing(scale: str, lora: bool, spare: bool) -> None:
    """With attention dropout, which computing again must draw alike."""

    def gradients(layout: str, spare: bool, dropout: float) -> dict[str, Tensor]:
        model = encoder(scale, layout, dropout).train()
        model = adapted(model, 4, seed=1) if lora else model
        model = recomputing(model) if spare else model
        torch.manual_seed(7)
        states = Phase(model, replace(RECIPE, dropout=dropout), 1, 1).states(inputs(LENGTHS))
        mask = inputs(LENGTHS)["attention_mask"][:, :, None]
        (states * mask * torch.linspace(-1, 1, HIDDEN)).mean().backward()
        return {n: one.grad for n, one in model.named_parameters() if one.grad is not None}

    theirs, mine = gradients("padded", False, 0.0), gradients("flat", spare, 0.0)
    assert theirs.keys() == mine.keys()
    for name, value in theirs.items():
        torch.testing.assert_close(mine[name], value, rtol=1e-4, atol=CLOSE, msg=name)
    kept, again = gradients("flat", False, 0.3), gradients("flat", True, 0.3)
    assert all(torch.equal(value, again[name]) for name, value in kept.items())


def test_half_precision_differs_by_its_rounding_only(scale: str) -> None:
    theirs, _, batch = both(scale)
    halves = [encoder(scale, layout).bfloat16() for layout in ("padded", "flat")]
    both_states = halves[0](**batch).last_hidden_state, flat.states(halves[1], batch)
    assert both_states[1].dtype == torch.bfloat16
    off = [float((real(one.float(), batch) - theirs).norm().detach()) for one in both_states]
    assert 0 < off[0] < 0.1 * float(theirs.norm().detach())
    assert off[1] < 1.2 * off[0]


def test_attention_dropout_acts_and_the_seed_decides(scale: str) -> None:
    laid, batch = encoder(scale, "flat").train(), inputs(LENGTHS)
    for one in laid.encoder.layer:  # type: ignore[union-attr]
        one.attention.self.dropout.p = 0.5

    def drawn(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return flat.states(laid, batch)

    assert torch.equal(drawn(1), drawn(1))
    assert (drawn(1) - drawn(2)).abs().max() > 1000 * CLOSE
    plain = encoder(scale, "padded").eval()
    equal(real(flat.states(laid.eval(), batch), batch), real(plain(**batch)[0], batch))
