"""Turkish: known forms and sentences, and what must hold of every form.

Longer than 250 lines because the expected forms are written out one by one.
"""

from __future__ import annotations

from itertools import groupby

import pytest

from training.miniature.concepts import (
    CITIES,
    COMPANIES,
    CONCEPTS,
    ENTITY,
    FROM_VERBS,
    KINDS,
    MOTION,
    NAMES,
    PEOPLE,
    PERSONS,
    PLACES,
    QUALITIES,
    SOCIAL,
    STAY,
    THINGS,
    TIMES,
    TO_VERBS,
    VERBS,
)
from training.miniature.grammar import NP, Clause, Order, Role, Token, capitalised, joined
from training.miniature.languages import language
from training.miniature.languages.tur import HIGH, WORDS, inflected, past

TUR = language("tur")
CASES = ("Nom", "Acc", "Dat", "Loc", "Abl", "Ins")
NOUNS = [*PEOPLE, *PLACES, *THINGS, *KINDS, *NAMES]
ANNA, OSKAR = NP("Anna"), NP("Oskar")

FORMS = {
    ("book", "Acc"): "kitabı",
    ("book", "Dat"): "kitaba",
    ("book", "Loc"): "kitapta",
    ("book", "Abl"): "kitaptan",
    ("book", "Ins"): "kitapla",
    ("kitchen", "Dat"): "mutfağa",
    ("kitchen", "Loc"): "mutfakta",
    ("pear", "Acc"): "armudu",
    ("carrot", "Acc"): "havucu",
    ("hammer", "Acc"): "çekici",
    ("hammer", "Abl"): "çekiçten",
    ("dog", "Acc"): "köpeği",
    ("dog", "Dat"): "köpeğe",
    ("cow", "Acc"): "ineği",
    ("ring", "Acc"): "yüzüğü",
    ("plate", "Acc"): "tabağı",
    ("letter", "Acc"): "mektubu",
    ("shell", "Acc"): "kabuğu",
    ("painting", "Acc"): "resmi",
    ("painting", "Dat"): "resme",
    ("painting", "Loc"): "resimde",
    ("basket", "Acc"): "sepeti",
    ("horse", "Acc"): "atı",
    ("ball", "Acc"): "topu",
    ("net", "Acc"): "ağı",
    ("vehicle", "Acc"): "taşıtı",
    ("clock", "Acc"): "saati",
    ("clock", "Loc"): "saatte",
    ("clock", "Ins"): "saatle",
    ("apple", "Acc"): "elmayı",
    ("apple", "Dat"): "elmaya",
    ("cat", "Acc"): "kediyi",
    ("towel", "Acc"): "havluyu",
    ("painter", "Loc"): "ressamda",
    ("driver", "Acc"): "şoförü",
    ("neighbour", "Ins"): "komşuyla",
    ("teacher", "Ins"): "öğretmenle",
    ("hunter", "Abl"): "avcıdan",
    ("barn", "Loc"): "ahırda",
    ("market", "Loc"): "çarşıda",
    ("office", "Loc"): "ofiste",
    ("theatre", "Dat"): "tiyatroya",
    ("Anna", "Dat"): "Anna'ya",
    ("Oskar", "Abl"): "Oskar'dan",
    ("Leo", "Ins"): "Leo'yla",
    ("Robert", "Abl"): "Robert'ten",
    ("Viktor", "Acc"): "Viktor'u",
    ("Thomas", "Abl"): "Thomas'tan",
    ("Max", "Abl"): "Max'tan",
    ("Max", "Acc"): "Max'ı",
    ("Berlin", "Loc"): "Berlin'de",
    ("Paris", "Loc"): "Paris'te",
    ("Budapest", "Dat"): "Budapeşte'ye",
    ("London", "Dat"): "Londra'ya",
    ("Beijing", "Loc"): "Pekin'de",
    ("Jakarta", "Abl"): "Cakarta'dan",
    ("Sony", "Acc"): "Sony'yi",
    ("Sony", "Abl"): "Sony'den",
    ("Bosch", "Dat"): "Bosch'a",
    ("Bosch", "Abl"): "Bosch'tan",
    ("Fiat", "Abl"): "Fiat'tan",
    ("Siemens", "Abl"): "Siemens'ten",
    ("Samsung", "Abl"): "Samsung'dan",
}

