"""One Lightning trainer without a matrix: same ids, store and tracking."""

from __future__ import annotations

from pathlib import Path

from training import catalogue
from training.data import sources
from training.data.errors import MissingData
from training.engine import jobs
from training.engine.available import check
from training.engine.failure import Failure
from training.engine.jobs import perform
from training.engine.publish import HURRY, Publisher
from training.engine.room import say
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.study import document_of, warn
from training.plan.plan import Planned
from training.plan.single import evaluations_of
from training.spec.run import Run
from training.spec.source import tried


def launch(run: Run, runtime: Runtime, dry_run: bool, export: Path | None) -> None:
    """Train a run here, then measure what a target run is for; or only say what would be done."""
    store = Store(runtime.work)
    say(
        f"{run.id}: {run.phase} {run.task} on {run.scale}, seed {run.seed}, "
        f"from {run.parent or 'its own weights'}"
    )
    changed = ", ".join(f"{key}={value}" for key, value in sorted(run.recipe.changed().items()))
    say(f"source {run.source}; recipe: {changed or 'defaults'}")
    check_parent(run, store)
    if dry_run:
        say(
            "it is done already" if store.done(run.id) else f"would train into {store.path(run.id)}"
        )
        return
    carry_out(run, runtime)
    if export:
        export_encoder(store, run, export)


def check_parent(run: Run, store: Store) -> None:
    """A run starts from an encoder of its own scale. Raises MissingData."""
    if run.parent is None:
        return
    if not store.done(run.parent):
        raise MissingData(
            f"the run {run.parent}",
            str(store.path(run.parent)),
            "train it first, or check --work and --from",
        )
    scale = store.document(run.parent)["scale"]
    if scale != run.scale:
        raise MissingData(
            f"an encoder of {run.scale} in {run.parent}",
            f"its scale, which is {scale}",
            f"say --scale {scale}, or start from another run",
        )


def carry_out(run: Run, runtime: Runtime) -> None:
    """Train and measure, followed in MLflow, which cannot hurt."""
    store = Store(runtime.work)
    evaluations = [one for one in evaluations_of(run, ancestors(run, store)) if there(one, runtime)]
    check([run], (one.evaluation for one in evaluations), runtime)
    documents = [run.document(), *(document_of(one) for one in evaluations)]
    publisher = Publisher(runtime)
    for document in documents:
        with publisher.following(document["id"]):
            perform(document, runtime)
        if "target" in document:
            say(f"measured {document['target']}: {document['id']}")
    refused = publisher.close(say=say)
    say(f"done: {store.path(run.id)}")
    warn(refused)


def one(path: Path, runtime: Runtime) -> Failure | None:
    """Carry one document out, followed in MLflow where a server is named; why it failed."""
    if not runtime.served:
        return jobs.carry_out(path, runtime)
    id, publisher = jobs.read(path)["id"], Publisher(runtime)
    publisher.told(id, "running")
    try:
        failure = jobs.carry_out(path, runtime)
    except BaseException as error:
        publisher.told(id, "failed" if isinstance(error, Exception) else "interrupted")
        publisher.close(min(HURRY, runtime.patience))
        raise
    publisher.told(id, "failed" if failure else "done")
    warn(publisher.close(say=say))
    return failure


def there(planned: Planned, runtime: Runtime) -> bool:
    """Whether a set beyond XTREME can be measured here; XTREME's own are asked for."""
    task = catalogue.task(planned.evaluation.target)
    names = tried(planned.evaluation.source, task.name)
    return task.benchmark == "xtreme" or any(
        sources.has(task, one, runtime.data, runtime.cache) for one in names
    )


def ancestors(run: Run, store: Store) -> list[Run]:
    """The runs that a run descends from, nearest first."""
    found: list[Run] = []
    while run.parent:
        run = Run.read(store.document(run.parent))
        found.append(run)
    return found


def export_encoder(store: Store, run: Run, target: Path) -> None:
    """The encoder in 16-bit floats, with its document and curve beside it."""
    import shutil

    import torch

    from training.engine.encoders import ENCODER
    from training.engine.store import CURVE, DOCUMENT
    from training.phases.encoder import load, save, tokenizer_of

    source = store.path(run.id)
    save(load(source / ENCODER), tokenizer_of(source / ENCODER), target, dtype=torch.float16)
    for name in (DOCUMENT, CURVE):
        shutil.copy(source / name, target / name)
    say(f"exported {catalogue.scale(run.scale).name} to {target}")
