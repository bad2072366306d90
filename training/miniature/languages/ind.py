"""Indonesian: no inflection of nouns, voice on the verb (meN-, di-), modifiers after the noun."""

from __future__ import annotations

from functools import cache

from training.miniature.concepts import COMPANIES, ENTITY, KINDS, MOTION, PEOPLE, PERSONS
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

WORDS = lexicon("ind")

HUMAN = {*PERSONS, *PEOPLE, *COMPANIES}
ANIMAL = {*KINDS["animal"], "animal"}
LIVING = {*PEOPLE, *ANIMAL}

# A root's first consonant that melts into the nasal of meN-, with what stands for both.
MELTING = {"p": "m", "t": "n", "k": "ng", "s": "ny"}
NASAL = dict.fromkeys("bf", "m") | dict.fromkeys("cdj", "n") | dict.fromkeys("aeiough", "ng")

FRONTED: dict[str, TokenRole] = {"time_first": "time", "place_first": "place"}

Tokens = tuple[Token, ...]


def active(stem: str) -> str:
    """The verb of the acting subject: meN- and the stem (pilih: memilih, beli: membeli)."""
    first = stem[0]
    if first in MELTING:
        return f"me{MELTING[first]}{stem[1:]}"
    return f"me{NASAL.get(first, '')}{stem}"


def passive(stem: str) -> str:
    return f"di{stem}"


@cache
def verb_phrase(concept: str, negated: bool, voice: str = "Act") -> Tokens:
    """`tidak` if denied, the verb, and the noun that completes `berterima kasih`.

    Indonesian verbs have no tense: time adverbials and the context tell it.
    """
    root, stem, irregular = (*WORDS[concept], "")[:3]
    form = passive(stem) if voice == "Pass" else irregular or active(stem)
    form, *completion = form.split()
    feats = f"Mood=Ind|VerbForm=Fin|Voice={voice}"
    negation = (Token("tidak", "tidak", "PART", "Polarity=Neg", "negation"),) if negated else ()
    nouns = (Token(noun, noun, "NOUN", "Number=Sing", "verb") for noun in completion)
    return (*negation, Token(form, root, "VERB", feats, "verb"), *nouns)


def has_passive(verb: str) -> bool:
    return bool(WORDS[verb][1])


@cache
def noun_of(concept: str) -> str:
    return WORDS[concept][0] if concept in WORDS else concept


@cache
def classifier(concept: str) -> str:
    """What counts one of them: seorang guru, seekor sapi, sepucuk surat, sebuah apel."""
    _, *own = WORDS[concept]
    if own:
        return own[0]
    return "seorang" if concept in PEOPLE else "seekor" if concept in ANIMAL else "sebuah"


@cache
def phrase(np: NP, role: TokenRole) -> Tokens:
    """Classifier if indefinite, noun, quality, `itu` if definite; names stand alone."""
    concept = np.concept
    noun = noun_of(concept)
    if concept in ENTITY:
        return (Token(noun, noun, "PROPN", "Number=Sing", role, ENTITY[concept]),)
    tokens = [Token(noun, noun, "NOUN", "Number=Sing", role)]
    if np.quality:
        quality = WORDS[np.quality][-1 if concept in LIVING else 0]
        tokens.append(Token(quality, quality, "ADJ", "Degree=Pos", role))
    if np.definite:
        return (*tokens, Token("itu", "itu", "DET", "PronType=Dem", role))
    one = classifier(concept)
    return (Token(one, one, "DET", "Definite=Ind|PronType=Art", role), *tokens)


def preposition(form: str, role: TokenRole) -> Token:
    return Token(form, form, "ADP", "_", role)


@cache
def led(form: str, np: NP, role: TokenRole) -> Tokens:
    return (preposition(form, role), *phrase(np, role))


@cache
def place_phrase(concept: str, moving: bool) -> Tokens:
    """Rest `di` or goal `ke`. A place is understood as the known one: no `itu`."""
    noun, entity = noun_of(concept), ENTITY.get(concept)
    upos = "PROPN" if entity else "NOUN"
    name = Token(noun, noun, upos, "Number=Sing", "place", entity)
    return (preposition("ke" if moving else "di", "place"), name)


