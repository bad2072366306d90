"""Single measurements of `gpu.py`: each makes what it times, and gives its figures.

Silta's is `engine.train.fit` as every run has it, Hugging Face's its Trainer in bf16, a loop the
floor under both. All take the same number of steps; what is counted are real tokens.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from course import LR, PAD, STEPS
from gpu_models import Place, Sized, Watch, course, encoder
from race import order, some
from racers import Order, collator, planned, silta
from rivals import fit_theirs
from torch.nn.utils import clip_grad_norm_
from transformers import PrinterCallback, Trainer, TrainingArguments

from training.data.module import length_batches
from training.engine.selection import outputs_of
from training.families.base import inputs
from training.phases.encoder import shortened
from training.phases.flat import laid_out, placed, states
from training.plan.memory import method, moving

Figures = dict[str, Any]
FIRST = 5
"""Steps whose losses are compared."""


def lap_of(one: Sized, steps: tuple[int, int], watch: bool = False) -> tuple[Order, Watch]:
    """Batches and a lap over them."""
    lap = Watch(*steps, watch=watch, place=one.place)
    return some(order("silta", one, 1), min(sum(steps), len(one.lengths) // one.batch), 1), lap


def trained(one: Sized, warm: int = 20, count: int = 50) -> Figures:
    """Silta's own training."""
    chosen, lap = lap_of(one, one.place.steps(warm, count))
    one.place.forget()
    silta(one.place.layout)(one, chosen, lap)
    return one.figures(chosen, lap)


