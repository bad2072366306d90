"""Sets beyond XTREME: Finnish and Hungarian in every family, in no average of XTREME.

SIB-200 (`classification.py`) and HuLU (`hulu.py`) are more. A target learns from English like any
other: from a set of its own, or from the intermediate task nearest in kind, which `reuses` marks.
Names, columns and counts of the hub were read on its pages or in code that loads it; where a
docstring says `unverified` they were not: the loader checks every column and says what differs.
Repositories that hold a loading script are read from their branch of converted parquet files.
"""

from __future__ import annotations

from training.catalogue.classification import SIB_CODES
from training.catalogue.languages import LANGUAGES
from training.catalogue.span import QA_METRICS, QA_RECIPE
from training.spec.task import PARQUET, Hub, Task

ALL = tuple(LANGUAGES)
TEST_ONLY = {"test": "test"}

INTENTS = tuple(
    (
        "datetime_query iot_hue_lightchange transport_ticket takeaway_query qa_stock general_greet "
        "recommendation_events music_dislikeness iot_wemo_off cooking_recipe qa_currency "
        "transport_traffic general_quirky weather_query audio_volume_up email_addcontact "
        "takeaway_order email_querycontact iot_hue_lightup recommendation_locations play_audiobook "
        "lists_createoradd news_query alarm_query iot_wemo_on general_joke qa_definition "
        "social_query music_settings audio_volume_other calendar_remove iot_hue_lightdim "
        "calendar_query email_sendemail iot_cleaning audio_volume_down play_radio cooking_query "
        "datetime_convert qa_maths iot_hue_lightoff iot_hue_lighton transport_query music_likeness "
        "email_query play_music audio_volume_mute social_post alarm_set qa_factoid calendar_set "
        "play_game alarm_remove lists_remove transport_taxi recommendation_movies iot_coffee "
        "music_query play_podcasts lists_query"
    ).split()
)
EMOTIONS = ("neutral", "anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise",
            "trust")  # fmt: skip
"""XED's files number them from 1; its hub copy keeps `neutral`, which no row here has, as 0."""
LOCALES = {
    code: f"{LANGUAGES[code].short}-{country}"
    for code, country in {
        "afr": "ZA", "ara": "SA", "ben": "BD", "deu": "DE", "ell": "GR", "eng": "US", "spa": "ES",
        "pes": "IR", "fin": "FI", "fra": "FR", "heb": "IL", "hin": "IN", "hun": "HU", "ind": "ID",
        "ita": "IT", "jpn": "JP", "jav": "ID", "kat": "GE", "kor": "KR", "mal": "IN", "zsm": "MY",
        "mya": "MM", "nld": "NL", "por": "PT", "rus": "RU", "swh": "KE", "tam": "IN", "tel": "IN",
        "tha": "TH", "tgl": "PH", "tur": "TR", "urd": "PK", "vie": "VN", "cmn": "CN",
    }.items()
}  # fmt: skip
"""MASSIVE's configurations and file names."""
NTREX_CODES = {code: code for code in LANGUAGES if code not in {"eng", "jav"}} | {
    "ara": "arb", "pes": "fas", "cmn": "zho-CN", "swh": "swa", "zsm": "msa", "tgl": "fil",
}  # fmt: skip
"""As NTREX-128 names its files; it has no Javanese."""
NTREX_COLUMNS = {
    code: f"{named}_{LANGUAGES[code].script}" for code, named in NTREX_CODES.items()
} | {code: SIB_CODES[code] for code in ("eng", "kor", "cmn")}  # fmt: skip
"""Of the hub's table, by NTREX's own codes (`fas_Arab`, `fil_Latn`, `msa_Latn`, `swa_Latn`)."""

_MASSIVE = Hub(
    "AmazonScience/massive",
    "{lang}",
    {"train": "train", "dev": "validation", "test": "test"},
    revision=PARQUET,
    codes=LOCALES,
)
MASSIVE_INTENT = Task(
    name="massive-intent",
    title="MASSIVE intent",
    family="classification",
    schema="massive_intent",
    metrics=("accuracy",),
    labels=INTENTS,
    languages=tuple(LOCALES),
    trains_on="massive-intent",
    hub=(_MASSIVE,),
    files="cls/massive",
    recipe={"epochs": 10.0, "max_length": 128},
    benchmark="MASSIVE",
    licence="CC BY 4.0",
)
MASSIVE_SLOTS = Task(
    name="massive-slots",
    title="MASSIVE slots",
    family="tagging",
    schema="massive_slots",
    metrics=("f1", "precision", "recall"),
    languages=tuple(LOCALES),
    trains_on="massive-slots",
    hub=(_MASSIVE,),
    files="cls/massive",
    recipe={"epochs": 10.0, "max_length": 128},
    benchmark="MASSIVE",
    licence="CC BY 4.0",
)
"""55 slots as B-/I- tags, read off the English training data."""

