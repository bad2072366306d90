"""Finnish: stems, consonant gradation and vowel harmony make the case forms; word order is free."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import chain

from training.miniature.concepts import CITIES, COMPANIES, ENTITY, PEOPLE, PERSONS
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

WORDS = lexicon("fin")
VOWELS = "aeiouyäö"
HUMAN = {*PERSONS, *PEOPLE, *COMPANIES}

# model word -> (letters cut, letters added) for the strong vowel stem, then for the partitive
# (None: the vowel stem and -a). A stands for a/ä and U for u/y until harmony decides.
MODELS: dict[str, tuple[int, str, tuple[int, str] | None]] = {
    "talo": (0, "", None),
    "auto": (0, "", None),  # a newer loan or a foreign name: no gradation
    "museo": (0, "", (0, "tA")),
    "lehti": (1, "e", None),
    "sieni": (1, "e", (1, "tA")),
    "uusi": (2, "te", (2, "ttA")),
    "veitsi": (1, "e", (3, "stA")),
    "nainen": (3, "se", (3, "stA")),
    "vene": (0, "e", (0, "ttA")),
    "kirves": (1, "e", (0, "tA")),  # and kevyt
    "patsas": (1, "a", (0, "tA")),
    "kallis": (1, "i", (0, "tA")),
    "sormus": (1, "kse", (0, "tA")),
    "avain": (1, "me", (0, "tA")),
    "kevät": (1, "ä", (0, "tA")),
}
WEAK = {"nk": "ng", "nt": "nn", "lt": "ll", "ht": "hd", "hk": "h", "lp": "lv", "t": "d"}
# Gradation backwards, where the citation form is weak: lammas, puhdas, pyyhe.
STRONG = {("patsas", "mm"): "mp", ("patsas", "hd"): "ht", ("vene", "h"): "hk"}
WEAK_ENDINGS = {"Gen": "n", "Ine": "ssA", "Ela": "stA", "Ade": "llA", "Abl": "ltA", "All": "lle"}
LOCAL = {
    "in": {"at": "Ine", "to": "Ill", "from": "Ela"},
    "on": {"at": "Ade", "to": "All", "from": "Abl"},
}
STOP = Token(".", ".", "PUNCT", "_", "punct")
QUESTION_MARK = Token("?", "?", "PUNCT", "_", "punct")
PAST_FEATS = "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin"
LUONA = Token("luona", "luona", "ADP", "AdpType=Post", "object")  # vierailla: at the home of
EI = Token("ei", "ei", "AUX", "Number=Sing|Person=3|Polarity=Neg|VerbForm=Fin", "negation")


def attach(stem: str, ending: str) -> str:
    """Stem and ending in vowel harmony: A, U are back after a, o, u in the last compound part."""
    back = re.search("[aou]", stem.rpartition("+")[2].lower())
    fitted = ending if back else ending.replace("A", "ä").replace("U", "y")
    return (stem + fitted.replace("A", "a").replace("U", "u")).replace("+", "")


def weakened(stem: str, model: str) -> str:
    """Consonant gradation of a strong vowel stem before a closed syllable: kirkko- -> kirko-."""
    found = re.search(f"([^{VOWELS}]+)[{VOWELS}]$", stem.lower())
    if model == "auto" or found is None:
        return stem
    strong = found[1][-2:]
    weak = strong[0] if strong in {"kk", "pp", "tt"} else WEAK.get(strong, strong)
    return stem[: -1 - len(strong)] + weak + stem[-1]


def vowel_stem(citation: str, model: str) -> str:
    """The strong vowel stem: lampaa- of lammas, hevose- of hevonen, Peteri- of Peter."""
    cut, added, _ = MODELS[model]
    body = citation[: len(citation) - cut]
    for (which, weak), strong in STRONG.items():
        if which == model:
            body = re.sub(f"{weak}(?=[{VOWELS}]$)", strong, body)
    if model == "auto" and body[-1] not in VOWELS:
        added = "i"
    return body + added


def partitive(citation: str, model: str) -> str:
    ending = MODELS[model][2]
    if ending is None:
        return attach(vowel_stem(citation, model), "A")
    cut, added = ending
    return attach(citation[: len(citation) - cut], added)


@cache
def inflected(concept: str, case: str) -> str:
    """A noun, name or quality in a singular case."""
    citation, model = WORDS.get(concept, (concept, "auto"))[:2]
    stem = vowel_stem(citation, model)
    if case == "Nom":
        return citation.replace("+", "")
    if case == "Par":
        return partitive(citation, model)
    if case in WEAK_ENDINGS:
        return attach(weakened(stem, model), WEAK_ENDINGS[case])
    if case == "Ill":  # Lontooseen, toriin
        return attach(stem, "seen" if stem[-1] == stem[-2] else f"{stem[-1]}n")
    return attach(stem, "nA")


def past(infinitive: str) -> str:
    """The past 3rd person singular of a verb without consonant gradation in it."""
    if infinitive[-2] in VOWELS:
        return past_of_vowel_stem(infinitive[:-1])
    body = infinitive[:-2]
    if infinitive[-2] == "d":  # saada: sai, uida: ui
        return body if body.endswith("i") else f"{body[:-1]}i"
    if infinitive[-2] == "t":  # maalata: maalasi, valita: valitsi
        return f"{body}tsi" if body.endswith("i") else f"{body}si"
    return f"{body}i"  # kävellä: käveli


def past_of_vowel_stem(stem: str) -> str:
    if stem[-1] not in "aä":
        return stem.removesuffix("i") + "i"
    if re.fullmatch(f"[^{VOWELS}]*[aei][{VOWELS}]?[^{VOWELS}]+a", stem):  # two syllables: antoi
        return f"{stem[:-1]}oi"
    # löytää: löysi, piirtää: piirsi
    return re.sub(f"([nr]|[{VOWELS}]{{2}})t$", r"\1s", stem[:-1]) + "i"


def participle(infinitive: str) -> str:
    """The active past participle, which is also the past form after the negative verb."""
    body, last = infinitive[:-2], infinitive[-2]
    if last in VOWELS or last == "d":  # antaa: antanut, saada: saanut
        return attach(infinitive[:-1].removesuffix("d"), "nUt")
    # maalata: maalannut; mennä: mennyt, juosta: juossut
    return attach(body, "nnUt" if last == "t" and body[-1] != "s" else f"{body[-1]}Ut")


@cache
def verb(concept: str, negated: bool) -> tuple[Token, ...]:
    lemma, *rest = WORDS[concept]
    if negated:
        feats = "Number=Sing|Tense=Past|VerbForm=Part|Voice=Act"
        return (EI, Token(participle(lemma), lemma, "VERB", feats, "verb"))
    form = rest[2] if len(rest) == 3 else past(lemma)
    return (Token(form, lemma, "VERB", PAST_FEATS, "verb"),)


@cache
def phrase(np: NP, case: str, role: TokenRole) -> tuple[Token, ...]:
    """A noun phrase; the quality agrees in case, and definiteness is not marked."""
    feats = f"Case={case}|Number=Sing"
    entity = ENTITY.get(np.concept)
    form, lemma = inflected(np.concept, case), inflected(np.concept, "Nom")
    noun = Token(form, lemma, "PROPN" if entity else "NOUN", feats, role, entity)
    if np.quality is None:
        return (noun,)
    form, lemma = inflected(np.quality, case), inflected(np.quality, "Nom")
    return (Token(form, lemma, "ADJ", f"Case={case}|Degree=Pos|Number=Sing", role), noun)


@cache
def time(concept: str) -> tuple[Token, ...]:
    if len(WORDS[concept]) == 1:
        return (Token(WORDS[concept][0], WORDS[concept][0], "ADV", "_", "time"),)
    return phrase(NP(concept), WORDS[concept][2], "time")


def object_case(clause: Clause) -> str:
    """Gen, Par or luona: a total object (genitive-accusative) is partitive when denied."""
    case = WORDS[clause.verb][1]
    return "Par" if clause.negated and case == "Gen" else case


def place_case(clause: Clause, place: str) -> str:
    side = "in" if place in CITIES else WORDS[place][2]
    return LOCAL[side][WORDS[clause.verb][2]]


def parts(clause: Clause) -> dict[str, tuple[Token, ...]]:
    """The constituents of a clause in their neutral order."""
    made: dict[str, tuple[Token, ...]] = {"subject": phrase(clause.subject, "Nom", "subject")}
    if clause.object and (case := object_case(clause)) == "luona":
        made["object"] = (*phrase(clause.object, "Gen", "object"), LUONA)
    elif clause.object:
        made["object"] = phrase(clause.object, case, "object")
    if clause.recipient:
        made["recipient"] = phrase(clause.recipient, "All", "recipient")
    if clause.source:
        made["source"] = phrase(clause.source, "Abl", "source")
    if clause.place:
        made["place"] = phrase(NP(clause.place), place_case(clause, clause.place), "place")
    if clause.time:
        made["time"] = time(clause.time)
    return made


def asking(form: str, lemma: str, case: str = "") -> Token:
    feats = f"Case={case}|Number=Sing|PronType=Int" if case else "PronType=Int"
    return Token(form, lemma, "PRON" if case else "ADV", feats, "question")


WHO = {"Acc": "kenet", "Gen": "kenen", "Par": "ketä"}
WHAT = {"Gen": "minkä", "Par": "mitä"}
WHERE = {"at": "missä", "to": "minne", "from": "mistä"}
FIXED = {
    "subject": asking("kuka", "kuka", "Nom"),
    "recipient": asking("kenelle", "kuka", "All"),
    "source": asking("keneltä", "kuka", "Abl"),
    "time": asking("milloin", "milloin"),
}


def opening(clause: Clause, ask: Role) -> tuple[Token, ...]:
    """The question word, in the case of what it asks for."""
    if ask in FIXED:
        return (FIXED[ask],)
    if ask == "place":
        where = WHERE[WORDS[clause.verb][2]]
        return (asking(where, where),)
    if (case := object_case(clause)) == "luona":
        return (asking(WHO["Gen"], "kuka", "Gen"), replace(LUONA, role="question"))
    if clause.object is None or clause.object.concept not in HUMAN:
        return (asking(WHAT[case], "mikä", case),)
    case = "Acc" if case == "Gen" else case  # kenet, but minkä: only persons have an accusative
    return (asking(WHO[case], "kuka", case),)


class Finnish:
    """Roles are told by case alone, so every order of the constituents says the same."""

    code = "fin"
    spaced = True

    def noun(self, concept: str) -> str:
        return WORDS.get(concept, (concept,))[0].replace("+", "")

    def clause(self, clause: Clause) -> tuple[Token, ...]:
        found = parts(clause)
        subject, action = found.pop("subject"), verb(clause.verb, clause.negated)
        fronted = clause.order.removesuffix("_first")
        front = found.pop(fronted, ())
        core = (*subject, *action)
        if fronted == "object" and front and not clause.negated:
            core = (*action, *subject)  # Kirjan osti Anna; but Kirjaa Anna ei ostanut
        return (*front, *core, *chain.from_iterable(found.values()), STOP)

    def question(self, clause: Clause, ask: Role) -> tuple[Token, ...]:
        found = parts(clause)
        found.pop(ask, None)
        subject = found.pop("subject", ())
        core = (*subject, *verb(clause.verb, clause.negated), *chain.from_iterable(found.values()))
        return (*opening(clause, ask), *core, QUESTION_MARK)
