"""UD treebanks (CoNLL-U) prepared as XTREME prepares them for UDPOS.

Multiword tokens become one token: the surface form with the UPOS of the span's head, which is the
member with fewest ancestors in the dependency graph (basic and enhanced edges), ties by a
precedence list of parts of speech. Empty nodes are ignored, U+200C and spaces inside forms
removed, and sentences of blanked-out forms (`_`, licensed text) left out. After XTREME's
utils_preprocess.py and the converter it calls (reference only; the rule is written anew).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from training.data.errors import DataError

PRECEDENCE = {
    "": "VERB NOUN PROPN PRON ADJ NUM ADV INTJ AUX ADP DET PART CCONJ SCONJ X PUNCT".split(),
    "es": "VERB AUX PRON ADP DET".split(),
    "fr": "VERB AUX PRON NOUN ADJ ADV ADP DET PART SCONJ CONJ".split(),
    "it": "VERB AUX ADV PRON ADP DET INTJ".split(),
}
ZWNJ = "\u200c"


@dataclass
class Sentence:
    """One sentence as published: words by number, fused spans, comments."""

    comments: dict[str, str] = field(default_factory=dict)
    words: dict[int, list[str]] = field(default_factory=dict)
    fused: dict[int, tuple[int, str]] = field(default_factory=dict)
    """First member -> (last member, surface form)."""


def sentences(lines: Iterable[str], where: str) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file; DataError for a line without ten columns."""
    current = Sentence()
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if line.startswith("#"):
            key, _, told = line[1:].partition("=")
            current.comments[key.strip()] = told.strip()
        elif line:
            _add(current, line.split("\t"), where, number)
        elif current.words:
            yield current
            current = Sentence()
    if current.words:
        yield current


def _add(sentence: Sentence, columns: list[str], where: str, number: int) -> None:
    try:
        if len(columns) != 10:
            raise ValueError
        if "-" in columns[0]:
            first, last = columns[0].split("-")
            sentence.fused[int(first)] = (int(last), columns[1])
        elif "." not in columns[0]:
            sentence.words[int(columns[0])] = columns
    except ValueError as error:
        raise DataError(
            where,
            number,
            f"not a CoNLL-U line ({len(columns)} columns): {' '.join(columns)[:60]!r}",
            "ten columns separated by tabs are expected: is the file whole and unedited?",
        ) from error


def ancestors(sentence: Sentence, word: int) -> set[int]:
    """Everything above a word, along basic and enhanced edges, the root (0) included."""
    above: set[int] = set()
    waiting = [word]
    while waiting:
        columns = sentence.words.get(waiting.pop())
        if columns is None:
            continue
        heads = {columns[6], *(edge.split(":")[0] for edge in columns[8].split("|"))}
        new = {int(head) for head in heads if head.isdecimal()} - above
        above |= new
        waiting.extend(new)
    return above - {word}


def head(sentence: Sentence, members: Iterable[int], short: str) -> int:
    """The member of a fused span that its part of speech is read from."""
    order = PRECEDENCE.get(short, PRECEDENCE[""])

    def rank(word: int) -> tuple[int, int]:
        upos = sentence.words[word][3]
        return (
            len(ancestors(sentence, word)),
            order.index(upos) if upos in order else len(order),
        )

    return min((word for word in members if word in sentence.words), key=rank)


def tokens(sentence: Sentence, short: str) -> Iterator[tuple[str, str, str]]:
    """Form, UPOS and features of every surface token."""
    skip_to = 0
    for word, columns in sentence.words.items():
        if word < skip_to:
            continue
        form, source = columns[1], columns
        if word in sentence.fused:
            last, form = sentence.fused[word]
            source = sentence.words[head(sentence, range(word, last + 1), short)]
            skip_to = last + 1
        yield form.replace(ZWNJ, "").replace(" ", ""), source[3], source[5]


def rows(lines: Iterable[str], short: str, treebank: str, where: str) -> Iterator[dict[str, Any]]:
    """Rows in the hub's schema (`tokens`, `pos_tags`) with id, cluster and feats besides.

    PUD treebanks hold the same sentences in every language: their ids join clusters.
    """
    for position, sentence in enumerate(sentences(lines, where)):
        found = list(tokens(sentence, short))
        blank = sum(form == "_" for form, _, _ in found)
        if blank and blank >= len(found) - 1:
            continue
        name = f"{treebank}/{sentence.comments.get('sent_id', position)}"
        yield {
            "id": name,
            "cluster": name if treebank == "pud" else f"{short}/{name}",
            "tokens": [form for form, _, _ in found],
            "pos_tags": [upos for _, upos, _ in found],
            "feats": [feats for _, _, feats in found],
        }


def texts(lines: Iterable[str], where: str) -> Iterator[str]:
    """The running text (`# text = ...`) of every sentence that has it."""
    for sentence in sentences(lines, where):
        text = sentence.comments.get("text")
        if text:
            yield text