# The positive and the negative past of each verb stem.
PASTS = {
    "sat": "sattı satmadı",
    "ver": "verdi vermedi",
    "gönder": "gönderdi göndermedi",
    "göster": "gösterdi göstermedi",
    "al": "aldı almadı",
    "çal": "çaldı çalmadı",
    "kaybet": "kaybetti kaybetmedi",
    "bul": "buldu bulmadı",
    "temizle": "temizledi temizlemedi",
    "taşı": "taşıdı taşımadı",
    "unut": "unuttu unutmadı",
    "çiz": "çizdi çizmedi",
    "boya": "boyadı boyamadı",
    "seç": "seçti seçmedi",
    "kır": "kırdı kırmadı",
    "dokun": "dokundu dokunmadı",
    "karşılaş": "karşılaştı karşılaşmadı",
    "et": "etti etmedi",
    "öv": "övdü övmedi",
    "it": "itti itmedi",
    "git": "gitti gitmedi",
    "koş": "koştu koşmadı",
    "dön": "döndü dönmedi",
    "yürü": "yürüdü yürümedi",
    "uyu": "uyudu uyumadı",
    "yüz": "yüzdü yüzmedi",
    "gül": "güldü gülmedi",
}


def text(tokens: tuple[Token, ...]) -> str:
    return joined(capitalised(tokens, "tur"), TUR.spaced)


def sold(order: Order = "plain", definite: bool = True, negated: bool = False) -> Clause:
    thing = NP("apple", definite, "red")
    return Clause("sell", ANNA, thing, OSKAR, None, "market", "yesterday", negated, order)


STATEMENTS = [
    (sold(), "Anna dün çarşıda kırmızı elmayı Oskar'a sattı."),
    (sold(definite=False), "Anna dün çarşıda Oskar'a kırmızı bir elma sattı."),
    (sold("time_first"), "Dün Anna çarşıda kırmızı elmayı Oskar'a sattı."),
    (sold("place_first"), "Çarşıda Anna dün kırmızı elmayı Oskar'a sattı."),
    (sold("object_first"), "Kırmızı elmayı Anna dün çarşıda Oskar'a sattı."),
    (sold("object_first", False), "Kırmızı bir elmayı Anna dün çarşıda Oskar'a sattı."),
    (sold(negated=True), "Anna dün çarşıda kırmızı elmayı Oskar'a satmadı."),
    (
        Clause("borrow", NP("pupil"), NP("book", False), source=NP("teacher"), time="january"),
        "Öğrenci ocak ayında öğretmenden bir kitap ödünç aldı.",
    ),
    (
        Clause("buy", NP("Sony"), NP("cow", True, "old"), source=NP("Sara"), order="object_first"),
        "Yaşlı ineği Sony Sara'dan satın aldı.",
    ),
    (Clause("find", ANNA, NP("clock", True, "old")), "Anna eski saati buldu."),
    (
        Clause("touch", ANNA, NP("pear", False), place="kitchen"),
        "Anna mutfakta bir armuda dokundu.",
    ),
    (
        Clause("meet", NP("guard"), OSKAR, time="monday"),
        "Bekçi pazartesi günü Oskar'la karşılaştı.",
    ),
    (Clause("help", NP("doctor"), NP("baker"), negated=True), "Doktor fırıncıya yardım etmedi."),
    (Clause("hug", ANNA, NP("Nora"), order="object_first"), "Nora'ya Anna sarıldı."),
    (
        Clause("go", NP("farmer"), place="station", time="spring", order="place_first"),
        "İstasyona çiftçi ilkbaharda gitti.",
    ),
    (
        Clause("sing", NP("soldier"), place="station", time="spring", order="time_first"),
        "İlkbaharda asker istasyonda şarkı söyledi.",
    ),
]

