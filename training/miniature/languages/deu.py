"""German: verb second, gender and case on articles and endings, kein and nicht, separable verbs."""

from __future__ import annotations

from functools import cache
from typing import Literal

from training.miniature.concepts import CITIES, ENTITY, MOTION, PEOPLE, SOCIAL
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

Case = Literal["Nom", "Acc", "Dat"]
Tokens = tuple[Token, ...]
Parts = dict[str, Tokens]  # the constituents of a clause, by role and, for persons, by form

WORDS = lexicon("deu")
DEFINITE = {
    "Masc": {"Nom": "der", "Acc": "den", "Dat": "dem"},
    "Fem": {"Nom": "die", "Acc": "die", "Dat": "der"},
    "Neut": {"Nom": "das", "Acc": "das", "Dat": "dem"},
}
ENDING_OF_EIN = {
    "Masc": {"Nom": "", "Acc": "en", "Dat": "em"},
    "Fem": {"Nom": "e", "Acc": "e", "Dat": "er"},
    "Neut": {"Nom": "", "Acc": "", "Dat": "em"},
}
CONTRACTED = {"in dem": "im", "in das": "ins", "an dem": "am", "von dem": "vom"}
CONTRACTED |= {"zu dem": "zum", "zu der": "zur"}
# A bare name shows no dative, so where the verb allows it a name is led by "an".
ADDRESSING = {"sell", "send"}
FRONTS = {"time_first": "time", "place_first": "place", "object_first": "object"}


def cased(case: Case, gender: str | None, *more: str) -> str:
    """Features of a word inside a noun phrase, sorted by name."""
    genders = [f"Gender={gender}"] if gender else []
    return "|".join(sorted([f"Case={case}", "Number=Sing", *genders, *more]))


def article(np: NP, role: TokenRole, case: Case, negated: bool) -> Token:
    gender = WORDS[np.concept][1]
    if np.definite:
        feats = cased(case, gender, "Definite=Def", "PronType=Art")
        return Token(DEFINITE[gender][case], "der", "DET", feats, role)
    ending = ENDING_OF_EIN[gender][case]
    if negated:
        feats = cased(case, gender, "Definite=Ind", "Polarity=Neg", "PronType=Neg")
        return Token(f"kein{ending}", "kein", "DET", feats, "negation")
    feats = cased(case, gender, "Definite=Ind", "PronType=Art")
    return Token(f"ein{ending}", "ein", "DET", feats, role)


def adjective(np: NP, quality: str, role: TokenRole, case: Case) -> Token:
    """Weak after an article with an ending; strong after bare "ein" and "kein"."""
    gender, lemma, stem = WORDS[np.concept][1], WORDS[quality][0], WORDS[quality][-1]
    if not np.definite and not ENDING_OF_EIN[gender][case]:
        ending = {"Masc": "er", "Neut": "es"}[gender]
    elif case == "Dat" or (case == "Acc" and gender == "Masc"):
        ending = "en"
    else:
        ending = "e"
    return Token(stem + ending, lemma, "ADJ", cased(case, gender, "Degree=Pos"), role)


@cache
def phrase(np: NP, role: TokenRole, case: Case, negated: bool = False) -> Tokens:
    """A noun phrase; under negation an indefinite one takes "kein"."""
    if np.concept in ENTITY:
        name = noun(np.concept)
        return (Token(name, name, "PROPN", cased(case, None), role, ENTITY[np.concept]),)
    lemma, gender, *more = WORDS[np.concept]
    weak = np.concept in PEOPLE and more and case != "Nom"
    quality = [adjective(np, np.quality, role, case)] if np.quality else []
    head = Token(more[0] if weak else lemma, lemma, "NOUN", cased(case, gender), role)
    return (article(np, role, case, negated), *quality, head)


@cache
def led(preposition: str, np: NP, role: TokenRole, case: Case = "Dat") -> Tokens:
    """A prepositional phrase; preposition and article are one token where they contract."""
    first, *rest = phrase(np, role, case)
    merged = CONTRACTED.get(f"{preposition} {first.form}")
    if merged:
        return (Token(merged, preposition, "ADP", first.feats, role), *rest)
    return (Token(preposition, preposition, "ADP", "_", role), first, *rest)


@cache
def location(concept: str, moving: bool) -> Tokens:
    """Where, or for a motion verb where to."""
    if concept in CITIES:
        return led("nach" if moving else "in", NP(concept), "place")
    rest, goal = WORDS[concept][2:]
    case: Case = "Acc" if moving and goal == "in" else "Dat"
    return led(goal if moving else rest, NP(concept), "place", case)


@cache
def moment(concept: str) -> Tokens:
    if len(WORDS[concept]) == 1:
        adverb = WORDS[concept][0]
        return (Token(adverb, adverb, "ADV", "_", "time"),)
    return led(WORDS[concept][2], NP(concept), "time")


@cache
def predicate(verb: str) -> tuple[Token, Token, Tokens]:
    """The finite verb, the passive participle, and the separable particle that closes a clause."""
    infinitive, preterite, second, *more = WORDS[verb]
    finite = Token(preterite, infinitive, "VERB", FINITE, "verb")
    participle = Token(second, infinitive, "VERB", "VerbForm=Part|Voice=Pass", "verb")
    return finite, participle, tuple(Token(p, p, "ADP", "_", "verb") for p in more[1:])


def case_of_object(verb: str, passive: bool = False) -> Case:
    return "Dat" if "Dat" in WORDS[verb] else "Nom" if passive else "Acc"


def noun(concept: str) -> str:
    return WORDS[concept][0] if concept in WORDS else concept


