"""Estonian of the miniature, against forms and sentences written by hand.

Longer than 250 lines because the expected forms are written out one by one.
"""

from __future__ import annotations

import itertools
import re

import pytest

from training.miniature.concepts import (
    CITIES,
    CONCEPTS,
    HANDLE,
    KINDS,
    MOTION,
    NAMES,
    PEOPLE,
    PERSONS,
    PLACES,
    QUALITIES,
    SOCIAL,
    THINGS,
    TIMES,
    TRANSFER,
    VERBS,
)
from training.miniature.grammar import NP, Clause, Order, Role, capitalised, joined
from training.miniature.languages.est import ENDINGS, Estonian, inflected, local, verb_group
from training.miniature.lexicon import lexicon

EST = Estonian()
WORD = re.compile(r"[A-Za-zõäöüÕÄÖÜ]+")
ROLES: tuple[Role, ...] = ("subject", "object", "recipient", "source", "place", "time")
ORDERS: tuple[Order, ...] = ("plain", "time_first", "place_first", "object_first")


def said(clause: Clause) -> str:
    return joined(capitalised(EST.clause(clause)), EST.spaced)


def asked(clause: Clause, ask: Role) -> str:
    return joined(capitalised(EST.question(clause, ask)), EST.spaced)


def full(verb: str, order: Order = "plain", negated: bool = False) -> Clause:
    """A clause of the verb with every constituent that it takes."""
    thing = NP("horse", quality="white") if verb in TRANSFER + HANDLE else None
    person = NP("hunter", quality="old") if verb in SOCIAL else None
    recipient = NP("teacher", quality="new") if verb in TRANSFER[:5] else None
    source = NP("writer", quality="big") if verb in TRANSFER[5:] else None
    return Clause(
        verb, NP("Anna"), thing or person, recipient, source, "market", "summer", negated, order
    )


@pytest.mark.parametrize(
    ("concept", "case", "form"),
    [
        # gradation, strong and weak
        ("knife", "Gen", "noa"),
        ("knife", "Par", "nuga"),
        ("table", "Gen", "laua"),
        ("barn", "Gen", "lauda"),
        ("saw", "Gen", "sae"),
        ("saw", "Par", "saagi"),
        ("boat", "Gen", "paadi"),
        ("boat", "Par", "paati"),
        ("net", "Gen", "võrgu"),
        ("pot", "Gen", "poti"),
        ("cherry", "Par", "kirssi"),
        ("letter", "Gen", "kirja"),
        ("bicycle", "Gen", "jalgratta"),
        ("bicycle", "Par", "jalgratast"),
        ("sheep", "Gen", "lamba"),
        ("coin", "Gen", "mündi"),
        ("newspaper", "Gen", "ajalehe"),
        # vowel loss and lengthened stems
        ("candle", "Gen", "küünla"),
        ("candle", "Par", "küünalt"),
        ("key", "Gen", "võtme"),
        ("key", "Par", "võtit"),
        ("neighbour", "All", "naabrile"),
        ("hammer", "Gen", "haamri"),
        ("horse", "Par", "hobust"),
        ("bell", "Gen", "kellukese"),
        ("mushroom", "Par", "seent"),
        ("fruit", "Gen", "puuvilja"),
        # -nik and -rik differ in the partitive, -mees and -lane have stems of their own
        ("painter", "Par", "kunstnikku"),
        ("plate", "Par", "taldrikut"),
        ("hunter", "All", "jahimehele"),
        ("hunter", "Par", "jahimeest"),
        ("pupil", "Abl", "õpilaselt"),
        ("driver", "Abl", "autojuhilt"),
        ("soldier", "Par", "sõdurit"),
        # qualities
        ("small", "Gen", "väikese"),
        ("small", "Par", "väikest"),
        ("new", "All", "uuele"),
        ("new", "Par", "uut"),
        ("clean_q", "Abl", "puhtalt"),
        ("beautiful", "Gen", "ilusa"),
        ("ugly", "Par", "koledat"),
        ("blue", "All", "sinisele"),
        # names: vowel stems, the linking -i-, those in a short -s, the long monosyllables
        ("Anna", "All", "Annale"),
        ("Peter", "All", "Peterile"),
        ("Martin", "Abl", "Martinilt"),
        ("Robert", "Par", "Robertit"),
        ("Daniel", "Par", "Danieli"),
        ("Leo", "Par", "Leod"),
        ("Thomas", "Abl", "Thomaselt"),
        ("Thomas", "Par", "Thomast"),
        ("Max", "Par", "Maxi"),
        ("Sony", "All", "Sonyle"),
        ("Nokia", "All", "Nokiale"),
        ("Siemens", "Abl", "Siemensilt"),
        ("Helsinki", "Ine", "Helsingis"),
        ("Beijing", "Ela", "Pekingist"),
        ("London", "Ine", "Londonis"),
    ],
)
def test_inflected(concept: str, case: str, form: str) -> None:
    assert inflected(concept, case) == form


