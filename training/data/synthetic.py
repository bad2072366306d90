"""Synthetic tasks: labels computed from the texts of another task, the same for every seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from random import Random

from training.families.examples import PairExample

KEPT, SWAPPED = 0, 1


def word_order(examples: Sequence[PairExample]) -> Iterator[PairExample]:
    """Second texts, each once, and whether two neighbouring words of it were swapped.

    A hash of the text decides, so half of them are. The first and the last word stay in place: a
    capital or a full stop would tell. Texts without two other unlike neighbours are left out.
    """
    seen: set[str] = set()
    for one in examples:
        text = one.second or one.first
        words = text.split()
        places = [i for i in range(1, len(words) - 2) if words[i] != words[i + 1]]
        if not places or text in seen:
            continue
        seen.add(text)
        drawn = Random(hashlib.sha256(text.encode()).digest())
        label = drawn.randrange(2)
        at = drawn.choice(places)
        if label == SWAPPED:
            words[at : at + 2] = words[at + 1], words[at]
        yield PairExample(one.id, one.cluster, one.lang, " ".join(words), None, label)
