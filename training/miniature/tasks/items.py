"""What all miniature tasks share: parallel items, rendered text, and the removal of surface cues."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from training.miniature.grammar import Clause, Role, Token, capitalised, joined
from training.miniature.languages import language
from training.miniature.world import World

Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One example as meaning: what it says is rendered in any language later."""

    label: int
    parts: tuple[Any, ...]


def forms(tokens: tuple[Token, ...]) -> list[str]:
    """Written words of one sentence."""
    return capitalised(tokens)


def sentence(clause: Clause, lang: str) -> str:
    """A statement as text."""
    made = language(lang)
    return joined(capitalised(made.clause(clause)), made.spaced)


def question(clause: Clause, ask: Role, lang: str) -> str:
    """A question as text."""
    made = language(lang)
    return joined(capitalised(made.question(clause, ask)), made.spaced)


def text(clauses: tuple[Clause, ...], lang: str) -> str:
    """Statements as running text."""
    gap = " " if language(lang).spaced else ""
    return gap.join(sentence(clause, lang) for clause in clauses)


def located(clause: Clause, role: Role, lang: str) -> tuple[str, int]:
    """The words of one constituent and where they start in the rendered clause.

    An agent's adposition ("by Adam") is no part of the answer.
    """
    made = language(lang)
    tokens = made.clause(clause)
    written = capitalised(tokens)
    places = [i for i, t in enumerate(tokens) if t.role == role]
    while role == "subject" and tokens[places[0]].upos in {"ADP", "AUX"}:
        places = places[1:]
    answer = joined([written[i] for i in places], made.spaced)
    before = joined(written[: places[0]], made.spaced)
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
