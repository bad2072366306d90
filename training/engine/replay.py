"""What of the store a server was not sent, as far as the store knows."""

from __future__ import annotations

import json
from typing import Any

from training.engine.ownership import held, lock_of, owned
from training.engine.records import measured
from training.engine.store import CURVE, DOCUMENT, Store, write_json
from training.engine.studies import overall, study_id
from training.engine.tracking import address

SENT = "sent.json"
"""Beside a finished record, written after the server had all of it: which server, which run."""


def mark(store: Store, id: str, server: str, run: str) -> None:
    """Note that a server has all of a finished record."""
    write_json(store.path(id) / SENT, {"server": server, "run": run})


def marked(store: Store, id: str) -> str:
    """The server that has a record; empty: none, as far as is known."""
    try:
        return str(json.loads((store.path(id) / SENT).read_text())["server"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def unsent(store: Store, server: str, everything: bool = False) -> list[str]:
    """Finished ids that a server was not sent; `server` may be the address alone."""
    return [
        id
        for id in store.finished()
        if everything or not f"{marked(store, id)}/".startswith(f"{server}/")
    ]


def unfinished(store: Store) -> dict[str, str]:
    """Trainings that have a curve, are not done, and that nobody is at: id -> state."""
    found = {}
    for log in sorted(store.runs.glob(f"*/{CURVE}")):
        id = log.parent.name
        begun = (log.parent / DOCUMENT).exists() and not store.done(id) and not measured(id)
        if begun and not owned(store, id):
            found[id] = "failed" if store.failed(id) else "interrupted"
    return found


def unpublished(store: Store, uri: str) -> list[str]:
    """Finished ids that the server of an address was not sent, as far as can be told unasked."""
    return unsent(store, address(uri))


def settled(store: Store, plan: dict[str, Any], state: dict[str, str]) -> dict[str, str]:
    """A study's state as it is, where the study was killed and could not say so itself."""
    if overall(state.values()) != "running" or held(lock_of(store, study_id(plan))):
        return state
    return {id: word if word == "not run" else now(store, id) for id, word in state.items()}


def now(store: Store, id: str) -> str:
    """What the store says of a job that nobody carries out."""
    return "done" if store.done(id) else "failed" if store.failed(id) else "interrupted"
