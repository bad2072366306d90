"""How much memory a run needs: weights, gradients, optimiser and activations. Arithmetic.

A weight that is learnt has a gradient and AdamW's two moments beside it, one that is frozen has
none. A layer keeps 34 h bytes a token for the backward pass in bf16 (Korthikanti et al. 2022),
40 h with fp32 weights under autocast (measured on XLM-R XL's layer). A method is one entry of
`METHODS`; a run's is its recipe's field `method`, or `full` where recipes have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from training.catalogue import SCALES
from training.plan.sizes import size
from training.spec.run import Run
from training.spec.scale import Scale


@dataclass(frozen=True)
class Method:
    """Bytes a parameter in one way of training."""

    name: str
    title: str
    weights: float
    learnt: float
    """Beside each weight that is learnt: gradient, moments, master copy."""
    activations: float
    """Bytes a token, layer and unit of width."""
    copies: float = 0.0
    """Of every weight, only while a batch is computed."""
    added: float = 0.0
    """New weights, in units of width a layer (LoRA of rank r on all linears: 18 r)."""
    flag: str = ""
    """How it is asked for, once recipes have methods."""


METHODS: dict[str, Method] = {
    one.name: one
    for one in (
        # fp32 weights, gradients and moments: 16 bytes; while training, 2 of autocast copies.
        Method("full", "full fine-tuning", weights=4, learnt=12, activations=40, copies=2),
        # A frozen bf16 base; adapters of rank 16 with all their states in fp32.
        Method(
            "lora",
            "LoRA",
            weights=2,
            learnt=16,
            activations=34,
            added=18 * 16,
            flag="--method lora",
        ),
    )
}
FULL = METHODS["full"]


def alike(runs: Iterable[Run]) -> list[tuple[Run, int]]:
    """One run of each kind that costs the same, and how many there are of it.

    Runs of a plan share their recipes, so that these are told apart by place, which is quick.
    """
    kinds: dict[tuple[str, str, str, str, int], list[Run]] = {}
    for run in runs:
        key = (run.scale, run.phase, run.task, run.source, id(run.recipe))
        kinds.setdefault(key, []).append(run)
    return [(some[0], len(some)) for some in kinds.values()]


def method(run: Run) -> Method:
    """How a run is trained."""
    return METHODS.get(str(getattr(run.recipe, "method", FULL.name)), FULL)


def states(run: Run, way: Method | None = None) -> float:
    """Bytes of weights, gradients and optimiser."""
    scale, way = SCALES[run.scale], way or method(run)
    whole = float(scale.parameters)
    if way.added:
        return way.weights * whole + way.learnt * way.added * scale.hidden * scale.layers
    return way.weights * whole + way.learnt * learnt(
        run.scale, run.recipe.freeze, run.recipe.embeddings_rate
    )


def activations(run: Run, tokens: float, way: Method | None = None) -> float:
    """Bytes kept for the backward pass of so many tokens at once."""
    scale, way = SCALES[run.scale], way or method(run)
    kept = way.activations * scale.hidden * scale.layers * tokens
    masked = run.recipe.mask * tokens if run.phase == "mlm" else 0.0
    return kept + 12.0 * scale.vocabulary * masked  # logits, their softmax and its gradient


def batch_tokens(run: Run) -> float:
    """Real tokens of an average batch."""
    return run.recipe.batch * example_tokens(run) * size(run.task, run.source, run.recipe.cap).parts


def example_tokens(run: Run) -> float:
    """Real tokens that go through the model together at least: one window or choice."""
    one = size(run.task, run.source, run.recipe.cap)
    return min(one.tokens / one.parts, run.recipe.max_length)


def memory(run: Run) -> float:
    """Bytes that a run needs with its whole batch at once."""
    return states(run) + copies(run) + activations(run, batch_tokens(run))


def copies(run: Run, way: Method | None = None) -> float:
    """Bytes of the copies of weights that a batch is computed with."""
    return (way or method(run)).copies * SCALES[run.scale].parameters


def least(run: Run, way: Method | None = None, shared: int = 1) -> float:
    """Bytes a device without which nothing can be done: states over `shared` devices (FSDP splits
    them), and the activations of one example alone."""
    one = size(run.task, run.source, run.recipe.cap).parts * example_tokens(run)
    return (states(run, way) + copies(run, way)) / shared + activations(run, one, way)


@cache
def learnt(name: str, freeze: str, embeddings_rate: float) -> int:
    """Parameters of the encoder that a recipe leaves free to change."""
    found = parts(SCALES[name])
    return sum(
        count
        for part, count in found.items()
        if not (freeze and re.search(freeze, part)) and not (embeddings_rate == 0 and part == WORDS)
    )


WORDS = "encoder.embeddings.word_embeddings.weight"


def parts(scale: Scale) -> dict[str, int]:
    """The encoder's parameters by the names that `recipe.freeze` is matched with: those of
    transformers' XLM-R, a layer's in groups."""
    h, f = scale.hidden, scale.feedforward
    made = {
        WORDS: scale.vocabulary * h,
        "encoder.embeddings.position_embeddings.weight": scale.positions * h,
        "encoder.embeddings.token_type_embeddings.weight": h,
        NORM[scale.architecture]: 2 * h,
    }
    for layer in range(scale.layers):
        at = f"encoder.encoder.layer.{layer}"
        made |= {
            f"{at}.attention.self": 3 * (h * h + h),
            f"{at}.attention.output": h * h + h + 2 * h,
            f"{at}.intermediate.dense": h * f + f,
            f"{at}.output": f * h + h + 2 * h,
        }
    return made


NORM = {
    "xlm-roberta": "encoder.embeddings.LayerNorm",
    "xlm-roberta-xl": "encoder.encoder.LayerNorm",
}
"""Where the one norm beside the layers' stands."""
