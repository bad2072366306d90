"""What an event is, however it is told: its core, its split, its converse."""

from __future__ import annotations

import zlib
from dataclasses import replace

from training.miniature.concepts import CONVERSE, KIND_OF, MOTION, STAY
from training.miniature.grammar import Clause
from training.spec.task import Split

GIVES = {buy: sell for sell, buy in CONVERSE.items()}


def core(clause: Clause) -> str:
    """What happened, however it is told: the same for a converse, a denial or another order."""
    verb, giver, receiver = clause.verb, clause.subject, clause.recipient
    if clause.source:
        giver, receiver = clause.source, clause.subject
        verb = GIVES.get(verb, verb)
    people = [np.concept if np else "" for np in (giver, receiver)]
    goal = clause.place or "" if clause.verb in MOTION or clause.verb in STAY else ""
    return " ".join([verb, *people, clause.object.concept if clause.object else "", goal])


def ground(clause: Clause) -> str:
    """Who and what an event is about, whatever was done: what the splits are told apart by.

    Coarser than `core` on purpose. Everything that a task makes of an event (a converse, swapped
    roles, another verb, the kind for the thing) stays on the same ground, hence in its split.
    """
    parts = (clause.subject, clause.recipient, clause.source, clause.object)
    names = sorted(KIND_OF.get(part.concept, part.concept) for part in parts if part)
    goal = clause.place or "" if clause.object is None else ""
    return " ".join([*names, goal])


def split_of(clause: Clause) -> Split:
    """The one split that an event may occur in: 80 % train, 10 % dev, 10 % test."""
    share = zlib.crc32(ground(clause).encode()) % 10
    return "dev" if share == 8 else "test" if share == 9 else "train"


def converse(clause: Clause) -> Clause:
    """The same transfer told from the other side: X sold to Y, Y bought from X."""
    if clause.recipient:
        to, verb = clause.recipient, CONVERSE[clause.verb]
        return replace(clause, verb=verb, subject=to, recipient=None, source=clause.subject)
    assert clause.source is not None
    verb = GIVES[clause.verb]
    return replace(clause, verb=verb, subject=clause.source, source=None, recipient=clause.subject)


def swapped(clause: Clause) -> Clause:
    """The two people of the event exchange their roles."""
    subject = clause.subject
    if clause.recipient:
        return replace(clause, subject=clause.recipient, recipient=subject)
    if clause.source:
        return replace(clause, subject=clause.source, source=subject)
    assert clause.object is not None
    return replace(clause, subject=clause.object, object=subject)
