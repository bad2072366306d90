"""Tasks that find the answer to a question in a text."""

from __future__ import annotations

from training.catalogue.languages import SHORT
from training.spec.task import Hub, Task

QA_METRICS = ("em_f1", "em", "f1")
"""The first is XTREME's task score, the mean of exact match and F1."""
QA_RECIPE: dict[str, object] = {"batch": 16, "epochs": 2.0, "max_length": 384}
"""Of the targets (jiant's XTREME guide); as intermediate tasks, only the length is special."""

TYDIQA_NAMES = {
    "ara": "arabic",
    "ben": "bengali",
    "eng": "english",
    "fin": "finnish",
    "ind": "indonesian",
    "kor": "korean",
    "rus": "russian",
    "swh": "swahili",
    "tel": "telugu",
}
"""All languages lie in one table; these are the first words of its ids."""

_XQUAD_LANGUAGES = tuple(SHORT[s] for s in "ar de el en es hi ru th tr vi zh".split())

SQUAD = Task(
    name="squad",
    title="SQuAD 1.1",
    family="span",
    schema="squad",
    metrics=QA_METRICS,
    roles=("intermediate",),
    hub=(Hub("rajpurkar/squad", "", {"train": "train", "dev": "validation"}),),
    files="qa/squad",
    recipe={"max_length": 384},
    licence="CC BY-SA 4.0",
)
SQUAD2 = Task(
    name="squad2",
    title="SQuAD 2.0",
    family="span",
    schema="squad2",
    metrics=QA_METRICS,
    roles=("intermediate",),
    hub=(Hub("rajpurkar/squad_v2", "", {"train": "train", "dev": "validation"}),),
    files="qa/squad",
    recipe={"max_length": 384},
    licence="CC BY-SA 4.0",
)
XQUAD = Task(
    name="xquad",
    title="XQuAD",
    family="span",
    schema="squad",
    metrics=QA_METRICS,
    languages=_XQUAD_LANGUAGES,
    no_dev=_XQUAD_LANGUAGES,
    trains_on="squad",
    reuses=("squad", "squad2", "mixture"),
    hub=(Hub("google/xtreme", "XQuAD.{lang}", {"test": "validation"}),),
    files="qa/xquad",
    recipe=dict(QA_RECIPE),
    licence="CC BY-SA 4.0",
    group="qa",
)
"""Its published `validation` split is the test set; models are selected on English SQuAD dev."""

MLQA = Task(
    name="mlqa",
    title="MLQA",
    family="span",
    schema="squad",
    metrics=QA_METRICS,
    languages=tuple(SHORT[s] for s in "ar de en es hi vi zh".split()),
    trains_on="squad",
    reuses=("squad", "squad2", "mixture"),
    hub=(Hub("google/xtreme", "MLQA.{lang}.{lang}", {"dev": "validation", "test": "test"}),),
    files="qa/mlqa",
    recipe=dict(QA_RECIPE),
    licence="CC BY-SA 3.0",
    group="qa",
)
TYDIQA = Task(
    name="tydiqa",
    title="TyDiQA-GoldP",
    family="span",
    schema="tydiqa",
    metrics=QA_METRICS,
    languages=tuple(TYDIQA_NAMES),
    no_dev=tuple(TYDIQA_NAMES),
    trains_on="tydiqa",
    hub=(
        Hub(
            "google-research-datasets/tydiqa",
            "secondary_task",
            {"train": "train", "test": "validation"},
            codes=TYDIQA_NAMES,
        ),
    ),
    files="qa/tydiqa",
    recipe=QA_RECIPE | {"selection": "last"},
    licence="Apache-2.0",
    group="qa",
)
"""The released dev set is the test set, so nothing is left to select on: the last step is kept."""

TASKS = (SQUAD, SQUAD2, XQUAD, MLQA, TYDIQA)
