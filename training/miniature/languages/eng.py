"""English: analytic, articles, do-support, and a passive where the object comes first."""

from __future__ import annotations

from training.miniature.concepts import CITIES, COMPANIES, ENTITY, MOTION, PEOPLE, PERSONS
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

WORDS = lexicon("eng")


def word(
    form: str, lemma: str, upos: str, role: TokenRole, feats: str = "_", entity: str | None = None
) -> Token:
    return Token(form, lemma, upos, feats, role, entity)


class English:
    """The source language: training text of every task is English."""

    code = "eng"
    spaced = True

    def noun(self, concept: str) -> str:
        return WORDS[concept][0] if concept in WORDS else concept

    def phrase(self, np: NP, role: TokenRole) -> list[Token]:
        noun = self.noun(np.concept)
        if np.concept in ENTITY:
            return [word(noun, noun, "PROPN", role, "Number=Sing", ENTITY[np.concept])]
        quality = [WORDS[np.quality][0]] if np.quality else []
        first = (quality or [noun])[0]
        article = "the" if np.definite else ("an" if first[0] in "aeiou" else "a")
        feats = f"Definite={'Def' if np.definite else 'Ind'}|PronType=Art"
        return [
            word(article, "the" if np.definite else "a", "DET", role, feats),
            *(word(q, q, "ADJ", role, "Degree=Pos") for q in quality),
            word(noun, noun, "NOUN", role, "Number=Sing"),
        ]

    def led(self, preposition: str, np: NP, role: TokenRole) -> list[Token]:
        return [word(preposition, preposition, "ADP", role), *self.phrase(np, role)]

    def place(self, clause: Clause) -> list[Token]:
        concept = clause.place
        if concept is None:
            return []
        rest = "in" if concept in CITIES else WORDS[concept][1]
        moving = clause.verb in MOTION
        return self.led("to" if moving else rest, NP(concept), "place")

    def time(self, clause: Clause) -> list[Token]:
        if clause.time is None:
            return []
        *lead, last = WORDS[clause.time][0].split()
        upos = "ADV" if last == "yesterday" else "PROPN" if last[0].isupper() else "NOUN"
        feats = "_" if upos == "ADV" else "Number=Sing"
        return [*map(leading, lead), word(last, last, upos, "time", feats)]

    def verb(self, clause: Clause, passive: bool = False) -> list[Token]:
        past, base, participle = WORDS[clause.verb]
        negation = (
            [word("not", "not", "PART", "negation", "Polarity=Neg")] if clause.negated else []
        )
        if passive:
            was = word(
                "was", "be", "AUX", "verb", "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin"
            )
            return [
                was,
                *negation,
                word(participle, base, "VERB", "verb", "Tense=Past|VerbForm=Part|Voice=Pass"),
            ]
        if clause.negated:
            return [did(), *negation, word(base, base, "VERB", "verb", "VerbForm=Inf")]
        return [
            word(
                past, base, "VERB", "verb", "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin"
            )
        ]

    def persons(self, clause: Clause) -> list[Token]:
        to = self.led("to", clause.recipient, "recipient") if clause.recipient else []
        source = self.led("from", clause.source, "source") if clause.source else []
        return to + source

    def clause(self, clause: Clause) -> tuple[Token, ...]:
        subject = self.phrase(clause.subject, "subject")
        object_ = self.phrase(clause.object, "object") if clause.object else []
        place, time, persons = self.place(clause), self.time(clause), self.persons(clause)
        if clause.order == "object_first" and object_:
            by = [word("by", "by", "ADP", "subject")]
            core = [
                *object_,
                *self.verb(clause, passive=True),
                *persons,
                *by,
                *subject,
                *place,
                *time,
            ]
        else:
            front = {"time_first": time, "place_first": place}.get(clause.order, [])
            rest = [t for part in (place, time) if part is not front for t in part]
            core = [*front, *subject, *self.verb(clause), *object_, *persons, *rest]
        return (*core, word(".", ".", "PUNCT", "punct"))

    def question(self, clause: Clause, ask: Role) -> tuple[Token, ...]:
        subject = self.phrase(clause.subject, "subject")
        object_ = self.phrase(clause.object, "object") if clause.object and ask != "object" else []
        persons = [t for t in self.persons(clause) if t.role != ask]
        place = self.place(clause) if ask != "place" else []
        time = self.time(clause) if ask != "time" else []
        rest = [*object_, *persons, *place, *time, word("?", "?", "PUNCT", "punct")]
        if ask == "subject":
            return (asking("who"), *self.verb(clause), *rest)
        negation = (
            [word("not", "not", "PART", "negation", "Polarity=Neg")] if clause.negated else []
        )
        _, base, _ = WORDS[clause.verb]
        infinitive = word(base, base, "VERB", "verb", "VerbForm=Inf")
        return (*self.opening(clause, ask), did(), *subject, *negation, infinitive, *rest)

    def opening(self, clause: Clause, ask: Role) -> list[Token]:
        if ask in {"recipient", "source"}:
            preposition = "to" if ask == "recipient" else "from"
            return [word(preposition, preposition, "ADP", "question"), asking("whom")]
        if ask == "object":
            return [asking("whom" if clause.object and clause.object.concept in HUMAN else "what")]
        return [asking({"place": "where", "time": "when"}[ask])]


HUMAN = {*PERSONS, *PEOPLE, *COMPANIES}


def leading(form: str) -> Token:
    """A function word of a time adverbial."""
    if form == "the":
        return word(form, form, "DET", "time", "Definite=Def|PronType=Art")
    return word(form, form, "ADP", "time")


def did() -> Token:
    return word("did", "do", "AUX", "verb", "Mood=Ind|Tense=Past|VerbForm=Fin")


def asking(form: str) -> Token:
    adverb = form in {"where", "when"}
    lemma = "who" if form == "whom" else form
    return word(form, lemma, "ADV" if adverb else "PRON", "question", "PronType=Int")
