"""What all miniature tasks share: parallel items, rendered text, no surface cues."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from training.miniature.grammar import (
    Clause,
    Question,
    Role,
    Sentence,
    Token,
    capitalised,
    joined,
)
from training.miniature.languages import language
from training.miniature.world import World

Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One example as meaning: what it says is rendered in any language later."""

    label: int
    parts: tuple[Any, ...]


def tokens(said: Sentence, lang: str) -> tuple[Token, ...]:
    """The words of one sentence; a reply ends like the statement it is cut from."""
    made = language(lang)
    if isinstance(said, Clause):
        return made.clause(said)
    if isinstance(said, Question):
        return made.question(said.clause, said.ask)
    whole = made.clause(said.clause)
    return (*constituent(whole, said.ask), whole[-1])


def constituent(whole: tuple[Token, ...], role: Role) -> tuple[Token, ...]:
    """The words of one role. An agent's adposition ("by Adam") is no part of the answer."""
    places = [token for token in whole if token.role == role]
    while role == "subject" and places[0].upos in {"ADP", "AUX"}:
        places = places[1:]
    return tuple(places)


def sentence(said: Sentence, lang: str) -> str:
    """A sentence as text."""
    return joined(capitalised(tokens(said, lang), lang), language(lang).spaced)


def question(clause: Clause, ask: Role, lang: str) -> str:
    """A question as text."""
    return sentence(Question(clause, ask), lang)


def text(said: Sequence[Sentence], lang: str) -> str:
    """Sentences as running text."""
    gap = " " if language(lang).spaced else ""
    return gap.join(sentence(one, lang) for one in said)


def located(clause: Clause, role: Role, lang: str) -> tuple[str, int]:
    """The words of one constituent and where they start in the rendered clause."""
    made = language(lang)
    whole = made.clause(clause)
    written = capitalised(whole, lang)
    wanted = constituent(whole, role)
    first = next(i for i, token in enumerate(whole) if token is wanted[0])
    answer = joined(written[first : first + len(wanted)], made.spaced)
    before = joined(written[:first], made.spaced)
    return answer, len(before) + (1 if before and made.spaced else 0)


def cues(first: str, second: str) -> tuple[int, ...]:
    """Counts that a lazy model could read a label from: shared words and word pairs, lengths."""
    a, b = (side.lower().replace(".", " ").replace("?", " ").split() for side in (first, second))
    shared = len(set(a) & set(b))
    pairs = len(set(pairwise(a)) & set(pairwise(b)))
    return shared, len(set(a)) - shared, len(set(b)) - shared, len(b) - len(a), pairs


def balanced(
    candidates: Iterator[Item],
    english: Callable[[Item], tuple[str, str]],
    labels: int,
    signature: Callable[[Item], tuple[object, ...]] = lambda item: (),
) -> Iterator[Item]:
    """Items of which every combination of cues (and signature) is as frequent under every label.

    Candidates wait until each label has one with the same cues; these then leave together.
    """
    waiting: dict[tuple[object, ...], list[deque[Item]]] = defaultdict(
        lambda: [deque() for _ in range(labels)]
    )
    for item in candidates:
        queues = waiting[(*cues(*english(item)), *signature(item))]
        queues[item.label].append(item)
        if all(queues):
            for queue in queues:
                yield queue.popleft()


def take(items: Iterator[Item], count: int, world: World) -> list[Item]:
    """The first `count` items, shuffled: balancing emits the labels in turn."""
    taken = [item for item, _ in zip(items, range(count), strict=False)]
    world.random.shuffle(taken)
    return taken
