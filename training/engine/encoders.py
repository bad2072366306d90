"""Where a run's encoder comes from: its parent, the package, the hub, or a random start."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from training import catalogue
from training.data.errors import MissingData
from training.data.vocabulary import trimmed
from training.engine import manifest
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.weights import SHIPPED, local_model, missing_model, shipped
from training.phases.adapters import adapted
from training.phases.compiled import by_layer
from training.phases.encoder import fresh, load, tokenizer_of
from training.phases.flat import laid_out
from training.phases.recompute import recomputing
from training.phases.tensors import PICKLED, SAFE, converted
from training.spec.run import Run, digest
from training.spec.scale import Scale
from training.spec.source import artificial

ENCODER = manifest.ENCODER
Start = tuple[nn.Module, PreTrainedTokenizerBase]


def learner(run: Run, runtime: Runtime, spare: bool = False) -> Start:
    """What a run trains: its start in the recipe's precision, with adapters where it asks for them,
    in the runtime's layout.

    `spare`: with less memory for the backward pass, and nothing compiled, since what is computed
    again is told product by product. Raises as `start` does.
    """
    told, scale = run.recipe, catalogue.scale(run.scale)
    dtype = torch.float32 if told.precision == "fp32" else torch.bfloat16
    encoder, words = start(run.parent, scale, run.source, runtime, told.scratch, run.seed, dtype)
    if told.method == "lora":
        encoder = adapted(encoder, told.rank, run.seed)
    encoder = laid_out(encoder, runtime.layout)
    if spare:
        return recomputing(encoder), words
    return by_layer(encoder) if runtime.compiled else encoder, words


def start(
    parent: str | None,
    scale: Scale,
    source: str,
    runtime: Runtime,
    scratch: bool = False,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Start:
    """The encoder and tokenizer that a job starts from.

    Raises MissingData where published or shipped weights are not on this machine, Lost where the
    parent's are not what it wrote.
    """
    if parent:
        directory = whole(parent, runtime) / ENCODER
        return load(directory, dtype), tokenizer_of(directory)
    kind, _, name = scale.weights.partition(":")
    if scratch or kind == "random":
        tokenizer = vocabulary(source, scale, runtime)
        return fresh(scale, len(tokenizer), seed).to(dtype), tokenizer
    if kind == "shipped":
        return load(shipped(scale), dtype), tokenizer_of(shipped(scale))
    return hub(name, runtime, dtype)


def here() -> torch.device:
    """What this process computes on: a GPU where it sees one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def whole(id: str, runtime: Runtime) -> Path:
    """The folder of a finished run, every file of which is what was written. Raises Lost."""
    path = Store(runtime.work).path(id)
    reason = manifest.amiss(path, thorough=True)
    if reason:
        with suppress(OSError):  # so that the next launch knows without reading it all
            (path / manifest.DAMAGED).write_text(f"{reason}\n")
        raise manifest.Lost(id, reason)
    return path


def hub(name: str, runtime: Runtime, dtype: torch.dtype) -> Start:
    """A published model: a local copy under `<data>/models/`, else the hub or its cache.

    A pickled one is kept as safetensors in the work directory's cache.
    """
    try:
        folder = local_model(name, runtime) or fetched(name)
        if not any(folder.glob(SAFE)):
            about = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in folder.glob(PICKLED)]
            own = f"{name.replace('/', '__')}-{digest(sorted(about))}"
            folder = converted(folder, runtime.cache / "models" / own)
        return load(folder, dtype), tokenizer_of(folder)
    except OSError as error:
        raise missing_model(name, runtime) from error


def fetched(name: str) -> Path:
    """The hub's copy of a model in its own cache: safetensors if it has them."""
    from huggingface_hub import snapshot_download

    folder = Path(snapshot_download(name, allow_patterns=["*.json", "*.model", SAFE]))
    if any(folder.glob(SAFE)):
        return folder
    return Path(snapshot_download(name, allow_patterns=["*.json", "*.model", PICKLED]))


def vocabulary(source: str, scale: Scale, runtime: Runtime) -> PreTrainedTokenizerBase:
    """The tokenizer of a model from scratch: the miniature's, or XLM-R's trimmed to the text."""
    if artificial(source):
        return tokenizer_of(SHIPPED / "tokenizer")
    if runtime.data is None:
        raise MissingData("a vocabulary", "--data, which was not given", "name it with --data")
    place = digest(str(runtime.data.resolve()))
    cache = runtime.work / "cache" / f"tokenizer-{scale.vocabulary}-{place}"
    return tokenizer_of(trimmed(runtime.data, scale.vocabulary, cache))
