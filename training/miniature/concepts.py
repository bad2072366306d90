"""The concepts of the miniature world and its laws: data, no behaviour.

Names are shared anchors between languages; everything else is a common word of each language,
looked up in `lexicon/<language>.tsv`. The laws (where a thing belongs, what follows an action,
which verb is the converse of which) are what the commonsense-like tasks ask for.
"""

from __future__ import annotations

PERSONS = (
    "Anna Maria Eva Sara Emma Laura Nora Julia Martin Daniel "
    "Robert David Oskar Viktor Simon Adam Leo Thomas Peter Max"
).split()
CITIES = (
    "Helsinki Budapest London Berlin Paris Ankara Tallinn Jakarta Madrid Oslo Tokyo Beijing".split()
)
COMPANIES = "Nokia Siemens Toyota Volvo Sony Samsung Fiat Bosch".split()
ENTITY = (
    dict.fromkeys(PERSONS, "PER") | dict.fromkeys(CITIES, "LOC") | dict.fromkeys(COMPANIES, "ORG")
)

PEOPLE = (
    "teacher doctor farmer soldier baker driver singer pupil "
    "nurse guard neighbour painter writer hunter"
).split()

# place -> the things that belong there
BELONGS = {
    "kitchen": "knife plate pot spoon",
    "garden": "flower apple spade cabbage",
    "forest": "axe mushroom pear",
    "barn": "cow horse sheep wagon",
    "market": "potato carrot basket onion",
    "school": "pencil notebook lamp",
    "church": "candle bell chair",
    "hospital": "bed needle towel",
    "workshop": "hammer saw bicycle",
    "harbour": "boat net dog",
    "station": "ticket suitcase clock car",
    "bank": "coin key ring",
    "office": "letter computer phone table",
    "theatre": "mask violin dress",
    "museum": "painting statue vase",
    "bakery": "cake egg cherry lemon",
    "library": "book map newspaper cat",
    "shore": "shell hat ball",
}
PLACES = list(BELONGS)
HOME = {thing: place for place, things in BELONGS.items() for thing in things.split()}
THINGS = list(HOME)

KINDS = {
    "fruit": "apple pear lemon cherry".split(),
    "vegetable": "potato carrot onion cabbage".split(),
    "tool": "knife spade axe hammer saw".split(),
    "animal": "cow horse dog cat sheep".split(),
    "vehicle": "car bicycle boat wagon".split(),
}
KIND_OF = {thing: kind for kind, things in KINDS.items() for thing in things}

# giving verb (to the recipient) -> its converse (from the source)
CONVERSE = {"sell": "buy", "give": "get", "lend": "borrow"}
TO_VERBS = [*CONVERSE, "send", "show"]
FROM_VERBS = [*CONVERSE.values(), "steal"]
TRANSFER = TO_VERBS + FROM_VERBS

# what is done next with the same thing: a permutation, so that no verb is a likelier ending
NEXT = {
    "lose": "find",
    "find": "clean",
    "clean": "carry",
    "carry": "hide",
    "hide": "forget",
    "forget": "lose",
    "draw": "paint",
    "paint": "photograph",
    "photograph": "draw",
    "choose": "break",
    "break": "repair",
    "repair": "touch",
    "touch": "choose",
}
HANDLE = list(NEXT)
SOCIAL = "meet help thank follow greet visit invite praise hug push".split()
MOTION = "go run return walk travel".split()
STAY = "sleep work sing dance swim laugh".split()
VERBS = TRANSFER + HANDLE + SOCIAL + MOTION + STAY

OPPOSITES = [
    ("big", "small"),
    ("old", "new"),
    ("heavy", "light"),
    ("cheap", "expensive"),
    ("beautiful", "ugly"),
    ("clean_q", "dirty"),
]
COLOURS = "red white black green blue yellow".split()
QUALITIES = [quality for pair in OPPOSITES for quality in pair] + COLOURS

TIMES = (
    "morning afternoon evening night noon yesterday monday friday sunday "
    "spring summer autumn winter january"
).split()

CONCEPTS = PEOPLE + PLACES + THINGS + list(KINDS) + VERBS + QUALITIES + TIMES
NAMES = PERSONS + CITIES + COMPANIES
