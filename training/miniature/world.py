"""Events by the laws of the miniature: who does what to whom, where and when.

Every event belongs to exactly one split, by a checksum of who and what it is about, whatever the
seed: text and training sets hold only events of `train`, so no dev or test event was ever
seen in phase 1, not even by the shipped encoders.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from training.miniature.concepts import (
    CITIES,
    COMPANIES,
    CONVERSE,
    HANDLE,
    HOME,
    KIND_OF,
    MOTION,
    NEXT,
    PEOPLE,
    PERSONS,
    PLACES,
    QUALITIES,
    SOCIAL,
    STAY,
    THINGS,
    TIMES,
    TO_VERBS,
    TRANSFER,
)
from training.miniature.events import GIVES, converse, split_of
from training.miniature.grammar import NP, Clause, Order, Question, Reply, Role, Sentence
from training.spec.task import Split

KINDS_OF_EVENT = ["transfer"] * 4 + ["handle"] * 4 + ["social"] * 2 + ["motion", "stay"]


class World:
    """A stream of events of one split; the same seed and purpose give the same stream."""

    def __init__(self, seed: int, purpose: str, split: Split) -> None:
        self.random = random.Random(f"{seed}/{purpose}/{split}")
        self.split = split

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def person(self, *others: NP | None, company: bool = False) -> NP:
        """A person (or, for trade, sometimes a company) who is none of the others."""
        pick = self.random.random()
        pool = PERSONS if pick < 0.62 else PEOPLE
        if company and pick > 0.9:
            pool = COMPANIES
        taken = {other.concept for other in others if other}
        return NP(self.random.choice([concept for concept in pool if concept not in taken]))

    def thing(self, *others: NP | None, plain: bool = False) -> NP:
        """A thing that is none of the others; the home place is drawn first, evenly."""
        taken = {other.concept for other in others if other}
        home = self.random.choice(PLACES)
        things = [t for t in THINGS if HOME[t] == home and t not in taken]
        quality = self.random.choice(QUALITIES) if not plain and self.chance(0.3) else None
        return NP(self.random.choice(things), plain or self.chance(0.6), quality)

    def time(self, share: float = 1.0) -> str | None:
        return self.random.choice(TIMES) if self.chance(share) else None

    def city(self, share: float = 1.0) -> str | None:
        return self.random.choice(CITIES) if self.chance(share) else None

    def event(self, kind: str | None = None, verb: str | None = None) -> Clause:
        """An affirmative event of this world's split, in plain order."""
        while True:
            chosen = kind or self.random.choice(KINDS_OF_EVENT)
            clause: Clause = getattr(self, chosen)(verb)
            if self.allows(clause):
                return clause

    def allows(self, *clauses: Clause) -> bool:
        """Whether all the clauses belong to this split."""
        return all(split_of(clause) == self.split for clause in clauses)

    def transfer(self, verb: str | None = None) -> Clause:
        verb = verb or self.random.choice(TRANSFER)
        subject = self.person(company=True)
        other = self.person(subject, company=True)
        to = verb in TO_VERBS
        return Clause(
            verb,
            subject,
            self.thing(),
            recipient=other if to else None,
            source=None if to else other,
            place=self.city(0.4),
            time=self.time(0.4),
        )

    def handle(self, verb: str | None = None) -> Clause:
        thing = self.thing()
        place = HOME[thing.concept] if self.chance(0.8) else None
        verb = verb or self.random.choice(HANDLE)
        return Clause(verb, self.person(), thing, place=place, time=self.time(0.4))

    def social(self, verb: str | None = None) -> Clause:
        subject = self.person()
        place = self.random.choice(PLACES + CITIES) if self.chance(0.5) else None
        verb = verb or self.random.choice(SOCIAL)
        return Clause(verb, subject, self.person(subject), place=place, time=self.time(0.5))

    def motion(self, verb: str | None = None) -> Clause:
        place = self.random.choice(PLACES + CITIES)
        return Clause(
            verb or self.random.choice(MOTION), self.person(), place=place, time=self.time(0.6)
        )

    def stay(self, verb: str | None = None) -> Clause:
        place = self.random.choice(PLACES + CITIES)
        return Clause(
            verb or self.random.choice(STAY), self.person(), place=place, time=self.time(0.6)
        )

    def order(self, clause: Clause, plain: float = 0.5) -> Order:
        """A word order that this clause can take."""
        if self.chance(plain):
            return "plain"
        offers: list[Order] = [
            *(["time_first"] if clause.time else []),  # type: ignore[list-item]
            *(["place_first"] if clause.place else []),  # type: ignore[list-item]
            *(["object_first"] if clause.object and clause.verb not in SOCIAL else []),  # type: ignore[list-item]
        ]
        return self.random.choice(offers) if offers else "plain"

    def told(self, clause: Clause, denied: float = 0.15) -> Clause:
        """The clause as text tells it: some order, now and then denied."""
        clause = replace(clause, negated=self.chance(denied))
        return replace(clause, order=self.order(clause, 0.6))

    def story(self) -> tuple[Sentence, ...]:
        """One line of text: one event, or two, and what else is said about them."""
        first = self.event()
        ways = [self.alone, self.retold, self.quizzed, self.followed, self.contrasted, self.renamed]
        return self.random.choices(ways, [58, 16, 14, 4, 4, 4])[0](first)

    def alone(self, first: Clause) -> tuple[Sentence, ...]:
        return (self.told(first),)

    def contrasted(self, first: Clause) -> tuple[Clause, Clause]:
        second = self.contrast(first)
        return (replace(first, negated=not second.negated), second)

    def retold(self, first: Clause) -> tuple[Sentence, ...]:
        """Two events of one verb, one of them denied, and one of them told again otherwise."""
        one, two = map(self.short, self.contrasted(first))
        again = self.retelling(one if self.chance(0.5) else two)
        return (one, two, again)

    def quizzed(self, first: Clause) -> tuple[Sentence, ...]:
        """Two events, a question about one of them, and its answer."""
        one, two = first, self.told(self.event(), 0.0)
        if self.chance(0.5):
            two = replace(self.contrast(first), negated=False)
        about = one if self.chance(0.5) else two
        ask = self.random.choice([role for role in ROLES if getattr(about, role)])
        bare = (
            replace(about, order="plain", time=None, place=None)
            if ask in PEOPLE_AND_THINGS
            else about
        )
        return (one, two, Question(replace(bare, order="plain"), ask), Reply(about, ask))

    def followed(self, first: Clause) -> tuple[Sentence, ...]:
        then = self.successor(first)
        return (first, then) if self.allows(then) else (first,)

    def renamed(self, first: Clause) -> tuple[Sentence, ...]:
        return (first, self.naming(first))

    def short(self, clause: Clause) -> Clause:
        """Without time, and without a place unless it is a goal."""
        keep = clause.verb in MOTION or clause.verb in STAY
        return replace(clause, time=None, place=clause.place if keep else None)

    def contrast(self, first: Clause) -> Clause:
        """Another event of the same verb, by others and with other things, denied or not."""
        kind = next(kind for kind, verbs in VERBS_OF.items() if first.verb in verbs)
        return replace(self.event(kind, first.verb), negated=self.chance(0.5))

    def successor(self, first: Clause) -> Clause:
        """What the law of `NEXT` puts after it; any other event where there is none."""
        if first.verb not in NEXT:
            return self.other(first)
        return replace(first, verb=NEXT[first.verb], time=None)

    def retelling(self, first: Clause) -> Clause:
        """The same event from the other side, or in another order."""
        if first.verb in CONVERSE or first.verb in GIVES:
            return converse(first)
        return replace(first, order=self.order(first, 0.0))

    def naming(self, first: Clause) -> Clause:
        """The same event with the kind in place of the thing."""
        thing = first.object
        if thing is None or thing.concept not in KIND_OF:
            return self.retelling(first)
        return replace(first, object=NP(KIND_OF[thing.concept], thing.definite, thing.quality))

    def other(self, first: Clause) -> Clause:
        """An unrelated event."""
        return self.told(self.event())


ROLES: tuple[Role, ...] = ("subject", "object", "recipient", "source", "place", "time")
PEOPLE_AND_THINGS = {"subject", "object", "recipient", "source"}
VERBS_OF = {
    "transfer": TRANSFER,
    "handle": HANDLE,
    "social": SOCIAL,
    "motion": MOTION,
    "stay": STAY,
}


def stories(seed: int, count: int) -> Iterator[tuple[Sentence, ...]]:
    """The phase-1 text as meanings: line i is the same in every language."""
    world = World(seed, "text", "train")
    for _ in range(count):
        yield world.story()
