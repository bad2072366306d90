"""Finnish: known forms and sentences, every concept in every use, and Voikko's judgement.

Longer than 250 lines because the expected forms are written out one by one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import groupby

import pytest

from training.miniature.concepts import (
    CITIES,
    COMPANIES,
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
    TO_VERBS,
    TRANSFER,
    VERBS,
)
from training.miniature.grammar import NP, Clause, Order, Role, Token, capitalised, joined
from training.miniature.languages.fin import Finnish, inflected, place_case, verb
from training.miniature.lexicon import lexicon

FIN = Finnish()
ORDERS: tuple[Order, ...] = ("plain", "time_first", "place_first", "object_first")
ROLES: tuple[Role, ...] = ("subject", "object", "recipient", "source", "place", "time")
OBJECTS = [*THINGS, *KINDS]

# concept -> case and form, for every class, gradation pattern and harmony rule
NOUNS = {
    "teacher": "Gen opettajan Par opettajaa All opettajalle Abl opettajalta",
    "soldier": "Gen sotilaan Par sotilasta All sotilaalle",
    "farmer": "Par maanviljelijää Abl maanviljelijältä",
    "nurse": "Par sairaanhoitajaa",
    "kitchen": "Par keittiötä Ine keittiössä Ill keittiöön",
    "church": "Ine kirkossa Ill kirkkoon",
    "bank": "Ela pankista Ill pankkiin",
    "workshop": "Ine verstaassa Ill verstaaseen",
    "museum": "Par museota Ill museoon",
    "shore": "Ade rannalla All rannalle Ess rantana",
    "knife": "Gen veitsen Par veistä",
    "plate": "Gen lautasen Par lautasta",
    "spoon": "Gen lusikan Par lusikkaa",
    "axe": "Gen kirveen Par kirvestä",
    "mushroom": "Gen sienen Par sientä",
    "sheep": "Gen lampaan Par lammasta Ess lampaana",
    "notebook": "Gen vihon Par vihkoa",
    "lamp": "Gen lampun Par lamppua",
    "bed": "Gen sängyn Par sänkyä",
    "towel": "Gen pyyhkeen Par pyyhettä",
    "bicycle": "Gen polkupyörän Par polkupyörää",
    "boat": "Gen veneen Par venettä",
    "car": "Gen auton Par autoa",
    "key": "Gen avaimen Par avainta",
    "ring": "Gen sormuksen Par sormusta",
    "computer": "Gen tietokoneen Par tietokonetta",
    "table": "Gen pöydän Par pöytää",
    "newspaper": "Gen sanomalehden Par sanomalehteä",
    "map": "Gen kartan Par karttaa",
    "statue": "Gen patsaan Par patsasta",
    "vegetable": "Gen vihanneksen Par vihannesta",
    "animal": "Gen eläimen Par eläintä",
    "new": "Gen uuden Par uutta All uudelle Ess uutena",
    "small": "Gen pienen Par pientä",
    "light": "Gen kevyen Par kevyttä",
    "heavy": "Gen raskaan Par raskasta",
    "cheap": "Gen halvan Par halpaa",
    "beautiful": "Gen kauniin Par kaunista",
    "clean_q": "Gen puhtaan Par puhdasta",
    "white": "Gen valkoisen Par valkoista",
    "green": "Gen vihreän Par vihreää",
    "evening": "Ade illalla",
    "spring": "Ade keväällä",
    "Anna": "Gen Annan Par Annaa All Annalle",
    "Peter": "Gen Peterin Par Peteriä Abl Peteriltä",
    "Thomas": "Par Thomasia All Thomasille",
    "Helsinki": "Ine Helsingissä Ill Helsinkiin Ela Helsingistä",
    "Budapest": "Ine Budapestissa Ill Budapestiin",
    "London": "Ine Lontoossa Ill Lontooseen",
    "Tokyo": "Ine Tokiossa Ill Tokioon",
    "Beijing": "Nom Peking Ine Pekingissä",
    "Jakarta": "Ine Jakartassa Ill Jakartaan",
    "Siemens": "All Siemensille Abl Siemensiltä",
}
VERB_FORMS = {  # concept -> past, participle
    "give": "antoi antanut",
    "buy": "osti ostanut",
    "get": "sai saanut",
    "sell": "myi myynyt",
    "find": "löysi löytänyt",
    "draw": "piirsi piirtänyt",
    "show": "näytti näyttänyt",
    "greet": "tervehti tervehtinyt",
    "break": "rikkoi rikkonut",
    "paint": "maalasi maalannut",
    "choose": "valitsi valinnut",
    "meet": "tapasi tavannut",
    "help": "auttoi auttanut",
    "travel": "matkusti matkustanut",
    "run": "juoksi juossut",
    "go": "meni mennyt",
    "walk": "käveli kävellyt",
    "work": "työskenteli työskennellyt",
    "swim": "ui uinut",
}
ANNA, PETER, TEACHER, BIG_DOG = NP("Anna"), NP("Peter"), NP("teacher"), NP("dog", True, "big")
GIVE = Clause("give", TEACHER, NP("book", False, "new"), PETER, None, "school", "evening")
BUY = Clause("buy", ANNA, NP("car"), None, NP("Siemens"), "market", "yesterday")
VISIT = Clause("visit", PETER, NP("neighbour", True, "old"), time="sunday")


def changed(clause: Clause, order: Order = "plain", negated: bool = False) -> Clause:
    return Clause(**{**vars(clause), "order": order, "negated": negated})


STATEMENTS = [
    (GIVE, "Opettaja antoi uuden kirjan Peterille koulussa illalla."),
    (changed(GIVE, negated=True), "Opettaja ei antanut uutta kirjaa Peterille koulussa illalla."),
    (changed(GIVE, "time_first"), "Illalla opettaja antoi uuden kirjan Peterille koulussa."),
    (changed(GIVE, "place_first"), "Koulussa opettaja antoi uuden kirjan Peterille illalla."),
    (changed(GIVE, "object_first"), "Uuden kirjan antoi opettaja Peterille koulussa illalla."),
    (
        changed(GIVE, "object_first", True),
        "Uutta kirjaa opettaja ei antanut Peterille koulussa illalla.",
    ),
    (BUY, "Anna osti auton Siemensiltä torilla eilen."),
    (VISIT, "Peter vieraili vanhan naapurin luona sunnuntaina."),
    (
        changed(VISIT, "object_first", True),
        "Vanhan naapurin luona Peter ei vieraillut sunnuntaina.",
    ),
    (Clause("help", ANNA, NP("doctor"), place="London"), "Anna auttoi lääkäriä Lontoossa."),
    (Clause("meet", ANNA, PETER, place="Helsinki"), "Anna tapasi Peterin Helsingissä."),
    (Clause("carry", TEACHER, BIG_DOG), "Opettaja kantoi isoa koiraa."),
    (Clause("find", TEACHER, NP("key"), place="station"), "Opettaja löysi avaimen asemalta."),
    (Clause("hide", ANNA, NP("key"), place="forest"), "Anna piilotti avaimen metsään."),
    (Clause("go", PETER, place="station", time="monday"), "Peter meni asemalle maanantaina."),
    (Clause("travel", PETER, place="Tokyo", time="january"), "Peter matkusti Tokioon tammikuussa."),
    (
        Clause("sleep", NP("guard"), place="barn", negated=True, order="place_first"),
        "Navetassa vartija ei nukkunut.",
    ),
]
QUESTIONS: list[tuple[Clause, Role, str]] = [
    (GIVE, "subject", "Kuka antoi uuden kirjan Peterille koulussa illalla?"),
    (GIVE, "object", "Minkä opettaja antoi Peterille koulussa illalla?"),
    (GIVE, "recipient", "Kenelle opettaja antoi uuden kirjan koulussa illalla?"),
    (GIVE, "place", "Missä opettaja antoi uuden kirjan Peterille illalla?"),
    (GIVE, "time", "Milloin opettaja antoi uuden kirjan Peterille koulussa?"),
    (changed(GIVE, negated=True), "object", "Mitä opettaja ei antanut Peterille koulussa illalla?"),
    (BUY, "source", "Keneltä Anna osti auton torilla eilen?"),
    (VISIT, "object", "Kenen luona Peter vieraili sunnuntaina?"),
    (Clause("meet", ANNA, PETER), "object", "Kenet Anna tapasi?"),
    (Clause("thank", ANNA, PETER), "object", "Ketä Anna kiitti?"),
    (Clause("touch", ANNA, BIG_DOG), "object", "Mitä Anna kosketti?"),
    (Clause("go", PETER, place="station"), "place", "Minne Peter meni?"),
    (Clause("find", ANNA, NP("key"), place="bank"), "place", "Mistä Anna löysi avaimen?"),
]


def text(tokens: tuple[Token, ...]) -> str:
    return joined(capitalised(tokens), FIN.spaced)


def full(name: str, thing: NP, person: NP, place: str, time: str) -> Clause:
    """A clause with every role its verb takes."""
    item = thing if name in TRANSFER + HANDLE else person if name in SOCIAL else None
    recipient = person if name in TO_VERBS else None
    source = person if name in TRANSFER and name not in TO_VERBS else None
    return Clause(name, person, item, recipient, source, place, time)


def cycled(values: list[str], index: int) -> str:
    return values[index % len(values)]


def world() -> Iterator[Clause]:
    """Every verb with every noun and quality in every role it can have there, in every order."""
    places, steps = [*PLACES, *CITIES], max(len(OBJECTS), len(PEOPLE) * len(QUALITIES))
    persons = [*PEOPLE, *PERSONS, *COMPANIES]
    for name in VERBS:
        for step in range(steps):
            quality = cycled(QUALITIES, step)
            who = cycled(persons, step)
            person = NP(who, True, quality if who in PEOPLE else None)
            thing = NP(cycled(OBJECTS, step), step % 3 == 0, quality)
            clause = full(name, thing, person, cycled(places, step), cycled(TIMES, step))
            yield changed(clause, ORDERS[step % 4], step // 4 % 2 == 1)


def asked() -> Iterator[tuple[Clause, Role]]:
    for clause in world():
        yield from ((clause, role) for role in ROLES if getattr(clause, role) is not None)


def written_words() -> list[str]:
    """The distinct words, names aside, of all statements and questions, and the citation forms."""
    tokens = {token for clause in world() for token in FIN.clause(clause)}
    tokens |= {token for clause, role in asked() for token in FIN.question(clause, role)}
    common = [token for token in tokens if token.entity is None and token.upos != "PUNCT"]
    return sorted({token.form for token in common} | {token.lemma for token in common})


def voikko(words: list[str], *options: str) -> list[str]:
    """What voikkospell prints about the words."""
    if shutil.which("voikkospell") is None:
        reason = "voikkospell is missing (Debian: libvoikko-dev and voikko-fi)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    command = ["voikkospell", "-d", "fi", *options]
    done = subprocess.run(
        command, input="\n".join(words) + "\n", capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("concept", NOUNS)
def test_case_forms(concept: str) -> None:
    parts = NOUNS[concept].split()
    expected = dict(zip(parts[::2], parts[1::2], strict=True))
    assert {case: inflected(concept, case) for case in expected} == expected


@pytest.mark.parametrize("concept", VERB_FORMS)
def test_verb_forms(concept: str) -> None:
    assert [verb(concept, negated)[-1].form for negated in (False, True)] == VERB_FORMS[
        concept
    ].split()


@pytest.mark.parametrize(("clause", "expected"), STATEMENTS)
def test_statements(clause: Clause, expected: str) -> None:
    assert text(FIN.clause(clause)) == expected


@pytest.mark.parametrize(("clause", "ask", "expected"), QUESTIONS)
def test_questions(clause: Clause, ask: Role, expected: str) -> None:
    assert text(FIN.question(clause, ask)) == expected


def test_tokens_carry_analysis() -> None:
    clause = Clause("sell", NP("Nokia"), NP("boat", True, "new"), ANNA, place="Oslo", negated=True)
    assert FIN.clause(clause) == (
        Token("Nokia", "Nokia", "PROPN", "Case=Nom|Number=Sing", "subject", "ORG"),
        Token("ei", "ei", "AUX", "Number=Sing|Person=3|Polarity=Neg|VerbForm=Fin", "negation"),
        Token("myynyt", "myydä", "VERB", "Number=Sing|Tense=Past|VerbForm=Part|Voice=Act", "verb"),
        Token("uutta", "uusi", "ADJ", "Case=Par|Degree=Pos|Number=Sing", "object"),
        Token("venettä", "vene", "NOUN", "Case=Par|Number=Sing", "object"),
        Token("Annalle", "Anna", "PROPN", "Case=All|Number=Sing", "recipient", "PER"),
        Token("Oslossa", "Oslo", "PROPN", "Case=Ine|Number=Sing", "place", "LOC"),
        Token(".", ".", "PUNCT", "_", "punct"),
    )


def test_lexicon_covers_the_concepts_and_only_lend_and_borrow_share_a_word() -> None:
    words = lexicon("fin")
    assert set(CONCEPTS) <= set(words) <= {*CONCEPTS, *NAMES}
    lemmas = [words[concept][0] for concept in CONCEPTS]
    assert {lemma for lemma in lemmas if lemmas.count(lemma) > 1} == {"lainata"}
    assert all(re.fullmatch("[a-zäö]+", FIN.noun(concept)) for concept in CONCEPTS)


def test_verbs_of_motion_take_a_goal() -> None:
    for name in MOTION:
        goals = {place_case(Clause(name, ANNA), place) for place in [*PLACES, *CITIES]}
        assert goals == {"Ill", "All"}


def test_constituents_are_contiguous_and_complete() -> None:
    for clause in world():
        tokens = FIN.clause(clause)
        runs = [role for role, _ in groupby(token.role for token in tokens)]
        assert len(runs) == len(set(runs)), text(tokens)
        present = {role for role in ROLES if getattr(clause, role) is not None}
        assert present == set(runs) & set(ROLES)
        assert ("negation" in runs) == clause.negated


def test_a_question_keeps_everything_but_what_it_asks_for() -> None:
    for clause, ask in asked():
        question, statement = FIN.question(clause, ask), FIN.clause(clause)
        assert question[0].role == "question"
        kept = {token for token in statement if token.role not in {ask, "punct"}}
        assert {t for t in question if t.role not in {"question", "punct"}} == kept


def test_every_case_of_an_np_tells_its_role() -> None:
    """Nominative, object, recipient and source forms of a word all differ."""
    for concept in [*OBJECTS, *PEOPLE, *PERSONS, *COMPANIES, *QUALITIES]:
        forms = [inflected(concept, case) for case in ("Nom", "Gen", "Par", "All", "Abl")]
        assert len(set(forms)) == len(forms)


def test_the_world_uses_every_word_in_every_form_it_has() -> None:
    words = set(written_words())
    persons = {inflected(c, case) for c in PEOPLE for case in ("Nom", "Gen", "Par", "All", "Abl")}
    things = {inflected(c, case) for c in [*OBJECTS, *QUALITIES] for case in ("Nom", "Gen", "Par")}
    places = {
        inflected(place, place_case(Clause(name, ANNA), place))
        for place in PLACES
        for name in ("sleep", "go", "find")
    }
    actions = {verb(name, negated)[-1].form for name in VERBS for negated in (False, True)}
    assert persons | things | places | actions <= words


def test_voikko_accepts_the_words() -> None:
    words = written_words()
    assert len(words) > 500
    wrong = [line for line in voikko(words) if not line.startswith("C: ")]
    assert len(wrong) <= 0.03 * len(words), wrong


def test_voikko_reads_the_same_case_and_lemma() -> None:
    """Not only a word, but the form it is meant to be."""
    names = {"Gen": "omanto", "Par": "osanto", "Ine": "sisaolento", "Ill": "sisatulento"}
    names |= {"Nom": "nimento", "Ela": "sisaeronto", "Ess": "olento"}
    names |= {"Ade": "ulkoolento", "All": "ulkotulento", "Abl": "ulkoeronto"}
    for case, name in names.items():
        lemmas = {
            inflected(concept, case): FIN.noun(concept)
            for concept in [*OBJECTS, *PEOPLE, *PLACES, *QUALITIES]
        }
        found: dict[str, dict[str, set[str]]] = {}
        for line in voikko(list(lemmas), "-M"):
            if match := re.match(r"A\((.+)\):\d+:(BASEFORM|SIJAMUOTO)=(.+)", line):
                found.setdefault(match[1], {}).setdefault(match[2], set()).add(match[3])
        for form, lemma in lemmas.items():
            read = found.get(form, {})
            assert lemma in read.get("BASEFORM", set()), form
            assert name in read.get("SIJAMUOTO", set()), form
