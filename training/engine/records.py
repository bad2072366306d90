"""What of the store MLflow is told: names, tags, parameters, points, data sets. Pure reading.

A point's time comes from the run's own log, so a point that is sent again is the same point.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from training.catalogue import settings
from training.engine.store import CURVE, DOCUMENT, SCORES, SWEEP, read_json
from training.spec import record

SYSTEM = "system.jsonl"
"""Load of the machine while a training ran, beside its curve."""
LOGS = (CURVE, SYSTEM)
MACHINE = "system/"
"""How the names of what `system.jsonl` holds begin: another machine, another value."""
ARTIFACTS = (DOCUMENT, SCORES, SWEEP)
LONGEST = 6000
"""Characters that MLflow keeps of a parameter; the whole is in `run.json`, an artifact."""
DIGEST = 36
"""Characters that MLflow keeps of a data set's digest."""
SHARED = 0.5
"""A curve of which more than this share differs is another attempt's, not a resumed one's."""

TAGS_OF_TRAINING = {
    record.PHASE: "phase",
    record.SCALE: "scale",
    record.TASK: "task",
    record.SEED: "seed",
    record.PARENT: "parent",
    record.SOURCE: "source",
    record.HEALTH: "health",
}
TAGS_OF_EVALUATION = {
    record.RUN: "run",
    record.SCALE: "scale",
    record.TARGET: "target",
    record.SOURCE: "source",
    record.INTERMEDIATE: "intermediate",
    record.INTERMEDIATE_SEED: "intermediate_seed",
    record.TARGET_SEED: "target_seed",
    record.MLM: "mlm",
    record.HEALTH: "health",
}


class Point(NamedTuple):
    """One value of a curve; `time` in milliseconds since 1970. Arguments of mlflow's Metric."""

    key: str
    value: float
    time: int
    step: int


def measured(id: str) -> bool:
    """Whether an id is an evaluation's."""
    return id.startswith("evaluation-")


def tags_of(document: dict[str, Any], state: str) -> dict[str, str]:
    """Tags of a training or an evaluation."""
    told = evaluation_tags(document) if measured(document["id"]) else training_tags(document)
    return told | {record.STATE: state}


def training_tags(document: dict[str, Any]) -> dict[str, str]:
    told = {tag: text(document.get(key)) for tag, key in TAGS_OF_TRAINING.items()}
    if document.get("phase") == "intermediate":
        told[record.SETTING] = settings.kind(document["task"])
    return told | shared_tags(document, "training", record.RUN_SCHEMA)


def evaluation_tags(document: dict[str, Any]) -> dict[str, str]:
    told = {tag: text(document.get(key)) for tag, key in TAGS_OF_EVALUATION.items()}
    reuses = str(bool(document.get("reuses"))).lower()
    more = {record.REUSES: reuses, record.SETTINGS: json.dumps(document.get("settings", {}))}
    if document.get("intermediate"):
        more[record.SETTING] = settings.kind(document["intermediate"])
    return told | more | shared_tags(document, "evaluation", record.SCORES_SCHEMA)


def shared_tags(document: dict[str, Any], kind: str, schema: str) -> dict[str, str]:
    commit = document.get("provenance", {}).get("commit")
    return {
        record.KIND: kind,
        record.ID: document["id"],
        record.SCHEMA: schema,
        record.COMMIT: text(commit),
    }


def text(value: Any) -> str:
    """A tag's text; nothing is the empty string."""
    return "" if value is None else str(value)


def name_of(document: dict[str, Any]) -> str:
    """A name that a person can scan in MLflow's list."""
    if "target" in document:
        seeds = [document.get("intermediate_seed"), document.get("target_seed")]
        seed = next((one for one in seeds if one is not None), None)
        lead = (
            f"{document['target']} after {document.get('intermediate', '?')}, {document['scale']}"
        )
        return f"{lead}, seed {seed}" if seed is not None else lead
    return f"{document['phase']} {document['task']}, {document['scale']}, seed {document['seed']}"


def parameters(document: dict[str, Any]) -> dict[str, str]:
    """The recipe, or how a target is read; nested settings get dotted names, lists are JSON."""
    told = document.get("recipe") or {key: document[key] for key in ("layer", "pooling", "target")}
    return {key: shortened(value) for key, value in flat(told)}


