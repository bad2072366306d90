"""The published recipes, as runs would take them: for a reader, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from training.catalogue import SCALES, TASKS, UnknownName
from training.catalogue import scale as scale_of
from training.catalogue.recipes import SCRIPTS, TITLES, XTREME
from training.catalogue.settings import offered, setting
from training.plan.errors import MatrixError
from training.plan.matrix import Recipes
from training.plan.named import TARGETS
from training.plan.recipes import EDGES, recipe
from training.plan.show import WIDTH
from training.spec.recipe import Recipe
from training.spec.record import RECIPE_SCHEMA
from training.spec.setting import MLM
from training.spec.task import Phase

COLUMNS = ("lr", "batch", "epochs", "warm-up", "decay", "length", "kept")


def document(name: str, scale: str) -> dict[str, Any]:
    """`{schema, scale, recipes: {jiant: {title, target: {task: fields}, intermediate: ...}}}`.

    `name`: a task or setting alone; empty: all that have a recipe. Every field of `Recipe` is
    spelt out. Raises MatrixError for a name or a scale that is unknown.
    """
    try:
        scale = scale_of(scale).name
        asked = list(_asked(name))
    except (UnknownName, ValueError) as error:
        raise MatrixError(str(error)) from None
    made: dict[str, Any] = {}
    for base, title in TITLES.items():
        made[base] = {"title": title}
        for phase, task in asked:
            if base != XTREME or (phase == "target" and task in SCRIPTS):
                told = Recipes.model_validate({"base": base})
                steps = {"steps": 1} if task == MLM else {}  # it has none of its own
                found = asdict(recipe(phase, scale, task, steps, told))
                made[base].setdefault(phase, {})[task] = found
    return {"schema": RECIPE_SCHEMA, "scale": scale, "recipes": made}


def _asked(name: str) -> Iterator[tuple[Phase, str]]:
    """(phase, task) of every recipe under this name."""
    targets = [one for one in TARGETS if TASKS[one].trains_on]
    if not name:
        yield from (("target", one) for one in targets)
        yield from (("intermediate", one) for one in offered())
        return
    if name in targets:
        yield "target", name
    if name not in TASKS or "intermediate" in TASKS[name].roles:
        yield "intermediate", setting(name).name
    elif name not in targets:
        raise MatrixError(f"nothing is trained for {name}, so it has no recipe")


def table(made: dict[str, Any]) -> str:
    """The recipes as a page of at most 80 columns, and what they share."""
    lines: list[str] = []
    for base, told in made["recipes"].items():
        phases = [phase for phase in ("target", "intermediate") if phase in told]
        lines += [f"{base}: {told['title']}", ""] if phases else []
        for phase in phases:
            lines += [_line(phase, COLUMNS)]
            lines += [_line(task, _cells(task, one)) for task, one in told[phase].items()] + [""]
    return "\n".join([*lines, *wrap(_shared(made["scale"]), WIDTH - 2)])


def _line(first: str, cells: tuple[str, ...]) -> str:
    widths = (8, 6, 7, 10, 7, 7, 9)
    return f"{first:22}" + "".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True))


def _cells(task: str, one: dict[str, Any]) -> tuple[str, ...]:
    warm = f"{one['warmup_steps']} steps" if one["warmup_steps"] else f"{one['warmup']:.0%}"
    alone = task.startswith(MLM)
    kept = "best dev" if one["selection"] == "best" and not alone else "last"
    epochs = "-" if alone else f"{one['epochs']:g}"
    decay, length = f"{one['weight_decay']:g}", str(one["max_length"])
    return (f"{one['lr']:.0e}", str(one["batch"]), epochs, warm, decay, length, kept)


def _shared(scale: str) -> str:
    room = SCALES[scale].positions - EDGES
    return (
        f"All: AdamW (eps {Recipe.adam_eps:.0e}), gradients clipped at {Recipe.clip:g}, linear "
        "decay to zero after the warm-up, no weight decay on biases and norms, dropout "
        f"{Recipe.dropout:g}. Best dev: English dev only. Lengths at scale {scale}, whose longest "
        f"input has {room} tokens. Other settings follow their plain task (mnli+mlm follows mnli); "
        f"MLM masks {Recipe.mask:.0%}. In a matrix, `recipe: {{base: xtreme}}` starts from "
        "XTREME's, and the rest of `recipe:` changes single fields; --json tells all of them."
    )
