"""How many sub-words a tokenizer makes of words and lines; needs no torch."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sentencepiece as spm
from tokenizers import Tokenizer

from training.data.errors import DataError, MissingData
from training.data.opening import BROKEN

NAMES = ("tokenizer.json", "sentencepiece.bpe.model", "spiece.model")
"""What a model's folder holds, the first found counts."""


@dataclass(frozen=True)
class Pieces:
    """A tokenizer as far as counting goes."""

    name: str
    """File and the first 12 digits of its SHA-256: two tables are comparable if they agree."""
    count: Callable[[Sequence[str]], list[int]]
    """Texts -> sub-words of each, special tokens not counted; a word as in the middle of a line."""


def opened(path: Path) -> Pieces:
    """From a tokenizer.json, a SentencePiece model (.model, .model.gz), or a folder with either.

    Raises MissingData where there is none and DataError for a file that is none.
    """
    found = path
    if path.is_dir():
        found = next((path / name for name in NAMES if (path / name).is_file()), path)
    if not found.is_file():
        raise MissingData(
            "a tokenizer", str(path), f"name {' or '.join(NAMES)}, or the model's folder with it"
        )
    try:
        packed = found.read_bytes()
        content = gzip.decompress(packed) if found.suffix == ".gz" else packed
        return Pieces(_name(found, content), _counting(found, content))
    except (*BROKEN, RuntimeError, ValueError) as error:
        wrong = f"is no tokenizer ({error})"
        raise DataError(
            str(found), None, wrong, f"one of {', '.join(NAMES)} is expected"
        ) from error


def _name(path: Path, content: bytes) -> str:
    name = path.name.removesuffix(".gz")
    return f"{name} sha256:{hashlib.sha256(content).hexdigest()[:12]}"


def _counting(path: Path, content: bytes) -> Callable[[Sequence[str]], list[int]]:
    if path.name.endswith(".json"):
        made = Tokenizer.from_buffer(content)
        made.no_truncation()
        made.no_padding()

        def fast(texts: Sequence[str]) -> list[int]:
            # A space in front: byte-level vocabularies tell a word within a line by it.
            spaced = [f" {one}" for one in texts]
            encoded = made.encode_batch(spaced, add_special_tokens=False)
            return [len(one.ids) for one in encoded]

        return fast
    model = spm.SentencePieceProcessor(model_proto=content)
    return lambda texts: [len(one) for one in model.encode(list(texts))]
