"""Batches laid out flat: all real tokens of a batch in one row, so that no product sees padding.

A padded batch [N, T] becomes a row [1, P] of its P real tokens; positions begin at 2 in every text
(XLM-R's padding index, plus 1), and the attention function that is registered with transformers
here keeps each text to itself. The last hidden states are put back as [N, T, H], zero at padding,
so that heads and families know nothing of it. Which examples meet in a batch does not change.

Attention is torch's varlen flash kernel on a GPU (16-bit), a text after the other on a CPU, and
else one padded call; each has the recipe's dropout. torch's own `varlen_attn` has none, and sdpa
would let texts attend to each other: nothing of that is told by an error.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention as sdpa
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from training.families.base import Batch
from training.phases import firsts

NAME = "silta_flat"
PLACES, BOUNDS = "places", "bounds"
"""Of a batch: where its real tokens are, [P] into N * T; where texts begin and end, [N + 1]."""


class Pack(NamedTuple):
    """What a layer is told of a flat batch."""

    places: Tensor
    bounds: Tensor
    shape: tuple[int, int]
    """(N, T)."""


def laid_out(encoder: nn.Module, layout: str) -> nn.Module:
    """The encoder, which is given its batches flat from now on if so asked; its last layer computes
    what is read of it.

    `layout`: `padded`, `flat`, or `auto`: flat where a GPU has the kernel for this encoder.
    """
    if layout == "flat" or (layout == "auto" and has_varlen(encoder)):
        encoder.set_attn_implementation(NAME)  # type: ignore[operator]
    return firsts.spared(encoder)


def is_flat(encoder: nn.Module) -> bool:
    """Whether an encoder is given its batches flat."""
    return bool(encoder.config._attn_implementation == NAME)  # type: ignore[union-attr]


def has_varlen(encoder: nn.Module) -> bool:
    """Whether this machine's GPU has a kernel for texts of any length in a row."""
    if not torch.cuda.is_available() or torch.cuda.get_device_capability()[0] < 8:
        return False
    config: Any = encoder.config
    dtype = next(encoder.parameters()).dtype
    return suits(dtype, config.hidden_size // config.num_attention_heads)


def suits(dtype: torch.dtype, width: int) -> bool:
    """Whether the flash kernel takes heads of this type and width."""
    return dtype in (torch.bfloat16, torch.float16) and width % 8 == 0 and width <= 256


def placed(batch: Any) -> Any:
    """A batch, a named one, or a list of such, with the places of its real tokens.

    To be called while it is on the CPU: a GPU would have to be waited for to count them.
    """
    if isinstance(batch, dict):
        return batch | found(batch["attention_mask"])
    if isinstance(batch, (list, tuple)):
        return type(batch)(placed(one) for one in batch)
    return batch


def found(mask: Tensor) -> Batch:
    """Places and bounds of the real tokens of [N, T]."""
    lengths = mask.sum(1, dtype=torch.int32)
    bounds = nn.functional.pad(lengths.cumsum(0, dtype=torch.int32), (1, 0))
    return {PLACES: mask.reshape(-1).nonzero().squeeze(1), BOUNDS: bounds}


def states(encoder: nn.Module, batch: Batch, first: bool = False) -> Tensor:
    """Last hidden states [N, T, H] in the encoder's type, computed of the real tokens only; those
    of each text's first token [N, 1, H], where these are enough."""
    ids, mask = batch["input_ids"], batch["attention_mask"]
    told = batch if PLACES in batch else found(mask)
    places = told[PLACES]
    positions = mask.cumsum(1) + encoder.embeddings.padding_idx  # type: ignore[operator, union-attr]
    row = encoder(
        input_ids=ids.reshape(1, -1)[:, places],
        position_ids=positions.reshape(1, -1)[:, places],
        pack=Pack(places, told[BOUNDS], (ids.shape[0], ids.shape[1])),
        **{firsts.FIRST: first},
    ).last_hidden_state[0]
    if first:
        return row[:, None]
    made = row.new_zeros(ids.numel(), row.shape[-1]).index_copy(0, places, row)
    return made.view(*ids.shape, -1)


def attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    pack: Pack | None = None,
    first: bool = False,
    **told: Any,
) -> tuple[Tensor, None]:
    """What a layer calls: [1, heads, P, width] three times -> [1, P, heads, width].

    Without a pack it is a padded batch like any other. `first`: queries, and what is made of them,
    are of the first token of each text.
    """
    if pack is None:
        three = (query, key, value)
        return sdpa_attention_forward(  # type: ignore[no-any-return]
            module, *three, attention_mask, dropout=dropout, scaling=scaling, **told
        )
    if query.device.type == "cpu":
        made = by_text(query, key, value, pack.bounds, dropout, scaling, first)
    elif suits(query.dtype, query.shape[-1]):
        made = varlen(query, key, value, pack, dropout, scaling, first)
    else:
        made = apart(query, key, value, pack, dropout, scaling, first)
    return made, None


@torch.compiler.disable  # type: ignore[untyped-decorator]
def by_text(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bounds: Tensor,
    dropout: float,
    scale: float | None,
    first: bool = False,
) -> Tensor:
    """Neighbours of one length in one call: a batch grouped by length has few lengths."""
    runs = [(length, len(list(same))) for length, same in groupby(bounds.diff().tolist())]
    sizes = [length * count for length, count in runs]
    asked = [count for _, count in runs] if first else sizes
    cut = (one[0].split(some, 1) for one, some in ((query, asked), (key, sizes), (value, sizes)))
    made = []
    for (_, count), *three in zip(runs, *cut, strict=True):
        q, k, v = (one.unflatten(1, (count, -1)).transpose(0, 1) for one in three)
        out = sdpa(q, k, v, dropout_p=dropout, scale=scale)
        made.append(out.transpose(1, 2).flatten(0, 1))
    return torch.cat(made)[None]


def varlen(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    pack: Pack,
    dropout: float,
    scale: float | None,
    first: bool = False,
) -> Tensor:
    """The kernel behind torch's `varlen_attn`, which passes no dropout on."""
    three = (one[0].transpose(0, 1) for one in (query, key, value))
    (texts, longest), bounds = pack.shape, pack.bounds
    asked = torch.arange(texts + 1, dtype=bounds.dtype, device=bounds.device) if first else bounds
    both = (asked, bounds, 1 if first else longest, longest)
    out: Tensor = torch.ops.aten._flash_attention_forward(
        *three, *both, dropout, False, False, scale=scale
    )[0]
    return out[None]


def apart(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    pack: Pack,
    dropout: float,
    scale: float | None,
    first: bool = False,
) -> Tensor:
    """Padded for this one product, which is a small part of a layer's."""
    places, _, (texts, longest) = pack

    def padded(one: Tensor) -> Tensor:
        flat = one.new_zeros(texts * longest, *one.shape[1::2])
        flat = flat.index_copy(0, places, one[0].transpose(0, 1))
        return flat.unflatten(0, (texts, longest)).transpose(1, 2)

    real = torch.zeros(texts * longest, dtype=torch.bool, device=places.device)
    real = real.index_fill(0, places, True).view(texts, 1, 1, longest)
    q = query[0].transpose(0, 1)[:, :, None] if first else padded(query)
    out = sdpa(q, padded(key), padded(value), attn_mask=real, dropout_p=dropout, scale=scale)
    if first:
        return out.transpose(1, 2).flatten(0, 1)[None]
    return out.transpose(1, 2).flatten(0, 1)[places][None]


AttentionInterface.register(NAME, attention)
AttentionMaskInterface.register(NAME, sdpa_mask)
