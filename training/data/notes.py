"""What is worth knowing of data that were read: rows left out or mended, counts, comparability.

The notes stand in `run.json` beside the digests, and on one line a split of standard error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from training.catalogue.published import published
from training.data.sources import Loaded
from training.data.tables import Read
from training.families.examples import Bitext
from training.spec.task import Split, Task

SHOWN = 4
"""Languages that a line names."""
Part = tuple[str, Split, str]
"""Task, split, language."""


def notes(task: Task, split: Split, lang: str, loaded: Loaded) -> tuple[str, ...]:
    """What is worth knowing of one split in one language; nothing of the miniature's."""
    if loaded.where.startswith("miniature"):
        return ()
    read = loaded.read
    told = [f"{n} rows left out: {why}" for why, n in sorted(read.dropped.items())]
    told += [f"{n} mended: {why}" for why, n in sorted(read.repaired.items())]
    wanted, (kept, whole) = published(task.name, split, lang), counts(read)
    if wanted is not None and wanted not in (kept, whole):
        told.append(f"{whole} rows where {wanted} are published")
    if not read.original and (reason := incomparable(task, lang)):
        told.append(f"not comparable with {task.benchmark.upper()}: {reason}")
    return tuple(told)


def incomparable(task: Task, lang: str) -> str:
    """Why the hub's copy of a task differs from what the benchmark measured; empty: it does not."""
    return "; ".join(why for why, languages in task.hub_differs.items() if lang in languages)


def counts(read: Read) -> tuple[int, int]:
    """Rows that became examples, and these with the ones left out."""
    first = read.examples[0] if read.examples else None
    kept = len(first.foreign) if isinstance(first, Bitext) else len(read.examples)
    return kept, kept + sum(read.dropped.values())


def noted(task: Task, split: Split, lang: str, loaded: Loaded) -> dict[str, str]:
    """The notes for `run.json`, beside `task/split/lang` and its digest; empty: there are none."""
    told = notes(task, split, lang, loaded)
    return {f"{task.name}/{split}/{lang}/notes": "; ".join(told)} if told else {}


def lines(told: Mapping[Part, Iterable[str]]) -> list[str]:
    """One line for each split of a task that has notes."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for (task, split, lang), found in told.items():
        if one := "; ".join(found):
            grouped.setdefault((task, split), []).append(f"{lang} {one}")
    made = []
    for (name, part), each in grouped.items():
        rest = f" | {len(each) - SHOWN} more languages" if len(each) > SHOWN else ""
        made.append(f"note: {name} {part}: {' | '.join(each[:SHOWN])}{rest}")
    return made
