"""Hungarian: vowel harmony, case endings, two conjugations, split prefixes.

Word order is information structure. A verb without a prefix and an object takes the place into
the slot before it (`a kertben aludt`), as prefixes stand there; negation and a question word
empty the slot, and the prefix goes after the verb (`eladta`, but `nem adta el`).
"""

from __future__ import annotations

import re
from functools import cache

from training.miniature.concepts import COMPANIES, ENTITY, KINDS, MOTION, PEOPLE, PERSONS, STAY
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

Tokens = tuple[Token, ...]

WORDS = lexicon("hun")
HUMAN = {*PERSONS, *PEOPLE, *COMPANIES}
LIVING = {*PEOPLE, *KINDS["animal"], "animal"}
INTRANSITIVE = {*MOTION, *STAY}
GOAL_OF = {"Ine": "Ill", "Sup": "Sub"}
TWO_WAY = {"Dat": "nak nek", "Abl": "tól től", "Ine": "ban ben", "Ill": "ba be", "Sub": "ra re"}
LENGTHENED = {"a": "á", "e": "é", "o": "ó"}  # alma, almát; Oslo, Oslóban
VOWELS = "aáeéiíoóöőuúüű"
TAKES_T = re.compile(f"[{VOWELS}](l|r|n|ny|j|ly|s|sz|z|zs)?$")  # kést, almát; but pék-et
DIGRAPHS = "sz zs cs gy ny ly ty".split()
TAKES_PAST_T = re.compile(f"[{VOWELS}](l|r|n|ny|j|ly)$")  # talált, tört
LINKS_ALWAYS = re.compile(f"([^{VOWELS}]t|ít)$")  # rejtette, javította; but adta, mutatta
PAST = "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin|Voice=Act"
WHO = {"Nom": "ki", "Acc": "kit", "Dat": "kinek", "Abl": "kitől", "Ins": "kivel"}
WHAT = {"Acc": "mit", "Dat": "minek", "Ins": "mivel"}
PERIOD = Token(".", ".", "PUNCT", "_", "punct")
QUESTION_MARK = Token("?", "?", "PUNCT", "_", "punct")


def is_back(stem: str) -> bool:
    """The last vowel decides; i, í and é are transparent (tányér, papír are back)."""
    plain = [vowel for vowel in stem.lower() if vowel in VOWELS and vowel not in "iíé"]
    return bool(plain) and plain[-1] in "aáoóuú"


def link(stem: str) -> str:
    """The linking vowel: citromot, szerszámot; jegyet; bőröndöt."""
    if is_back(stem):
        return "o"
    last = [vowel for vowel in stem.lower() if vowel in VOWELS][-1]
    return "ö" if last in "öőüű" else "e"


def lengthened(noun: str) -> str:
    return noun[:-1] + LENGTHENED.get(noun[-1], noun[-1])


def instrumental(stem: str, ending: str) -> str:
    """The v of -val/-vel becomes the last consonant: tanárral; of a digraph the first letter."""
    if stem[-1] in VOWELS:
        return f"{stem}v{ending}"
    final = stem[-2:] if stem[-2:] in DIGRAPHS else stem[-1]
    return stem.removesuffix(final) + final[0] + final + ending


@cache
def principal(concept: str) -> tuple[str, ...]:
    """Nominative, and accusative and instrumental where irregular."""
    parts = WORDS.get(concept, (concept,))
    return parts[:-1] if parts[-1] in GOAL_OF else parts


@cache
def inflected(concept: str, case: str) -> str:
    """The form of a noun or name in a case."""
    noun, *irregular = principal(concept)
    back = is_back([noun, *irregular][:2][-1])
    stem = lengthened(noun)
    if case == "Nom":
        return noun
    if case == "Acc":
        regular = stem + ("" if TAKES_T.search(stem) else link(stem)) + "t"
        return irregular[0] if irregular else regular
    if case == "Ins":
        return irregular[1] if len(irregular) > 1 else instrumental(stem, "al" if back else "el")
    if case == "Sup":
        return stem + ("" if stem[-1] in VOWELS else link(stem)) + "n"
    return stem + TWO_WAY[case].split()[0 if back else 1]


