"""The language-independent layer of the miniature: what a clause says and what a word is.

A :class:`Clause` is meaning (concept names of `concepts.py`, no words); a language turns it
into a tuple of :class:`Token`. Every language renders the same clauses, which makes the texts
parallel by construction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

Order = Literal["plain", "time_first", "place_first", "object_first"]
Role = Literal["subject", "object", "recipient", "source", "place", "time"]
TokenRole = Literal[
    "subject",
    "object",
    "recipient",
    "source",
    "place",
    "time",
    "verb",
    "negation",
    "question",
    "punct",
]


@dataclass(frozen=True)
class NP:
    """A noun phrase: a name or a common noun, with at most one quality."""

    concept: str
    definite: bool = True
    quality: str | None = None


@dataclass(frozen=True)
class Clause:
    """One event, or its denial. `place` is the goal of a motion verb and the location otherwise."""

    verb: str
    subject: NP
    object: NP | None = None
    recipient: NP | None = None
    source: NP | None = None
    place: str | None = None
    time: str | None = None
    negated: bool = False
    order: Order = "plain"


@dataclass(frozen=True)
class Question:
    """A question for one role of an event."""

    clause: Clause
    ask: Role


@dataclass(frozen=True)
class Reply:
    """The bare answer to such a question, in the words of the event."""

    clause: Clause
    ask: Role


Sentence = Clause | Question | Reply


@dataclass(frozen=True)
class Token:
    """One word. `form` is as inside a sentence; `render` capitalises the first of a sentence."""

    form: str
    lemma: str
    upos: str
    feats: str
    role: TokenRole
    entity: str | None = None


class Language(Protocol):
    """What a language of the miniature can do. `spaced`: whether words are written apart."""

    code: str
    spaced: bool

    def clause(self, clause: Clause) -> tuple[Token, ...]:
        """The statement, ending in a PUNCT token."""
        ...

    def question(self, clause: Clause, ask: Role) -> tuple[Token, ...]:
        """The question for one role of the clause, ending in a PUNCT token."""
        ...

    def noun(self, concept: str) -> str:
        """The citation form of a noun or name."""
        ...


def capitalised(tokens: Iterable[Token], code: str = "") -> list[str]:
    """The written forms of a sentence: the first letter in upper case, in Turkish with its dot."""
    forms = [token.form for token in tokens]
    first = forms[0]
    letter = "İ" if code == "tur" and first[0] == "i" else first[0].upper()
    return [letter + first[1:], *forms[1:]]


def joined(forms: Iterable[str], spaced: bool) -> str:
    """Written text of a sentence: no space before punctuation, none at all in unspaced scripts."""
    if not spaced:
        return "".join(forms)
    text = ""
    for form in forms:
        text += form if not text or form in {".", "?", ",", "!"} else f" {form}"
    return text
