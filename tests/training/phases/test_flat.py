"""The flat layout says what the padded one says, for every head; and what it would be to get wrong
is not small: positions from 0, attention across texts, a head that reads the row's first token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import AttentionInterface

from training.catalogue import SCALES, TASKS
from training.families.base import Batch, Feature, padded
from training.families.registry import FAMILIES
from training.families.tagging import Chunk
from training.families.windows import Window
from training.phases import flat
from training.phases.adapters import adapted
from training.phases.base import Phase
from training.phases.encoder import fresh
from training.phases.intermediate import Intermediate
from training.phases.mlm import MaskedLanguageModel
from training.phases.recompute import recomputing
from training.phases.supervised import Learnt
from training.spec.recipe import Recipe

PIECES, PAD, HIDDEN = 50, 1, 16
SHAPE = {"hidden": HIDDEN, "heads": 2, "feedforward": 32, "layers": 2, "vocabulary": PIECES}
RECIPE = Recipe(batch=4, steps=10, dropout=0.0)
LENGTHS = (5, 9, 9, 3, 12, 7)
CLOSE = 1e-5
TASK = {"pair": "mnli", "choice": "csqa", "tagging": "udpos", "span": "squad"}
HEADS = (*TASK, "mlm", "joint")


@pytest.fixture(params=["nano", "nano-xl"])
def scale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def encoder(scale: str, layout: str, dropout: float = 0.0) -> nn.Module:
    """Small, with attention that is far from even: a fresh one hardly looks at anything."""
    made = fresh(replace(SCALES[scale], **SHAPE), PIECES, 1)  # type: ignore[arg-type]
    sharpened(made)
    for one in made.modules():
        if isinstance(one, nn.Dropout):
            one.p = dropout
    return flat.laid_out(made, layout)


@torch.no_grad()
def sharpened(module: nn.Module) -> None:
    for one in module.modules():
        if isinstance(one, nn.Linear):
            one.weight *= 12


def texts(lengths: Sequence[int], seed: int = 3) -> list[tuple[int, ...]]:
    draw = torch.Generator().manual_seed(seed)
    words = [torch.randint(4, PIECES, (size - 2,), generator=draw).tolist() for size in lengths]
    return [(0, *one, 2) for one in words]


def inputs(lengths: Sequence[int]) -> Batch:
    ids = padded(texts(lengths), PAD)
    return {"input_ids": ids, "attention_mask": (ids != PAD).long()}


def feature(head: str, ids: tuple[int, ...], place: int) -> Feature:
    if head == "tagging":
        firsts = tuple(range(1, len(ids) - 1))
        return Feature((ids,), tuple(i % 5 for i in firsts), place, Chunk(0, firsts))
    if head == "span":
        window = Window(1, ((0, 1),) * (len(ids) - 2), (0, len(ids) - 2), len(ids))
        return Feature((ids,), (1, len(ids) - 2), place, window)
    return Feature((ids,), place % 3, place)


def told(head: str) -> Any:
    """A training batch of a head, as its phase gets it."""
    found = texts(LENGTHS)
    if head in ("mlm", "joint"):
        batch = inputs(LENGTHS)
        places = batch["attention_mask"].view(-1).nonzero().squeeze(1)[1::3]
        batch |= {"positions": places, "labels": batch["input_ids"].view(-1)[places]}
        return batch if head == "mlm" else ("mlm", batch)
    if head == "choice":
        both = [Feature(tuple(found[i : i + 3]), i % 3, i) for i in (0, 3)]
        return TASK[head], learnt(head).family.collate(both, PAD)
    features = [feature(head, ids, i) for i, ids in enumerate(found)]
    return TASK[head], learnt(head).family.collate(features, PAD)


def learnt(head: str) -> Learnt:
    task = TASKS[TASK[head]]
    return Learnt(replace(task, labels=task.labels or tuple("ABCDE")), FAMILIES[task.family])


def phase(head: str, one: nn.Module) -> Phase:
    if head == "mlm":
        return MaskedLanguageModel(one, RECIPE, 1, 10)
    name = "pair" if head == "joint" else head
    tasks = {TASK[name]: learnt(name)}
    return Intermediate(one, tasks, RECIPE, 1, 10, PIECES if head == "joint" else 0)


def equal(mine: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(mine, theirs, rtol=0, atol=CLOSE)


def real(states: Tensor, batch: Batch) -> Tensor:
    """[P, H]: padding holds nothing that anybody reads."""
    return states[batch["attention_mask"].bool()]


def both(scale: str, lengths: Sequence[int] = LENGTHS) -> tuple[Tensor, nn.Module, Batch]:
    """The padded layout's states of real tokens, and a flat encoder to compare."""
    batch, plain = inputs(lengths), encoder(scale, "padded")
    return real(plain(**batch).last_hidden_state, batch), encoder(scale, "flat"), batch


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


def heads(lengths: Sequence[int]) -> tuple[list[Tensor], flat.Pack]:
    mask = inputs(lengths)["attention_mask"]
    told = flat.found(mask)
    draw = torch.Generator().manual_seed(5)
    three = [torch.randn(1, 2, sum(lengths), 8, generator=draw) for _ in range(3)]
    return three, (told[flat.PLACES], told[flat.BOUNDS], (len(lengths), max(lengths)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(3, 24), min_size=1, max_size=9))
