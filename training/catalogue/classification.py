"""Tasks that give one label to a text or a pair of texts."""

from __future__ import annotations

from training.catalogue.languages import LANGUAGES, SHORT
from training.spec.task import PARQUET, Hub, Task

NLI = ("entailment", "neutral", "contradiction")
TOPICS = (
    "science/technology",
    "travel",
    "politics",
    "sports",
    "health",
    "entertainment",
    "geography",
)
SIB_CODES = {code: f"{code}_{language.script}" for code, language in LANGUAGES.items()} | {
    "ara": "arb_Arab",
    "kor": "kor_Hang",
    "cmn": "zho_Hans",
}

_MNLI = Hub("nyu-mll/glue", "mnli", {"train": "train", "dev": "validation_matched"})
_SNLI = Hub("stanfordnlp/snli", "", {"train": "train", "dev": "validation"})
_ANLI = Hub(
    "facebook/anli",
    "",
    {split: "+".join(f"{split}_r{i}" for i in (1, 2, 3)) for split in ("train", "dev")},
)
"""Test labels are hidden in MNLI, QQP, HellaSwag, CosmosQA and CommonsenseQA, so there is no test
split there, nor in ANLI+, which would otherwise be measured on another mixture than its dev."""

MNLI = Task(
    name="mnli",
    title="MNLI",
    family="classification",
    schema="nli",
    metrics=("accuracy",),
    labels=NLI,
    disputed=True,
    roles=("intermediate",),
    hub=(_MNLI,),
    files="nli/multinli",
    licence="OANC, CC BY-SA 3.0, CC BY 3.0 (parts); research use",
)
ANLI = Task(
    name="anli",
    title="ANLI+",
    family="classification",
    schema="nli",
    metrics=("accuracy",),
    labels=NLI,
    disputed=True,
    roles=("intermediate",),
    hub=(_ANLI, _MNLI, _SNLI),
    files="nli",
    licence="CC BY-NC 4.0 (ANLI), see MNLI, CC BY-SA 4.0 (SNLI)",
    redistribute=False,
)
QQP = Task(
    name="qqp",
    title="QQP",
    family="classification",
    schema="qqp",
    metrics=("accuracy_f1", "accuracy", "f1"),
    labels=("not_duplicate", "duplicate"),
    roles=("intermediate",),
    hub=(Hub("nyu-mll/glue", "qqp", {"train": "train", "dev": "validation"}),),
    files="para/qqp",
    licence="Quora terms of service, non-commercial",
    redistribute=False,
)
XNLI = Task(
    name="xnli",
    title="XNLI",
    family="classification",
    schema="nli",
    metrics=("accuracy",),
    labels=NLI,
    languages=tuple(SHORT[s] for s in "ar bg de el en es fr hi ru sw th tr ur vi zh".split()),
    trains_on="mnli",
    reuses=("mnli", "anli", "mixture"),
    hub=(Hub("facebook/xnli", "{lang}", {"dev": "validation", "test": "test"}),),
    files="nli/xnli",
    recipe={"epochs": 2.0},
    licence="CC BY-NC 4.0",
    redistribute=False,
    group="classification",
)
PAWSX = Task(
    name="pawsx",
    title="PAWS-X",
    family="classification",
    schema="pawsx",
    metrics=("accuracy",),
    labels=("0", "1"),
    languages=tuple(SHORT[s] for s in "de en es fr ja ko zh".split()),
    trains_on="pawsx",
    hub=(
        Hub(
            "google-research-datasets/paws-x",
            "{lang}",
            {"train": "train", "dev": "validation", "test": "test"},
        ),
    ),
    files="para/pawsx",
    recipe={"epochs": 5.0},
    licence="free for any purpose, with acknowledgement of Google LLC",
    group="classification",
)
SIB200 = Task(
    name="sib200",
    title="SIB-200 topic",
    family="classification",
    schema="sib200",
    metrics=("accuracy",),
    labels=TOPICS,
    roles=("intermediate", "target"),
    languages=tuple(LANGUAGES),
    trains_on="sib200",
    reuses=("sib200",),
    hub=(
        Hub(
            "Davlan/sib200",
            "{lang}",
            {"train": "train", "dev": "validation", "test": "test"},
            revision=PARQUET,
            codes=SIB_CODES,
        ),
    ),
    files="cls/sib200",
    recipe={"epochs": 10.0},
    benchmark="SIB-200",
    licence="CC BY-SA 4.0 (FLORES-200 sentences), Apache-2.0 (labels)",
)

TASKS = (MNLI, ANLI, QQP, XNLI, PAWSX, SIB200)
