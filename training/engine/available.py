"""Whether what a plan learns from and is measured on is there and readable, before it starts.

Original files are read whole: a broken row is found now and not hours later. Of a hub data set one
language is fetched, which tells whether it can be had at all; the miniature is always there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from training import catalogue
from training.catalogue.languages import LANGUAGES
from training.catalogue.settings import setting
from training.data import corpora, notes, sources
from training.data.errors import MissingData
from training.data.sources import languages, rows
from training.data.translated import translated
from training.engine import weights
from training.engine.runtime import Runtime
from training.plan.errors import MatrixError
from training.plan.recipes import TEXT
from training.spec.evaluation import Evaluation
from training.spec.run import Run
from training.spec.setting import ENGLISH
from training.spec.setting import Part as TaskPart
from training.spec.source import tried
from training.spec.task import Split, Task

MEASURED: tuple[Split, ...] = ("dev", "test")
Part = tuple[str, Split, str, str]
"""Task, split, language and source."""


def check(runs: Iterable[Run], evaluations: Iterable[Evaluation], runtime: Runtime) -> None:
    """Raises MissingData or DataError for the first thing that is missing or broken."""
    trainings, parts = list(runs), dict[Part, None]()
    tuned = [run for run in trainings if run.phase == "intermediate"]
    for run in trainings:
        if run.phase == "mlm":
            text(run, runtime)
        else:
            parts |= dict.fromkeys(learnt(run, runtime))
    alike = {(one.task, one.source, one.recipe.corpus, one.recipe.languages): one for one in tuned}
    for run in alike.values():  # seeds and scales share translations and text: read once
        beside(run, runtime)
    for evaluation in evaluations:
        parts |= dict.fromkeys(measured(evaluation, runtime))
    read(parts, runtime)
    for run in trainings:
        weights.of_run(run, runtime)


def read(parts: Iterable[Part], runtime: Runtime) -> None:
    """Original files whole, of each split on the hub one language; says what is worth knowing."""
    seen: set[tuple[str, Split]] = set()
    told: dict[notes.Part, tuple[str, ...]] = {}
    for name, split, lang, source in parts:
        task, where = catalogue.task(name), (source, runtime.data, runtime.cache)
        first = sources.chosen(task, *where)[0]
        if first == "files" or (first == "hub" and (name, split) not in seen):
            loaded = rows(task, split, lang, *where)
            told[name, split, lang] = notes.notes(task, split, lang, loaded)
        seen.add((name, split))
    for line in notes.lines(told):
        print(line, file=sys.stderr, flush=True)


def text(run: Run, runtime: Runtime) -> None:
    """The text of a phase-1 run, and how long it is to be read."""
    if not run.recipe.steps:
        raise MatrixError(
            f"phase 1 at {run.scale}: it counts steps, not epochs; set recipe.steps (in a matrix "
            "`mlm: {steps: 1000}`)"
        )
    corpus(run, runtime)


def corpus(run: Run, runtime: Runtime) -> None:
    """The text of MLM in any phase."""
    named = run.recipe.corpus
    made = None if named else world_of_text(run.source, runtime)
    there = runtime.data is not None and (named or "files" in tried(run.source, TEXT))
    if made is None and not there:
        raise no_text()
    if made is not None:
        from training.miniature.languages import CODES

        absent = [lang for lang in run.recipe.languages if lang not in CODES]
        if absent:
            raise MissingData(
                f"text in {', '.join(absent)}", "the miniature world", f"it has {', '.join(CODES)}"
            )
    elif runtime.data is not None and named:
        corpora.named(named, run.recipe.languages, runtime.data)
    elif runtime.data is not None:
        corpora.text(run.recipe.languages or corpora.languages(runtime.data), runtime.data)


def no_text() -> MissingData:
    """What to say where text for MLM would be read from files."""
    return MissingData("text for MLM", "--data, which was not given", "name it with --data")


def world_of_text(source: str, runtime: Runtime) -> tuple[int, int] | None:
    """(seed, sentences) where the text of phase 1 is a miniature's; None: original files."""
    return sources.artificial(catalogue.task(TEXT), source, runtime.data, runtime.cache)


def learnt(run: Run, runtime: Runtime) -> Iterator[Part]:
    """English train and dev of a run's task, or of all that its setting holds."""
    for part in parts_of(run):
        task = catalogue.origin(catalogue.task(part.task))
        if part.lang == ENGLISH:
            yield task.name, "train", "eng", run.source
        if "eng" in languages(task, "dev", run.source, runtime.data, runtime.cache):
            yield task.name, "dev", "eng", run.source


def parts_of(run: Run) -> tuple[TaskPart, ...]:
    """The tasks that a run learns from, or whose length MLM takes."""
    if run.phase != "intermediate":
        return (TaskPart(run.task),)
    one = setting(run.task)
    return setting(one.matched).parts if one.matched else one.parts


def beside(run: Run, runtime: Runtime) -> None:
    """What a setting needs beyond tasks in English: translations, and text for MLM."""
    translations(run, runtime)
    if setting(run.task).mlm:
        corpus(run, runtime)


def translations(run: Run, runtime: Runtime, name: str = "") -> None:
    """The translated training data of a setting, of one data set if named."""
    for part in setting(run.task).parts if run.phase == "intermediate" else ():
        if part.lang != ENGLISH and name in ("", part.task):
            where = (run.source, runtime.data, runtime.cache)
            translated(catalogue.task(part.task), "train", part.lang, *where)


def measured(evaluation: Evaluation, runtime: Runtime) -> Iterator[Part]:
    """Dev and test of a target in every language that is asked for.

    Raises MissingData where a language that is published and was named has neither.
    """
    task = catalogue.task(evaluation.target)
    where = (evaluation.source, runtime.data, runtime.cache)
    found = {split: languages(task, split, *where) for split in MEASURED}
    there = {lang for langs in found.values() for lang in langs}
    missing = absent(task, evaluation, there, sources.artificial(task, *where) is not None)
    if missing:
        why = lacking(task, missing[0], *where)
        raise MissingData(
            f"{task.title} in {', '.join(LANGUAGES[lang].name for lang in missing)}",
            why.looked if why else f"{evaluation.source}, data {runtime.data or 'not given'}",
            f"there is: {', '.join(sorted(there)) or 'nothing'}; change languages, or "
            + (why.todo if why else "give --data"),
            why.fetch if why else (),
        )
    for split, langs in found.items():
        for lang in langs:
            if not evaluation.languages or lang in evaluation.languages:
                yield task.name, split, lang, evaluation.source


def lacking(
    task: Task, lang: str, source: str, data: Path | None, cache: Path | None
) -> MissingData | None:
    """Where the test data of a language were looked for, and what fetches them."""
    try:
        sources.published(task, "test", lang, source, data, cache)
    except MissingData as why:
        return why
    return None


def absent(task: Task, evaluation: Evaluation, there: set[str], world: bool) -> list[str]:
    """Languages that would be missed: named ones of the target, or all where none is there."""
    asked = evaluation.languages
    if not there & set(asked or there):
        return list(asked or task.languages)
    own = {lang for lang in asked if lang != "eng"} if world else set(task.languages)
    return [lang for lang in asked if lang in own and lang not in there]