def flat(told: Mapping[str, Any], lead: str = "") -> Iterator[tuple[str, str]]:
    for key, value in told.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{lead}{key}.")
        else:
            plain = isinstance(value, str | int | float) or value is None
            yield f"{lead}{key}", text(value) if plain else json.dumps(value, ensure_ascii=False)


def shortened(value: str) -> str:
    """As much as MLflow takes, saying where the rest is."""
    rest = f" ... {len(value)} characters in {DOCUMENT}"
    return value if len(value) <= LONGEST else value[: LONGEST - len(rest)] + rest


def points_of(path: Path, id: str) -> list[Point]:
    """Every point of a record, each (key, step) once: a resumed run tells its last steps again."""
    found: dict[tuple[str, int], Point] = {}
    for one in scores(path) if measured(id) else curves(path):
        found.setdefault((one.key, one.step), one)
    return list(found.values())


def scores(path: Path) -> Iterator[Point]:
    """The points of an evaluation."""
    stamp = int((path / SCORES).stat().st_mtime * 1000)
    for split, by_lang in read_json(path / SCORES)["scores"].items():
        for lang, metrics in by_lang.items():
            for metric, value in metrics.items():
                yield Point(record.score_key(split, lang, metric), value, stamp, 0)


def curves(path: Path) -> Iterator[Point]:
    """The points of a training's local logs."""
    for name in LOGS:
        if (path / name).exists():
            yield from points((path / name).read_bytes().splitlines())


def points(lines: Iterable[bytes]) -> Iterator[Point]:
    """Points of a log's lines; a line torn by a death is left out, its step is told again."""
    for line in lines:
        try:
            told = json.loads(line)
            step, time = int(told["step"]), int(told["time"] * 1000)
        except (ValueError, TypeError, KeyError):
            continue
        for key, value in told["metrics"].items():
            yield Point(key, float(value), time, step)


def datasets(document: dict[str, Any]) -> list[dict[str, str]]:
    """What was learnt from or measured on: one entry a task and split, as mlflow's Dataset has it.

    The digest of a split in one language is the one in `run.json`; of several, a hash of theirs.
    """
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for key, told in document.get("provenance", {}).get("data", {}).items():
        parts = key.split("/")  # task/split/lang, text, or task/split/lang/notes
        if len(parts) < 4:
            split = parts[1] if len(parts) > 1 else "train"
            groups.setdefault((parts[0], split), {})[parts[-1]] = told
    return [dataset(document, *group, told) for group, told in groups.items()]


def dataset(
    document: dict[str, Any], task: str, split: str, told: dict[str, str]
) -> dict[str, str]:
    parts = sorted(told.items())
    digest = parts[0][1].split(" ")[0]
    if len(parts) > 1 or task == "text":  # of text, only the source and the lines are known
        named = [document["source"], parts] if task == "text" else parts
        digest = hashlib.sha256(json.dumps(named).encode()).hexdigest()
    return {
        "name": f"{task}/{split}",
        "digest": digest[:DIGEST],
        "source": document["source"],
        "profile": json.dumps(dict(parts)),
        "context": split,
    }


def contradicts(had: dict[tuple[str, int], float], wanted: Iterable[Point], share: float) -> bool:
    """Whether more than a share of the points that both have differ."""
    both = [(had[one.key, one.step], one.value) for one in wanted if (one.key, one.step) in had]
    return sum(not same(*pair) for pair in both) > share * len(both)


def covers(had: dict[tuple[str, int], float], path: Path) -> bool:
    """Whether another store's points are those of a record, but for the load of the machine."""
    own = [one for one in points_of(path, path.name) if not one.key.startswith(MACHINE)]
    there = all((one.key, one.step) in had for one in own)
    return there and not contradicts(had, own, 0.0 if measured(path.name) else SHARED)


def same(there: float, here: float) -> bool:
    """Equal as MLflow keeps values: it turns an infinity into the largest float."""
    if math.isinf(here):
        return abs(there) > 1e308 and (there > 0) == (here > 0)
    return math.isclose(there, here, rel_tol=1e-9) or (math.isnan(there) and math.isnan(here))