@pytest.mark.parametrize(
    ("concept", "at", "to", "source"),
    [
        ("kitchen", "köögis", "kööki", "köögist"),
        ("garden", "aias", "aeda", "aiast"),
        ("workshop", "töökojas", "töökotta", "töökojast"),
        ("library", "raamatukogus", "raamatukokku", "raamatukogust"),
        ("bank", "pangas", "panka", "pangast"),
        ("shore", "rannas", "randa", "rannast"),
        ("harbour", "sadamas", "sadamasse", "sadamast"),
        ("theatre", "teatris", "teatrisse", "teatrist"),
        ("market", "turul", "turule", "turult"),
        ("Tallinn", "Tallinnas", "Tallinna", "Tallinnast"),
        ("Berlin", "Berliinis", "Berliini", "Berliinist"),
        ("London", "Londonis", "Londonisse", "Londonist"),
        ("Oslo", "Oslos", "Oslosse", "Oslost"),
    ],
)
def test_local_cases(concept: str, at: str, to: str, source: str) -> None:
    forms = [local(concept, way, "place")[0].form for way in ("at", "to", "from")]
    assert forms == [at, to, source]


def test_times() -> None:
    tokens = {time: local(time, "at", "time")[0] for time in TIMES}
    assert " ".join(token.form for token in tokens.values()) == (
        "hommikul pärastlõunal õhtul öösel keskpäeval eile esmaspäeval reedel pühapäeval "
        "kevadel suvel sügisel talvel jaanuaris"
    )
    adverbs = [time for time, token in tokens.items() if token.upos == "ADV"]
    assert adverbs == ["night", "yesterday"]
    assert tokens["january"].lemma == "jaanuar"
    assert tokens["january"].feats == "Case=Ine|Number=Sing"


@pytest.mark.parametrize(
    ("verb", "past", "denied"),
    [
        ("sell", "müüs", "ei müünud"),
        ("give", "andis", "ei andnud"),
        ("show", "näitas", "ei näidanud"),
        ("get", "sai", "ei saanud"),
        ("meet", "kohtas", "ei kohanud"),
        ("help", "aitas", "ei aidanud"),
        ("push", "lükkas", "ei lükanud"),
        ("go", "läks", "ei läinud"),
        ("run", "jooksis", "ei jooksnud"),
        ("return", "naasis", "ei naasnud"),
        ("laugh", "naeris", "ei naernud"),
    ],
)
def test_verbs(verb: str, past: str, denied: str) -> None:
    assert [token.form for token in verb_group(verb, False)] == [past]
    assert " ".join(token.form for token in verb_group(verb, True)) == denied


