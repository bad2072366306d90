"""XTREME's submission layout: the folder of each task, its languages and groups.

`<task>/test-<lg>.tsv|json`, in which `<lg>` is the ISO 639-1 code of a language.
"""

from __future__ import annotations

from training.catalogue import TASKS
from training.catalogue.languages import LANGUAGES
from training.spec.task import Task

RENAMED = {"bucc": "bucc2018"}
"""Our name of a task -> its folder, where they differ."""
FOLDERS: dict[str, Task] = {
    RENAMED.get(task.name, task.name): task
    for task in TASKS.values()
    if task.benchmark == "xtreme" and task.group
}
"""Folder -> task, the nine of the official average."""
GROUPS: dict[str, tuple[str, ...]] = {
    group: tuple(folder for folder, task in FOLDERS.items() if task.group == group)
    for group in dict.fromkeys(task.group for task in FOLDERS.values())
}
"""Group -> its folders."""


def file_name(task: Task, lang: str) -> str:
    """The file of a language (ISO 639-3): `test-fi.tsv`, answers in `test-fi.json`."""
    suffix = "json" if task.family == "span" else "tsv"
    return f"test-{LANGUAGES[lang].short or lang}.{suffix}"
