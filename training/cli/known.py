"""What the catalogue knows, as data and as pages of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from training.catalogue.settings import FORMS
from training.catalogue.sizes import sizes
from training.plan.show import WIDTH
from training.spec.source import USUAL_WORLD
from training.spec.task import Split, Task

SPLITS: tuple[Split, ...] = ("test", "dev", "train")
FIRST = ("fin", "hun", "eng")
"""Languages that a sample is shown in, if there is a choice."""
WORLD = USUAL_WORLD
KINDS = ("text", "intermediate", "mixture", "control", "XTREME target", "target beyond XTREME")


def kind(task: Task) -> str:
    """One of KINDS: where a task stands in a study."""
    if task.family == "text":
        return "text"
    if task.members:
        return "mixture"
    if task.benchmark == "control":
        return "control"
    if "target" in task.roles:
        return "XTREME target" if averaged(task) else "target beyond XTREME"
    return "intermediate"


def averaged(task: Task) -> bool:
    """Whether a task enters XTREME's average."""
    return bool(task.group) and task.benchmark == "xtreme"


def origins(task: Task) -> list[str]:
    """The sources that Silta can read a task from."""
    from training.catalogue import TASKS, origin
    from training.data.files import LAYOUTS
    from training.miniature import tasks

    if task.made_from:
        return origins(origin(task))
    if task.members:
        return [one for one in ("hub", "files", "miniature") if one in _shared(TASKS, task)]
    there = {
        "hub": bool(task.hub),
        "files": task.name in LAYOUTS or bool(task.hub) or task.family == "text",
        "miniature": task.name in tasks.TASKS or task.family == "text",
    }
    return [one for one, has in there.items() if has]


def _shared(known: dict[str, Task], task: Task) -> set[str]:
    return set.intersection(*(set(origins(known[one])) for one in task.members))


def told(task: Task) -> dict[str, Any]:
    """One task of `tasks --json`; sizes are published rows by split and language."""
    return {
        "name": task.name,
        "title": task.title,
        "kind": kind(task),
        "family": task.family,
        "roles": list(task.roles),
        "languages": list(task.languages),
        "sizes": {split: found for split in reversed(SPLITS) if (found := sizes(task.name, split))},
        "licence": task.licence,
        "redistribute": task.redistribute,
        "sources": origins(task),
        "hub": [{"id": one.id, "config": one.config, "splits": one.splits} for one in task.hub],
        "files": task.files,
        "xtreme_average": averaged(task),
        "benchmark": task.benchmark,
        "group": task.group,
        "metrics": list(task.metrics),
        "trains_on": task.trains_on,
        "members": list(task.members),
        "made_from": task.made_from,
    }


def page(listed: Iterable[dict[str, Any]]) -> str:
    """All tasks by kind: languages, rows, sources, XTREME average, licence."""
    found = list(listed)
    lines = []
    for one_kind in KINDS:
        of_kind = [one for one in found if one["kind"] == one_kind]
        if one_kind == "control":
            lines += ["control", "  none           nothing is trained in between: the baseline"]
        elif of_kind:
            lines.append(one_kind)
        for one in of_kind:
            lines += _row(one)
        if of_kind or one_kind == "control":
            lines.append("")
    lines += ["settings of an intermediate", *(_form(*told) for told in FORMS), ""]
    notes = "rows are those published: train in English, test in all languages together"
    return "\n".join([*lines, f"{notes};", "`silta tasks NAME` shows one with a row of its data"])


def _form(example: str, meaning: str) -> str:
    return "\n".join(wrap(f"  {example:14} {meaning}", WIDTH, subsequent_indent=" " * 17))


def _row(one: dict[str, Any]) -> Iterator[str]:
    count = len(one["languages"])
    rows = "  ".join(
        f"{split} {sum(one['sizes'][split].values()):,}"
        for split in ("train", "test")
        if split in one["sizes"]
    )
    where = "+".join(one["sources"])
    unknown = "any size" if one["family"] == "text" else "rows not published"
    average = "in the XTREME average" if one["xtreme_average"] else "not averaged"
    named = "1 language" if count == 1 else f"{count} languages"
    yield f"  {one['name']:14} {named:12} {rows or unknown:26} {where}"
    text = "" if one["redistribute"] else "; text is not passed on"
    yield from (
        f"{' ' * 17}{line}" for line in wrap(f"{average}; {one['licence']}{text}", WIDTH - 17)
    )


def one(shown: dict[str, Any]) -> str:
    """One task in full, with its sample."""
    lines = [f"{shown['name']}: {shown['title']}, {shown['kind']} ({shown['family']})", ""]
    for split, found in shown["sizes"].items():
        each = ", ".join(f"{lang} {rows:,}" for lang, rows in found.items())
        same = len(found) > 1 and len(set(found.values())) == 1
        lines += _field(split, f"{next(iter(found.values())):,} rows each" if same else each)
    hubs = [f"{hub['id']} {hub['config']}".strip() for hub in shown["hub"]]
    fields = {
        "languages": ", ".join(shown["languages"]),
        "metrics": ", ".join(shown["metrics"]),
        "learns from": shown["trains_on"] or ", ".join(shown["members"]),
        "made from": shown["made_from"],
        "sources": ", ".join(shown["sources"]),
        "hub": ", ".join(hubs),
        "files": f"--data/{shown['files']}" if shown["files"] else "",
        "licence": shown["licence"] + ("" if shown["redistribute"] else "; text is not passed on"),
        "benchmark": shown["benchmark"] if shown["kind"].startswith("target") else "",
        "XTREME average": "yes" if shown["xtreme_average"] else "no",
    }
    lines += [line for name, value in fields.items() if value for line in _field(name, value)]
    sample = shown["sample"]
    if not sample:
        return "\n".join([*lines, "", "no sample: none of its sources is here; name --data"])
    lines += ["", f"a row of {sample['split']} in {sample['language']} from {sample['where']}"]
    return "\n".join([*lines, *(x for k, v in sample["row"].items() for x in _field(k, _short(v)))])


def _field(name: str, value: str) -> list[str]:
    lines = wrap(value, WIDTH - 19) or [""]
    return [f"  {name[:16]:16} {lines[0]}", *(f"{' ' * 19}{line}" for line in lines[1:])]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 300 else f"{text[:297]}..."


def sample(task: Task, data: Path | None, cache: Path) -> dict[str, Any] | None:
    """The first row of a task in whichever source is here.

    Of a mixture it is its first member's, of a synthetic task that of the texts it is made from.
    """
    from training.catalogue import TASKS, origin
    from training.data import sources
    from training.data.errors import MissingData, gathered
    from training.data.origin import faults

    if task.members or task.made_from:
        first = TASKS[task.members[0]] if task.members else origin(task)
        return sample(first, data, cache)
    source = f"files,hub,{WORLD}" if data else f"hub,{WORLD}"
    for split in SPLITS:
        there = sources.languages(task, split, source, data, cache)
        for lang in sorted(there, key=lambda code: FIRST.index(code) if code in FIRST else 9)[:3]:
            try:
                used, (rows, where, _) = sources.published(task, split, lang, source, data, cache)
            except MissingData:
                continue
            if wrong := faults(rows):
                raise gathered(wrong)
            if rows:
                told = {"split": split, "language": lang, "source": used, "where": where}
                return told | {"row": dict(rows[0])}
    return None
