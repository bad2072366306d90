"""How much memory a run needs: weights, gradients, optimiser and activations. Arithmetic.

A weight that is learnt has a gradient and AdamW's two moments beside it, one that is frozen has
none. A layer keeps 34 h bytes a token for the backward pass in bf16 (Korthikanti et al. 2022), and
68 h in fp32 (both as counted on XLM-R XL's layer with attention that keeps no scores). A way of
training is one entry of `METHODS`; a run's is its recipe's method and precision.
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

    title: str
    weights: float
    learnt: float
    """Beside each weight that is learnt: gradient, moments, master copy."""
    activations: float
    """Bytes a token, layer and unit of width."""
    added: float = 0.0
    """New weights in the place of all others, in units of rank and width a layer."""
    asked: str = ""
    """How it is asked for where memory is short."""
    moved: float = 30.0
    """Bytes that the optimiser reads and writes a step for each weight that is learnt."""


HALF, WHOLE = 34, 68
ADAPTERS = 18
"""LoRA of rank r on all linears has 18 r h weights a layer: 4 of h to h, 2 of h to 4 h."""
METHODS: dict[tuple[str, str], Method] = {
    # fp32 weights, gradients and moments.
    ("full", "fp32"): Method("full fine-tuning", weights=4, learnt=12, activations=WHOLE),
    # bf16 weights and gradients; fp32 masters and moments.
    ("full", "bf16"): Method("full fine-tuning in bf16", weights=2, learnt=14, activations=HALF),
    # The same with moments in 8 bits, but for one fp32 number a row.
    ("full", "bf16-8bit"): Method(
        "full fine-tuning in bf16 with moments in 8 bits",
        weights=2,
        learnt=8,
        activations=HALF,
        asked="recipe.precision=bf16-8bit",
        moved=18,
    ),
    # All four of them bf16, rounded by chance.
    ("full", "bf16-stochastic"): Method(
        "full fine-tuning in bf16 without masters",
        weights=2,
        learnt=6,
        activations=HALF,
        asked="recipe.precision=bf16-stochastic",
        moved=14,
    ),
    # A frozen base; adapters with all their states in fp32.
    ("lora", "fp32"): Method("LoRA", weights=4, learnt=16, activations=WHOLE, added=ADAPTERS),
    ("lora", "bf16"): Method(
        "LoRA on bf16",
        weights=2,
        learnt=16,
        activations=HALF,
        added=ADAPTERS,
        asked="--method lora with recipe.precision=bf16",
    ),
}


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
    return METHODS[run.recipe.method, run.recipe.precision]


def states(run: Run, way: Method | None = None) -> float:
    """Bytes of weights, gradients and optimiser."""
    way = way or method(run)
    return way.weights * SCALES[run.scale].parameters + way.learnt * moving(run, way)


def moving(run: Run, way: Method | None = None) -> float:
    """Weights that are learnt, heads left out."""
    scale, way = SCALES[run.scale], way or method(run)
    if way.added:
        return way.added * run.recipe.rank * scale.hidden * scale.layers
    return learnt(run.scale, run.recipe.freeze, run.recipe.embeddings_rate)


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
    return states(run) + activations(run, batch_tokens(run))


def handed(run: Run) -> float:
    """Bytes of the encoder that a run hands over."""
    told = run.recipe
    rounded = told.precision != "fp32" and told.method == "full"
    return (2.0 if rounded or told.handover == "bf16" else 4.0) * SCALES[run.scale].parameters


def least(run: Run, way: Method | None = None, shared: int = 1) -> float:
    """Bytes a device without which nothing can be done: states over `shared` devices (FSDP splits
    them), and the activations of one example alone."""
    one = size(run.task, run.source, run.recipe.cap).parts * example_tokens(run)
    return states(run, way) / shared + activations(run, one, way)


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
