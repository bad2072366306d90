"""Tasks that pick one of several continuations or answers."""

from __future__ import annotations

from training.catalogue.languages import SHORT
from training.spec.task import PARQUET, Hub, Task

_SPLITS = {"train": "train", "dev": "validation"}
"""The labels of the test splits are hidden."""

HELLASWAG = Task(
    name="hellaswag",
    title="HellaSwag",
    family="choice",
    schema="hellaswag",
    metrics=("accuracy",),
    roles=("intermediate",),
    hub=(
        Hub(
            "Rowan/hellaswag",
            "",
            dict(_SPLITS),
            revision="049e80830aedaee63cd025622acf83822eb46553",
        ),
    ),
    files="choice/hellaswag",
    licence="MIT",
)
COSMOSQA = Task(
    name="cosmosqa",
    title="CosmosQA",
    family="choice",
    schema="cosmosqa",
    metrics=("accuracy",),
    roles=("intermediate",),
    hub=(Hub("allenai/cosmos_qa", "", dict(_SPLITS), revision=PARQUET),),
    files="choice/cosmosqa",
    licence="CC BY 4.0",
)
CSQA = Task(
    name="csqa",
    title="CommonsenseQA",
    family="choice",
    schema="csqa",
    metrics=("accuracy",),
    roles=("intermediate",),
    hub=(Hub("tau/commonsense_qa", "", dict(_SPLITS)),),
    files="choice/commonsenseqa",
    licence="MIT",
)
XCOPA = Task(
    name="xcopa",
    title="XCOPA",
    family="choice",
    schema="xcopa",
    metrics=("accuracy",),
    languages=tuple(SHORT[s] for s in "et id it sw ta th tr vi zh".split()),
    trains_on="cosmosqa",
    reuses=("cosmosqa", "mixture"),
    hub=(Hub("cambridgeltl/xcopa", "{lang}", {"dev": "validation", "test": "test"}),),
    files="choice/xcopa",
    benchmark="XCOPA",
    licence="CC BY 4.0",
)
"""Causes and effects, learnt from CosmosQA, which asks for such; Haitian Creole and Quechua are
left out (XTREME has neither)."""

TASKS = (HELLASWAG, COSMOSQA, CSQA, XCOPA)
