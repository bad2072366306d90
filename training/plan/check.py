"""What no single field of a matrix can tell: whether its parts fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from training.catalogue import SCALES, TASKS
from training.catalogue.names import suggestion
from training.plan.errors import EVERY, Path
from training.spec.source import every, world

if TYPE_CHECKING:
    from training.plan.matrix import Block, Contrast, Matrix

Complaint = tuple[Path, str]
"""Where, and what is wrong."""


def complaints(matrix: Matrix) -> Iterator[Complaint]:
    """Everything about the matrix that contradicts itself or the catalogue."""
    for number, block in enumerate(matrix.blocks):
        at: Path = ("also", number - 1) if number else ()
        yield from _scales(matrix, block, at)
        yield from _layers(block, at)
        yield from _languages(matrix, block, at)
    if matrix.contrast:
        yield from _contrast(matrix, matrix.contrast)
    yield from _text_that_is_measured(matrix)


def _text_that_is_measured(matrix: Matrix) -> Iterator[Complaint]:
    """Zero-shot means zero-shot: phase 1 on original files reads NTREX's very sentences."""
    measured = {
        name for block in matrix.blocks for s in block.scales for name in block.targets_of(s)
    }
    if matrix.mlm is None or "ntrex" not in measured:
        return
    if not all(map(world, every(matrix.source_of("text")))):
        told = "phase 1 on original files learns from NTREX's sentences, which ntrex measures"
        yield ("mlm",), f"mlm: {told}; leave mlm or ntrex out"


def _scales(matrix: Matrix, block: Block, at: Path) -> Iterator[Complaint]:
    """A mapping by scale tells all of the block's scales, and no others that it was written for."""
    all_scales = {scale for one in matrix.blocks for scale in one.scales}
    for key in ("intermediates", "targets", "layers"):
        told = getattr(block, key)
        for scale in told:
            if scale != EVERY and scale not in all_scales:
                hint = suggestion(scale, sorted(all_scales))
                yield (*at, key, scale), f"{key}: {scale!r} is not among the scales{hint}"
        for scale in block.scales:
            if told and scale not in told and EVERY not in told:
                yield (*at, key), f"{key}: nothing is told for the scale {scale!r}; add a line"


def _layers(block: Block, at: Path) -> Iterator[Complaint]:
    for scale in block.scales:
        for layer in block.layers_of(scale):
            most = SCALES[scale].layers
            if layer > most:
                told = f"layers: {scale} has the layers 0 (embeddings) to {most}, not {layer}"
                yield (*at, "layers"), f"{told}; tell layers by scale, {{{scale}: [{most}]}}"


def _languages(matrix: Matrix, block: Block, at: Path) -> Iterator[Complaint]:
    """A target published in none of the languages asked for would measure nothing."""
    for target in sorted({name for scale in block.scales for name in block.targets_of(scale)}):
        offered = TASKS[target].languages
        if any(map(world, every(matrix.source_of(target)))):  # it has languages of its own
            continue
        if block.languages and not set(block.languages) & set(offered):
            yield (
                (*at, "languages"),
                f"languages: {target} is published in none of {', '.join(block.languages)}; "
                f"leave the target out or add one of: {', '.join(offered)}",
            )


def _contrast(matrix: Matrix, contrast: Contrast) -> Iterator[Complaint]:
    if contrast.intermediate == contrast.baseline:
        name = contrast.intermediate
        yield ("contrast", "baseline"), f"contrast: {name!r} cannot be its own baseline"
    held = compared(matrix, contrast)
    pair = f"both {contrast.intermediate} and {contrast.baseline} with {contrast.target}"
    for scale in contrast.scales:
        if scale not in held:
            yield ("contrast", "scales"), f"contrast: {scale} has not {pair}; add what is missing"
    if not held:
        yield ("contrast",), f"contrast: no scale has {pair}; add what is missing to the matrix"
    asked = {code for block in matrix.blocks for code in block.languages}
    unread = sorted(set(contrast.languages) - asked)
    if unread and all(block.languages for block in matrix.blocks):
        yield (
            ("contrast", "languages"),
            f"contrast: {', '.join(unread)} not among the matrix's languages; add there",
        )


def compared(matrix: Matrix, contrast: Contrast) -> tuple[str, ...]:
    """The scales at which both sides of the contrast are asked for, in the matrix's order."""
    sides: dict[str, set[str]] = {}
    for block in matrix.blocks:
        for scale in block.scales:
            if contrast.target in block.targets_of(scale):
                sides.setdefault(scale, set()).update(block.intermediates_of(scale))
    return tuple(
        scale
        for scale, found in sides.items()
        if {contrast.intermediate, contrast.baseline} <= found
    )
