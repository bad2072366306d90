"""Estonian: cases on the genitive stem, object case by result and negation, verb second."""

from __future__ import annotations

from functools import cache

from training.miniature.concepts import COMPANIES, ENTITY, PEOPLE, PERSONS, QUALITIES
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

WORDS = lexicon("est")
HUMAN = {*PERSONS, *PEOPLE, *COMPANIES}

# the cases a speaker has to learn word by word, and those whose ending goes onto the genitive
PRINCIPAL = {"Nom": 0, "Gen": 1, "Par": 2}
ENDINGS = {"Ine": "s", "Ill": "sse", "Ela": "st", "Ade": "l", "All": "le", "Abl": "lt"}
SERIES = {
    "s": {"at": "Ine", "to": "Ill", "from": "Ela"},
    "l": {"at": "Ade", "to": "All", "from": "Abl"},
}
WHERE = {"at": "kus", "to": "kuhu", "from": "kust"}

PAST = "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin|Voice=Act"
CONNEGATIVE = "Connegative=Yes|Mood=Ind|Tense=Past|VerbForm=Fin|Voice=Act"

Tokens = tuple[Token, ...]


def regular(name: str) -> tuple[str, ...]:
    """Principal parts of a foreign name: a final consonant takes the linking vowel -i-."""
    stem = name if name[-1] in "aeiouy" else name + "i"
    return name, stem, stem + "t"


def parts(concept: str) -> tuple[str, ...]:
    return WORDS[concept] if concept in WORDS else regular(concept)


@cache
def inflected(concept: str, case: str) -> str:
    """A nominal in one case. `Add` is the short illative, a principal part of its own."""
    if case in PRINCIPAL:
        return parts(concept)[PRINCIPAL[case]]
    if case == "Add":
        return parts(concept)[4]
    return parts(concept)[1] + ENDINGS[case]


def nominal(concept: str, case: str, role: TokenRole) -> Token:
    feats = f"Case={case}|Degree=Pos" if concept in QUALITIES else f"Case={case}"
    upos = "ADJ" if concept in QUALITIES else "PROPN" if concept in ENTITY else "NOUN"
    form, lemma = inflected(concept, case), parts(concept)[0]
    return Token(form, lemma, upos, f"{feats}|Number=Sing", role, ENTITY.get(concept))


@cache
def phrase(np: NP, case: str, role: TokenRole) -> Tokens:
    """Qualities agree in case. There are no articles: definiteness has no form of its own."""
    words = [np.quality, np.concept] if np.quality else [np.concept]
    return tuple(nominal(word, case, role) for word in words)


def optional(np: NP | None, case: str, role: TokenRole) -> Tokens:
    return phrase(np, case, role) if np else ()


@cache
def local(concept: str, direction: str, role: TokenRole) -> Tokens:
    """A place or a time, in the local case of its series; the short illative where there is one."""
    own = parts(concept)
    if len(own) == 1:
        return (Token(own[0], own[0], "ADV", "_", role),)
    if direction == "to" and len(own) == 5:
        return (nominal(concept, "Add", role),)
    series = own[3] if len(own) > 3 else "s"
    return (nominal(concept, SERIES[series][direction], role),)


def direction(verb: str) -> str:
    """One finds *from* a place and hides or forgets *into* it: leidis metsast, peitis metsa."""
    own = WORDS[verb]
    return own[4] if len(own) > 4 else "at"


def government(verb: str, negated: bool) -> str:
    """The case of the object: a total object becomes partial when the result is denied."""
    case = WORDS[verb][3]
    return "Par" if negated and case == "Gen" else case


@cache
def verb_group(verb: str, negated: bool) -> Tokens:
    infinitive, past, participle = WORDS[verb][:3]
    if not negated:
        return (Token(past, infinitive, "VERB", PAST, "verb"),)
    not_ = Token("ei", "ei", "AUX", "Polarity=Neg", "negation")
    return not_, Token(participle, infinitive, "VERB", CONNEGATIVE, "verb")


