"""Where data come from, as one string: what stands in `Run.source` and `Evaluation.source`.

    files                                        one source: files, hub or a miniature
    files,hub,miniature/seed=13/sentences=400    several, tried in this order
    ccg:files;mnli:hub,files                     by task: a mixture whose members differ

The string enters identities, so equal wishes have equal strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS = ("miniature", "files", "hub")
USUAL_WORLD = "miniature/seed=13/sentences=4000"
"""The miniature where none is named."""
_MINIATURE = re.compile(r"miniature/seed=(\d+)/sentences=(\d+)")
_FOR_TASK = re.compile(r"([\w-]+):(.+)")


def world(source: str) -> tuple[int, int] | None:
    """(seed, sentences) of one miniature; None for anything else."""
    found = _MINIATURE.fullmatch(source)
    return (int(found[1]), int(found[2])) if found else None


def known(source: str) -> bool:
    """Whether this names one source."""
    return source in ("files", "hub") or world(source) is not None


def by_task(told: Mapping[str, str]) -> str:
    """The string for tasks (name -> source): one for all where they agree, else by task."""
    distinct = set(told.values())
    if len(distinct) == 1:
        return distinct.pop()
    return ";".join(f"{task}:{source}" for task, source in sorted(told.items()))


def tried(source: str, task: str) -> tuple[str, ...]:
    """The sources that a task's data are looked for in, in this order.

    Raises LookupError for a task that a string by task does not tell of.
    """
    parts = [_FOR_TASK.fullmatch(part) for part in source.split(";")]
    named = {part[1]: part[2] for part in parts if part}
    if not named:
        return tuple(source.split(","))
    if task not in named:
        raise LookupError(f"the source {source!r} tells nothing of {task}")
    return tuple(named[task].split(","))


def every(source: str) -> tuple[str, ...]:
    """All single sources that a string names, whichever the task, none of them twice."""
    parts = (part.partition(":")[2] or part for part in source.split(";"))
    return tuple(dict.fromkeys(one for part in parts for one in part.split(",")))


def artificial(source: str) -> bool:
    """Whether nothing but miniatures is named."""
    return all(world(one) is not None for one in every(source))
