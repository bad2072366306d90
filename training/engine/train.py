"""One training: from a run's document to an encoder directory with its marker."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from training import catalogue
from training.catalogue.settings import setting
from training.data import corpora, joint
from training.data.masking import MaskedText
from training.data.notes import noted
from training.engine.available import no_text, world_of_text
from training.engine.checkpoints import Checkpoints
from training.engine.encoders import Start, learner
from training.engine.ending import Ending, deferred
from training.engine.fitting import Attempt, begun, hand_over, newest, origin, taken_up
from training.engine.memory import OutOfMemory, release
from training.engine.room import patiently
from training.engine.runtime import Runtime
from training.engine.selection import Material, Selection
from training.engine.store import Store
from training.engine.supervision import english_dev, planned, with_labels
from training.engine.system import sampled
from training.engine.throughput import pace_of
from training.phases.intermediate import Intermediate
from training.phases.latent import align, latent_vectors
from training.phases.mlm import MaskedLanguageModel
from training.phases.target import Target
from training.spec.run import Run
from training.spec.setting import Part, Setting


def train(run: Run, runtime: Runtime, spare: bool = False) -> Path:
    """Carry a run out and return its folder. A run that is done is left alone."""
    store, micro = Store(runtime.work), 0
    quiet()
    torch.set_num_threads(runtime.threads)
    while not store.done(run.id):
        try:
            attempt(run, store, runtime, micro, spare)
        except OutOfMemory as error:  # computing again comes first: it changes no number
            spare, micro = True, error.smaller if spare else micro
        else:
            break
        release()  # only here, where the error holds its frames no more
    return store.path(run.id)


def attempt(run: Run, store: Store, runtime: Runtime, micro: int, spare: bool) -> None:
    """Train from the last whole checkpoint or from the start; `micro` examples in memory at once,
    and with `spare` only what is dear to compute.

    Raises OutOfMemory; KeyboardInterrupt, with a checkpoint, when asked to end.
    """
    began, path = time.monotonic(), store.path(run.id)
    encoder = learner(run, runtime, spare)
    material = learning(run)(run, encoder, runtime)
    checkpoints = Checkpoints(path, origin(run, material, runtime.devices))
    found = newest(checkpoints, runtime)
    document = run.document() | {"steps": material.module.steps}
    begin = partial(taken_up, store, document, found) if found else partial(begun, store, document)
    patiently(begin, path, runtime.disk_patience)
    one = Attempt(run, material, checkpoints, found, micro, began)
    with deferred() as ending, sampled(path, pace_of(run, material.module)):
        if learnt(one, encoder, store, runtime, ending):
            patiently(partial(hand_over, one, encoder[1], store), path, runtime.disk_patience)


def learnt(one: Attempt, encoder: Start, store: Store, runtime: Runtime, ending: Ending) -> bool:
    """Fit on this process's device, or on several. False where it was asked to end before."""
    if runtime.devices == 1:
        return fit(one, encoder, store, runtime, ending)
    from training.engine.sharding import fit_sharded

    return fit_sharded(one, encoder, store, runtime, ending)


def quiet() -> None:
    """Lightning's hints are for people who write loops, not for people who run studies."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")


def learning(run: Run) -> Callable[[Run, Start, Runtime], Material]:
    """What makes a run's material: MLM alone is phase 1, or the control of phase 2."""
    if run.phase == "mlm":
        return mlm
    alone = run.phase == "intermediate" and not setting(run.task).parts
    return continued if alone else supervised


def mlm(run: Run, encoder: Start, runtime: Runtime) -> Material:
    """Phase 1 on the source's text."""
    steps = run.recipe.steps
    if not steps:
        raise ValueError(f"{run.id}: phase 1 counts steps, not epochs: set recipe.steps")
    lines = text(run, runtime)
    data = MaskedText(lines, encoder[1], run.recipe, run.seed, steps)
    module = MaskedLanguageModel(encoder[0], run.recipe, run.seed, steps, len(encoder[1]))
    if run.recipe.embeddings == "latent":
        width = module.words.embedding_dim
        align(module.words, latent_vectors(data.ids, len(encoder[1]), width, run.seed))
    return Material(module, data, {}, {"text": f"{sum(map(len, lines.values()))} lines"})