@cache
def time_phrase(concept: str) -> Tokens:
    words = WORDS[concept][0].split()
    if len(words) == 1:
        return (Token(words[0], words[0], "ADV", "_", "time"),)
    lead, *rest = words
    # The seasons are named by what they are: semi (to sprout), gugur (to fall), panas, dingin.
    modifiers = {"semi": "VERB", "gugur": "VERB", "panas": "ADJ", "dingin": "ADJ"}
    upos = [modifiers.get(word, "PROPN" if word[0].isupper() else "NOUN") for word in rest]
    feats = {"VERB": "_", "ADJ": "Degree=Pos"}
    named = (
        Token(w, w, u, feats.get(u, "Number=Sing"), "time") for w, u in zip(rest, upos, strict=True)
    )
    return (preposition(lead, "time"), *named)


def object_phrase(clause: Clause) -> Tokens:
    """The object; a verb without a passive has its object after `kepada`."""
    if clause.object is None:
        return ()
    if has_passive(clause.verb):
        return phrase(clause.object, "object")
    return led("kepada", clause.object, "object")


def persons(clause: Clause) -> Tokens:
    to = led("kepada", clause.recipient, "recipient") if clause.recipient else ()
    return to + (led("dari", clause.source, "source") if clause.source else ())


def place(clause: Clause) -> Tokens:
    return place_phrase(clause.place, clause.verb in MOTION) if clause.place else ()


def time(clause: Clause) -> Tokens:
    return time_phrase(clause.time) if clause.time else ()


def asking(form: str) -> Token:
    upos = "ADV" if form == "kapan" else "PRON"
    return Token(form, form, upos, "PronType=Int", "question")


def opening(clause: Clause, ask: Role) -> Tokens:
    """The question words. Siapa and apa are clefts with `yang`, as only a subject can be."""
    led_by = {"recipient": "kepada", "source": "dari"}.get(ask)
    human = ask != "object" or (clause.object is not None and clause.object.concept in HUMAN)
    if ask == "object" and not has_passive(clause.verb):
        led_by = "kepada"
    if ask == "place":
        return (preposition("ke" if clause.verb in MOTION else "di", "question"), asking("mana"))
    if ask == "time":
        return (asking("kapan"),)
    word = asking("siapa" if human else "apa")
    if led_by:
        return (preposition(led_by, "question"), word)
    return (word, Token("yang", "yang", "PRON", "PronType=Rel", "question"))


class Indonesian:
    """Analytic like English, but with voice by prefix, no articles and no tense."""

    code = "ind"
    spaced = True

    def noun(self, concept: str) -> str:
        return noun_of(concept)

    def clause(self, clause: Clause) -> Tokens:
        object_ = object_phrase(clause)
        subject = phrase(clause.subject, "subject")
        end = (*place(clause), *time(clause), Token(".", ".", "PUNCT", "_", "punct"))
        verb = verb_phrase(clause.verb, clause.negated)
        if clause.order == "object_first" and object_:
            if not has_passive(clause.verb):
                return (*object_, *subject, *verb, *persons(clause), *end)
            verb = verb_phrase(clause.verb, clause.negated, "Pass")
            by = led("oleh", clause.subject, "subject")
            return (*object_, *verb, *by, *persons(clause), *end)
        front = FRONTED.get(clause.order)
        fronted = [token for token in end if token.role == front]
        rest = [token for token in end if token.role != front]
        return (*fronted, *subject, *verb, *object_, *persons(clause), *rest)

    def question(self, clause: Clause, ask: Role) -> Tokens:
        """The question words first; what the object is, is asked in the passive."""
        subject = phrase(clause.subject, "subject")
        verb = verb_phrase(clause.verb, clause.negated)
        tail = (*persons(clause), *place(clause), *time(clause))
        if ask == "subject":
            core = (*verb, *object_phrase(clause), *tail)
        elif ask == "object" and has_passive(clause.verb):
            passive_verb = verb_phrase(clause.verb, clause.negated, "Pass")
            core = (*passive_verb, *led("oleh", clause.subject, "subject"), *tail)
        else:
            core = (*subject, *verb, *object_phrase(clause), *tail)
        kept = (token for token in core if token.role != ask)
        return (*opening(clause, ask), *kept, Token("?", "?", "PUNCT", "_", "punct"))