def test_the_ways_to_attend_agree(lengths: list[int]) -> None:
    """Against softmax(q k') v of each text, written out."""
    three, pack = heads(lengths)
    expected = []
    for q, k, v in zip(*(one[0].split(lengths, 1) for one in three), strict=True):
        expected.append(((q @ k.mT * 0.3).softmax(-1) @ v).transpose(0, 1))
    whole = torch.cat(expected)[None]
    equal(flat.by_text(*three, pack[1], 0.0, 0.3), whole)
    equal(flat.apart(*three, pack, 0.0, 0.3), whole)


@pytest.mark.parametrize("way", ["by_text", "apart"])
def test_attention_dropout_is_right_on_average(way: str) -> None:
    """A kept weight counts 1 / (1 - p) times: the mean over draws is attention without dropout."""
    three, pack = heads((4, 4, 6))

    def attended(dropout: float) -> Tensor:
        if way == "apart":
            return flat.apart(*three, pack, dropout, None)
        return flat.by_text(*three, pack[1], dropout, None)

    torch.manual_seed(1)
    drawn = torch.stack([attended(0.3) for _ in range(1500)])
    spread = drawn.std(0) / 1500**0.5
    assert (spread > 0).all()
    assert ((drawn.mean(0) - attended(0.0)).abs() < 5 * spread + 1e-3).all()


class Seen(TorchDispatchMode):
    """The arguments of the flash kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._flash_attention_forward.default:
            self.calls.append((args, kwargs))
        return func(*args, **(kwargs or {}))


def test_the_gpus_kernel_is_told_bounds_dropout_and_scale() -> None:
    """Without a GPU, on tensors without numbers; there is a way back through it."""
    _, pack = heads(LENGTHS)
    told = {"dtype": torch.bfloat16, "device": "meta", "requires_grad": True}
    three = [torch.empty(1, 2, sum(LENGTHS), 8, **told) for _ in range(3)]
    bounds, longest = pack[1].to("meta"), pack[2][1]
    module = nn.Module()
    with Seen() as seen:
        out, _ = flat.attention(
            module, *three, None, 0.1, 0.3, (pack[0].to("meta"), bounds, pack[2])
        )
    assert out.shape == (1, sum(LENGTHS), 2, 8)
    ((args, more),) = seen.calls
    assert [tuple(one.shape) for one in args[:3]] == [(sum(LENGTHS), 2, 8)] * 3
    assert args[3] is bounds and args[4] is bounds and bounds.dtype == torch.int32
    assert args[5:10] == (longest, longest, 0.1, False, False) and more["scale"] == 0.3
    out.float().sum().backward()
    assert all(one.grad is not None and one.grad.shape == one.shape for one in three)


def moved(told: Any) -> Any:
    if isinstance(told, torch.Tensor):
        return told.to("meta")
    if isinstance(told, dict):
        return {key: moved(value) for key, value in told.items()}
    return tuple(map(moved, told)) if isinstance(told, tuple) else told


@pytest.mark.parametrize("head", HEADS)
def test_no_step_waits_for_a_gpu(head: str, scale: str) -> None:
    """Tensors without numbers refuse whatever needs one on the host: an item, a count, a mask."""
    module = phase(head, encoder(scale, "flat").bfloat16())
    batch = moved(module.on_before_batch_transfer(told(head), 0))
    with Seen() as seen:
        losses = module.to("meta").losses(batch)
        module.total(losses).backward()
    assert len(seen.calls) == SHAPE["layers"]
    words = module.words.weight.grad
    assert words is not None and words.device.type == "meta"
    with pytest.raises(RuntimeError, match="meta"):
        flat.states(module.encoder, {k: moved(v) for k, v in inputs(LENGTHS).items()})


def test_which_heads_the_gpus_kernel_takes() -> None:
    assert flat.suits(torch.bfloat16, 80) and flat.suits(torch.float16, 64)
    assert not flat.suits(torch.float32, 64) and not flat.suits(torch.bfloat16, 12)


def test_by_itself_a_processor_keeps_the_padded_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a GPU of ours the flat one, in 16 bits."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert not flat.is_flat(encoder("nano", "auto"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    half = encoder("nano", "padded").bfloat16()
    assert flat.is_flat(flat.laid_out(half, "auto"))
    assert not flat.is_flat(flat.laid_out(encoder("nano", "padded"), "auto")), "fp32"


def test_places_are_found_wherever_a_batch_is() -> None:
    """A batch, a named one, the parts of one; others are left as they are."""
    batch = inputs((3, 5))
    placed = flat.placed(batch)
    assert placed[flat.PLACES].tolist() == [0, 1, 2, 5, 6, 7, 8, 9]
    assert placed[flat.BOUNDS].tolist() == [0, 3, 8]
    parts = flat.placed([("mnli", batch), ("mnli", batch)])
    assert [name for name, _ in parts] == ["mnli", "mnli"] and flat.BOUNDS in parts[1][1]
    assert flat.PLACES not in batch


def test_a_padded_batch_is_still_read_by_a_flat_encoder(scale: str) -> None:
    """As the ranking loss and retrieval give it, to the bit."""
    batch = inputs(LENGTHS)
    assert torch.equal(*(encoder(scale, one)(**batch)[0] for one in ("padded", "flat")))