XED = Task(
    name="xed",
    title="XED emotion",
    family="classification",
    schema="xed",
    metrics=("accuracy",),
    labels=EMOTIONS,
    languages=("est", "fin", "hun"),
    no_dev=("est", "fin", "hun"),
    trains_on="xed",
    hub=(
        Hub(
            "Helsinki-NLP/xed_en_fi",
            "{lang}_annotated",
            {"train": "train", "test": "train"},
            revision=PARQUET,
            languages=("eng", "fin"),
        ),
    ),
    files="cls/xed",
    recipe={"epochs": 5.0, "max_length": 128, "selection": "last"},
    benchmark="XED",
    licence="CC BY 4.0",
)
"""Lines of one emotion; those of several are left out and counted. English has one file and no
dev, so the last step is kept. Hungarian and Estonian are projections, in the files only."""

MULTIWIKIQA = Task(
    name="multiwikiqa",
    title="MultiWikiQA",
    family="span",
    schema="squad",
    ids_repeat=True,
    metrics=QA_METRICS,
    languages=tuple(code for code in LANGUAGES if code != "cmn"),
    no_dev=tuple(code for code in LANGUAGES if code != "cmn"),
    trains_on="squad",
    reuses=("squad", "squad2", "mixture"),
    hub=(Hub("alexandrainst/multi-wiki-qa", "{lang}", {"test": "train"}, codes={"por": "pt-pt"}),),
    recipe=dict(QA_RECIPE),
    benchmark="MultiWikiQA",
    licence="CC BY-NC-SA 4.0",
    redistribute=False,
)
"""Its one published split is measured; columns are SQuAD's. Chinese has several configurations and
is left out, of the two Portuguese ones the European is taken. Unverified: counts but the Finnish,
and the names of configurations other than `fi hu de en es fr it nl el bg pt-pt ja ko ar af`."""

BELEBELE = Task(
    name="belebele",
    title="Belebele",
    family="choice",
    schema="belebele",
    metrics=("accuracy",),
    languages=ALL,
    no_dev=ALL,
    trains_on="cosmosqa",
    reuses=("cosmosqa", "mixture"),
    hub=(Hub("facebook/belebele", "{lang}", dict(TEST_ONLY), codes=SIB_CODES),),
    files="choice/belebele",
    benchmark="Belebele",
    licence="CC BY-SA 4.0",
)
"""Test only; CosmosQA is the English set of its form: a passage, a question, four answers."""
EXAMS = Task(
    name="exams",
    title="EXAMS",
    family="choice",
    schema="exams",
    metrics=("accuracy",),
    languages=("bul", "hun", "ita", "por", "tur", "vie"),
    trains_on="csqa",
    reuses=("csqa", "mixture"),
    hub=(Hub("mhardalov/exams", "crosslingual_{lang}", {"dev": "validation", "test": "train"}),),
    files="choice/exams",
    benchmark="EXAMS",
    licence="CC BY-SA 4.0",
)
"""School exams with three to five answers. The cross-lingual edition has no test split: its train
split, from which nothing is learnt here, is measured. Questions without a right answer (`@`) are
left out and counted."""

NTREX = Task(
    name="ntrex",
    title="NTREX-128",
    family="retrieval",
    schema="tatoeba",
    metrics=("accuracy",),
    languages=tuple(NTREX_CODES),
    no_dev=tuple(NTREX_CODES),
    hub=(Hub("mteb/NTREX", "", dict(TEST_ONLY)),),
    files="parallel/ntrex",
    benchmark="NTREX",
    licence="CC BY-SA 4.0",
)
"""English queries find their translation among all. The hub's table has a column a language.
Unverified: its column of Estonian."""
FLORES = Task(
    name="flores",
    title="FLORES-200",
    family="retrieval",
    schema="tatoeba",
    metrics=("accuracy",),
    languages=tuple(code for code in LANGUAGES if code != "eng"),
    reuses=("sib200",),
    hub=(Hub("mteb/flores", "", {"dev": "dev", "test": "devtest"}),),
    files="parallel/flores200_dataset",
    benchmark="FLORES-200",
    licence="CC BY-SA 4.0",
)
"""SIB-200 labels its sentences, so they share them. MTEB's copy is one parquet table with a column
a language; `facebook/flores` is a loading script, and it and `openlanguagedata/flores_plus` are
gated."""

TASKS = (*(MASSIVE_INTENT, MASSIVE_SLOTS, XED, MULTIWIKIQA, BELEBELE, EXAMS, NTREX, FLORES),)
