"""Texts cut into sentences, which is what translation models were trained on, and joined again."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNSPACED = frozenset({"cmn", "jpn", "tha", "mya"})
"""Languages written without spaces between words, where sentences are joined without one too."""
_END = re.compile(r"[.!?]+[\"')\]”’]*\s+(?=[\"'(\[“‘]*[A-Z0-9])|\s*\n\s*")
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Sen|Rep|Gov|Jr|vs|No|Mt))\.\s+$"
)

Span = tuple[int, int]


def sentences(text: str, whole: Iterable[Span] = ()) -> list[Span]:
    """Where the sentences of an English text begin and end, white space at their edges left out.

    No sentence ends inside one of the spans `whole`.
    """
    kept = list(whole)
    cuts = [0]
    for found in _END.finditer(text):
        at = found.end()
        if "\n" not in found.group() and _ABBREVIATED.search(text[cuts[-1] : at]):
            continue
        if not any(start < at < end for start, end in kept):
            cuts.append(at)
    pieces = zip(cuts, [*cuts[1:], len(text)], strict=True)
    return [span for start, end in pieces if (span := _stripped(text, start, end))[0] < span[1]]


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return start + left, start + max(left, len(piece.rstrip()))


def cut(text: str) -> list[str]:
    """The sentences of an English text."""
    return [text[start:end] for start, end in sentences(text)]


def joiner(lang: str) -> str:
    """What stands between two sentences of a language."""
    return "" if lang in UNSPACED else " "