def asking(form: str, lemma: str, case: str | None = None) -> Token:
    if case is None:
        return Token(form, lemma, "ADV", "PronType=Int", "question")
    return Token(form, lemma, "PRON", f"Case={case}|Number=Sing|PronType=Int", "question")


FULL_STOP = Token(".", ".", "PUNCT", "_", "punct")
QUESTION_MARK = Token("?", "?", "PUNCT", "_", "punct")
WHO = {
    "Nom": asking("kes", "kes", "Nom"),
    "Par": asking("keda", "kes", "Par"),
    "All": asking("kellele", "kes", "All"),
    "Abl": asking("kellelt", "kes", "Abl"),
}
# an unknown thing is asked for in the partitive, also where the answer is a total object
WHAT = {"Par": asking("mida", "mis", "Par"), "All": asking("millele", "mis", "All")}
WHEN = asking("millal", "millal")


class Estonian:
    """A close relative of Finnish with much vowel loss: the stem shows in the genitive only."""

    code = "est"
    spaced = True

    def noun(self, concept: str) -> str:
        return parts(concept)[0]

    def object(self, clause: Clause) -> Tokens:
        return optional(clause.object, government(clause.verb, clause.negated), "object")

    def persons(self, clause: Clause, left_out: Role | None) -> Tokens:
        recipient = clause.recipient if left_out != "recipient" else None
        source = clause.source if left_out != "source" else None
        return optional(recipient, "All", "recipient") + optional(source, "Abl", "source")

    def place(self, clause: Clause) -> Tokens:
        return local(clause.place, direction(clause.verb), "place") if clause.place else ()

    def time(self, clause: Clause) -> Tokens:
        return local(clause.time, "at", "time") if clause.time else ()

    def middle(self, clause: Clause, left_out: Role | None) -> Tokens:
        """Scene first, then who and what; a goal is the last, being part of what is said."""
        persons = self.persons(clause, left_out)
        time = self.time(clause) if left_out != "time" else ()
        place = self.place(clause) if left_out != "place" else ()
        object_ = self.object(clause) if left_out != "object" else ()
        if direction(clause.verb) == "to":
            return time + persons + object_ + place
        return time + place + persons + object_

    def front(self, clause: Clause) -> tuple[Tokens, Role | None]:
        """What stands before the verb in place of the subject, if anything does."""
        if clause.order == "time_first":
            return self.time(clause), "time"
        if clause.order == "place_first":
            return self.place(clause), "place"
        if clause.order == "object_first":
            return self.object(clause), "object"
        return (), None

    def clause(self, clause: Clause) -> Tokens:
        subject = phrase(clause.subject, "Nom", "subject")
        verb = verb_group(clause.verb, clause.negated)
        front, role = self.front(clause)
        core = front + verb + subject if front else subject + verb
        return (*core, *self.middle(clause, role), FULL_STOP)

    def question(self, clause: Clause, ask: Role) -> Tokens:
        """Who keeps the verb second; the other question words send it to the end."""
        verb = verb_group(clause.verb, clause.negated)
        middle = self.middle(clause, ask)
        if ask == "subject":
            return (WHO["Nom"], *verb, *middle, QUESTION_MARK)
        subject = phrase(clause.subject, "Nom", "subject")
        return (self.opening(clause, ask), *subject, *middle, *verb, QUESTION_MARK)

    def opening(self, clause: Clause, ask: Role) -> Token:
        if ask == "object":
            case = "All" if government(clause.verb, clause.negated) == "All" else "Par"
            human = clause.object is not None and clause.object.concept in HUMAN
            return (WHO if human else WHAT)[case]
        if ask == "place":
            return asking(where := WHERE[direction(clause.verb)], where)
        return {"recipient": WHO["All"], "source": WHO["Abl"], "time": WHEN}[ask]