def past(verb: str) -> tuple[str, str]:
    """The past tense, indefinite and definite: adott, adta; talált, találta; rejtett, rejtette."""
    lemma, *irregular = [part for part in WORDS[verb][1:] if part not in WHO]
    if irregular:
        return irregular[0], irregular[-1]
    stem = lemma.removesuffix("ik")
    indefinite = stem + ("t" if TAKES_PAST_T.search(stem) else f"{link(stem)}tt")
    base = indefinite if LINKS_ALWAYS.search(stem) else f"{stem}t"
    return indefinite, base + ("a" if is_back(stem) else "e")


def government(verb: str) -> str:
    """The case of the verb's object: segít takes the dative, találkozik the instrumental."""
    last = WORDS[verb][-1]
    return last if last in WHO else "Acc"


def prefix_of(verb: str, definite: bool) -> str:
    """The prefix: some verbs have it only with a definite object (megvette, but vett egyet)."""
    prefix = WORDS[verb][0]
    absent = prefix == "-" or (prefix[0] == "(" and not definite)
    return "" if absent else prefix.strip("()")


def article(definite: bool, following: str, role: TokenRole) -> Token:
    if not definite:
        return Token("egy", "egy", "DET", "Definite=Ind|PronType=Art", role)
    form = "az" if following[0].lower() in VOWELS else "a"
    return Token(form, form, "DET", "Definite=Def|PronType=Art", role)


@cache
def phrase(noun: str, case: str, role: TokenRole, quality: str | None, kind: str | None) -> Tokens:
    """A noun phrase; `kind` is Def, Ind, or None for no article. Adjectives do not inflect."""
    form, lemma, feats = inflected(noun, case), principal(noun)[0], f"Case={case}|Number=Sing"
    if noun in ENTITY:  # of the names only companies have the article
        name = Token(form, lemma, "PROPN", feats, role, ENTITY[noun])
        return (article(True, form, role), name) if noun in COMPANIES else (name,)
    core = [Token(form, lemma, "NOUN", feats, role)]
    if quality:
        adjective = WORDS[quality][-1 if noun in LIVING else 0]
        core.insert(0, Token(adjective, adjective, "ADJ", "Case=Nom|Degree=Pos|Number=Sing", role))
    return (article(kind == "Def", core[0].form, role), *core) if kind else tuple(core)


@cache
def predicate(verb: str, definite: bool, negated: bool, split: bool) -> Tokens:
    """The verb complex: eladta, köszönetet mondott; nem adta el; split also after a focus."""
    prefix, lemma, after = prefix_of(verb, definite), WORDS[verb][1], negated or split
    conjugation = definite and government(verb) == "Acc"
    form = past(verb)[conjugation]
    feats = f"Definite={'Def' if conjugation else 'Ind'}|{PAST}"
    finite = Token(form, lemma, "VERB", feats, "verb")
    negation = [Token("nem", "nem", "ADV", "PronType=Neg", "negation")] if negated else []
    if not prefix:
        return (*negation, finite)
    if not (after or prefix.endswith("_")):
        return (Token(prefix + form, prefix + lemma, "VERB", feats, "verb"),)
    return (*negation, finite, apart(prefix)) if after else (apart(prefix), finite)


def apart(prefix: str) -> Token:
    """A prefix that stands as a word of its own, tagged as the Szeged treebank does."""
    if prefix == "köszönetet_":
        return Token("köszönetet", "köszönet", "NOUN", "Case=Acc|Number=Sing", "verb")
    if prefix == "meg":
        return Token(prefix, prefix, "PART", "_", "verb")
    return Token(prefix, prefix, "ADV", "Degree=Pos", "verb")


@cache
def time_of(concept: str | None) -> Tokens:
    if concept is None:
        return ()
    form, lemma, *case = WORDS[concept]
    feats = f"Case={case[0]}|Number=Sing" if case else "_"
    return (Token(form, lemma, "NOUN" if case else "ADV", feats, "time"),)


