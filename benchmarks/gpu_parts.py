"""The measurements of `gpu.py` by part and name; nothing is made before it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gpu_masked
import gpu_steps as steps
from gpu_models import Place, Sized, course

LARGE, MIDDLE = 16384, 8192
"""Real tokens of a batch."""
SENTENCES = 14817
"""Of UD's 33 test sets."""
SCRIPT = Path(__file__).with_name("gpu.py")
Measure = Callable[[], Mapping[str, Any]]
Parts = dict[str, dict[str, Measure]]


def parts(place: Place) -> Parts:
    """All of them."""

    def sized(name: str, kind: str = "NLI", tokens: int = 0, count: int = 70, **told: Any) -> Sized:
        return course(place, name, kind, tokens, count, **told)

    def large(name: str, tokens: int, kind: str = "NLI", **told: Any) -> Measure:
        return lambda: steps.trained(sized(name, kind, tokens, 16, **told), 4, 12)

    def read(name: str) -> Sized:
        count = 40 if place.rehearsal else SENTENCES
        one = sized(name, "UD", count=-(-count // 32))
        return replace(one, lengths=one.lengths[:count])

    def alone(name: str, count: int) -> Measure:
        return partial(at_once, place, name, count)

    made: Parts = {
        "ceilings": {
            "ceilings": lambda: steps.ceilings(place),
            "flat attention": lambda: steps.flat_attention(place),
        },
        "xl": {
            "xl full, 16k tokens": large("xl", LARGE),
            "xl full, 8k NLI tokens": large("xl", MIDDLE),
            "xl full, 8k QA tokens": large("xl", MIDDLE, "QA"),
            "xl lora, 16k tokens": large("xl", LARGE, method="lora"),
            "xl full, recipe": lambda: steps.trained(sized("xl")),
            "xl lora, recipe": lambda: steps.trained(sized("xl", method="lora")),
            "xl loop, recipe": lambda: steps.loop(sized("xl")),
            "xl optimiser": lambda: steps.optimiser(sized("xl")),
            "xl syncs": lambda: steps.syncs(sized("xl")),
        },
        "xl_trainer": {
            "xl trainer padded, recipe": lambda: steps.trainer(sized("xl"), True),
            "xl trainer dynamic, recipe": lambda: steps.trainer(sized("xl"), False),
            "xl losses": lambda: steps.losses(sized("xl")),
            **{
                f"xl trainer padded, 8k {kind} tokens": partial(
                    lambda kind: steps.trainer(sized("xl", kind, MIDDLE, 16), True, 4, 12), kind
                )
                for kind in ("NLI", "QA")
            },
        },
        "xxl": {
            "xxl full, 8k tokens": large("xxl", MIDDLE, precision="bf16-stochastic"),
            "xxl lora, 8k tokens": large("xxl", MIDDLE, method="lora"),
            "xxl full, recipe": lambda: steps.trained(sized("xxl", precision="bf16-stochastic")),
        },
        "small": {},
        "evaluation": {
            "xl evaluation": lambda: steps.evaluated(read("xl")),
            "xl trainer prediction": lambda: steps.predicted(read("xl")),
            "large retrieval": lambda: steps.retrieval(read("large")),
        },
        "mlm": {"base head memory": lambda: gpu_masked.head_memory(sized("base", tokens=LARGE))},
    }
    for name in ("base", "large"):
        made["small"] |= {
            f"{name} full, 16k tokens": large(name, LARGE),
            f"{name} full, recipe": partial(lambda name: steps.trained(sized(name)), name),
            f"{name} loop, recipe": partial(lambda name: steps.loop(sized(name)), name),
            f"{name} compiled, recipe": partial(
                lambda name: steps.trained(sized(name, compiled=True)), name
            ),
            f"{name} 2 at once, recipe": alone(name, 2),
            f"{name} 4 at once, recipe": alone(name, 4),
        }
    for name in ("base", "large", "xl"):
        tokens = MIDDLE if name == "xl" else LARGE
        one = partial(sized, name, "NLI", tokens, 1)
        made["mlm"][f"{name} mlm"] = partial(lambda one: gpu_masked.ours(one()), one)
        made["mlm"][f"{name} mlm, all rows"] = partial(lambda one: gpu_masked.theirs(one()), one)
    return made


def at_once(place: Place, name: str, count: int) -> Mapping[str, Any]:
    """Several processes, each with a training of its own at the recipe's batch, on one GPU."""
    if place.rehearsal:
        return alone(place, name)
    line = [sys.executable, str(SCRIPT), "--alone", name]
    some = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    told = [json.loads(one.communicate()[0].splitlines()[-1]) for one in some]
    return {"tokens_per_s": sum(one["tokens_per_s"] for one in told), "each": told}


def alone(place: Place, name: str) -> Mapping[str, Any]:
    """One training among several: long enough that their starts do not matter."""
    return steps.trained(course(place, name, "NLI", 0, 700), 100, 600)
