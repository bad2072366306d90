"""Token ids made once: every run that reads the same data in the same way maps them into memory.

A folder under `<work>/cache/features` holds the features of one data set, named after all that they
depend on: the rows, the tokenizer, what of the recipe and the task decides on token ids, and the
code that makes them. It appears whole or not at all, and can be deleted at any time.
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, is_dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from training.families import base
from training.families.base import Family, Feature
from training.folders import appearing
from training.spec.recipe import Recipe
from training.spec.run import digest
from training.spec.task import Task

FOLDER = "features"
SCHEMA = "silta.features/1"
READ = ("max_length", "stride", "max_query")
"""What of a recipe decides on token ids."""
ARRAYS = ("ids", "ends", "last", "told", "told_ends")
"""Token ids of all sequences, where each ends, each feature's last sequence (from 1), the rest of
each feature as compressed JSON, and where that ends."""


@dataclass(frozen=True)
class Read:
    """How examples become features: all that `Family.encode` is told."""

    family: Family
    task: Task
    recipe: Recipe
    tokenizer: PreTrainedTokenizerBase
    training: bool

    def encode(self, examples: Sequence[Any]) -> list[Feature]:
        return self.family.encode(
            examples, self.tokenizer, self.task, self.recipe, training=self.training
        )

    def key(self, told: str, count: int) -> str:
        """Names the features of the first `count` examples of the data that `told` is the digest
        of."""
        parts = {name: getattr(self.recipe, name) for name in READ}
        parts |= {"data": told, "count": count, "training": self.training, "schema": SCHEMA}
        parts |= {"task": self.task.name, "labels": list(self.task.labels)}
        return digest(parts | {"tokenizer": named(self.tokenizer), "code": code()})


def features(read: Read, examples: Sequence[Any], told: str, place: Path) -> Sequence[Feature]:
    """The features of examples whose data has the digest `told`; made where the cache `place` has
    none."""
    folder = place / FOLDER / read.key(told, len(examples))
    with suppress(OSError, ValueError, EOFError):  # absent, cut or damaged: it is made again
        return Kept(folder, read.family.place)
    made = read.encode(examples)
    with suppress(OSError):  # no room, or nobody may write there: this run has them all the same
        keep(made, folder)
    return made


class Kept(Sequence[Feature]):
    """Features in files that are mapped into memory. Raises OSError or ValueError where they are
    not whole."""

    def __init__(self, folder: Path, place: Callable[..., Any] | None) -> None:
        arrays = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS)
        self.ids, self.ends, self.last, self.told, self.told_ends = arrays
        self.place = place
        whole = json.loads((folder / "whole.json").read_text())
        if whole != {name: (folder / f"{name}.npy").stat().st_size for name in ARRAYS}:
            raise ValueError(f"{folder}: cut or changed")

    def __len__(self) -> int:
        return len(self.last)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        first = int(self.last[at - 1]) if at else 0
        stops = self.ends[first : int(self.last[at])].tolist()
        starts = [int(self.ends[first - 1]) if first else 0, *stops]
        ids = tuple(
            tuple(self.ids[low:high].tolist()) for low, high in zip(starts, stops, strict=False)
        )
        low = int(self.told_ends[at - 1]) if at else 0
        text = zlib.decompress(self.told[low : int(self.told_ends[at])].tobytes())
        target, example, place = fixed(json.loads(text))
        made = self.place(*place) if self.place and place is not None else place
        return Feature(ids, target, example, made)

    def __iter__(self) -> Iterator[Feature]:
        return (self[i] for i in range(len(self)))

    @property
    def lengths(self) -> list[int]:
        """Tokens of each feature's longest sequence, without reading the features."""
        sizes = np.diff(self.ends, prepend=0)
        firsts = np.concatenate([[0], self.last[:-1]]).astype(np.int64)
        return list(np.maximum.reduceat(sizes, firsts).tolist()) if len(self) else []


def lengths(features: Sequence[Feature]) -> list[int]:
    """Tokens of each feature's longest sequence."""
    return features.lengths if isinstance(features, Kept) else [one.length for one in features]


def keep(made: Sequence[Feature], folder: Path) -> None:
    """Write features as `folder`; where another process has just done so, that is as good."""
    if not made:
        return
    with appearing(folder) as temporary:
        sizes = {}
        for name, array in zip(ARRAYS, arrays(made), strict=True):
            path = temporary / f"{name}.npy"
            np.save(path, array)
            sizes[name] = path.stat().st_size
        (temporary / "whole.json").write_text(json.dumps(sizes))
        shutil.rmtree(folder, ignore_errors=True)  # it is there only if it is damaged


def arrays(made: Sequence[Feature]) -> Iterator[np.ndarray]:
    """In the order of `ARRAYS`."""
    sequences = [ids for one in made for ids in one.ids]
    yield np.fromiter((id for ids in sequences for id in ids), np.int32)
    yield np.cumsum([len(ids) for ids in sequences], dtype=np.int64)
    yield np.cumsum([len(one.ids) for one in made], dtype=np.int64)
    texts = [zlib.compress(json.dumps(rest(one)).encode(), 1) for one in made]
    yield np.frombuffer(b"".join(texts), np.uint8)
    yield np.cumsum([len(text) for text in texts], dtype=np.int64)


def rest(one: Feature) -> list[Any]:
    """All of a feature but its token ids, as JSON has it."""
    place = list(astuple(one.place)) if is_dataclass(one.place) else one.place  # type: ignore[arg-type]
    return [one.target, one.example, place]


def fixed(value: Any) -> Any:
    """JSON's lists as tuples."""
    return tuple(map(fixed, value)) if isinstance(value, list) else value


@lru_cache(maxsize=4)
def named(tokenizer: PreTrainedTokenizerBase) -> str:
    """The digest of all that a fast tokenizer does."""
    text = tokenizer.backend_tokenizer.to_str()  # type: ignore[attr-defined]
    return sha256(text.encode()).hexdigest()


@cache
def code() -> str:
    """The digest of the package that makes features, so that a change of it makes new ones."""
    files = sorted(Path(base.__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