QUESTIONS: list[tuple[Clause, Role, str]] = [
    (sold(), "subject", "Dün çarşıda kırmızı elmayı Oskar'a kim sattı?"),
    (sold(definite=False), "subject", "Dün çarşıda Oskar'a kim kırmızı bir elma sattı?"),
    (sold(), "object", "Anna dün çarşıda Oskar'a neyi sattı?"),
    (sold(definite=False), "object", "Anna dün çarşıda Oskar'a ne sattı?"),
    (sold("object_first", False), "object", "Anna dün çarşıda Oskar'a ne sattı?"),
    (sold(), "recipient", "Anna dün çarşıda kırmızı elmayı kime sattı?"),
    (sold(), "place", "Anna dün kırmızı elmayı Oskar'a nerede sattı?"),
    (sold(negated=True), "time", "Anna çarşıda kırmızı elmayı Oskar'a ne zaman satmadı?"),
    (
        Clause("get", NP("nurse"), NP("key"), source=NP("guard")),
        "source",
        "Hemşire anahtarı kimden aldı?",
    ),
    (Clause("walk", ANNA, place="shore"), "place", "Anna nereye yürüdü?"),
    (Clause("greet", ANNA, NP("writer")), "object", "Anna kimi selamladı?"),
    (Clause("greet", ANNA, NP("writer", False)), "object", "Anna kimi selamladı?"),
    (Clause("meet", ANNA, OSKAR), "object", "Anna kiminle karşılaştı?"),
    (Clause("thank", ANNA, OSKAR), "object", "Anna kime teşekkür etti?"),
    (Clause("touch", ANNA, NP("needle")), "object", "Anna neye dokundu?"),
    (
        Clause("push", ANNA, NP("pupil"), place="station"),
        "subject",
        "İstasyonda öğrenciyi kim itti?",
    ),
]


@pytest.mark.parametrize(("key", "form"), FORMS.items())
def test_known_nouns(key: tuple[str, str], form: str) -> None:
    assert inflected(*key) == form


@pytest.mark.parametrize(("stem", "forms"), PASTS.items())
def test_known_verbs(stem: str, forms: str) -> None:
    assert [past(stem, False), past(stem, True)] == forms.split()


@pytest.mark.parametrize(("clause", "expected"), STATEMENTS)
def test_known_statements(clause: Clause, expected: str) -> None:
    assert text(TUR.clause(clause)) == expected


@pytest.mark.parametrize(("clause", "ask", "expected"), QUESTIONS)
def test_known_questions(clause: Clause, ask: Role, expected: str) -> None:
    assert text(TUR.question(clause, ask)) == expected


def test_annotation() -> None:
    tokens = TUR.clause(sold(negated=True, definite=False))
    recipient = next(token for token in tokens if token.role == "recipient")
    assert recipient == Token(
        "Oskar'a", "Oskar", "PROPN", "Case=Dat|Number=Sing", "recipient", "PER"
    )
    one = next(token for token in tokens if token.form == "bir")
    assert (one.upos, one.role, one.entity) == ("DET", "object", None)
    verb = next(token for token in tokens if token.role == "verb")
    assert (verb.lemma, verb.upos) == ("sat", "VERB")
    assert "Polarity=Neg|Tense=Past" in verb.feats


def test_every_concept_has_words() -> None:
    assert set(CONCEPTS) <= set(WORDS)
    assert all(part.strip() == part for parts in WORDS.values() for part in parts)
    nouns = [TUR.noun(concept) for concept in NOUNS]
    assert len(set(nouns)) == len(nouns)
    assert not any(" " in noun or "-" in noun for noun in nouns)


