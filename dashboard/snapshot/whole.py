"""The snapshot as a whole: brought up to date with a server, or as it was left."""

from __future__ import annotations

from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from dashboard import shelf
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.joining import joined
from dashboard.place import masked, sqlite_path
from dashboard.snapshot.catalogue import languages, tasks
from dashboard.snapshot.connect import answering, source
from dashboard.snapshot.folding import MANY, Tables
from dashboard.snapshot.source import Say, Unreachable
from dashboard.snapshot.update import update


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
            with suppress(shelf.Spoilt):
                read, written = update(tracking_uri, server, directory, anew, say)
                stored = load(directory, before, written)
            if stored:
                break
    assert stored is not None
    return stored.retold(read=read)


def load(
    directory: Path, before: ScoreFrame | None = None, written: Tables | None = None
) -> ScoreFrame | None:
    """The last snapshot, without asking the server; None where there is none of this schema, or
    none that can be read.

    Of one that was loaded `before` is taken over what has not changed since; tables that were just
    `written` are not read back.
    """
    for _ in range(3):  # files may be replaced while they are read
        meta = shelf.meta(directory)
        if meta is None:
            return None
        if before and meta["files"] == before.files:
            return before.retold(taken=meta["taken"], server=meta["server"])
        with suppress(shelf.Spoilt):
            return found(directory, meta, before, written or {})
    return None


def found(
    directory: Path, meta: dict[str, Any], before: ScoreFrame | None, written: Tables
) -> ScoreFrame:
    """What the snapshot of this meta holds. Raises shelf.Spoilt."""
    later = {name: shelf.opened(directory, meta, name) for name, _ in meta[MANY].values()}
    many = {target: (meta["files"][name], later[name]) for target, (name, _) in meta[MANY].items()}
    frames = {
        name: written[name] if name in written else shelf.table(directory, meta, name)
        for name in meta["files"]
        if name not in later
    }
    named = (frames[name]["intermediate"].unique() for name in ("plan", "evaluations"))
    known = tasks({*chain.from_iterable(named)})
    return joined(frames, many, languages(), known, meta, before)
