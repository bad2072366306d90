"""Answers of span tasks: both published shapes, and offsets put right.

Several hub copies stripped white space off their contexts without moving `answer_start`, by the
same unknown number of characters for every answer of one context. Harmless for scoring, wrong for
training.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from training.data.columns import Place, Row, value
from training.families.examples import SpanExample

Answer = tuple[str, int]
REPAIRED = "answer offset moved to where the text is"
ABSENT = "answer text not at or before its offset: kept for scoring only"


def answers(row: Row, place: Place) -> tuple[Answer, ...]:
    """Answers written as a dict of lists or as a list of dicts; empty: unanswerable."""
    found = value(row, place, "answers")
    if isinstance(found, Mapping):
        pairs = list(_zipped(found, place))
    elif isinstance(found, Sequence) and not isinstance(found, str):
        pairs = [(one.get("text"), one.get("answer_start")) for one in found]
    else:
        raise place.wrong(f"column 'answers' holds {found!r}", "a dict of lists is expected")
    for text, start in pairs:
        if not isinstance(text, str) or not isinstance(start, int) or start < 0:
            raise place.wrong(f"answer {text!r} starts at {start!r}", "a text and an offset belong")
    return tuple(pairs)


def _zipped(found: Mapping[str, Any], place: Place) -> Iterable[tuple[Any, Any]]:
    texts, starts = found.get("text"), found.get("answer_start")
    if texts is None or starts is None or len(texts) != len(starts):
        raise place.wrong(
            "column 'answers' lacks 'text' or 'answer_start', or one is longer",
            "one offset for each text is expected",
        )
    return zip(texts, starts, strict=True)


def shifts(context: str, answer: Answer) -> set[int]:
    """Every number of characters by which the answer's offset can be too large."""
    text, start = answer
    found, at = set(), context.rfind(text, 0, start + len(text))
    while at >= 0:
        found.add(start - at)
        at = context.rfind(text, 0, at + len(text) - 1) if at else -1
    return found


def align(examples: Iterable[SpanExample]) -> tuple[list[SpanExample], Counter[str]]:
    """The examples with right offsets (-1 where the text is not found), and what was done."""
    read = list(examples)
    by_context: dict[str, list[int]] = defaultdict(list)
    for position, example in enumerate(read):
        by_context[example.context].append(position)
    repaired: Counter[str] = Counter()
    for context, positions in by_context.items():
        gold = [answer for position in positions for answer in read[position].answers]
        if all(context.startswith(text, start) for text, start in gold):
            continue
        moved = _moved(context, gold, repaired)
        for position in positions:
            fixed = tuple((a[0], moved[a]) for a in read[position].answers)
            read[position] = replace(read[position], answers=fixed)
    return read, repaired


def _moved(context: str, gold: list[Answer], repaired: Counter[str]) -> dict[Answer, int]:
    """The right start of every answer of one context: one shift for all, if one fits all."""
    possible = {answer: shifts(context, answer) for answer in gold}
    found_sets = [found for found in possible.values() if found]
    common = set.intersection(*found_sets) if found_sets else set()
    starts = {}
    for answer, found in possible.items():
        starts[answer] = answer[1] - min(common or found) if found else -1
    for answer in gold:
        if starts[answer] == -1:
            repaired[ABSENT] += 1
        elif starts[answer] != answer[1]:
            repaired[REPAIRED] += 1
    return starts
