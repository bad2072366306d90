"""Tasks that find a sentence's translation; nothing is trained for them."""

from __future__ import annotations

from training.catalogue.languages import LANGUAGES, SHORT
from training.spec.task import Hub, Task

TATOEBA_LANGUAGES = tuple(code for code in LANGUAGES if code not in {"eng", "zsm", "mya", "yor"})

BUCC = Task(
    name="bucc",
    title="BUCC 2018",
    family="retrieval",
    schema="bucc",
    metrics=("f1", "precision", "recall"),
    languages=tuple(SHORT[s] for s in "de fr ru zh".split()),
    hub=(
        Hub(
            "mteb/BUCC",
            "{lang}-en",
            {"test": "test"},
            revision="414572247440f0ccacf7eb0bb70a31533a0e5443",
        ),
    ),
    files="bucc2018",
    licence="research use (BUCC 2018 shared task)",
    redistribute=False,
    group="retrieval",
)
"""The hub copy has the test side only, so the threshold cannot be tuned the official way there;
google/xtreme's `bucc18.*` holds gold pairs without the haystack and cannot be used at all."""

TATOEBA = Task(
    name="tatoeba",
    title="Tatoeba",
    family="retrieval",
    schema="tatoeba",
    metrics=("accuracy",),
    languages=TATOEBA_LANGUAGES,
    no_dev=TATOEBA_LANGUAGES,
    hub=(
        Hub(
            "google/xtreme",
            "tatoeba.{lang}",
            {"test": "validation"},
            codes={code: code for code in TATOEBA_LANGUAGES},
        ),
    ),
    files="tatoeba/v1",
    licence="CC BY 2.0 FR",
    group="retrieval",
)
"""English queries the foreign side."""

TASKS = (BUCC, TATOEBA)
