"""Moments in 8 bits: one of 256 numbers, times the largest of the row.

The numbers are those of dynamic quantisation (Dettmers et al. 2021, "8-bit Optimizers via
Block-wise Quantization", arXiv 2110.02861): seven powers of ten, the larger the finer. Theirs is to
the nearest and by blocks of 2,048; here a block is a row of a matrix, so that a tensor that is
divided among processes by rows needs nothing of the others, and the number is the one above or
below by chance, so that a change too small to show (AdamW's second moment moves by a thousandth) is
right on average.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

POWERS = 7
SMALLEST = torch.finfo(torch.float32).tiny


@cache
def table(signed: bool, device: torch.device) -> Tensor:
    """The 256 numbers in order, from -1 (or 0) to 1; on a device once, so that no step waits."""
    found = [0.0, 1.0]
    for power in range(POWERS):
        count = 2 ** (power if signed else power + 1)
        edges = torch.linspace(0.1, 1, count + 1, dtype=torch.float64)
        middles = ((edges[:-1] + edges[1:]) / 2 * 10.0 ** (power - POWERS + 1)).tolist()
        found += middles + [-one for one in middles] * signed
    return torch.tensor(sorted(found), dtype=torch.float32, device=device)


def encode(value: Tensor, signed: bool, numbers: Tensor) -> tuple[Tensor, Tensor]:
    """fp32 [R, C] as indices [R, C] (uint8) of `numbers` (`table`), and the largest of each row
    [R, 1].

    What is not signed and not zero never becomes zero: it is divided by.
    """
    largest = value.abs().amax(1, keepdim=True)
    share = value / largest.clamp_min(SMALLEST)
    below = (torch.bucketize(share, numbers, right=True) - 1).clamp_(0, len(numbers) - 2)
    low, high = numbers[below], numbers[below + 1]
    index = below + (torch.rand_like(share) * (high - low) < share - low)
    if not signed:
        index = torch.where(value > 0, index.clamp_min(1), index)
    return index.to(torch.uint8), largest


def decode(index: Tensor, largest: Tensor, numbers: Tensor) -> Tensor:
    """The fp32 numbers [R, C] that indices and the rows' largest stand for."""
    return numbers[index.long()] * largest