@pytest.mark.parametrize("concept", NOUNS)
def test_endings_agree_with_the_written_word(concept: str) -> None:
    """Harmony from the spelling alone, but for the two words that sound otherwise."""
    odd = {"clock": "i", "Sony": "i"}
    citation = TUR.noun(concept)
    last = odd.get(concept) or [letter for letter in citation.lower() if letter in HIGH][-1]
    high = {"a": "ı", "ı": "ı", "o": "u", "u": "u", "e": "i", "i": "i", "ö": "ü", "ü": "ü"}[last]
    low = "a" if last in "aıou" else "e"
    assert inflected(concept, "Nom") == citation
    assert inflected(concept, "Acc")[-1] == high
    assert inflected(concept, "Dat")[-1] == inflected(concept, "Loc")[-1] == low
    assert inflected(concept, "Ins").endswith("l" + low)
    assert inflected(concept, "Abl") == inflected(concept, "Loc") + "n"
    assert ("'" in inflected(concept, "Dat")) == (concept in ENTITY)


@pytest.mark.parametrize("concept", [n for n in NOUNS if len(WORDS.get(n, ())) == 2])
def test_second_stems_soften(concept: str) -> None:
    citation, stem = WORDS[concept]
    softened = citation[:-1] + {"k": "ğ", "p": "b", "t": "d", "ç": "c", "m": "m"}[citation[-1]]
    assert stem == ("resm" if concept == "painting" else softened)


def every_clause() -> list[Clause]:
    """Each verb with each of its kinds of object, and each noun, quality and time somewhere."""
    clauses = []
    places = [*PLACES, *CITIES]
    for i, verb in enumerate(VERBS):
        person = NP([*PEOPLE, *PERSONS, *COMPANIES][i % 40])
        things: list[NP | None] = [None]
        if verb in SOCIAL:
            things = [NP(concept) for concept in PEOPLE + PERSONS + COMPANIES]
        elif verb not in MOTION + STAY:
            things = [
                NP(thing, definite, QUALITIES[n % len(QUALITIES)])
                for n, thing in enumerate([*THINGS, *KINDS])
                for definite in (True, False)
            ]
        recipient = person if verb in TO_VERBS else None
        source = person if verb in FROM_VERBS else None
        orders: tuple[Order, ...] = ("plain", "time_first", "place_first", "object_first")
        for n, thing in enumerate(things):
            place, time = places[(n + i) % len(places)], TIMES[(n + i) % len(TIMES)]
            for order in orders:
                clauses.append(
                    Clause(verb, person, thing, recipient, source, place, time, n % 3 == 0, order)
                )
    return clauses


def test_every_clause_is_whole() -> None:
    """Each constituent is one run, first letters are dotted right, and orders differ."""
    for clause in every_clause():
        tokens = TUR.clause(clause)
        roles = [role for role, _ in groupby(token.role for token in tokens)]
        assert len(roles) == len(set(roles)), tokens
        asked = ["object", "recipient", "source", "place", "time"]
        wanted = {"subject", "verb", "punct", *(r for r in asked if getattr(clause, r))}
        assert set(roles) == wanted, tokens
        first = {"plain": "subject", "time_first": "time", "place_first": "place"}
        expected = first.get(clause.order, "object" if clause.object else "subject")
        assert roles[0] == expected
        assert roles[-2:] == ["verb", "punct"]
        assert not capitalised(tokens, "tur")[0].startswith("I")


ROLES: tuple[Role, ...] = ("subject", "object", "recipient", "source", "place", "time")


def test_every_question_asks_one_role() -> None:
    for clause in every_clause():
        for ask in ROLES:
            if getattr(clause, ask):
                tokens = TUR.question(clause, ask)
                roles = [role for role, _ in groupby(token.role for token in tokens)]
                assert "question" in roles and ask not in roles
                assert len(roles) == len(set(roles))
                assert tokens[-1].form == "?"
