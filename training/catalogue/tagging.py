"""Tasks that give one tag to every word."""

from __future__ import annotations

from training.catalogue.languages import LANGUAGES, SHORT
from training.spec.task import Hub, Task

UPOS = tuple(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
)
NER = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""In the hub's order; XTREME's own labels.txt is alphabetical, so exports write strings."""

UDPOS_LANGUAGES = tuple(
    SHORT[s]
    for s in (
        "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr "
        "ur vi yo zh"
    ).split()
)
FUSING = tuple(SHORT[s] for s in "ar de el en es fa fi fr he id it kk mr pt ta tr yo".split())
"""Languages with multiword tokens in UD 2.5 (Arabic PADT; the others counted in its test files)."""

CCG = Task(
    name="ccg",
    title="CCG supertagging",
    family="tagging",
    schema="ccg",
    metrics=("accuracy",),
    roles=("intermediate",),
    files="ccg",
    licence="LDC User Agreement (LDC2005T13)",
    redistribute=False,
)
"""No hub copy may exist: the user supplies the files. Its tags are read off the training data."""

CCG_UD = Task(
    name="ccg_ud",
    title="CCG stand-in (supertags made of UD English)",
    family="tagging",
    schema="ccg",
    metrics=("accuracy",),
    roles=("intermediate",),
    files="ud",
    benchmark="stand-in",
    licence="per treebank, CC BY-SA 4.0 (EWT), some CC BY-NC-SA",
    redistribute=False,
)
"""Not CCG: for those who have no CCGbank, and taken only where it is named."""

UDPOS = Task(
    name="udpos",
    title="UDPOS",
    family="tagging",
    schema="udpos",
    metrics=("f1", "accuracy"),
    labels=UPOS,
    languages=UDPOS_LANGUAGES,
    no_dev=tuple(SHORT[s] for s in "kk th tl yo".split()),
    trains_on="udpos",
    hub=(
        Hub(
            "google/xtreme",
            "udpos.{lang}",
            {"train": "train", "dev": "validation", "test": "test"},
            codes={code: LANGUAGES[code].name for code in UDPOS_LANGUAGES},
        ),
    ),
    hub_differs={
        "the hub's copy holds other languages": tuple(SHORT[s] for s in "de el fr ru zh".split()),
        "the hub's copy splits fused words": FUSING,
    },
    files="ud",
    recipe={"epochs": 10.0},
    licence="per treebank, several CC BY-NC-SA",
    redistribute=False,
    group="tagging",
)
"""From the hub it is not comparable with XTREME: Greek, Chinese, French, Russian and German hold
other languages, and fused words are split (Hebrew +39 % tokens). `files` follows XTREME."""

PANX = Task(
    name="panx",
    title="PAN-X",
    family="tagging",
    schema="panx",
    metrics=("f1", "precision", "recall"),
    labels=NER,
    languages=tuple(LANGUAGES),
    trains_on="panx",
    hub=(
        Hub(
            "google/xtreme",
            "PAN-X.{lang}",
            {"train": "train", "dev": "validation", "test": "test"},
        ),
    ),
    files="ner/panx",
    recipe={"epochs": 10.0},
    licence="Wikipedia, CC BY-SA 3.0",
    group="tagging",
)

TURKU_NER = Task(
    name="turku_ner",
    title="Turku NER (types of PAN-X)",
    family="tagging",
    schema="panx",
    metrics=("f1", "precision", "recall"),
    labels=NER,
    outside=("PRO", "EVENT", "DATE"),
    languages=("fin",),
    trains_on="panx",
    files="ner/turku-ner",
    recipe={"epochs": 10.0},
    benchmark="Turku NER",
    licence="CC BY-SA 4.0",
)
"""Annotated by hand, on the sentences of UD Finnish-TDT: no new text beside UDPOS."""

NERKOR = Task(
    name="nerkor",
    title="NYTK-NerKor (types of PAN-X)",
    family="tagging",
    schema="panx",
    metrics=("f1", "precision", "recall"),
    labels=NER,
    outside=("MISC",),
    languages=("hun",),
    trains_on="panx",
    files="ner/nerkor",
    recipe={"epochs": 10.0},
    benchmark="NYTK-NerKor",
    licence="CC BY-SA 4.0",
)

TASKS = (CCG, CCG_UD, UDPOS, PANX, TURKU_NER, NERKOR)
