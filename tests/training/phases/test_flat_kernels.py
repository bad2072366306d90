"""The ways to attend in the flat layout: on a processor, by the GPU's kernel, and padded for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from flat_of import HEADS, LENGTHS, SHAPE, encoder, equal, inputs, phase, told
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from training.phases import flat


@pytest.fixture(params=["nano", "nano-xl"])
def scale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def heads(lengths: Sequence[int]) -> tuple[list[Tensor], flat.Pack]:
    mask = inputs(lengths)["attention_mask"]
    told = flat.found(mask)
    draw = torch.Generator().manual_seed(5)
    three = [torch.randn(1, 2, sum(lengths), 8, generator=draw) for _ in range(3)]
    return three, flat.Pack(told[flat.PLACES], told[flat.BOUNDS], (len(lengths), max(lengths)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(3, 24), min_size=1, max_size=9))
def test_the_ways_to_attend_agree(lengths: list[int]) -> None:
    """Against softmax(q k') v of each text, written out."""
    three, pack = heads(lengths)
    expected = []
    for q, k, v in zip(*(one[0].split(lengths, 1) for one in three), strict=True):
        expected.append(((q @ k.mT * 0.3).softmax(-1) @ v).transpose(0, 1))
    whole = torch.cat(expected)[None]
    equal(flat.by_text(*three, pack.bounds, 0.0, 0.3), whole)
    equal(flat.apart(*three, pack, 0.0, 0.3), whole)
    firsts = pack.bounds[:-1]
    three[0], whole = three[0][:, :, firsts], whole[:, firsts]
    equal(flat.by_text(*three, pack.bounds, 0.0, 0.3, first=True), whole)
    equal(flat.apart(*three, pack, 0.0, 0.3, first=True), whole)


@pytest.mark.parametrize("way", ["by_text", "apart"])
def test_attention_dropout_is_right_on_average(way: str) -> None:
    """A kept weight counts 1 / (1 - p) times: the mean over draws is attention without dropout."""
    three, pack = heads((4, 4, 6))

    def attended(dropout: float) -> Tensor:
        if way == "apart":
            return flat.apart(*three, pack, dropout, None)
        return flat.by_text(*three, pack.bounds, dropout, None)

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
    bounds, longest = pack.bounds.to("meta"), pack.shape[1]
    module, on_meta = nn.Module(), flat.Pack(pack.places.to("meta"), bounds, pack.shape)
    with Seen() as seen:
        out, _ = flat.attention(module, *three, None, 0.1, 0.3, on_meta)
    assert out.shape == (1, sum(LENGTHS), 2, 8)
    ((args, more),) = seen.calls
    assert [tuple(one.shape) for one in args[:3]] == [(sum(LENGTHS), 2, 8)] * 3
    assert args[3] is bounds and args[4] is bounds and bounds.dtype == torch.int32
    assert args[5:10] == (longest, longest, 0.1, False, False) and more["scale"] == 0.3
    out.float().sum().backward()
    assert all(one.grad is not None and one.grad.shape == one.shape for one in three)
    some = three[0][:, :, : len(LENGTHS)]
    with Seen() as seen:
        out, _ = flat.attention(module, some, *three[1:], None, 0.1, 0.3, on_meta, first=True)
    assert out.shape == (1, len(LENGTHS), 2, 8)
    ((args, _),) = seen.calls
    assert args[3].shape == bounds.shape and args[3].dtype == torch.int32 and args[4] is bounds
    assert args[5:8] == (1, longest, 0.1)


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
