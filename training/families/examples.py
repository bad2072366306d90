"""What a family learns from and measures: one frozen shape per family, whatever the data set.

The rows of every published schema become one of these (`training.data.rows`); nothing behind this
line knows a data set's columns. `id` is unique within task, split and language and stable across
machines. `cluster` joins items that are not independent of each other (the parallel versions of
one item, the questions of one paragraph): intervals resample clusters, not items.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PairExample:
    """Classification of one text or of a pair. `label` indexes `Task.labels`."""

    id: str
    cluster: str
    lang: str
    first: str
    second: str | None
    label: int


@dataclass(frozen=True)
class TagExample:
    """A sentence of words with one tag each. `feats`: morphological features (UD), if published."""

    id: str
    cluster: str
    lang: str
    words: tuple[str, ...]
    tags: tuple[str, ...]
    feats: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SpanExample:
    """A question on a context.

    `answers` are (text, first character in `context`) with `context[start:start + len(text)] ==
    text`; empty: unanswerable (SQuAD 2.0). An answer whose text is not in the context has start -1:
    good for scoring, not for training.
    """

    id: str
    cluster: str
    lang: str
    context: str
    question: str
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ChoiceExample:
    """Multiple choice: segment one is `prompt`, segment two `second_prefix + " " + choice`.

    `second_prefix` (HellaSwag's ctx_b) may be empty: then segment two is the choice alone.
    """

    id: str
    cluster: str
    lang: str
    prompt: str
    choices: tuple[str, ...]
    label: int
    second_prefix: str = ""

    @property
    def seconds(self) -> tuple[str, ...]:
        """The second segment of every choice."""
        return tuple(f"{self.second_prefix} {choice}".strip() for choice in self.choices)


@dataclass(frozen=True)
class Bitext:
    """Two sides to match. `gold` holds pairs of 0-based positions (foreign, english).

    Tatoeba: sentence i translates sentence i. BUCC: most sentences have no partner.
    """

    lang: str
    foreign: tuple[str, ...]
    english: tuple[str, ...]
    gold: frozenset[tuple[int, int]]
    foreign_ids: tuple[str, ...]
    english_ids: tuple[str, ...]


Example = PairExample | TagExample | SpanExample | ChoiceExample | Bitext
