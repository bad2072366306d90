"""Indonesian: known forms and sentences, and what must hold of every form.

Longer than 250 lines because the expected forms are written out one by one.
"""

from __future__ import annotations

from itertools import groupby

import pytest

from training.miniature.concepts import (
    CITIES,
    COMPANIES,
    CONCEPTS,
    FROM_VERBS,
    HANDLE,
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
    TRANSFER,
    VERBS,
)
from training.miniature.grammar import NP, Clause, Order, Role, Token, capitalised, joined
from training.miniature.languages import language
from training.miniature.languages.ind import WORDS, classifier, phrase, verb_phrase

IND = language("ind")
NOUNS = [*PEOPLE, *PLACES, *THINGS, *KINDS, *NAMES]
ANNA, OSKAR = NP("Anna"), NP("Oskar")

# The active and the passive of every verb that has both.
VOICES = {
    "sell": "menjual dijual",
    "give": "memberikan diberikan",
    "lend": "meminjamkan dipinjamkan",
    "send": "mengirim dikirim",
    "show": "menunjukkan ditunjukkan",
    "buy": "membeli dibeli",
    "get": "mendapatkan didapatkan",
    "borrow": "meminjam dipinjam",
    "steal": "mencuri dicuri",
    "lose": "menghilangkan dihilangkan",
    "find": "menemukan ditemukan",
    "clean": "membersihkan dibersihkan",
    "carry": "membawa dibawa",
    "hide": "menyembunyikan disembunyikan",
    "forget": "melupakan dilupakan",
    "draw": "menggambar digambar",
    "paint": "melukis dilukis",
    "photograph": "memotret dipotret",
    "choose": "memilih dipilih",
    "break": "merusak dirusak",
    "repair": "memperbaiki diperbaiki",
    "touch": "menyentuh disentuh",
    "meet": "menjumpai dijumpai",
    "help": "membantu dibantu",
    "follow": "mengikuti diikuti",
    "greet": "menyapa disapa",
    "visit": "mengunjungi dikunjungi",
    "invite": "mengundang diundang",
    "praise": "memuji dipuji",
    "hug": "memeluk dipeluk",
    "push": "mendorong didorong",
}

ACTIVE_ONLY = {
    "thank": "berterima kasih",
    "go": "pergi",
    "run": "berlari",
    "return": "kembali",
    "walk": "berjalan",
    "travel": "bepergian",
    "sleep": "tidur",
    "work": "bekerja",
    "sing": "bernyanyi",
    "dance": "menari",
    "swim": "berenang",
    "laugh": "tertawa",
}

CLASSIFIERS = {
    "teacher": "seorang",
    "cow": "seekor",
    "animal": "seekor",
    "apple": "sebuah",
    "car": "sebuah",
    "letter": "sepucuk",
    "knife": "sebilah",
    "egg": "sebutir",
    "pencil": "sebatang",
    "towel": "sehelai",
    "ticket": "selembar",
}


def text(tokens: tuple[Token, ...]) -> str:
    return joined(capitalised(tokens), IND.spaced)


def sold(order: Order = "plain", definite: bool = True, negated: bool = False) -> Clause:
    thing = NP("apple", definite, "red")
    return Clause("sell", ANNA, thing, OSKAR, None, "market", "monday", negated, order)


def thanked(order: Order = "plain", negated: bool = False) -> Clause:
    return Clause("thank", NP("farmer"), OSKAR, place="forest", negated=negated, order=order)


STATEMENTS = [
    (sold(), "Anna menjual apel merah itu kepada Oskar di pasar pada hari Senin."),
    (
        sold(definite=False),
        "Anna menjual sebuah apel merah kepada Oskar di pasar pada hari Senin.",
    ),
    (sold("time_first"), "Pada hari Senin Anna menjual apel merah itu kepada Oskar di pasar."),
    (sold("place_first"), "Di pasar Anna menjual apel merah itu kepada Oskar pada hari Senin."),
    (
        sold("object_first"),
        "Apel merah itu dijual oleh Anna kepada Oskar di pasar pada hari Senin.",
    ),
    (
        sold("object_first", False, True),
        "Sebuah apel merah tidak dijual oleh Anna kepada Oskar di pasar pada hari Senin.",
    ),
    (
        sold(negated=True),
        "Anna tidak menjual apel merah itu kepada Oskar di pasar pada hari Senin.",
    ),
    (
        Clause("steal", NP("hunter"), NP("cow", False, "old"), source=NP("farmer")),
        "Pemburu itu mencuri seekor sapi tua dari petani itu.",
    ),
    (Clause("repair", ANNA, NP("chair", True, "old")), "Anna memperbaiki kursi lama itu."),
    (
        Clause("find", NP("nurse"), NP("letter", False), time="yesterday", order="time_first"),
        "Kemarin perawat itu menemukan sepucuk surat.",
    ),
    (Clause("help", ANNA, NP("pupil"), order="object_first"), "Murid itu dibantu oleh Anna."),
    (thanked(), "Petani itu berterima kasih kepada Oskar di hutan."),
    (thanked("object_first", True), "Kepada Oskar petani itu tidak berterima kasih di hutan."),
    (
        Clause("walk", ANNA, place="shore", time="evening"),
        "Anna berjalan ke pantai pada petang hari.",
    ),
    (Clause("travel", ANNA, place="London", order="place_first"), "Ke London Anna bepergian."),
    (
        Clause("swim", NP("guard"), place="harbour", time="winter", negated=True),
        "Penjaga itu tidak berenang di pelabuhan pada musim dingin.",
    ),
]

