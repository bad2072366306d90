"""The snapshot as a whole: brought up to date with a server, or as it was left."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from dashboard import shelf
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.joining import joined
from dashboard.place import masked, sqlite_path
from dashboard.snapshot.catalogue import languages, tasks
from dashboard.snapshot.connect import answering, source
from dashboard.snapshot.source import Say, Unreachable
from dashboard.snapshot.update import Spoilt, update


def silent(read: int, total: int | None) -> None:
    """Progress that nobody wants to hear."""


def snapshot(
    tracking_uri: str,
    directory: Path,
    full: bool = False,
    say: Say = silent,
    before: ScoreFrame | None = None,
) -> ScoreFrame:
    """Bring `directory` up to date with the server and return what it holds.

    Reads evaluations that ended since the last known, trainings that ended or are under way, all
    studies, and which runs were deleted. A rebuilt server, a changed schema, `full`, or a record
    called done that nobody has seen lead to a full reading; `say` hears how far it is; `before` is
    what was read last, if that is at hand. One process
    or thread at a time does this to a directory. Raises Unreachable; the last snapshot then stays
    as it was.
    """
    path = sqlite_path(tracking_uri)
    if path is not None and not path.exists():
        if shelf.meta(directory):
            raise Unreachable(f"There is no database at {path} any more.")
        return ScoreFrame(server=masked(tracking_uri))
    with answering(tracking_uri), shelf.alone(directory), closing(source(tracking_uri)) as server:
        read, stored = 0, None
        for anew in (full, True):  # what is built on may be spoilt, or what is left as it is
            with suppress(Spoilt):
                read = update(tracking_uri, server, directory, anew, say)
                stored = load(directory, before)
            if stored:
                break
    assert stored is not None
    return replace(stored, read=read)


def load(directory: Path, before: ScoreFrame | None = None) -> ScoreFrame | None:
    """The last snapshot, without asking the server; None where there is none of this schema.

    Of one that was loaded `before`, the scores are taken over where they have not changed.
    """
    had = {name: before.files.get(name, "") for name in SCORED} if before else {}
    meta = shelf.meta(directory)
    if meta is None:
        return None
    kept = before if before and all(meta["files"][name] == had[name] for name in SCORED) else None
    found = shelf.fetch(directory, had if kept else None)
    if found is None or (kept and any(found[0]["files"][name] != had[name] for name in SCORED)):
        return load(directory) if kept else None  # renewed between the two looks
    told, frames = found
    measured = kept.evaluations if kept else frames["evaluations"]
    known = tasks({*frames["plan"]["intermediate"], *measured["intermediate"]})
    return joined(frames, languages(), known, told, kept)


SCORED = ("evaluations", "values")
"""The tables that scores are joined from."""
