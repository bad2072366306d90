"""Computing again: the same gradients to the bit, no matrix product twice, less memory."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from training.catalogue import SCALES
from training.phases.adapters import adapted
from training.phases.encoder import fresh
from training.phases.recompute import KEPT, recomputing

SHAPE = {"hidden": 16, "heads": 2, "feedforward": 64, "layers": 2, "vocabulary": 50}
GELU = torch.ops.aten.gelu.default


class Counted(TorchDispatchMode):
    """How often each operation is carried out."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[Any] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen[func] += 1
        return func(*args, **(kwargs or {}))


def gradients(scale: str, spare: bool, lora: bool) -> tuple[dict[str, Tensor], Counter[Any]]:
    model = fresh(replace(SCALES[scale], **SHAPE), 50, 1).train()  # type: ignore[arg-type]
    model = adapted(model, 4, seed=1) if lora else model
    model = recomputing(model) if spare else model
    ids = torch.tensor([[0, 9, 8, 7, 2], [0, 5, 2, 1, 1]])
    torch.manual_seed(7)  # dropout is 0.1
    with Counted() as counted:
        out = model(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
        (out * torch.randn(16)).mean().backward()
    told = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
    return told, counted.seen


@pytest.mark.parametrize("lora", [False, True], ids=["full", "lora"])
@pytest.mark.parametrize("scale", ["nano", "nano-xl"])
def test_gradients_are_the_same_and_no_layers_product_is_computed_twice(
    scale: str, lora: bool
) -> None:
    """Dropout everywhere: were a random number not drawn again, the gradients would differ."""
    (plain, once), (spared, again) = (gradients(scale, spare, lora) for spare in (False, True))
    assert plain.keys() == spared.keys()
    assert all(torch.equal(value, spared[name]) for name, value in plain.items())
    assert any(value.abs().max() > 1e-6 for value in plain.values())
    assert lora or [once[one] for one in KEPT] == [again[one] for one in KEPT]
    assert again[GELU] == 2 * once[GELU] == 2 * SHAPE["layers"]


MEASURE = """
import os, sys, torch
torch.set_num_threads(1)
from dataclasses import replace
from training.catalogue import SCALES
from training.phases.encoder import fresh
from training.phases.recompute import recomputing

def resident():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))

shape = {"hidden": 128, "heads": 4, "feedforward": 512, "layers": 12, "vocabulary": 50}

def kept(way):
    model = fresh(replace(SCALES["nano-xl"], **shape), 50, 1).train()
    model = recomputing(model) if way == "spare" else model
    ids = torch.full((32, 64), 9)
    model(input_ids=ids[:1]).last_hidden_state.sum().backward()
    before = resident()
    out = model(input_ids=ids).last_hidden_state
    return (resident() - before) / (12 * 128 * ids.numel())

for way in sys.argv[1:]:  # each in a process of its own, which has imported what it needs
    child = os.fork()
    if not child:
        print(kept(way), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, way
"""


def test_what_is_kept_for_the_backward_pass_is_less(root: Path) -> None:
    """Bytes a token, layer and unit of width, of a process of its own."""
    told = [sys.executable, "-c", MEASURE, "plain", "spare"]
    done = subprocess.run(told, cwd=root, capture_output=True, text=True, check=True)
    plain, spare = map(float, done.stdout.split())
    print(f"kept for the backward pass: {plain:.0f} h, computing again {spare:.0f} h bytes in fp32")
    assert spare < 0.7 * plain
