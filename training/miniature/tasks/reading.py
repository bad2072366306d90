"""Reading (SQuAD, XQuAD, MLQA, TyDiQA): several events, a question about one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import TIMES
from training.miniature.grammar import Clause, Role
from training.miniature.languages import NAMES
from training.miniature.tasks.inference import distinct
from training.miniature.tasks.items import Item, Row, located, question, sentence, text
from training.miniature.world import World

CLAUSES = {"squad": (1, 2, 3), "xquad": (2, 3), "mlqa": (1, 2), "tydiqa": (1, 2)}
"""Events of a context, drawn evenly; four where nothing is said."""
TITLED = {"squad", "squad2", "tydiqa"}
"""Data sets that are published with a column of titles."""


def passage(world: World, count: int) -> tuple[Clause, ...]:
    """Events of which no two share a person, a thing, a place or a time."""
    chosen: list[Clause] = []
    kind = world.random.choice(["handle", "handle", "transfer"])
    times = world.random.sample(TIMES, count)
    while len(chosen) < count:
        event = replace(world.event(kind), time=times[len(chosen)])
        if all(distinct(event, c) and (not c.place or c.place != event.place) for c in chosen):
            chosen.append(replace(event, order=world.order(event, 0.7)))
    return tuple(chosen)


def asks(clause: Clause) -> list[Role]:
    """The roles of a clause that can be asked for."""
    roles: list[Role] = ["subject", "object", "time"]
    more: list[Role] = ["recipient", "source", "place"]
    return roles + [role for role in more if getattr(clause, role)]


def asked(clause: Clause) -> Clause:
    """The clause as a question tells it: in plain order, with the thing known by then."""
    thing = replace(clause.object, definite=True) if clause.object else None
    return replace(clause, order="plain", object=thing)


def items(task: str, world: World) -> Iterator[Item]:
    owed = False  # an unanswerable one was due, but its mixed event is not of this split
    while True:
        clauses = passage(world, world.random.choice(CLAUSES.get(task, (4,))))
        picked = world.random.randrange(len(clauses))
        role = world.random.choice(asks(clauses[picked]))
        about = asked(clauses[picked])
        about = replace(
            about,
            place=about.place if role == "place" else None,
            time=about.time if role == "time" else None,
        )
        if task == "squad2" and (owed or world.chance(1 / 3)):
            found = list(unanswerable(world, clauses, about, picked, role))
            owed = not found
            yield from found
        else:
            yield Item(picked, (clauses, about, role))


def unanswerable(
    world: World, clauses: tuple[Clause, ...], about: Clause, picked: int, role: Role
) -> Iterator[Item]:
    """The question puts the person of one event and the thing of another together."""
    other = clauses[(picked + 1) % len(clauses)]
    ask: Role = role if role in {"place", "time"} else "time"
    mixed = replace(about, object=asked(other).object)
    if world.allows(mixed):
        yield Item(-1, (clauses, mixed, ask))


def row(item: Item, lang: str, index: int, task: str, split: str) -> Row:
    clauses, about, role = item.parts
    context, ask = text(clauses, lang), question(about, role, lang)
    answers: dict[str, list[object]] = {"text": [], "answer_start": []}
    if item.label >= 0:
        gold, start = located(clauses[item.label], role, lang)
        before = len(text(clauses[: item.label + 1], lang)) - len(
            sentence(clauses[item.label], lang)
        )
        answers = {"text": [gold], "answer_start": [before + start]}
    name = f"{NAMES[lang].lower()}-{split}{index}-0" if task == "tydiqa" else f"{split}-{index}"
    title = {"title": "Miniature"} if task in TITLED else {}
    return {"id": name, **title, "context": context, "question": ask, "answers": answers}