QUESTIONS: list[tuple[Clause, Role, str]] = [
    (
        sold("object_first"),
        "subject",
        "Siapa yang menjual apel merah itu kepada Oskar di pasar pada hari Senin?",
    ),
    (sold(), "object", "Apa yang dijual oleh Anna kepada Oskar di pasar pada hari Senin?"),
    (sold(), "recipient", "Kepada siapa Anna menjual apel merah itu di pasar pada hari Senin?"),
    (sold(), "place", "Di mana Anna menjual apel merah itu kepada Oskar pada hari Senin?"),
    (
        sold(negated=True),
        "time",
        "Kapan Anna tidak menjual apel merah itu kepada Oskar di pasar?",
    ),
    (
        Clause("get", NP("nurse"), NP("key"), source=NP("guard")),
        "source",
        "Dari siapa perawat itu mendapatkan kunci itu?",
    ),
    (Clause("walk", ANNA, place="shore"), "place", "Ke mana Anna berjalan?"),
    (Clause("greet", ANNA, NP("writer")), "object", "Siapa yang disapa oleh Anna?"),
    (
        Clause("greet", ANNA, OSKAR, negated=True),
        "object",
        "Siapa yang tidak disapa oleh Anna?",
    ),
    (thanked(), "object", "Kepada siapa petani itu berterima kasih di hutan?"),
    (thanked(), "subject", "Siapa yang berterima kasih kepada Oskar di hutan?"),
]


@pytest.mark.parametrize(("verb", "forms"), VOICES.items())
def test_known_voices(verb: str, forms: str) -> None:
    voiced = [verb_phrase(verb, False, voice) for voice in ("Act", "Pass")]
    assert [token.form for tokens in voiced for token in tokens] == forms.split()


@pytest.mark.parametrize(("verb", "form"), ACTIVE_ONLY.items())
def test_known_intransitives(verb: str, form: str) -> None:
    assert " ".join(token.form for token in verb_phrase(verb, False)) == form


def test_the_known_verbs_are_all() -> None:
    assert {*VOICES, *ACTIVE_ONLY} == set(VERBS)
    assert {*VOICES, "thank"} == {*TRANSFER, *HANDLE, *SOCIAL}


@pytest.mark.parametrize(("concept", "form"), CLASSIFIERS.items())
def test_known_classifiers(concept: str, form: str) -> None:
    assert classifier(concept) == form


@pytest.mark.parametrize(("clause", "expected"), STATEMENTS)
def test_known_statements(clause: Clause, expected: str) -> None:
    assert text(IND.clause(clause)) == expected


@pytest.mark.parametrize(("clause", "ask", "expected"), QUESTIONS)
def test_known_questions(clause: Clause, ask: Role, expected: str) -> None:
    assert text(IND.question(clause, ask)) == expected


def test_annotation() -> None:
    active, passive = (IND.clause(sold(order, negated=True)) for order in ("plain", "object_first"))
    assert [(t.form, t.upos) for t in passive if t.role == "subject"] == [
        ("oleh", "ADP"),
        ("Anna", "PROPN"),
    ]
    assert [t.feats for t in passive if t.role == "verb"] == ["Mood=Ind|VerbForm=Fin|Voice=Pass"]
    assert [t.lemma for t in active if t.role == "verb"] == ["jual"]
    assert [(t.form, t.upos, t.feats) for t in active if t.role == "negation"] == [
        ("tidak", "PART", "Polarity=Neg")
    ]
    assert [t.entity for t in active if t.role == "recipient"] == [None, "PER"]


def test_every_concept_has_words() -> None:
    assert set(CONCEPTS) <= set(WORDS)
    nouns = [IND.noun(concept) for concept in NOUNS]
    assert len(set(nouns)) == len(nouns)
    assert not any(" " in noun or "-" in noun for noun in nouns)


@pytest.mark.parametrize("concept", [*PEOPLE, *PLACES, *THINGS, *KINDS])
def test_every_noun_phrase(concept: str) -> None:
    forms = {
        definite: [token.form for token in phrase(NP(concept, definite, "new"), "object")]
        for definite in (True, False)
    }
    noun = IND.noun(concept)
    assert forms[True] == [noun, "baru", "itu"]
    assert forms[False][1:] == [noun, "baru"] and forms[False][0].startswith("se")


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
    """Each constituent is one run, and the order asked for comes first."""
    for clause in every_clause():
        tokens = IND.clause(clause)
        roles = [role for role, _ in groupby(token.role for token in tokens)]
        assert len(roles) == len(set(roles)), tokens
        asked = ["object", "recipient", "source", "place", "time"]
        wanted = {"subject", "verb", "punct", *(r for r in asked if getattr(clause, r))}
        assert set(roles) == wanted | ({"negation"} if clause.negated else set()), tokens
        first = {"plain": "subject", "time_first": "time", "place_first": "place"}
        assert roles[0] == first.get(clause.order, "object" if clause.object else "subject")


ROLES: tuple[Role, ...] = ("subject", "object", "recipient", "source", "place", "time")


def test_every_question_asks_one_role() -> None:
    for clause in every_clause():
        for ask in ROLES:
            if getattr(clause, ask):
                tokens = IND.question(clause, ask)
                roles = [role for role, _ in groupby(token.role for token in tokens)]
                assert roles[0] == "question" and ask not in roles
                assert len(roles) == len(set(roles))
                assert tokens[-1].form == "?"
