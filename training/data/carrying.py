"""The answers of a span task carried over into a translated context.

An answer's translation is looked for in the translation of its sentence, by two ways to it: the
sentence translated once more with the answer in brackets (as MLQA's translate-train did with
quotes, Lewis et al. 2020), and the answer translated alone. Where neither is found, the bracketed
translation stands in for the sentence; where the brackets were lost too, the answer is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from training.data.sentences import UNSPACED, Span, joiner, sentences

Answer = tuple[str, int]
Said = Mapping[str, str]
"""Sentence -> its translation."""
_OPEN, _SHUT = r"\[［【", r"\]］】"
_MARKED = re.compile(rf"[{_OPEN}]\s*([^{_OPEN}{_SHUT}]*[^{_OPEN}{_SHUT}\s])\s*[{_SHUT}]")
_BRACKETS = re.compile(rf"[{_OPEN}{_SHUT}]")


@dataclass(frozen=True)
class Passage:
    """A context in sentences, none of which cuts an answer."""

    text: str
    answers: tuple[Answer, ...]
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, text: str, answers: Sequence[Answer]) -> Passage:
        whole = [(start, start + len(said)) for said, start in answers]
        return cls(text, tuple(answers), tuple(sentences(text, whole)))

    def place(self, answer: Answer) -> int | None:
        """The sentence that holds an answer; None where the offset does not lead to its text."""
        said, start = answer
        if not said or start < 0 or not self.text.startswith(said, start):
            return None
        inside = (i for i, (a, b) in enumerate(self.spans) if a <= start and start + len(said) <= b)
        return next(inside, None)

    def marked(self, answer: Answer) -> str | None:
        """The answer's sentence with the answer in brackets, unless it has brackets of its own."""
        place = self.place(answer)
        if place is None:
            return None
        (begin, end), (said, start) = self.spans[place], answer
        if _BRACKETS.search(self.text[begin:end]):
            return None
        return f"{self.text[begin:start]}[{said}]{self.text[start + len(said) : end]}"

    def needed(self) -> Iterator[str]:
        """Every sentence whose translation `carried` may ask for."""
        yield from (self.text[start:end] for start, end in self.spans)
        for answer in self.answers:
            if self.place(answer) is not None:
                yield answer[0]
                yield from filter(None, [self.marked(answer)])


def carried(passage: Passage, said: Said, lang: str) -> tuple[str, list[Answer]]:
    """The translated context, and those of the answers that are found in it (each once).

    The context is empty where the translation of one of its sentences is.
    """
    plain = [said[passage.text[start:end]] for start, end in passage.spans]
    found = []
    for answer in passage.answers:
        place = passage.place(answer)
        if place is not None and (span := _searched(passage, answer, plain[place], said, lang)):
            found.append((place, span))
    if not found:
        for answer in passage.answers:
            bare = _bare(said.get(passage.marked(answer) or "", ""))
            place = passage.place(answer)
            if bare is not None and place is not None:
                plain[place], span = bare
                found = [(place, span)]
                break
    return _joined(plain, found, lang)


def _joined(
    plain: Sequence[str], found: Sequence[tuple[int, Span]], lang: str
) -> tuple[str, list[Answer]]:
    starts, at, between = [], 0, joiner(lang)
    for one in plain:
        starts.append(at)
        at += len(one) + len(between)
    told = [(plain[i][a:b], starts[i] + a) for i, (a, b) in found]
    return between.join(plain) if all(plain) else "", list(dict.fromkeys(told))


def _searched(
    passage: Passage, answer: Answer, sentence: str, said: Said, lang: str
) -> Span | None:
    """Where the answer's translation stands in the plain translation of its sentence."""
    place = passage.place(answer)
    assert place is not None
    (begin, end), (text, start) = passage.spans[place], answer
    share = (start - begin) / max(1, end - begin)
    marked = _MARKED.findall(said.get(passage.marked(answer) or "", ""))
    alone = said.get(text, "").strip()
    if text[-1:] not in ".!?。":
        alone = alone.rstrip(".!?。")
    for wanted in [*(marked if len(marked) == 1 else ()), alone]:
        spans = list(_occurrences(wanted, sentence, lang))
        if spans:
            return min(spans, key=lambda span: abs(span[0] / max(1, len(sentence)) - share))
    return None


def _occurrences(wanted: str, sentence: str, lang: str) -> Iterator[Span]:
    """As whole words, in any case; as characters where words have no spaces between."""
    if not wanted:
        return
    pattern = re.escape(wanted)
    if lang not in UNSPACED:
        pattern = rf"(?<!\w){pattern}(?!\w)"
    yield from (found.span() for found in re.finditer(pattern, sentence, re.IGNORECASE))


def _bare(translation: str) -> tuple[str, Span] | None:
    """A bracketed translation without its brackets, and where they were; None if they are lost."""
    found = list(_MARKED.finditer(translation))
    if len(found) != 1 or len(_BRACKETS.findall(translation)) != 2:
        return None
    one = found[0]
    before = translation[: one.start()]
    return before + one[1] + translation[one.end() :], (len(before), len(before) + len(one[1]))
