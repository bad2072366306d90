"""One training: from a run's document to an encoder directory with its marker."""

from __future__ import annotations

import logging
import time
import warnings
from dataclasses import replace
from pathlib import Path

import pytorch_lightning as pl
import torch

from training import catalogue
from training.data import corpora
from training.data.errors import MissingData
from training.data.masking import MaskedText
from training.data.module import Planned, Prepared, Steps
from training.data.notes import noted
from training.data.sources import Loaded, languages, rows
from training.engine.available import world_of_text
from training.engine.encoders import ENCODER, Start, start
from training.engine.provenance import provenance
from training.engine.runtime import Runtime
from training.engine.selection import Material, Selection
from training.engine.store import Store, write_json
from training.families.registry import FAMILIES
from training.families.tagging import labels_of
from training.phases.encoder import save
from training.phases.intermediate import Intermediate
from training.phases.latent import align, latent_vectors
from training.phases.mlm import MaskedLanguageModel
from training.phases.supervised import Learnt
from training.phases.target import Target
from training.spec.run import Run
from training.spec.task import Task

SOURCE_LANGUAGE = "eng"


def train(run: Run, runtime: Runtime) -> Path:
    """Carry a run out and return its folder. A run that is done is left alone."""
    store = Store(runtime.work)
    path = store.path(run.id)
    if store.done(run.id):
        return path
    began = time.time()
    quiet()
    torch.set_num_threads(runtime.threads)
    scale = catalogue.scale(run.scale)
    encoder = start(run.parent, scale, run.source, runtime, run.recipe.scratch, run.seed)
    material = (mlm if run.phase == "mlm" else supervised)(run, encoder, runtime)
    store.begin(run.id, run.document())
    fit(material, encoder, path, runtime)
    save(material.module.encoder, encoder[1], path / ENCODER)
    if isinstance(material.module, Target):
        material.module.save_head(path)
        labels = material.module.tasks[run.task].task.labels
        write_json(path / "labels.json", list(labels))
    told = {"seconds": round(time.time() - began, 2), "steps": material.module.steps}
    store.update(run.id, told | provenance(material.digests))
    store.finish(run.id)
    return path


def quiet() -> None:
    """Lightning's hints are for people who write loops, not for people who run studies."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")


def mlm(run: Run, encoder: Start, runtime: Runtime) -> Material:
    """Phase 1 on the source's text."""
    steps = run.recipe.steps
    if not steps:
        raise ValueError(f"{run.id}: phase 1 counts steps, not epochs: set recipe.steps")
    lines = text(run, runtime)
    data = MaskedText(lines, encoder[1], run.recipe, run.seed, steps)
    module = MaskedLanguageModel(encoder[0], run.recipe, run.seed, steps)
    if run.recipe.embeddings == "latent":
        width = module.words.embedding_dim
        align(module.words, latent_vectors(data.ids, len(encoder[1]), width, run.seed))
    return Material(module, data, {}, {"text": f"{sum(map(len, lines.values()))} lines"})


def text(run: Run, runtime: Runtime) -> dict[str, list[str | None]]:
    """Lines of text by language; where line i is parallel, in all of them."""
    world = world_of_text(run.source, runtime)
    if world is not None:
        from training.miniature.write import lines

        return lines(*world)
    if runtime.data is None:
        raise MissingData("text for phase 1", "--data, which was not given", "name it with --data")
    wanted = run.recipe.languages or corpora.languages(runtime.data)
    return with_single_lines(corpora.parallel(runtime.data), corpora.text(wanted, runtime.data))


def with_single_lines(
    told: dict[str, list[str | None]], more: dict[str, list[str]]
) -> dict[str, list[str | None]]:
    """Parallel lines, and after them the lines that one language has alone."""
    length = max(map(len, told.values()), default=0)
    made: dict[str, list[str | None]] = {}
    for lang in sorted({*told, *more}):
        first = told.get(lang, [None] * length)
        known = set(first)
        alone = [line for line in more.get(lang, []) if line not in known]
        made[lang] = [
            *first,
            *[None] * (max(map(len, made.values()), default=length) - length),
            *alone,
        ]
    return made


def supervised(run: Run, encoder: Start, runtime: Runtime) -> Material:
    """Phases 2 and 3 on English training data."""
    task = catalogue.task(run.task)
    learnt: dict[str, tuple[Learnt, Loaded]] = {}
    for name in task.members or (task.name,):
        learnt[name] = with_labels(catalogue.task(name), run.source, runtime)
    prepared: dict[str, Prepared] = {}
    for name, (one, loaded) in learnt.items():
        examples = loaded.read.examples[: run.recipe.examples or None]
        features = one.family.encode(examples, encoder[1], one.task, run.recipe, training=True)
        prepared[name] = Prepared(one.family, features)
    pad = int(encoder[1].pad_token_id)
    data = Planned(prepared, run.recipe, run.seed, pad)
    kind = Target if run.phase == "target" else Intermediate
    heads = {name: one for name, (one, _) in learnt.items()}
    module = kind(encoder[0], heads, run.recipe, run.seed, len(data))
    dev = {
        name: (one, english_dev(catalogue.task(name), run.source, runtime))
        for name, one in heads.items()
    }
    digests = {f"{name}/train/eng": loaded.told for name, (_, loaded) in learnt.items()}
    for name, (_, loaded) in learnt.items():
        digests |= noted(catalogue.task(name), "train", SOURCE_LANGUAGE, loaded)
    return Material(module, data, {n: (o, d) for n, (o, d) in dev.items() if d}, digests)


def with_labels(task: Task, source: str, runtime: Runtime) -> tuple[Learnt, Loaded]:
    """A task with its English training data; open label sets are read off these."""
    loaded = rows(task, "train", SOURCE_LANGUAGE, source, runtime.data, runtime.cache)
    if not task.labels and task.family == "tagging":
        task = replace(task, labels=labels_of(loaded.read.examples))
    return Learnt(task, FAMILIES[task.family]), loaded


def english_dev(task: Task, source: str, runtime: Runtime) -> Loaded | None:
    """English dev data, where there are any."""
    if SOURCE_LANGUAGE not in languages(task, "dev", source, runtime.data, runtime.cache):
        return None
    return rows(task, "dev", SOURCE_LANGUAGE, source, runtime.data, runtime.cache)


def fit(material: Material, encoder: Start, path: Path, runtime: Runtime) -> None:
    """Run Lightning over the planned batches; the best English dev state is kept if so asked."""
    module = material.module
    selection = Selection(material, encoder, path)
    trainer = pl.Trainer(
        max_steps=module.steps,
        accelerator="auto",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=runtime.progress,
        enable_model_summary=False,
        gradient_clip_val=module.recipe.clip or None,
        callbacks=[selection],
        inference_mode=True,
        use_distributed_sampler=False,
        log_every_n_steps=1,
    )
    try:
        trainer.fit(module, datamodule=Steps(material.data))
    except SystemExit:  # Lightning's answer to Ctrl-C, which is not a failure
        raise KeyboardInterrupt from None
    selection.restore(module)
    module.cpu().eval()
