"""German: known forms, whole sentences, and laws over every concept.

Longer than 250 lines because it is mostly tables of known answers, a line or more to each.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, product
from typing import get_args

import pytest

from training.miniature.concepts import (
    CITIES,
    CONCEPTS,
    FROM_VERBS,
    HANDLE,
    KINDS,
    NAMES,
    PEOPLE,
    PLACES,
    QUALITIES,
    SOCIAL,
    THINGS,
    TIMES,
    TO_VERBS,
    VERBS,
)
from training.miniature.grammar import NP, Clause, Order, Role, Token, capitalised, joined
from training.miniature.languages.deu import (
    WORDS,
    Case,
    German,
    location,
    moment,
    phrase,
    predicate,
)

GERMAN = German()
CASES: tuple[Case, ...] = get_args(Case)
ORDERS: tuple[Order, ...] = get_args(Order)


def text(tokens: tuple[Token, ...]) -> str:
    return " ".join(token.form for token in tokens)


def said(clause: Clause) -> str:
    return joined(capitalised(GERMAN.clause(clause)), GERMAN.spaced)


def asked(clause: Clause, ask: Role) -> str:
    return joined(capitalised(GERMAN.question(clause, ask)), GERMAN.spaced)


@pytest.mark.parametrize(
    ("np", "case", "form"),
    [
        (NP("teacher"), "Nom", "der Lehrer"),
        (NP("teacher"), "Acc", "den Lehrer"),
        (NP("teacher"), "Dat", "dem Lehrer"),
        (NP("soldier"), "Nom", "der Soldat"),
        (NP("soldier"), "Acc", "den Soldaten"),
        (NP("neighbour"), "Dat", "dem Nachbarn"),
        (NP("farmer", definite=False), "Acc", "einen Bauern"),
        (NP("nurse"), "Acc", "die Krankenschwester"),
        (NP("nurse", quality="old"), "Dat", "der alten Krankenschwester"),
        (NP("nurse", definite=False), "Dat", "einer Krankenschwester"),
        (NP("knife"), "Acc", "das Messer"),
        (NP("knife", definite=False), "Nom", "ein Messer"),
        (NP("knife", definite=False, quality="new"), "Acc", "ein neues Messer"),
        (NP("knife", quality="new"), "Acc", "das neue Messer"),
        (NP("key", quality="heavy"), "Nom", "der schwere Schlüssel"),
        (NP("key", quality="heavy"), "Acc", "den schweren Schlüssel"),
        (NP("key", definite=False, quality="heavy"), "Nom", "ein schwerer Schlüssel"),
        (NP("key", definite=False, quality="heavy"), "Acc", "einen schweren Schlüssel"),
        (NP("lamp", definite=False, quality="ugly"), "Acc", "eine hässliche Lampe"),
        (NP("car", quality="expensive"), "Acc", "das teure Auto"),
        (NP("car", definite=False, quality="expensive"), "Nom", "ein teures Auto"),
        (NP("towel", definite=False, quality="clean_q"), "Acc", "ein sauberes Handtuch"),
        (NP("doctor", definite=False, quality="small"), "Dat", "einem kleinen Arzt"),
        (NP("Anna"), "Dat", "Anna"),
        (NP("Tokyo"), "Nom", "Tokio"),
    ],
)
def test_noun_phrases(np: NP, case: Case, form: str) -> None:
    assert text(phrase(np, "object", case)) == form


@pytest.mark.parametrize(
    ("np", "form"),
    [
        (NP("key", definite=False), "keinen Schlüssel"),
        (NP("lamp", definite=False), "keine Lampe"),
        (NP("book", definite=False, quality="red"), "kein rotes Buch"),
        (NP("book"), "das Buch"),
    ],
)
def test_kein_takes_the_endings_of_ein(np: NP, form: str) -> None:
    assert text(phrase(np, "object", "Acc", negated=True)) == form


@pytest.mark.parametrize(
    ("concept", "rest", "goal"),
    [
        ("kitchen", "in der Küche", "in die Küche"),
        ("garden", "im Garten", "in den Garten"),
        ("museum", "im Museum", "ins Museum"),
        ("market", "auf dem Markt", "zum Markt"),
        ("school", "in der Schule", "zur Schule"),
        ("station", "am Bahnhof", "zum Bahnhof"),
        ("shore", "am Ufer", "zum Ufer"),
        ("Beijing", "in Peking", "nach Peking"),
    ],
)
def test_places(concept: str, rest: str, goal: str) -> None:
    assert text(location(concept, False)) == rest
    assert text(location(concept, True)) == goal


@pytest.mark.parametrize(
    ("concept", "form"),
    [
        ("morning", "am Morgen"),
        ("night", "in der Nacht"),
        ("yesterday", "gestern"),
        ("monday", "am Montag"),
        ("january", "im Januar"),
    ],
)
def test_times(concept: str, form: str) -> None:
    assert text(moment(concept)) == form


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("give", "geben gab gegeben"),
        ("borrow", "borgen borgte geborgt"),
        ("steal", "stehlen stahl gestohlen"),
        ("find", "finden fand gefunden"),
        ("forget", "vergessen vergaß vergessen"),
        ("draw", "zeichnen zeichnete gezeichnet"),
        ("repair", "reparieren reparierte repariert"),
        ("invite", "einladen lud eingeladen ein"),
        ("return", "zurückkehren kehrte zurückgekehrt zurück"),
    ],
)
def test_verbs(verb: str, forms: str) -> None:
    finite, participle, closing = predicate(verb)
    got = [finite.lemma, finite.form, participle.form, *(token.form for token in closing)]
    assert got == forms.split()


BUY = Clause("buy", NP("Anna"), NP("book"), source=NP("teacher"), time="monday", place="market")
GIVE = Clause("give", NP("teacher"), NP("key", False, "old"), NP("soldier"))
HELP = Clause("help", NP("Anna"), NP("Maria"), time="evening")


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        (BUY, "Anna kaufte das Buch am Montag vom Lehrer auf dem Markt."),
        (
            replace(BUY, order="object_first"),
            "Das Buch kaufte Anna am Montag vom Lehrer auf dem Markt.",
        ),
        (
            replace(BUY, order="time_first", negated=True),
            "Am Montag kaufte Anna das Buch nicht vom Lehrer auf dem Markt.",
        ),
        (GIVE, "Der Lehrer gab dem Soldaten einen alten Schlüssel."),
        (
            replace(GIVE, order="object_first"),
            "Ein alter Schlüssel wurde dem Soldaten vom Lehrer gegeben.",
        ),
        (
            replace(GIVE, negated=True),
            "Der Lehrer gab dem Soldaten keinen alten Schlüssel.",
        ),
        (
            Clause("sell", NP("Nokia"), NP("boat"), NP("Eva"), negated=True),
            "Nokia verkaufte das Boot nicht an Eva.",
        ),
        (HELP, "Anna half Maria am Abend."),
        (
            replace(HELP, order="object_first"),
            "Maria wurde von Anna am Abend geholfen.",
        ),
        (
            Clause("help", NP("Anna"), NP("neighbour"), order="object_first"),
            "Dem Nachbarn half Anna.",
        ),
        (
            Clause("meet", NP("Leo"), NP("hunter"), order="object_first", negated=True),
            "Den Jäger traf Leo nicht.",
        ),
        (
            Clause("visit", NP("Leo"), NP("nurse"), order="object_first"),
            "Die Krankenschwester wurde von Leo besucht.",
        ),
        (
            Clause("invite", NP("singer"), NP("baker"), place="garden", order="place_first"),
            "Im Garten lud der Sänger den Bäcker ein.",
        ),
        (
            Clause("return", NP("pupil"), place="office", time="yesterday", negated=True),
            "Der Schüler kehrte gestern nicht ins Büro zurück.",
        ),
        (
            Clause("travel", NP("Max"), place="Berlin", order="place_first", time="spring"),
            "Nach Berlin reiste Max im Frühling.",
        ),
        (Clause("sleep", NP("guard"), negated=True), "Der Wächter schlief nicht."),
        (
            Clause(
                "follow", NP("doctor"), NP("Adam"), place="Oslo", time="noon", order="time_first"
            ),
            "Am Mittag folgte der Arzt in Oslo Adam.",  # not "der Arzt Adam", one person
        ),
        (
            Clause("follow", NP("doctor"), NP("Adam"), time="noon", order="time_first"),
            "Am Mittag wurde Adam vom Arzt gefolgt.",
        ),
    ],
)
def test_sentences(clause: Clause, sentence: str) -> None:
    assert said(clause) == sentence


@pytest.mark.parametrize(
    ("clause", "ask", "question"),
    [
        (BUY, "subject", "Wer kaufte das Buch am Montag vom Lehrer auf dem Markt?"),
        (BUY, "object", "Was kaufte Anna am Montag vom Lehrer auf dem Markt?"),
        (BUY, "source", "Von wem kaufte Anna das Buch am Montag auf dem Markt?"),
        (BUY, "place", "Wo kaufte Anna das Buch am Montag vom Lehrer?"),
        (BUY, "time", "Wann kaufte Anna das Buch vom Lehrer auf dem Markt?"),
        (GIVE, "recipient", "Wem gab der Lehrer einen alten Schlüssel?"),
        (
            replace(GIVE, negated=True),
            "object",
            "Was gab der Lehrer dem Soldaten nicht?",
        ),
        (
            Clause("send", NP("Leo"), NP("letter"), NP("Sony"), negated=True),
            "recipient",
            "An wen schickte Leo den Brief nicht?",
        ),
        (HELP, "object", "Wem half Anna am Abend?"),
        (HELP, "time", "Wann wurde Maria von Anna geholfen?"),
        (Clause("hug", NP("Leo"), NP("Eva")), "object", "Wen umarmte Leo?"),
        (Clause("run", NP("Leo"), place="harbour"), "place", "Wohin lief Leo?"),
        (
            Clause("show", NP("Leo"), NP("map"), NP("Eva")),
            "object",
            "Was wurde Eva von Leo gezeigt?",
        ),
    ],
)
def test_questions(clause: Clause, ask: Role, question: str) -> None:
    assert asked(clause, ask) == question


def test_tokens_carry_lemma_tag_features_and_role() -> None:
    tokens = GERMAN.clause(Clause("steal", NP("soldier"), NP("egg", False, "white"), negated=True))
    assert tokens == (
        Token(
            "der",
            "der",
            "DET",
            "Case=Nom|Definite=Def|Gender=Masc|Number=Sing|PronType=Art",
            "subject",
        ),
        Token("Soldat", "Soldat", "NOUN", "Case=Nom|Gender=Masc|Number=Sing", "subject"),
        Token(
            "stahl",
            "stehlen",
            "VERB",
            "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin",
            "verb",
        ),
        Token(
            "kein",
            "kein",
            "DET",
            "Case=Acc|Definite=Ind|Gender=Neut|Number=Sing|Polarity=Neg|PronType=Neg",
            "negation",
        ),
        Token("weißes", "weiß", "ADJ", "Case=Acc|Degree=Pos|Gender=Neut|Number=Sing", "object"),
        Token("Ei", "Ei", "NOUN", "Case=Acc|Gender=Neut|Number=Sing", "object"),
        Token(".", ".", "PUNCT", "_", "punct"),
    )


def every_clause() -> list[Clause]:
    """Each verb with each order, polarity and kind of participant it takes."""
    clauses = []
    flags = list(product(ORDERS, (False, True), ("evening", None), ("harbour", "Paris", None)))
    for verb, (order, negated, time, place) in product(VERBS, flags):
        objects: list[NP | None] = [None]
        if verb in SOCIAL:
            objects = [NP("Eva"), NP("nurse"), NP("farmer", False, "old")]
        elif verb in {*HANDLE, *TO_VERBS, *FROM_VERBS}:
            objects = [NP("cow"), NP("spoon", False, "big")]
        people = [NP("Leo"), NP("neighbour")]
        for subject, object_, other in product(people, objects, (NP("Sony"), NP("pupil"))):
            to = other if verb in TO_VERBS else None
            source = other if verb in FROM_VERBS else None
            clauses.append(Clause(verb, subject, object_, to, source, place, time, negated, order))
    return clauses


def test_every_constituent_is_there_once_and_contiguous() -> None:
    roles: tuple[Role, ...] = get_args(Role)
    for clause in every_clause():
        tokens = GERMAN.clause(clause)
        runs = [role for role, _ in groupby(token.role for token in tokens) if role in roles]
        present = [role for role in roles if getattr(clause, role) is not None]
        assert sorted(runs) == sorted(present), said(clause)


def test_denial_is_said_exactly_once() -> None:
    for clause in every_clause():
        denials = [token for token in GERMAN.clause(clause) if token.role == "negation"]
        assert len(denials) == clause.negated, said(clause)


def test_a_bare_name_never_follows_the_subject() -> None:
    for clause in every_clause():
        tokens = GERMAN.clause(clause)
        for before, after in zip(tokens, tokens[1:], strict=False):
            if before.upos in {"NOUN", "PROPN"} and before.role == "subject":
                assert after.entity is None, said(clause)


def test_questions_leave_out_what_they_ask_for() -> None:
    for clause in every_clause():
        for ask in get_args(Role):
            if getattr(clause, ask) is not None:
                tokens = GERMAN.question(clause, ask)
                assert tokens[0].role == "question"
                assert ask not in {token.role for token in tokens}
                assert tokens[-1].form == "?"


def test_every_concept_has_its_parts() -> None:
    assert set(CONCEPTS) <= set(WORDS)
    assert all(WORDS[c][1] in {"Masc", "Fem", "Neut"} for c in [*PEOPLE, *THINGS, *KINDS, *PLACES])
    assert all(len(WORDS[verb]) >= 3 for verb in VERBS)
    assert {verb for verb in VERBS if "Dat" in WORDS[verb]} == {"help", "thank", "follow"}
    assert set(WORDS) <= {*CONCEPTS, *NAMES}
    assert all(GERMAN.noun(name) for name in NAMES)


def test_every_noun_declines_with_every_quality() -> None:
    nouns = [*PEOPLE, *THINGS, *KINDS]
    for concept, quality, case in product(nouns, QUALITIES, CASES):
        determiner, adjective, noun = phrase(NP(concept, False, quality), "object", case)
        strong = "" if determiner.form != "ein" else "er" if WORDS[concept][1] == "Masc" else "es"
        weak = "e" if determiner.form == "eine" else "en"
        assert adjective.form == WORDS[quality][-1] + (strong or weak)
        assert f"Case={case}" in noun.feats and noun.form[0].isupper()


def test_every_time_and_place_is_rendered() -> None:
    assert len({text(moment(time)) for time in TIMES}) == len(TIMES)
    goals = {text(location(place, True)) for place in [*PLACES, *CITIES]}
    rests = {text(location(place, False)) for place in [*PLACES, *CITIES]}
    assert len(goals) == len(rests) == len(PLACES) + len(CITIES)
    assert goals.isdisjoint(rests)


def test_distinct_concepts_have_distinct_lemmas() -> None:
    lemmas = [WORDS[concept][0] for concept in CONCEPTS]
    assert len(set(lemmas)) == len(lemmas)
