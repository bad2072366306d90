"""`silta score`: folders in XTREME's submission layout -> scores, as its `evaluate.py` has them.

What the official script stops at is an error here, with the file and what was expected; what it
passes over in silence is followed, counted and told as a warning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.catalogue.names import suggestion
from training.catalogue.xtreme import FOLDERS, GROUPS, file_name
from training.data import submission
from training.data.errors import DataError, MissingData
from training.engine.comparing import compared
from training.families import official, squad2
from training.spec import record
from training.spec.task import Task

MANIFEST = "silta.json"
"""Beside the task folders of an export: which languages it holds, and where they come from."""
SHOWN = 20


@dataclass
class Scoring:
    """Two folders, and what was noticed about them."""

    predictions: Path
    labels: Path
    partial: bool = False
    warnings: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Scores in points by task and language (ISO 639-3), group and overall: `score --json`.

        Raises MissingData for absent files, DataError for what the official script stops at.
        """
        exported = manifest(self.labels)
        tasks = {
            folder: self.task(folder, FOLDERS[folder], exported.get(folder, {}))
            for folder in self.folders()
        }
        scores = {folder: told["score"] for folder, told in tasks.items()}
        return {
            "schema": record.XTREME_SCORE_SCHEMA,
            "tasks": tasks,
            "groups": official.group_scores(scores, GROUPS),
            "overall": official.overall(scores, FOLDERS),
            "official": all(told["official"] for told in tasks.values()),
            "warnings": self.warnings,
        }

    def folders(self) -> list[str]:
        """Task folders that both sides have. Raises MissingData where there is none."""
        said, gold = (_folders(side) for side in (self.predictions, self.labels))
        for name in sorted(said | gold):
            if name not in FOLDERS:
                self.warnings.append(
                    f"folder {name!r} is none of XTREME's and is passed over"
                    + suggestion(name, FOLDERS)
                )
            elif name not in said & gold:
                lacking = self.predictions if name in gold else self.labels
                self.warnings.append(f"{name} is passed over: {lacking} has no folder of it")
        both = [name for name in FOLDERS if name in said & gold]
        if not both:
            raise MissingData(
                "a task folder",
                f"{', '.join(FOLDERS)} in both {self.predictions} and {self.labels}",
                "name the folders that hold the task folders",
            )
        return both

    def task(self, folder: str, task: Task, exported: dict[str, Any]) -> dict[str, Any]:
        """Scores of one task in XTREME's languages, or in those of our export."""
        chosen = exported.get("languages") or [one for one in LANGUAGES if one in task.languages]
        self.warnings += [f"{folder}: {note}" for note in exported.get("notes", ())]
        if self.partial:
            chosen = list(self.present(folder, task))
        self.demand(folder, task, chosen)
        languages = {
            lang: compared(
                task,
                lang,
                self.predictions / folder / file_name(task, lang),
                self.labels / folder / file_name(task, lang),
                self.warnings,
            )
            for lang in chosen
        }
        means = official.means(languages)
        told: dict[str, Any] = {
            "languages": languages,
            "codes": {lang: LANGUAGES[lang].short for lang in languages},
            "metric": task.metric,
            "means": means,
            "score": means[task.metric],
            "official": set(languages) == set(task.languages),
        }
        others = {lang: row for lang, row in languages.items() if lang != "eng"}
        if others and len(others) < len(languages):
            told["score_without_english"] = official.means(others)[task.metric]
        return told

    def present(self, folder: str, task: Task) -> Iterator[str]:
        """Languages of which both sides have the file."""
        for lang in LANGUAGES:
            name = file_name(task, lang)
            there = [(side / folder / name).is_file() for side in (self.predictions, self.labels)]
            if all(there):
                yield lang
            elif any(there):
                self.warnings.append(f"{folder}/{name} is on one side only and is passed over")

    def demand(self, folder: str, task: Task, chosen: list[str]) -> None:
        """Every language's file on both sides, or MissingData; files beyond them are told."""
        names = [file_name(task, lang) for lang in chosen]
        sides = (self.predictions, self.labels)
        paths = [side / folder / name for side in sides for name in names]
        missing = [str(path) for path in paths if not path.is_file()]
        if missing or not chosen:
            some = ", ".join(missing[:SHOWN]) + (" ..." if len(missing) > SHOWN else "")
            raise MissingData(
                f"{len(missing)} of {len(paths)} files of {folder}",
                some or f"test-<language> in {folder} of both folders",
                "the official score needs every language: --partial scores those that are there",
            )
        for path in sorted((self.predictions / folder).iterdir()):
            if path.name not in names and not self.partial:
                self.warnings.append(f"{path} is passed over: {folder} is not scored in it")


def _folders(side: Path) -> set[str]:
    if not side.is_dir():
        raise MissingData(
            "the folder of tasks", str(side), "it holds a folder for each, such as xnli"
        )
    return {path.name for path in side.iterdir() if path.is_dir()}


def manifest(labels: Path) -> dict[str, dict[str, Any]]:
    """Folder -> `languages` and `notes`, if our export wrote the labels; else empty.

    Raises DataError for a file that says something else.
    """
    path = labels / MANIFEST
    if not path.exists():
        return {}
    try:
        told: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        unknown = [
            lang for one in told.values() for lang in one["languages"] if lang not in LANGUAGES
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            str(path), None, f"no manifest of an export ({error!r})", "export again, or remove it"
        ) from None
    if unknown:
        raise DataError(
            str(path), None, f"{unknown[0]!r} is no language", "ISO 639-3 codes are expected"
        )
    return told


def squad2_numbers(
    data: Path, predictions: Path, silence: Path | None, limit: float, warnings: list[str]
) -> dict[str, float]:
    """What SQuAD 2.0's official script prints. Raises MissingData or DataError."""
    gold, said = submission.questions(data), submission.answers(predictions)
    if not gold:
        raise DataError(str(data), None, "no question in it", "name a SQuAD 2.0 file")
    asked = {one.id for one in gold}
    for id in asked & said.keys():
        if not isinstance(said[id], str):
            raise DataError(str(predictions), None, f"answer of {id!r} is {said[id]!r}", "a text")
    lacking = [one.id for one in gold if one.id not in said]
    if lacking:
        warnings.append(
            f"{len(lacking)} of {len(gold)} questions have no prediction and are left out of every "
            f"total, for instance {lacking[0]!r}; the official script names them, then stops with "
            "a KeyError and prints no score"
        )
    told = None if silence is None else probabilities(silence, asked & said.keys())
    try:
        return squad2.evaluation(gold, said, told, limit)
    except ValueError as error:
        raise DataError(str(predictions), None, str(error), f"questions are in {data}") from None


def probabilities(path: Path, ids: set[str]) -> dict[str, float]:
    """No-answer probabilities by question; raises DataError where one of `ids` has none."""
    told = submission.answers(path)
    bare = [id for id in sorted(ids) if id not in told]
    if bare:
        raise DataError(
            str(path), None, f"{len(bare)} predicted questions are missing", f"such as {bare[0]!r}"
        )
    for id, value in told.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(str(path), None, f"{id!r} has {value!r}", "a number is expected")
    return told