PETER, ANNA = NP("Peter"), NP("Anna")
GAVE = Clause("give", ANNA, NP("knife", quality="new"), PETER, None, "kitchen", "yesterday")


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        (GAVE, "Anna andis eile köögis Peterile uue noa."),
        (
            Clause("give", ANNA, NP("knife", False, "new"), PETER, negated=True),
            "Anna ei andnud Peterile uut nuga.",
        ),
        (
            Clause(
                "buy", NP("doctor", quality="old"), NP("key"), source=NP("guard", quality="small")
            ),
            "Vana arst ostis väikeselt valvurilt võtme.",
        ),
        (
            Clause("steal", PETER, NP("car"), None, ANNA, "market", "monday", order="time_first"),
            "Esmaspäeval varastas Peter turul Annalt auto.",
        ),
        (
            Clause("borrow", PETER, NP("saw"), None, NP("Nokia"), "London", order="place_first"),
            "Londonis laenas Peter Nokialt sae.",
        ),
        (
            Clause("lend", NP("pupil"), NP("vehicle"), NP("Max"), order="object_first"),
            "Sõiduki laenutas õpilane Maxile.",
        ),
        (
            Clause("sell", ANNA, NP("candle"), PETER, None, None, "night", True, "object_first"),
            "Küünalt ei müünud Anna öösel Peterile.",
        ),
        # partitive verbs, and one that governs the allative, whether or not they are denied
        (Clause("show", ANNA, NP("boat"), PETER), "Anna näitas Peterile paati."),
        (Clause("carry", ANNA, NP("pot")), "Anna kandis potti."),
        (Clause("help", NP("hunter"), PETER, order="object_first"), "Peterit aitas jahimees."),
        (Clause("follow", PETER, NP("painter")), "Peter järgnes kunstnikule."),
        (Clause("follow", PETER, ANNA, negated=True), "Peter ei järgnenud Annale."),
        # found from a place, hidden and forgotten into one
        (Clause("find", ANNA, NP("axe"), place="forest"), "Anna leidis metsast kirve."),
        (Clause("hide", ANNA, NP("coin"), place="shore"), "Anna peitis mündi randa."),
        (Clause("forget", ANNA, NP("hat"), place="market"), "Anna unustas kübara turule."),
        # motion has a goal
        (Clause("go", NP("teacher"), place="school"), "Õpetaja läks kooli."),
        (
            Clause(
                "return", PETER, place="Tallinn", time="friday", negated=True, order="place_first"
            ),
            "Tallinna ei naasnud Peter reedel.",
        ),
        (Clause("sleep", NP("Bosch"), place="Paris"), "Bosch magas Pariisis."),
        # no adverbial to front: the subject stays first
        (Clause("laugh", ANNA, order="time_first"), "Anna naeris."),
    ],
)
def test_clause(clause: Clause, text: str) -> None:
    assert said(clause) == text


@pytest.mark.parametrize(
    ("clause", "ask", "text"),
    [
        (GAVE, "subject", "Kes andis eile köögis Peterile uue noa?"),
        (GAVE, "object", "Mida Anna eile köögis Peterile andis?"),
        (GAVE, "recipient", "Kellele Anna eile köögis uue noa andis?"),
        (GAVE, "place", "Kus Anna eile Peterile uue noa andis?"),
        (GAVE, "time", "Millal Anna köögis Peterile uue noa andis?"),
        (Clause("get", ANNA, NP("map"), source=PETER), "source", "Kellelt Anna kaardi sai?"),
        (Clause("hug", ANNA, NP("singer")), "object", "Keda Anna kallistas?"),
        (Clause("follow", ANNA, PETER), "object", "Kellele Anna järgnes?"),
        (Clause("run", ANNA, place="bank", time="noon"), "place", "Kuhu Anna keskpäeval jooksis?"),
        (Clause("find", ANNA, NP("ring"), place="bank"), "place", "Kust Anna sõrmuse leidis?"),
        (
            Clause("repair", PETER, NP("clock"), place="office", negated=True),
            "place",
            "Kus Peter kella ei parandanud?",
        ),
        (
            Clause("visit", NP("nurse"), ANNA, place="Berlin", negated=True),
            "subject",
            "Kes ei külastanud Berliinis Annat?",
        ),
    ],
)
def test_question(clause: Clause, ask: Role, text: str) -> None:
    assert asked(clause, ask) == text


def test_tokens() -> None:
    tokens = EST.clause(
        Clause("buy", ANNA, NP("knife", quality="red"), place="Helsinki", negated=True)
    )
    assert [(t.form, t.lemma, t.upos, t.feats, t.role, t.entity) for t in tokens] == [
        ("Anna", "Anna", "PROPN", "Case=Nom|Number=Sing", "subject", "PER"),
        ("ei", "ei", "AUX", "Polarity=Neg", "negation", None),
        (
            "ostnud",
            "ostma",
            "VERB",
            "Connegative=Yes|Mood=Ind|Tense=Past|VerbForm=Fin|Voice=Act",
            "verb",
            None,
        ),
        ("Helsingis", "Helsingi", "PROPN", "Case=Ine|Number=Sing", "place", "LOC"),
        ("punast", "punane", "ADJ", "Case=Par|Degree=Pos|Number=Sing", "object", None),
        ("nuga", "nuga", "NOUN", "Case=Par|Number=Sing", "object", None),
        (".", ".", "PUNCT", "_", "punct", None),
    ]
    ran = EST.clause(Clause("run", NP("Nokia"), place="kitchen"))
    assert ran[1].feats == "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin|Voice=Act"
    assert [t.feats for t in ran[::2]] == ["Case=Nom|Number=Sing", "Case=Add|Number=Sing"]


