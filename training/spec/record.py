"""The wire between the packages: names in MLflow, schemas of machine-readable output.

Training writes by these names, the dashboard reads by them; nothing else is shared but the
catalogue. A schema number rises when a reader of the old one would misread the new one.
"""

from __future__ import annotations

PLAN_SCHEMA = "silta.plan/1"
STATUS_SCHEMA = "silta.status/1"
RUN_SCHEMA = "silta.run/1"
SCORES_SCHEMA = "silta.scores/1"
XTREME_SCORE_SCHEMA = "silta.xtreme-score/1"
"""What `silta score --json` prints."""
EXPORT_SCHEMA = "silta.export/1"
"""silta.json of an export: folder -> evaluation, languages and notes."""
RECIPE_SCHEMA = "silta.recipe/1"
TRANSLATED_SCHEMA = "silta.translated/1"
COST_SCHEMA = "silta.cost/1"
"""Under `cost` in what `silta plan --json` prints."""
CHECK_SCHEMA = "silta.check/1"
TASKS_SCHEMA = "silta.tasks/1"
MORPHOLOGY_SCHEMA = "silta.morphology/1"
"""In the first column of the table that `silta morphology` writes."""

RESUMABLE = 75
"""Exit status of a process that was told to end, or was taken over, and can go on."""

EXPERIMENT = "silta"
"""The one MLflow experiment; studies are told apart by tag."""

KIND = "silta.kind"
"""training | evaluation | study"""
ID = "silta.id"
SCHEMA = "silta.schema"
STUDY = "silta.study"
"""On a study run: its name. Evaluations belong to every study whose plan lists them."""
PHASE = "silta.phase"
SCALE = "silta.scale"
TASK = "silta.task"
SEED = "silta.seed"
PARENT = "silta.parent"
RUN = "silta.run"
"""On an evaluation: the id of the run it measures; empty: the scale's own weights."""
TARGET = "silta.target"
INTERMEDIATE = "silta.intermediate"
SETTING = "silta.setting"
"""Of what kind the intermediate setting is: `task`, `mixture`, `mlm-joint`, `translated`,
`shuffled`, `synthetic`, `mlm`, several of them joined by `+`, or `none`."""
INTERMEDIATE_SEED = "silta.intermediate_seed"
TARGET_SEED = "silta.target_seed"
"""Empty where no target training took place (retrieval)."""
MLM = "silta.mlm"
"""Id of the phase-1 run in the lineage, or empty."""
SOURCE = "silta.source"
SETTINGS = "silta.settings"
COMMIT = "silta.commit"
REUSES = "silta.reuses_target_data"
"""`true` where the intermediate task holds the target's own training data."""
STATE = "silta.state"
"""done | failed | running | interrupted"""
STORE = "silta.store"
"""Names the work directory that sent a record last: who may sweep it."""
REASON = "silta.reason"
"""On a training that failed: the first line of why."""
HEALTH = "silta.health"
"""Of a training: what its English dev says; of an evaluation: what its English test, or else its
target run, says. One of the five below, by the rules of `training/families/health.py`; gains leave
out what is degenerate. Absent from older records, which means UNJUDGED."""
HEALTHY, UNJUDGED = "ok", ""
CONSTANT, CHANCE, NONFINITE = "constant", "chance", "nonfinite"
DEGENERATE = (NONFINITE, CONSTANT, CHANCE)
"""The worst first."""

PACE = "train/tokens_per_second"
"""Metric of a training: real tokens a second. Absent from records that did not measure it."""

PLAN_ARTIFACT = "plan.json"
STATE_ARTIFACT = "state.json"
ITEMS_ARTIFACT = "items.parquet"
SCORES_ARTIFACT = "scores.json"
SWEEP_ARTIFACT = "sweep.parquet"

ITEM_COLUMNS = (
    "item_id",
    "cluster_id",
    "lang",
    "split",
    "gold",
    "prediction",
    "score",
    "tp",
    "fp",
    "fn",
    "n_words",
    "n_subwords",
    "feats",
    "text",
)
"""Columns of items.parquet. `score` in [0, 1] is the main metric; tp/fp/fn for F1 of spans.

`gold` and `prediction` are a label, tags or ids with spaces, or an answer; the gold answers of a
question are a JSON list, so that nothing in them can be taken for a separator.
"""

SWEEP_COLUMNS = ("split", "lang", "layer", "pooling", "centred", "metric", "value")
"""Columns of sweep.parquet: a retrieval cell read from every layer (0 = embeddings). `value` is in
points. A metric ends in `_sampled` where a side was too large to keep all its sentences."""

MORPHOLOGY_COLUMNS = (
    "schema",
    "lang",
    "measure",
    "value",
    "words",
    "text",
    "parallel",
    "tokenizer",
    "note",
)
"""`value` is empty where a measure has none, and `note` then says why; `words` were measured;
`parallel` is `no` where the text says other things in other languages."""
MORPHOLOGY_MEASURES = (
    "fertility",
    "continued_words",
    "premium",
    "mattr_500",
    "word_length",
    "types_per_lemma",
)


def score_key(split: str, lang: str, metric: str) -> str:
    """MLflow metric of one language: `test/fin/f1`, `test/fin/n`. Scores are 0 to 100."""
    return f"{split}/{lang}/{metric}"


def parse_score_key(key: str) -> tuple[str, str, str] | None:
    """(split, language, metric) of a metric key, or None for any other metric."""
    parts = key.split("/")
    if len(parts) != 3 or parts[0] not in {"dev", "test"}:
        return None
    return parts[0], parts[1], parts[2]
