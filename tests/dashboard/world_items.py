"""The items and sweeps of made-up evaluations."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from mlflow.entities import Metric

from training.spec import record

if TYPE_CHECKING:
    from worlds import World

STEPS = 10
CASED = {"fin", "hun", "est", "tur", "rus"}
CASES = ("Nom", "Gen", "Ine", "Ela", "Ade")
FEWER = {"pawsx": ("eng", "deu", "cmn")}
"""Targets that lack languages, as PAWS-X does."""


def items(world: World, row: Mapping[str, Any], shift: float) -> pd.DataFrame:
    """Right and wrong answers whose mean is the score: repeatable, some languages better."""
    intermediate = row["intermediate"] or "none"
    seed = row["target_seed"] or row["intermediate_seed"] or 0
    languages = [one for one in world.languages if one in FEWER.get(row["target"], (one,))]
    frames = []
    for lang in languages:
        key = [zlib.crc32(text.encode()) for text in (row["target"], row["scale"], lang)]
        easy = np.random.default_rng(key).uniform(0.35, 0.75)
        told = [*key, zlib.crc32(intermediate.encode())]
        gain = 0.0 if intermediate == "none" else np.random.default_rng(told).normal(0.02, 0.07)
        rng = np.random.default_rng([*told, seed])
        for split in ("dev", "test"):
            chance = np.clip(easy + gain + rng.normal(0, 0.01) + shift, 0.02, 0.98)
            right = rng.random(world.items) < chance
            frames.append(texts(row["target"], lang, split, world.items).assign(score=right * 1.0))
    told = pd.concat(frames, ignore_index=True)
    other = {"yes": "no", "no": "yes"}
    told["prediction"] = told["gold"].where(told["score"].eq(1), told["gold"].map(other))
    return told.reindex(columns=list(record.ITEM_COLUMNS))


@cache
def texts(target: str, lang: str, split: str, count: int) -> pd.DataFrame:
    """The items of a test set, the same for every model: words, sub-words, and features of those
    languages that have cases. Made once: nothing may write into it."""
    rng = np.random.default_rng(zlib.crc32(f"{target}/{lang}/{split}".encode()))
    rows = []
    for i in range(count):
        words = int(rng.integers(3, 9))
        cases = [str(rng.choice(CASES)) for _ in range(words)]
        rows.append(
            {
                "item_id": f"{split}-{i}",
                "cluster_id": f"{split}-{i // 2}",
                "lang": lang,
                "split": split,
                "gold": ("no", "yes")[int(rng.integers(2))],
                "n_words": words,
                "n_subwords": words + int(rng.integers(0, 3 * words)),
                "feats": " ".join(f"Case={one}|Number=Sing" for one in cases)
                if lang in CASED
                else None,
                "text": f"{lang} {split} {i}: " + " ".join(f"sana{one.lower()}" for one in cases),
            }
        )
    return pd.DataFrame(rows).astype({"feats": "string"})


def sweep(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy by layer and pooling, best in the last layer, where it is the cell's own."""
    rows = [
        (split, lang, layer, pooling, centred, "accuracy", 100 * score * (layer + 1) / 3 * share)
        for (split, lang), score in table.groupby(["split", "lang"])["score"].mean().items()
        for layer in range(3)
        for pooling, share in (("mean", 1.0), ("cls", 0.5))
        for centred in (False, True)
    ]
    return pd.DataFrame(rows, columns=list(record.SWEEP_COLUMNS))


def curve(one: Mapping[str, Any]) -> list[Metric]:
    """A loss that falls, by its own path, and how fast it was."""
    rng = np.random.default_rng(zlib.crc32(one["id"].encode()))
    began = int(time.time() * 1000)
    points = []
    for step in range(1, STEPS + 1):
        loss = 0.3 + 0.7 * float(np.exp(-step / 4)) + float(rng.normal(0, 0.02))
        points.append(Metric("train/loss", loss, began + step, step))
        points.append(Metric(record.PACE, 1000.0 + step, began + step, step))
    return [*points, Metric("dev/eng/accuracy", 60.0, began + STEPS, STEPS)]
