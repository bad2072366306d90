"""Turkish: agglutinative, vowel harmony, case on the definite object, verb last, free order."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from training.miniature.concepts import COMPANIES, ENTITY, KINDS, MOTION, PEOPLE, PERSONS
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

WORDS = lexicon("tur")

HIGH = dict(zip("aıeiouöü", "ııiiuuüü", strict=True))
BACK = frozenset("aıou")
VOICELESS = frozenset("çfhkpsşt")
HUMAN = {*PERSONS, *PEOPLE, *COMPANIES}
LIVING = {*PEOPLE, *KINDS["animal"], "animal"}

Parts = dict[Role, tuple[Token, ...]]


def high(sound: str) -> str:
    """The high vowel of a suffix: agrees with the last vowel in backness and rounding."""
    return next(HIGH[letter] for letter in reversed(sound.lower()) if letter in HIGH)


def low(sound: str) -> str:
    """The low vowel of a suffix: agrees with the last vowel in backness."""
    return "a" if next(c for c in reversed(sound.lower()) if c in HIGH) in BACK else "e"


def dental(sound: str) -> str:
    """The d of a suffix, devoiced after a voiceless consonant."""
    return "t" if sound[-1] in VOICELESS else "d"


def ending(sound: str, case: str) -> str:
    """The case ending after these sounds, with its buffer y after a vowel."""
    buffer = "y" if sound[-1] in HIGH else ""
    return {
        "Nom": "",
        "Acc": buffer + high(sound),
        "Dat": buffer + low(sound),
        "Ins": f"{buffer}l{low(sound)}",
        "Loc": dental(sound) + low(sound),
        "Abl": f"{dental(sound)}{low(sound)}n",
    }[case]


@cache
def parts_of(concept: str) -> tuple[str, str, str]:
    """Citation form, stem before a vowel, and the sounds that endings agree with."""
    citation, stem, sound = (*WORDS.get(concept, (concept,)), "", "")[:3]
    return citation, stem or citation, sound or citation


@cache
def inflected(concept: str, case: str) -> str:
    """A noun or name in a case. Names keep their spelling and take an apostrophe."""
    citation, stem, sound = parts_of(concept)
    suffix = ending(sound, case)
    if concept in ENTITY:
        return f"{citation}'{suffix}" if suffix else citation
    return (stem if suffix[:1] in HIGH else citation) + suffix


@cache
def past(stem: str, negated: bool) -> str:
    """The third person of the definite past, -DI; the negation -mA- stands before it."""
    base = stem + "m" + low(stem) if negated else stem
    return base + dental(base) + high(base)


def case_feats(case: str) -> str:
    return f"Case={case}|Number=Sing"


# Features of the words of time adverbials; the 3 marks the possessive that ties a compound.
TIME_FEATS = {
    "": "_",
    "Nom": case_feats("Nom"),
    "Abl": case_feats("Abl"),
    "Loc": case_feats("Loc"),
    "Nom3": "Case=Nom|Number=Sing|Number[psor]=Sing|Person[psor]=3",
    "Loc3": "Case=Loc|Number=Sing|Number[psor]=Sing|Person[psor]=3",
}


@cache
def phrase(np: NP, case: str, role: TokenRole) -> tuple[Token, ...]:
    """Quality, `bir` if indefinite, noun: only the noun inflects."""
    concept = np.concept
    form, lemma = inflected(concept, case), parts_of(concept)[0]
    if concept in ENTITY:
        return (Token(form, lemma, "PROPN", case_feats(case), role, ENTITY[concept]),)
    noun = Token(form, lemma, "NOUN", case_feats(case), role)
    one = () if np.definite else (Token("bir", "bir", "DET", "Definite=Ind|PronType=Art", role),)
    if np.quality is None:
        return (*one, noun)
    quality = WORDS[np.quality][-1 if concept in LIVING else 0]
    return (Token(quality, quality, "ADJ", "_", role), *one, noun)


@cache
def time_phrase(concept: str) -> tuple[Token, ...]:
    words = (word.split(":") for word in WORDS[concept])
    return tuple(
        Token(form, lemma, upos, TIME_FEATS[key], "time") for form, lemma, upos, key in words
    )


@cache
def verb_phrase(concept: str, negated: bool) -> tuple[Token, ...]:
    """The verb, after its noun if it is a light verb (yardım etti)."""
    stem, _, noun = (*WORDS[concept], "", "")[:3]
    polarity = "Neg" if negated else "Pos"
    feats = f"Mood=Ind|Number=Sing|Person=3|Polarity={polarity}|Tense=Past|VerbForm=Fin"
    verb = Token(past(stem, negated), stem, "VERB", feats, "verb")
    if not noun:
        return (verb,)
    return (Token(noun, noun, "NOUN", case_feats("Nom"), "verb"), verb)


def object_case(clause: Clause) -> str:
    """The case a verb governs; a plain direct object is bare if it is indefinite.

    Away from the verb (the object-first order) an indefinite object takes the accusative as well.
    """
    assert clause.object is not None
    case = WORDS[clause.verb][1]
    bare = case == "Acc" and not clause.object.definite and clause.order != "object_first"
    return "Nom" if bare else case


def constituents(clause: Clause) -> Parts:
    """The constituents in neutral order: a bare object clings to the verb."""
    parts: Parts = {"subject": phrase(clause.subject, "Nom", "subject")}
    if clause.time:
        parts["time"] = time_phrase(clause.time)
    if clause.place:
        case = "Dat" if clause.verb in MOTION else "Loc"
        parts["place"] = phrase(NP(clause.place), case, "place")
    case = object_case(clause) if clause.object else ""
    if clause.object and case != "Nom":
        parts["object"] = phrase(clause.object, case, "object")
    if clause.recipient:
        parts["recipient"] = phrase(clause.recipient, "Dat", "recipient")
    if clause.source:
        parts["source"] = phrase(clause.source, "Abl", "source")
    if clause.object and case == "Nom":
        parts["object"] = phrase(clause.object, case, "object")
    return parts


def finished(tokens: list[Token], mark: str) -> tuple[Token, ...]:
    """The sentence with its mark."""
    return (*tokens, Token(mark, mark, "PUNCT", "_", "punct"))


FRONTED: dict[str, Role] = {"time_first": "time", "place_first": "place", "object_first": "object"}

# The question word in each case it is asked in: of humans, then of things.
WHO = {
    "Nom": ("kim", "ne"),
    "Acc": ("kimi", "neyi"),
    "Dat": ("kime", "neye"),
    "Ins": ("kiminle", "neyle"),
    "Abl": ("kimden", "neden"),
}


def who(case: str, human: bool) -> tuple[Token, ...]:
    form = WHO[case][0 if human else 1]
    feats = f"Case={case}|Number=Sing|PronType=Int"
    return (Token(form, "kim" if human else "ne", "PRON", feats, "question"),)


def asked(clause: Clause, ask: Role) -> tuple[Token, ...]:
    """The question word for a role of the clause."""
    if ask == "place":
        form, case = ("nereye", "Dat") if clause.verb in MOTION else ("nerede", "Loc")
        feats = f"Case={case}|Number=Sing|PronType=Int"
        return (Token(form, "nere", "PRON", feats, "question"),)
    if ask == "time":
        what = Token("ne", "ne", "DET", "PronType=Int", "question")
        return (what, Token("zaman", "zaman", "NOUN", case_feats("Nom"), "question"))
    if ask == "object" and clause.object:
        human = clause.object.concept in HUMAN
        case = object_case(clause)
        # Only things are asked for bare (ne aldı); of humans kim would ask for the subject.
        return who("Acc" if human and case == "Nom" else case, human)
    return who({"subject": "Nom", "recipient": "Dat", "source": "Abl"}[ask], True)


class Turkish:
    """Roles are told by case alone, so that every order of the constituents is possible."""

    code = "tur"
    spaced = True

    def noun(self, concept: str) -> str:
        return parts_of(concept)[0]

    def clause(self, clause: Clause) -> tuple[Token, ...]:
        parts = constituents(clause)
        front = FRONTED.get(clause.order)
        tokens = list(parts.pop(front, ())) if front else []
        for part in parts.values():
            tokens += part
        return finished([*tokens, *verb_phrase(clause.verb, clause.negated)], ".")

    def question(self, clause: Clause, ask: Role) -> tuple[Token, ...]:
        """Statement order, the question word before the verb and a bare object before that."""
        clause = replace(clause, order="plain")
        parts = constituents(clause)
        parts.pop(ask, None)
        bare: tuple[Token, ...] = ()
        if "object" in parts and object_case(clause) == "Nom":
            bare = parts.pop("object")
        tokens = [token for part in parts.values() for token in part]
        verb = verb_phrase(clause.verb, clause.negated)
        return finished([*tokens, *asked(clause, ask), *bare, *verb], "?")
