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

from training.data.errors import DataError
from training.data.origin import Line, malformed

PRECEDENCE = {
    "": "VERB NOUN PROPN PRON ADJ NUM ADV INTJ AUX ADP DET PART CCONJ SCONJ X PUNCT".split(),
    "es": "VERB AUX PRON ADP DET".split(),
    "fr": "VERB AUX PRON NOUN ADJ ADV ADP DET PART SCONJ CONJ".split(),
    "it": "VERB AUX ADV PRON ADP DET INTJ".split(),
}
ZWNJ = "\u200c"
BLANKED = "its words are blanked out (licensed text)"
WHOLE = "is the file whole and unedited?"


@dataclass
class Sentence:
    """One sentence as published: words by number, fused spans, comments."""

    line: int = 0
    """Of its first word."""
    comments: dict[str, str] = field(default_factory=dict)
    words: dict[int, list[str]] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)
    """Word -> line."""
    fused: dict[int, tuple[int, str]] = field(default_factory=dict)
    """First member -> (last member, surface form)."""
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, what is wrong, what to do."""


def sentences(lines: Iterable[str], where: str) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file, with what is wrong with them."""
    current, number = Sentence(), 0
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if line.startswith("#"):
            key, _, told = line[1:].partition("=")
            current.comments[key.strip()] = told.strip()
        elif line:
            current.line = current.line or number
            _add(current, line.split("\t"), number)
        elif current.line:
            yield _checked(current)
            current = Sentence()
    if current.line:
        wrong = "the file ends in the middle of a sentence (no blank line behind it)"
        current.faults.append((number, wrong, WHOLE))
        yield _checked(current)


def _add(sentence: Sentence, columns: list[str], number: int) -> None:
    wrong = ""
    try:
        if len(columns) != 10:
            raise ValueError
        if "-" in columns[0]:
            first, last = map(int, columns[0].split("-"))
            sentence.fused[first] = (last, columns[1])
            wrong = "" if last > first == len(sentence.words) + 1 else f"span {columns[0]} is off"
        elif "." not in columns[0]:
            word = int(columns[0])
            wrong = "" if word == len(sentence.words) + 1 else f"word {word} is out of order"
            sentence.words[word] = columns
            sentence.at[word] = number
    except ValueError:
        wrong = f"not a CoNLL-U line ({len(columns)} columns): {' '.join(columns)[:60]!r}"
    if wrong:
        todo = f"ten columns separated by tabs are expected, words counted from 1: {WHOLE}"
        sentence.faults.append((number, wrong, todo))


def _checked(sentence: Sentence) -> Sentence:
    for first, (last, form) in sentence.fused.items():
        if last not in sentence.words and not sentence.faults:
            wrong = f"the span {first}-{last} ({form}) lacks its last word"
            sentence.faults.append((sentence.line, wrong, WHOLE))
    return sentence


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


def tokens(sentence: Sentence, short: str) -> Iterator[tuple[str, str, str, int]]:
    """Form, UPOS, features and line of every surface token."""
    skip_to = 0
    for word, columns in sentence.words.items():
        if word < skip_to:
            continue
        form, source = columns[1], columns
        if word in sentence.fused:
            last, form = sentence.fused[word]
            source = sentence.words[head(sentence, range(word, last + 1), short)]
            skip_to = last + 1
        at = sentence.at[int(source[0])]
        yield form.replace(ZWNJ, "").replace(" ", ""), source[3], source[5], at


def rows(lines: Iterable[str], short: str, treebank: str, where: str) -> Iterator[Line]:
    """Rows in the hub's schema (`tokens`, `pos_tags`) with id, cluster and feats besides.

    PUD treebanks hold the same sentences in every language: their ids join clusters. Sentences of
    blanked-out forms are marked to be left out.
    """
    for position, sentence in enumerate(sentences(lines, where)):
        yield from (malformed(where, *fault) for fault in sentence.faults)
        if not sentence.faults:
            yield _row(sentence, short, treebank, where, position)


def _row(sentence: Sentence, short: str, treebank: str, where: str, position: int) -> Line:
    found = list(tokens(sentence, short))
    blank = sum(form == "_" for form, _, _, _ in found)
    name = f"{treebank}/{sentence.comments.get('sent_id', position)}"
    return Line(
        {
            "id": name,
            "cluster": name if treebank == "pud" else f"{short}/{name}",
            "tokens": [form for form, _, _, _ in found],
            "pos_tags": [upos for _, upos, _, _ in found],
            "feats": [feats for _, _, feats, _ in found],
        },
        where,
        sentence.line,
        lines=[line for _, _, _, line in found],
        left_out=BLANKED if blank and blank >= len(found) - 1 else "",
    )


def texts(lines: Iterable[str], where: str) -> Iterator[str]:
    """The running text (`# text = ...`) of every sentence that has it; DataError if malformed."""
    for sentence in sentences(lines, where):
        if sentence.faults:
            number, wrong, todo = sentence.faults[0]
            raise DataError(where, number, wrong, todo, "line")
        text = sentence.comments.get("text")
        if text:
            yield text