def test_lexicon_covers_the_concepts_with_the_right_number_of_parts() -> None:
    words = lexicon("est")
    assert not set(words) - {*CONCEPTS, *NAMES}
    sizes: dict[str, tuple[int, ...]] = dict.fromkeys([*PEOPLE, *THINGS, *KINDS, *QUALITIES], (3,))
    sizes |= dict.fromkeys(PLACES, (4, 5)) | dict.fromkeys(TIMES, (1, 4))
    sizes |= dict.fromkeys(VERBS, (4, 5))
    assert set(sizes) == set(CONCEPTS)
    assert [c for c in CONCEPTS if len(words[c]) not in sizes[c]] == []


def test_lemmas_are_distinct() -> None:
    lemmas = [lexicon("est")[concept][0] for concept in CONCEPTS] + [EST.noun(n) for n in NAMES]
    assert len(set(lemmas)) == len(lemmas)


def test_every_nominal_has_every_case_as_one_word() -> None:
    nominals = [c for c in CONCEPTS if c not in VERBS and len(lexicon("est")[c]) > 1] + NAMES
    for concept, case in itertools.product(nominals, ["Nom", "Gen", "Par", *ENDINGS]):
        assert WORD.fullmatch(inflected(concept, case)), (concept, case)
    # every genitive ends in a vowel, so that the endings can follow
    assert [c for c in nominals if inflected(c, "Gen")[-1] not in "aeiouy"] == []


def test_every_verb_has_its_forms() -> None:
    for verb in VERBS:
        (past,) = verb_group(verb, False)
        ei, participle = verb_group(verb, True)
        assert past.lemma == participle.lemma
        assert past.lemma.endswith("ma")
        assert past.form.endswith("s") or past.form == "sai"
        assert (ei.form, participle.form[-3:]) == ("ei", "nud")


def test_objects_have_a_case_exactly_where_there_is_an_object() -> None:
    cases = {verb: lexicon("est")[verb][3] for verb in VERBS}
    with_object = {*TRANSFER, *HANDLE, *SOCIAL}
    assert {verb for verb in VERBS if cases[verb] != "-"} == with_object
    assert set(cases.values()) == {"Gen", "Par", "All", "-"}


def test_motion_has_a_goal() -> None:
    for verb, place in itertools.product(MOTION, [*PLACES, *CITIES]):
        goal = next(t for t in EST.clause(Clause(verb, ANNA, place=place)) if t.role == "place")
        assert goal.feats.split("|")[0] in {"Case=Add", "Case=Ill", "Case=All"}


def test_a_human_object_differs_from_the_subject_in_form() -> None:
    """Genitives of people often look like nominatives: only other cases keep the roles apart."""
    for verb, concept in itertools.product(SOCIAL, [*PEOPLE, *PERSONS]):
        tokens = EST.clause(Clause(verb, ANNA, NP(concept), order="object_first"))
        assert tokens[0].form != EST.noun(concept)


@pytest.mark.parametrize("verb", VERBS)
def test_constituents_are_contiguous_and_complete(verb: str) -> None:
    for order, negated in itertools.product(ORDERS, [False, True]):
        clause = full(verb, order, negated)
        runs = [role for role, _ in itertools.groupby(t.role for t in EST.clause(clause))]
        present = [role for role in ROLES if getattr(clause, role)]
        assert sorted(runs) == sorted([*present, "verb", "punct", *["negation"] * negated])


@pytest.mark.parametrize("verb", VERBS)
def test_a_question_leaves_out_what_it_asks_for(verb: str) -> None:
    clause = full(verb)
    for ask in [role for role in ROLES if getattr(clause, role)]:
        tokens = EST.question(clause, ask)
        kept = {t.role for t in EST.clause(clause)} - {ask}
        assert {t.role for t in tokens} == kept | {"question"}
        assert (tokens[0].role, tokens[-1].form) == ("question", "?")


def test_orders_differ() -> None:
    firsts = [EST.clause(full("sell", order))[0].role for order in ORDERS]
    assert firsts == ["subject", "time", "place", "object"]
