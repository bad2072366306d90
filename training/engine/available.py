"""Whether what a plan learns from and is measured on is there and readable, before it starts.

Original files are read whole: a broken row is found now and not hours later. Of a hub data set one
language is fetched, which tells whether it can be had at all; the miniature is always there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import training.miniature
from training import catalogue
from training.catalogue.languages import LANGUAGES
from training.data import corpora, notes
from training.data.errors import MissingData
from training.data.sources import languages, miniature, rows
from training.engine.runtime import Runtime
from training.plan.errors import MatrixError
from training.spec.evaluation import Evaluation
from training.spec.run import Run
from training.spec.scale import Scale
from training.spec.task import Split, Task

SHIPPED = Path(training.miniature.__file__).parent / "encoders"
MEASURED: tuple[Split, ...] = ("dev", "test")
Part = tuple[str, Split, str, str]
"""Task, split, language and source."""


def check(runs: Iterable[Run], evaluations: Iterable[Evaluation], runtime: Runtime) -> None:
    """Raises MissingData or DataError for the first thing that is missing or broken."""
    trainings, parts = list(runs), dict[Part, None]()
    for run in trainings:
        if run.phase == "mlm":
            text(run, runtime)
        else:
            parts |= dict.fromkeys(learnt(run, runtime))
    for evaluation in evaluations:
        parts |= dict.fromkeys(measured(evaluation, runtime))
    read(parts, runtime)
    for run in trainings:
        weights(run, runtime)


def read(parts: Iterable[Part], runtime: Runtime) -> None:
    """Original files whole, of each split on the hub one language; says what is worth knowing."""
    seen: set[tuple[str, Split]] = set()
    told: dict[notes.Part, tuple[str, ...]] = {}
    for name, split, lang, source in parts:
        if source == "files" or (source == "hub" and (name, split) not in seen):
            task = catalogue.task(name)
            loaded = rows(task, split, lang, source, runtime.data, runtime.work / "cache")
            told[name, split, lang] = notes.notes(task, split, lang, loaded)
        seen.add((name, split))
    for line in notes.lines(told):
        print(line, file=sys.stderr, flush=True)


def weights(run: Run, runtime: Runtime) -> None:
    """The weights that a run without a parent starts from, or the vocabulary where it has none."""
    scale = catalogue.scale(run.scale)
    kind, _, name = scale.weights.partition(":")
    if run.parent:
        return
    if run.recipe.scratch or kind == "random":
        if runtime.data and miniature(run.source) is None:
            from training.data.vocabulary import model  # it takes a second to import

            model(runtime.data)
        return
    if kind == "shipped":
        shipped(scale)
    elif local_model(name, runtime) is None:
        fetchable(name, runtime)


def shipped(scale: Scale) -> Path:
    """The folder of a scale's shipped encoder."""
    path = SHIPPED / scale.weights.partition(":")[2]
    if not (path / "config.json").is_file():
        raise MissingData(
            f"the shipped encoder {path.name!r}",
            str(path),
            "make it with `make encoders`, or start from random weights: --set recipe.scratch=true",
        )
    return path


def local_model(name: str, runtime: Runtime) -> Path | None:
    """The copy of a hub model under --data, if there is one."""
    path = runtime.data / "models" / name.replace("/", "__") if runtime.data else None
    return path if path and path.is_dir() else None


def fetchable(name: str, runtime: Runtime) -> None:
    """Raises MissingData where a hub model is neither on the hub nor in its cache."""
    from huggingface_hub import hf_hub_download

    try:
        hf_hub_download(name, "config.json")
    except Exception as error:  # offline, gone, gated: whatever the hub's client raises
        raise missing_model(name, runtime) from error


def missing_model(name: str, runtime: Runtime) -> MissingData:
    """What to say where a published model cannot be had."""
    folder = (runtime.data or Path("DATA")) / "models" / name.replace("/", "__")
    return MissingData(
        f"the model {name}",
        f"{folder}, the hub and its cache",
        f"where there is network: `hf download {name} --local-dir {folder}`, and name the folder "
        "above `models` with --data",
    )


def text(run: Run, runtime: Runtime) -> None:
    """The text of a phase-1 run, and how long it is to be read."""
    if not run.recipe.steps:
        raise MatrixError(
            f"phase 1 at {run.scale}: it counts steps, not epochs; set recipe.steps (in a matrix "
            "`mlm: {steps: 1000}`)"
        )
    if run.source == "hub" or (miniature(run.source) is None and runtime.data is None):
        raise MissingData("text for phase 1", "--data, which was not given", "name it with --data")
    if miniature(run.source) is not None:
        from training.miniature.languages import CODES

        absent = [lang for lang in run.recipe.languages if lang not in CODES]
        if absent:
            raise MissingData(
                f"text in {', '.join(absent)}", "the miniature world", f"it has {', '.join(CODES)}"
            )
    elif runtime.data is not None:
        corpora.text(run.recipe.languages or corpora.languages(runtime.data), runtime.data)


def learnt(run: Run, runtime: Runtime) -> Iterator[Part]:
    """English train and dev of a run's task, or of all that its mixture holds."""
    task = catalogue.task(run.task)
    for name in task.members or (task.name,):
        yield name, "train", "eng", run.source
        if "eng" in languages(catalogue.task(name), "dev", run.source, runtime.data):
            yield name, "dev", "eng", run.source


def measured(evaluation: Evaluation, runtime: Runtime) -> Iterator[Part]:
    """Dev and test of a target in every language that is asked for.

    Raises MissingData where a language that is published and was named has neither.
    """
    task = catalogue.task(evaluation.target)
    found = {s: languages(task, s, evaluation.source, runtime.data) for s in MEASURED}
    there = {lang for langs in found.values() for lang in langs}
    missing = absent(task, evaluation, there)
    if missing:
        raise MissingData(
            f"{task.title} in {', '.join(LANGUAGES[lang].name for lang in missing)}",
            f"{evaluation.source}, data {runtime.data or 'not given'}",
            f"there is: {', '.join(sorted(there)) or 'nothing'}; change languages or give --data",
        )
    for split, langs in found.items():
        for lang in langs:
            if not evaluation.languages or lang in evaluation.languages:
                yield task.name, split, lang, evaluation.source


def absent(task: Task, evaluation: Evaluation, there: set[str]) -> list[str]:
    """Languages that would be missed: named ones of the target, or all where none is there."""
    asked = evaluation.languages
    if not there & set(asked or there):
        return list(asked or task.languages)
    world = miniature(evaluation.source) is not None
    own = {lang for lang in asked if lang != "eng"} if world else set(task.languages)
    return [lang for lang in asked if lang in own and lang not in there]