def passivised(clause: Clause) -> bool:
    """Whether the object, where it is fronted, is so by the passive.

    "bekommen" has none, and beside a source a second "von" would leave open who acted: there the
    object, always a thing, is fronted in the active. Where the article shows the case, so are the
    objects of dative verbs and of "treffen" ("wurde getroffen" is "was hit" first).
    """
    if clause.object is None or clause.source or clause.verb == "get":
        return False
    if case_of_object(clause.verb) == "Dat":
        return clause.object.concept in ENTITY
    return clause.verb != "meet" or "Masc" not in WORDS.get(clause.object.concept, ())


def constituents(clause: Clause, passive: bool) -> Parts:
    """The constituents by role. In the passive a dative stays ("Maria wurde geholfen")."""
    parts: Parts = {"subject": phrase(clause.subject, "subject", "Nom")}
    if passive:
        parts = {"agent": led("von", clause.subject, "subject")}
    if clause.object:
        case = case_of_object(clause.verb, passive)
        parts["object"] = phrase(clause.object, "object", case, clause.negated)
    if clause.recipient and by_an(clause):
        parts["addressee"] = led("an", clause.recipient, "recipient", "Acc")
    elif clause.recipient:
        parts["dative"] = phrase(clause.recipient, "recipient", "Dat")
    if clause.source:
        parts["source"] = led("von", clause.source, "source")
    if clause.place:
        parts["place"] = location(clause.place, clause.verb in MOTION)
    if clause.time:
        parts["time"] = moment(clause.time)
    if clause.negated and (clause.object is None or clause.object.definite):
        parts["negation"] = (NICHT,)
    return parts


def by_an(clause: Clause) -> bool:
    to = clause.recipient
    return to is not None and to.concept in ENTITY and clause.verb in ADDRESSING


def touching(parts: Parts) -> bool:
    """Would a bare name follow the subject: "half der Arzt Adam"?"""
    after = parts.get("dative") or parts.get("object")
    return "subject" in parts and bool(after and after[0].entity)


def sequence(parts: Parts, indefinite: bool) -> str:
    """The order after the finite verb, for the constituents not fronted.

    Known things come early and new ones late; "nicht" stands before places and prepositional
    objects; where it can be, "von" is kept from what it could seem to belong to.
    """
    if touching(parts):
        return "subject time place dative object negation"
    if "addressee" in parts:
        middle = "time place object" if indefinite else "object time place"
        return f"subject agent {middle} negation addressee"
    if indefinite:
        if "time" in parts or "subject" not in parts:
            return "subject dative agent time source place object"
        return "subject dative place object source"
    if "dative" in parts:
        return "subject dative agent time object negation place"
    if parts.keys() & {"subject", "time", "negation"}:
        return "subject object agent time negation source place"
    return "source object agent place"


def sentence(clause: Clause, front: str, ask: Role | None) -> Tokens:
    """One constituent, or the question for it, before the verb, and the others after it."""
    passive = front == "object" and ask is None and passivised(clause)
    parts = constituents(clause, passive)
    first = parts.pop(front, ())
    if touching(parts) and not parts.keys() & {"time", "place"}:
        passive = True  # nothing parts the two, so "von" has to tell who acts
        parts = constituents(clause, passive) | {front: ()}
    if ask:
        first = opening(clause, ask, passive)
        parts |= {"negation": (NICHT,)} if clause.negated and ask == "object" else {}
    new = "object" in parts and clause.object is not None and not clause.object.definite
    rest = [token for key in sequence(parts, new).split() for token in parts.get(key, ())]
    finite, participle, particle = predicate(clause.verb)
    middle = (WURDE, *rest, participle) if passive else (finite, *rest, *particle)
    return (*first, *middle, MARK if ask else STOP)


class German:
    """The nearest relative of English, with what English has lost: case and verb second."""

    code = "deu"
    spaced = True

    def noun(self, concept: str) -> str:
        return noun(concept)

    def clause(self, clause: Clause) -> Tokens:
        front = FRONTS.get(clause.order, "subject")
        present = front == "subject" or getattr(clause, front) is not None
        return sentence(clause, front if present else "subject", None)

    def question(self, clause: Clause, ask: Role) -> Tokens:
        person = "addressee" if by_an(clause) else "dative"
        return sentence(clause, person if ask == "recipient" else ask, ask)


def opening(clause: Clause, ask: Role, passive: bool) -> Tokens:
    """The question words, in the case or with the preposition of what they ask for."""
    if ask in {"place", "time"}:
        form = "wann" if ask == "time" else "wohin" if clause.verb in MOTION else "wo"
        return (Token(form, form, "ADV", "PronType=Int", "question"),)
    case = case_of_object(clause.verb, passive)
    if ask == "object" and clause.verb not in SOCIAL:
        return (Token("was", "was", "PRON", cased(case, "Neut", "PronType=Int"), "question"),)
    preposition = "von" if ask == "source" else "an" if ask == "recipient" and by_an(clause) else ""
    cases: dict[str, Case] = {"subject": "Nom", "object": case}
    case = "Acc" if preposition == "an" else cases.get(ask, "Dat")
    who = Token(WHO[case], "wer", "PRON", cased(case, None, "PronType=Int"), "question")
    return (Token(preposition, preposition, "ADP", "_", "question"), who) if preposition else (who,)


FINITE = "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin"
WHO = {"Nom": "wer", "Acc": "wen", "Dat": "wem"}
NICHT = Token("nicht", "nicht", "PART", "Polarity=Neg", "negation")
WURDE = Token("wurde", "werden", "AUX", FINITE, "verb")
STOP = Token(".", ".", "PUNCT", "_", "punct")
MARK = Token("?", "?", "PUNCT", "_", "punct")
