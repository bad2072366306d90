"""HuLU, the Hungarian benchmark, and the English sets that its tasks learn from.

Test labels are withheld, so the validation split is what is measured; nothing is selected on it.
HuCommitmentBank, HuWNLI and HuRC are left out: the first two are too small to tell anything (103
and 60 rows), the last states no licence.
"""

from __future__ import annotations

from training.spec.task import Hub, Task

DEV = {"train": "train", "dev": "validation"}
HULU = "HuLU"

COLA = Task(
    name="cola",
    title="CoLA",
    family="classification",
    schema="sentence",
    metrics=("accuracy", "f1"),
    labels=("unacceptable", "acceptable"),
    roles=("intermediate",),
    hub=(Hub("nyu-mll/glue", "cola", dict(DEV)),),
    benchmark="GLUE",
    licence="unstated; research use",
    redistribute=False,
)
HUCOLA = Task(
    name="hucola",
    title="HuCOLA",
    family="classification",
    schema="sentence",
    metrics=("accuracy", "f1"),
    labels=COLA.labels,
    languages=("hun",),
    no_dev=("hun",),
    trains_on="cola",
    reuses=("cola",),
    hub=(Hub("NYTK/HuCOLA", "", {"test": "validation"}),),
    files="cls/hulu/HuCOLA",
    benchmark=HULU,
    licence="CC BY-SA 4.0",
)
SST = Task(
    name="sst",
    title="SST, three-way",
    family="classification",
    schema="sst5",
    metrics=("accuracy",),
    labels=("negative", "neutral", "positive"),
    roles=("intermediate",),
    hub=(Hub("SetFit/sst5", "", dict(DEV)),),
    benchmark="SST",
    licence="unstated; research use",
    redistribute=False,
)
"""The five classes of the sentences folded into HuSST's three. Its columns `text`, `label` and
`label_text` were read in code that loads it; its card states no licence."""
HUSST = Task(
    name="husst",
    title="HuSST",
    family="classification",
    schema="sentence",
    metrics=("accuracy",),
    labels=SST.labels,
    languages=("hun",),
    no_dev=("hun",),
    trains_on="sst",
    reuses=("sst",),
    hub=(Hub("NYTK/HuSST", "", {"test": "validation"}),),
    files="cls/hulu/HuSST",
    benchmark=HULU,
    licence="CC BY-SA 4.0 (its repository; BSD 2-Clause on the hub)",
)
RTE = Task(
    name="rte",
    title="RTE",
    family="classification",
    schema="nli",
    metrics=("accuracy",),
    labels=("not_entailment", "entailment"),
    roles=("intermediate",),
    hub=(Hub("nyu-mll/glue", "rte", dict(DEV)),),
    benchmark="GLUE",
    licence="unstated; research use",
    redistribute=False,
)
"""The hub's classes run the other way; they are read by name."""
HURTE = Task(
    name="hurte",
    title="HuRTE",
    family="classification",
    schema="nli",
    metrics=("accuracy",),
    labels=RTE.labels,
    languages=("hun",),
    no_dev=("hun",),
    trains_on="rte",
    reuses=("rte",),
    hub=(Hub("NYTK/HuRTE", "", {"test": "validation"}),),
    files="nli/hulu/HuRTE",
    benchmark=HULU,
    licence="CC BY-SA 4.0",
)
HUCOPA = Task(
    name="hucopa",
    title="HuCoPA",
    family="choice",
    schema="hucopa",
    metrics=("accuracy",),
    languages=("hun",),
    no_dev=("hun",),
    trains_on="csqa",
    reuses=("csqa", "mixture"),
    hub=(Hub("NYTK/HuCoPA", "", {"test": "validation"}),),
    files="choice/hucopa",
    benchmark=HULU,
    licence="BSD 2-Clause",
)

TASKS = (COLA, HUCOLA, SST, HUSST, RTE, HURTE, HUCOPA)