def trainer(one: Sized, padded: bool, warm: int = 20, count: int = 50) -> Figures:
    """Hugging Face's Trainer, padded to the usual length or dynamically, in batches by chance."""
    steps = one.place.steps(warm, count)
    lap = Watch(*steps, place=one.place)
    chosen = some(order("random", one, 1), min(sum(steps), len(one.lengths) // one.batch), 1)
    one.place.forget()
    theirs(one, padded, chosen, lap)
    return one.figures(chosen, lap)


def arguments(one: Sized, folder: str, **more: Any) -> TrainingArguments:
    """run_glue's; on a GPU as its users ask for bf16 there."""
    on_cpu = one.place.device.type == "cpu"
    told: dict[str, Any] = {"use_cpu": on_cpu, "bf16": not on_cpu, "report_to": "none"}
    told |= {"save_strategy": "no", "disable_tqdm": True, "logging_steps": 50}
    return TrainingArguments(folder, learning_rate=LR, **(told | more))


def theirs(one: Sized, padded: bool, chosen: Order, lap: Watch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = {"per_device_train_batch_size": one.batch, "max_steps": STEPS}
        fit_theirs(one, arguments(one, folder, **told), padded, chosen, lap)


def loop(one: Sized, warm: int = 20, count: int = 50) -> Figures:
    """A plain loop around Silta's model, batches and optimiser."""
    steps = one.place.steps(warm, count)
    chosen, lap = lap_of(one, steps)
    one.place.forget()
    module = one.module(one.place.layout).to(one.place.device)
    optimiser = module.configure_optimizers()["optimizer"]
    data = planned(one, chosen)
    for step in range(sum(steps)):
        name, batch = module.on_before_batch_transfer(data[step], 0)
        batch = {key: v.to(one.place.device, non_blocking=True) for key, v in batch.items()}
        loss = module.total(module.losses((name, batch)))
        loss.backward()
        clip_grad_norm_(module.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        lap.step(step + 1)
    return one.figures(chosen, lap)


def losses(one: Sized) -> Figures:
    """How far the first losses are from the Trainer's on the same batches."""
    chosen, lap = lap_of(one, (1, FIRST - 1), watch=True)
    other = replace(lap)
    silta(one.place.layout)(one, chosen, lap)
    one.place.forget()
    theirs(one, False, chosen, other)
    pairs = zip(lap.losses[:FIRST], other.losses[:FIRST], strict=True)
    return {"apart": max(abs(a / b - 1) for a, b in pairs), "losses": lap.losses[:FIRST]}


def syncs(one: Sized) -> Figures:
    """How often a step waits for the GPU, logging left out: torch's own warnings are counted."""
    chosen, lap = lap_of(one, one.place.steps(5, 40))
    cuda = one.place.device.type == "cuda"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        if cuda:
            torch.cuda.set_sync_debug_mode("warn")
        silta(one.place.layout)(one, chosen, lap)
        if cuda:
            torch.cuda.set_sync_debug_mode("default")
    found = [one for one in told if "synchronizing CUDA" in str(one.message)]
    places = sorted({f"{one.filename.rpartition('/')[2]}:{one.lineno}" for one in found})
    return {"per_step": len(found) / lap.steps, "places": places} if cuda else {"per_step": None}


def optimiser(one: Sized) -> Figures:
    """A step of the optimiser alone, beside the time that moving its bytes takes at 4.3 TB/s."""
    warm, count = one.place.steps(2, 5)
    module = one.module().to(one.place.device)
    made = module.configure_optimizers()["optimizer"]
    for weights in module.parameters():
        if weights.requires_grad:
            weights.grad = torch.full_like(weights, 1e-3)
    taken = clock(one.place, made.step, warm, count)
    traffic = method(one.run).moved * moving(one.run) / 4.3e12
    return {"ms": 1000 * taken, "traffic_ms": 1000 * traffic, "over_traffic": taken / traffic}


def clock(place: Place, work: Callable[[], Any], warm: int = 2, count: int = 5) -> float:
    """Seconds of a piece of work, the mean of some."""
    for _ in range(warm):
        work()
    place.wait()
    began = time.perf_counter()
    for _ in range(count):
        work()
    place.wait()
    return (time.perf_counter() - began) / count


def ceilings(place: Place) -> Figures:
    """What products of matrices and copies reach at best."""
    side = place.tokens(8192)
    a, b = (torch.randn(side, side, device=place.device).bfloat16() for _ in range(2))
    product = clock(place, lambda: a @ b, *place.steps(5, 20))
    large = torch.empty(place.tokens(2**30), dtype=torch.bfloat16, device=place.device)
    copy = clock(place, large.clone, *place.steps(2, 10))
    return {"tflops": 2 * side**3 / product / 1e12, "copy_tbs": 2 * large.nbytes / copy / 1e12}


def flat_attention(place: Place) -> Figures:
    """States of texts laid out flat in bf16, beside padded ones in fp32 of the same weights."""
    scale = replace(place.scale("xl"), layers=2)
    one = course(place, "xl", "NLI", steps=2)
    batch = inputs(one.features[: one.batch], PAD)
    batch = {key: value.to(place.device) for key, value in placed(batch).items()}
    whole = encoder(scale, torch.float32, place.device).eval()
    half = encoder(scale, torch.float32, place.device).eval().bfloat16()
    with torch.no_grad():
        told = {key: batch[key] for key in ("input_ids", "attention_mask")}
        real = batch["attention_mask"].bool()
        padded = whole(**told).last_hidden_state[real]
        flat = states(laid_out(half, "flat"), batch).float()[real]
    return {"relative_error": float((flat - padded).norm() / padded.norm())}


def evaluated(one: Sized) -> Figures:
    """All languages in one stream, as `engine/evaluate.py` reads them."""
    module = one.module(one.place.layout).to(one.place.device).eval()
    taken = clock(one.place, lambda: outputs_of(module, one.task, one.features, PAD), 1, 1)
    return {"tokens_per_s": sum(one.lengths) / taken, "seconds": taken}


def predicted(one: Sized) -> Figures:
    """`Trainer.predict` as it comes: batches of 8 in the order of the file."""
    with tempfile.TemporaryDirectory() as folder:
        model = one.theirs()
        made = Trainer(model, arguments(one, folder), data_collator=collator(one, False))
        made.remove_callback(PrinterCallback)
        rows = one.rows(padded=False)
        taken = clock(one.place, lambda: made.predict(rows), 0, 1)
    return {"tokens_per_s": sum(one.lengths) / taken, "seconds": taken}


def retrieval(one: Sized) -> Figures:
    """The time to the layer that retrieval reads, beside all layers."""
    whole = one.encoder().eval()
    layer = min(one.scale.retrieval_layer, one.scale.layers - 1)
    batches: list[dict[str, torch.Tensor]] = []
    for chosen in length_batches(one.features, one.place.tokens(16384)):
        made = inputs([one.features[i] for i in chosen], PAD)
        batches.append({key: value.to(one.place.device) for key, value in made.items()})

    def read(model: torch.nn.Module) -> None:
        with torch.no_grad():
            for batch in batches:
                model(**batch)

    part, all_of = (
        clock(one.place, partial(read, model), 1, 2) for model in (shortened(whole, layer), whole)
    )
    return {"share_of_whole": part / all_of, "layer": layer, "seconds": part}
