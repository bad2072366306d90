"""Weights on disk, one tensor at a time, into an encoder that was made without any.

XXL is published as one file of 42.9 GB that a plain reading would hold twice. Here the encoder is
made on torch's meta device, where weights have shapes only, and each is read, given its type and
put in its place. A pickled `.bin` (read as weights only, mapped) is written once as safetensors.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from training.folders import appearing

SAFE, PICKLED = "*.safetensors", "pytorch_model*.bin"
INDEX = "model.safetensors.index.json"
PART = 2 * 2**30
"""Bytes of a file that is written; a larger tensor has one of its own."""
BODY = "roberta."
"""Before the names of an encoder within a published language model."""
Named = Iterator[tuple[str, Tensor]]


def stored(folder: Path) -> Named:
    """Every tensor of a folder's safetensors, mapped: nothing is read before it is used."""
    for path in sorted(folder.glob(SAFE)):
        with safe_open(path, "pt") as opened:
            for name in opened.keys():  # noqa: SIM118  (it is no mapping)
                yield name, opened.get_tensor(name)


def pickled(folder: Path) -> Named:
    """Every tensor of a folder's `.bin` files, mapped where their format allows."""
    for path in sorted(folder.glob(PICKLED)):
        mapped = zipfile.is_zipfile(path)  # what torch wrote before 1.6 is none
        yield from torch.load(path, map_location="cpu", weights_only=True, mmap=mapped).items()


def converted(folder: Path, target: Path, part: int = PART) -> Path:
    """The folder's encoder as safetensors in `target`, made there once; heads are left out."""
    if target.is_dir():
        return target
    with appearing(target) as made:
        places: dict[str, str] = {}
        for number, some in enumerate(in_parts(pickled(folder), part), 1):
            file = f"model-{number:05}.safetensors"
            save_file(some, made / file, metadata={"format": "pt"})
            places |= dict.fromkeys(some, file)
        index = {"metadata": {}, "weight_map": places}
        (made / INDEX).write_text(json.dumps(index, indent=1))
        for one in folder.iterdir():  # configuration and tokenizer
            if one.is_file() and not one.match(PICKLED) and one.suffix in {".json", ".model"}:
                shutil.copy(one, made / one.name)
    return target


def in_parts(tensors: Named, part: int) -> Iterator[dict[str, Tensor]]:
    """An encoder's tensors by their plain names, about `part` bytes together."""
    some: dict[str, Tensor] = {}
    size = 0
    for name, value in tensors:
        if not name.startswith(BODY) or name.endswith("position_ids"):
            continue
        if some and size + value.nbytes > part:
            yield some
            some, size = {}, 0
        some[name.removeprefix(BODY)] = value.contiguous()
        size += value.nbytes
    if some:
        yield some


def fill(model: nn.Module, tensors: Named, dtype: torch.dtype) -> nn.Module:
    """Give every weight of a model on the meta device its value; what it does not have is passed.

    Raises RuntimeError where one is missing or has another shape.
    """
    due = {name: one.shape for name, one in model.named_parameters()}
    for given, value in tensors:
        name = given.removeprefix(BODY)
        if name not in due:
            continue
        if value.shape != due.pop(name):
            raise RuntimeError(f"{name} has the shape {tuple(value.shape)}, which is not its own")
        place(model, name, nn.Parameter(value.to(dtype, copy=True)))
    if due:
        raise RuntimeError(f"weights are missing: {', '.join(sorted(due)[:5])}")
    for name, one in model.named_buffers():
        if one.is_meta:
            place(model, name, counted(name, one))
    return model


def place(model: nn.Module, name: str, value: Tensor) -> None:
    """Put a parameter or buffer where the one of this name is."""
    owner, _, own = name.rpartition(".")
    at = model.get_submodule(owner)
    (at._parameters if isinstance(value, nn.Parameter) else at._buffers)[own] = value


def counted(name: str, like: Tensor) -> Tensor:
    """XLM-R's two buffers, which are not stored: numbers of positions, and zeros of types."""
    kinds = {"position_ids": torch.arange(like.shape[-1])}
    kinds["token_type_ids"] = torch.zeros(like.shape[-1], dtype=torch.long)
    return kinds[name.rpartition(".")[2]].expand(like.shape)
