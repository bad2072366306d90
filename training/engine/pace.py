"""How far a training is and how fast it goes, off its curve, which another process writes."""

from __future__ import annotations

import json
import os
from typing import Any

from training.engine.jobs import Job
from training.engine.store import CURVE, DOCUMENT, Store, read_json

TAIL = 16384
"""Bytes of a curve that are read: enough for the pace of the last lines."""


def pace(job: Job, store: Store, running: bool) -> dict[str, Any]:
    """How far a training is, and how long it takes at the pace of its last lines."""
    lines = curve(store.path(job.id) / CURVE)
    steps = total(job, store)
    told: dict[str, Any] = {"step": lines[-1]["step"] if lines else 0, "steps": steps}
    if running and steps and len(lines) > 1:
        first, last = lines[0], lines[-1]
        seconds = (last["time"] - first["time"]) / max(1, last["step"] - first["step"])
        told["seconds_left"] = round(max(0.0, seconds * (steps - last["step"])), 1)
    return told


def curve(path: Any) -> list[dict[str, Any]]:
    """The last whole lines of a curve that may be growing."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - TAIL))
            text = log.read()
    except OSError:
        return []
    found = []
    for line in text[: text.rfind(b"\n") + 1].splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # the first one, cut off
            continue
    return [one for one in found if {"step", "time"} <= set(one)][-10:]


def total(job: Job, store: Store) -> int | None:
    """Steps of a training: it writes them down when it starts."""
    try:
        told = read_json(store.path(job.id) / DOCUMENT).get("steps")
    except (OSError, ValueError):
        told = None
    return told or (job.document.get("recipe") or {}).get("steps") or None


def share(job: Job, store: Store) -> float:
    """The part of a running training that is behind it, 0 to 1; 0 where it has not told yet."""
    told = pace(job, store, running=False)
    return min(1.0, told["step"] / told["steps"]) if told["steps"] else 0.0