def text(run: Run, runtime: Runtime) -> dict[str, list[str | None]]:
    """Lines of text by language; where line i is parallel, in all of them."""
    if run.recipe.corpus and runtime.data is not None:
        return corpora.named(run.recipe.corpus, run.recipe.languages, runtime.data)
    world = world_of_text(run.source, runtime)
    if world is not None and not run.recipe.corpus:
        from training.miniature.write import lines

        return lines(*world)
    if runtime.data is None:
        raise no_text()
    wanted = run.recipe.languages or corpora.languages(runtime.data)
    return corpora.with_single_lines(
        corpora.parallel(runtime.data), corpora.text(wanted, runtime.data)
    )


def supervised(run: Run, encoder: Start, runtime: Runtime) -> Material:
    """Phases 2 and 3 on training data with labels; MLM beside them where the setting says so."""
    one = setting(run.task) if run.phase == "intermediate" else Setting((Part(run.task),))
    learnt = {part: with_labels(part, run.source, runtime) for part in one.parts}
    recipe = joint.supervised(run.recipe) if one.beside else run.recipe
    data: Any = planned(run, recipe, learnt, encoder, runtime)
    digests = {f"{p.task}/train/{p.lang}": loaded.told for p, (_, loaded) in learnt.items()}
    if one.beside:
        lines = text(run, runtime)
        steps = joint.masked_steps(run.recipe, len(data))
        masked = MaskedText(lines, encoder[1], run.recipe, run.seed, steps)
        data = joint.Joint(data, masked, run.seed)
        digests["text"] = f"{sum(map(len, lines.values()))} lines"
    heads = {part.name: found for part, (found, _) in learnt.items()}
    told = (encoder[0], heads, run.recipe, run.seed, len(data))
    pieces = len(encoder[1]) if one.beside else 0
    module = Target(*told) if run.phase == "target" else Intermediate(*told, pieces)
    dev = {
        part.name: (found, english_dev(catalogue.task(part.task), run.source, runtime))
        for part, (found, _) in learnt.items()
    }
    for part, (_, loaded) in learnt.items():
        digests |= noted(catalogue.task(part.task), "train", part.lang, loaded)
    return Material(module, data, {n: (o, d) for n, (o, d) in dev.items() if d}, digests)


def continued(run: Run, encoder: Start, runtime: Runtime) -> Material:
    """MLM in place of an intermediate task, for told steps or for as long as a task takes."""
    recipe, like = run.recipe, setting(run.task).matched
    lines = text(run, runtime)
    data = MaskedText(lines, encoder[1], recipe, run.seed, recipe.steps)
    digests = {"text": f"{sum(map(len, lines.values()))} lines"}
    if like:
        learnt = {part: with_labels(part, run.source, runtime) for part in setting(like).parts}
        other = planned(run, recipe, learnt, encoder, runtime)
        batch = joint.as_many_tokens(data, joint.tokens(other))
        data.recipe, data.steps = replace(recipe, batch=batch), len(other)
        digests["text"] += f", {batch} a step: as many tokens as {like}"
    module = MaskedLanguageModel(encoder[0], recipe, run.seed, len(data), len(encoder[1]))
    return Material(module, data, {}, digests)


def fit(one: Attempt, encoder: Start, store: Store, runtime: Runtime, ending: Ending) -> bool:
    """Run Lightning over the planned batches; the best English dev state is kept if so asked.

    False where it was asked to end before it was through.
    """
    module = one.material.module
    selection = Selection(one.material, encoder, store.path(one.run.id), runtime.disk_patience)
    trainer = pl.Trainer(
        max_steps=module.steps,
        accelerator="auto",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=runtime.progress,
        enable_model_summary=False,
        gradient_clip_val=module.recipe.clip or None,
        callbacks=one.callbacks(selection, ending, runtime),
        plugins=[one.checkpoints],
        inference_mode=True,
        use_distributed_sampler=False,
        log_every_n_steps=1,
    )
    try:
        trainer.fit(module, datamodule=one.batches(), ckpt_path=one.found and str(one.found.path))
    except SystemExit:  # Lightning's answer to Ctrl-C, which is not a failure
        raise KeyboardInterrupt from None
    except Exception as error:
        raise one.failed(error, store) from None
    if trainer.global_step < module.steps:
        one.interrupted(trainer.global_step, store)
        return False
    selection.restore(module)
    module.cpu().eval()
    return True
