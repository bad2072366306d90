"""Row readers of the sets beyond XTREME: one row -> an example, or why it is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from training.data.columns import (
    HIDDEN_LABEL,
    Place,
    Row,
    identifier,
    index,
    label,
    text,
    texts,
    value,
)
from training.families.examples import ChoiceExample, Example, PairExample, TagExample

SEVERAL = "several emotions"
UNANSWERED = "no right answer is told"
"""EXAMS marks such questions with `@`."""
ASKED = {"cause": "Mi volt ennek az oka?", "effect": "Mi lett ennek a következménye?"}
"""HuCoPA names the relation in English; XCOPA's practice is to ask in the language of the text."""
SLOT = re.compile(r"\[\s*([^\s:\[\]]+)\s*:\s*([^\[\]]*?)\s*\]")
UNSPACED = frozenset({"cmn", "jpn"})
"""MASSIVE's slots are scored by character where words are not spaced."""
COARSE = {"very negative": "negative", "very positive": "positive"}


def sentence(row: Row, place: Place) -> PairExample | str:
    """One sentence and its class: CoLA, HuCOLA and HuSST, in files and on the hub."""
    return _single(
        row, place, text(row, place, "sentence", "Sent"), label(row, place, "label", "Label")
    )


def sst5(row: Row, place: Place) -> PairExample | str:
    """Five classes by name, folded into three."""
    named = text(row, place, "label_text")
    gold = index(COARSE.get(named, named), place.task.labels, "label_text", place)
    return _single(row, place, text(row, place, "text"), gold)


def massive_intent(row: Row, place: Place) -> PairExample | str:
    """MASSIVE: an utterance and what is wanted."""
    return _single(row, place, text(row, place, "utt"), label(row, place, "intent"))


def _single(row: Row, place: Place, first: str, gold: int | None) -> PairExample | str:
    if gold is None:
        return HIDDEN_LABEL
    name = identifier(row, place, "Sent_id", "id", "idx")
    return PairExample(name, name, place.lang, first, None, gold)


def xed(row: Row, place: Place) -> PairExample | str:
    """XED: `1, 5` in files, a list of classes on the hub."""
    found = value(row, place, "labels")
    told = found.split(",") if isinstance(found, str) else list(found)
    if len(told) != 1:
        return SEVERAL
    one = told[0].strip() if isinstance(told[0], str) else told[0]
    return _single(
        row, place, text(row, place, "sentence"), index(one, place.task.labels, "labels", place)
    )


def massive_slots(row: Row, place: Place) -> TagExample | str:
    """MASSIVE: `wake me at [time : nine am]` as words with B- and I- tags."""
    told, plain = text(row, place, "annot_utt"), text(row, place, "utt")
    words, tags = [], []
    for slot, part in _parts(told):
        for place_in_slot, word in enumerate(list(_words(part, place.lang))):
            words.append(word)
            tags.append(f"{'I' if place_in_slot else 'B'}-{slot}" if slot else "O")
    if "".join(words) != "".join(plain.split()):
        wrong = f"the annotated utterance {told!r} does not say {plain!r}"
        raise place.wrong(wrong, "'[slot : words]' around words of the utterance is expected")
    name = identifier(row, place, "id")
    return TagExample(name, name, place.lang, tuple(words), tuple(tags)) if words else "no words"


def _parts(told: str) -> Iterator[tuple[str, str]]:
    """(slot or nothing, text) from left to right."""
    at = 0
    for found in SLOT.finditer(told):
        yield "", told[at : found.start()]
        yield found[1], found[2]
        at = found.end()
    yield "", told[at:]


def _words(part: str, lang: str) -> Iterator[str]:
    for word in part.split():
        yield from word if lang in UNSPACED else (word,)


def belebele(row: Row, place: Place) -> ChoiceExample:
    """Belebele: passage and question, four answers, the right one counted from 1."""
    passage, asked = text(row, place, "flores_passage"), text(row, place, "question")
    choices = tuple(text(row, place, f"mc_answer{i}") for i in range(1, 5))
    link = text(row, place, "link")
    name = f"{link}#{value(row, place, 'question_number')}"
    gold = _counted(row, place, "correct_answer_num", len(choices))
    return _choice(place, name, link, f"{passage} {asked}", choices, gold)


def hucopa(row: Row, place: Place) -> ChoiceExample:
    """HuCoPA: a premise, what is asked of it, two answers counted from 1."""
    asked = text(row, place, "question")
    if asked not in ASKED:
        raise place.wrong(f"column 'question' holds {asked!r}", "'cause' or 'effect' is expected")
    choices = tuple(text(row, place, f"choice{i}") for i in (1, 2))
    name = identifier(row, place, "id", "idx")
    prompt = f"{text(row, place, 'premise')} {ASKED[asked]}"
    return _choice(place, name, name, prompt, choices, _counted(row, place, "label", 2))


def exams(row: Row, place: Place) -> ChoiceExample | str:
    """EXAMS: the question's stem, lettered answers."""
    asked = value(row, place, "question")
    if not isinstance(asked, Mapping):
        raise place.wrong(f"column 'question' holds {asked!r}", "stem and choices are expected")
    listed = value(asked, place, "choices")
    if not isinstance(listed, Mapping):
        listed = {key: [one[key] for one in listed] for key in ("label", "text")}
    letters, choices = texts(listed, place, "label"), texts(listed, place, "text")
    key = value(row, place, "answerKey")
    if key == "@":
        return UNANSWERED
    if key not in letters:
        raise place.wrong(f"column 'answerKey' holds {key!r}", f"one of {letters} is expected")
    name = identifier(row, place, "id")
    return _choice(place, name, name, text(asked, place, "stem"), choices, letters.index(key))


def _counted(row: Row, place: Place, column: str, count: int) -> int:
    """A choice that is counted from 1, as a number or a digit."""
    found = value(row, place, column)
    if str(found) not in [str(i) for i in range(1, count + 1)]:
        raise place.wrong(f"column {column!r} holds {found!r}", f"1 to {count} is expected")
    return int(found) - 1


def _choice(
    place: Place, name: str, cluster: str, prompt: str, choices: tuple[str, ...], gold: int
) -> ChoiceExample:
    return ChoiceExample(name, cluster, place.lang, prompt, choices, gold)


READERS: dict[str, Callable[[Row, Place], Example | str]] = {
    "sentence": sentence,
    "sst5": sst5,
    "massive_intent": massive_intent,
    "massive_slots": massive_slots,
    "xed": xed,
    "belebele": belebele,
    "hucopa": hucopa,
    "exams": exams,
}