def place_case(clause: Clause) -> str:
    rest = WORDS[clause.place][-1] if clause.place else "Ine"
    return GOAL_OF[rest] if clause.verb in MOTION else rest


def definite_np(np: NP | None, case: str, role: TokenRole) -> Tokens:
    return phrase(np.concept, case, role, np.quality, "Def") if np else ()


def object_of(clause: Clause) -> Tokens:
    """Under negation an indefinite object has no article: nem vett kést."""
    np = clause.object
    if np is None:
        return ()
    kind = "Def" if np.definite else None if clause.negated else "Ind"
    return phrase(np.concept, government(clause.verb), "object", np.quality, kind)


def constituents(clause: Clause) -> tuple[Tokens, Tokens, Tokens, Tokens, Tokens]:
    """Subject, object, recipient or source, time, place: the order after the verb."""
    to = definite_np(clause.recipient, "Dat", "recipient")
    persons = to + definite_np(clause.source, "Abl", "source")
    place = definite_np(NP(clause.place) if clause.place else None, place_case(clause), "place")
    subject = definite_np(clause.subject, "Nom", "subject")
    return subject, object_of(clause), persons, time_of(clause.time), place


def predicate_of(clause: Clause, split: bool = False, ask: Role | None = None) -> Tokens:
    """Agrees with the object: mit and kit go with the indefinite conjugation."""
    definite = clause.object is not None and clause.object.definite and ask != "object"
    return predicate(clause.verb, definite, clause.negated, split)


def asking(clause: Clause, ask: Role) -> Token:
    if ask in {"place", "time"}:
        form = "mikor" if ask == "time" else "hova" if clause.verb in MOTION else "hol"
        return Token(form, form, "ADV", "PronType=Int", "question")
    case = {"subject": "Nom", "recipient": "Dat", "source": "Abl"}.get(ask, government(clause.verb))
    thing = ask == "object" and clause.object and clause.object.concept not in HUMAN
    form = (WHAT if thing else WHO)[case]
    feats = f"Case={case}|Number=Sing|Person=3|PronType=Int"
    return Token(form, "mi" if thing else "ki", "PRON", feats, "question")


class Hungarian:
    """Everything is in the endings, so that the order is free to say what is known and new."""

    code = "hun"
    spaced = True

    def noun(self, concept: str) -> str:
        return principal(concept)[0]

    def clause(self, clause: Clause) -> Tokens:
        subject, object_, persons, time, place = constituents(clause)
        if clause.verb in INTRANSITIVE:
            return (*intransitive(clause, subject, time, place), PERIOD)
        if clause.object and clause.order == "object_first":
            # an indefinite object cannot be the topic: it is the focus, which splits the prefix
            verb = predicate_of(clause, split=not clause.object.definite)
            return (*object_, *verb, *subject, *persons, *time, *place, PERIOD)
        verb = predicate_of(clause)
        if clause.order == "place_first":
            return (*place, *subject, *time, *verb, *object_, *persons, PERIOD)
        front = time + subject if clause.order == "time_first" else subject + time
        return (*front, *verb, *object_, *persons, *place, PERIOD)

    def question(self, clause: Clause, ask: Role) -> Tokens:
        """The question word is the focus, right before the verb (or its negation)."""
        rest = [token for part in constituents(clause) for token in part if token.role != ask]
        return (asking(clause, ask), *predicate_of(clause, True, ask), *rest, QUESTION_MARK)


def intransitive(clause: Clause, subject: Tokens, time: Tokens, place: Tokens) -> Tokens:
    """Slept, went: a fronted filler of the slot before the verb keeps the verb next to it."""
    if clause.order == "place_first" and place:
        return place + predicate_of(clause, split=True) + subject + time
    front = time + subject if clause.order == "time_first" else subject + time
    if clause.negated or prefix_of(clause.verb, definite=False):
        return front + predicate_of(clause) + place
    if clause.order == "time_first" and time and not place:
        return time + predicate_of(clause) + subject
    return front + place + predicate_of(clause)
