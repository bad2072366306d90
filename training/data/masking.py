"""Text for phase 1: lines in many languages, alone or as translation pairs, masked each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.data.errors import MissingData
from training.families.base import Batch, begin, end, padded, pieces
from training.spec.recipe import Recipe

IGNORED = -100


class MaskedText:
    """Batches by step number: `text[step]` is a function of the seed and the step alone.

    `lines` maps a language to its lines; line i says the same in all languages that have it (None,
    or past the end, where a language has not).
    """

    def __init__(
        self,
        lines: Mapping[str, Sequence[str | None]],
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        seed: int,
        steps: int,
    ) -> None:
        self.tokenizer, self.recipe, self.seed, self.steps = tokenizer, recipe, seed, steps
        self.languages = sorted(recipe.languages or lines)
        asked = {*self.languages, *filter(None, [recipe.pivot])}
        absent = sorted(lang for lang in asked if not any(lines.get(lang, ())))
        if absent or not asked.issubset(self.languages):
            raise MissingData(
                f"text in {', '.join(absent) or recipe.pivot}",
                f"the text of phase 1, in {', '.join(self.languages)}",
                "change recipe.languages or recipe.pivot",
            )
        self.ids = {lang: encoded(tokenizer, lines[lang]) for lang in self.languages}
        self.present = {
            lang: np.flatnonzero([ids is not None for ids in self.ids[lang]])
            for lang in self.languages
        }
        self.plan = lru_cache(maxsize=2)(self.window)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        chosen = self.plan(step // self.recipe.window)[step % self.recipe.window]
        generator = torch.Generator().manual_seed((self.seed << 32) + step)
        ids = padded(chosen, int(self.tokenizer.pad_token_id))  # type: ignore[arg-type]
        batch = masked(ids, self.tokenizer, self.recipe.mask, generator)
        return batch | (self.sides(chosen) if self.recipe.ranking else {})

    def parts(self, step: int, size: int) -> list[Batch]:
        """The batch of a step, masked as a whole, `size` inputs at a time.

        Raises ValueError where translations are ranked: that loss compares all of a batch.
        """
        if self.recipe.ranking:
            raise ValueError("the ranking loss compares all of a batch: it cannot be split")
        return split(self[step], size)

    def sides(self, chosen: list[list[int]]) -> Batch:
        """Both sides of the pairs among the inputs, unmasked and each alone: rows i and P + i."""
        s, e = begin(self.tokenizer), end(self.tokenizer)
        firsts, seconds = [], []
        for ids in chosen:
            cut = ids.index(e)
            if cut + 1 < len(ids):
                firsts.append(ids[: cut + 1])
                seconds.append([s, *ids[cut + 2 :]])
        if not firsts:
            return {}
        told = padded(firsts + seconds, int(self.tokenizer.pad_token_id))  # type: ignore[arg-type]
        return {"sides": told, "sides_mask": (told != self.tokenizer.pad_token_id).long()}

    def window(self, number: int) -> list[list[list[int]]]:
        """The batches of one window: drawn, sorted by length if the recipe groups, shuffled."""
        rng = np.random.default_rng((self.seed, number, 17))
        count, batch = self.recipe.window, self.recipe.batch
        drawn = [self.draw(rng) for _ in range(count * batch)]
        if self.recipe.sampling == "grouped":
            drawn.sort(key=len)
        cut = [drawn[i * batch : (i + 1) * batch] for i in range(count)]
        return [cut[i] for i in rng.permutation(count)]

    def draw(self, rng: np.random.Generator) -> list[int]:
        """One input: a line, or a line in two languages."""
        first = self.languages[rng.integers(len(self.languages))]
        line = int(rng.choice(self.present[first]))
        ids = self.ids[first][line] or []
        s, e = begin(self.tokenizer), end(self.tokenizer)
        if rng.random() < self.recipe.pairs and (others := self.partners(first, line)):
            second = self.ids[others[rng.integers(len(others))]][line] or []
            half = (self.recipe.max_length - 4) // 2
            a, b = (ids, second) if rng.random() < 0.5 else (second, ids)
            return [s, *a[:half], e, e, *b[:half], e]
        return [s, *ids[: self.recipe.max_length - 2], e]

    def partners(self, first: str, line: int) -> list[str]:
        """Languages that say the same line and may be paired with the first."""
        pivot = self.recipe.pivot
        offered = [pivot] if pivot and first != pivot else self.languages
        return [lang for lang in offered if lang != first and self.has(lang, line)]

    def has(self, lang: str, line: int) -> bool:
        """Whether a language has this line."""
        return line < len(self.ids[lang]) and self.ids[lang][line] is not None


def encoded(
    tokenizer: PreTrainedTokenizerBase, lines: Sequence[str | None]
) -> list[list[int] | None]:
    """Token ids of each line; missing and empty lines stay None."""
    present = [i for i, line in enumerate(lines) if line]
    made: list[list[int] | None] = [None] * len(lines)
    for i, ids in zip(present, pieces(tokenizer, [lines[i] or "" for i in present]), strict=True):
        made[i] = ids or None
    return made


def masked(
    ids: Tensor, tokenizer: PreTrainedTokenizerBase, share: float, generator: torch.Generator
) -> Batch:
    """Choose `share` of the ordinary tokens: 80 % become the mask, 10 % random, 10 % stay.

    Special tokens and padding are never chosen. `positions` [P] are the flat indices of the chosen
    tokens and `labels` [P] their ids, so that the head is applied to these rows only.
    """
    special = torch.tensor(sorted(set(tokenizer.all_special_ids)))
    ordinary = ~torch.isin(ids, special)
    chosen = (torch.rand(ids.shape, generator=generator) < share) & ordinary
    if not chosen.any():
        chosen.view(-1)[ordinary.view(-1).nonzero()[0]] = True
    fate = torch.rand(ids.shape, generator=generator)
    random = torch.randint(len(tokenizer), ids.shape, generator=generator)
    corrupted = torch.where(chosen & (fate < 0.8), torch.tensor(int(tokenizer.mask_token_id)), ids)  # type: ignore[arg-type]
    corrupted = torch.where(chosen & (fate >= 0.9), random, corrupted)
    positions = chosen.view(-1).nonzero().squeeze(1)
    return {
        "input_ids": corrupted,
        "attention_mask": (ids != tokenizer.pad_token_id).long(),
        "positions": positions,
        "labels": ids.view(-1)[positions],
    }


def split(batch: Batch, size: int) -> list[Batch]:
    """A masked batch by its rows; positions count from the start of each part."""
    count, width = batch["input_ids"].shape
    made = []
    for at in range(0, count, size):
        low, high = at * width, min(count, at + size) * width
        here = (batch["positions"] >= low) & (batch["positions"] < high)
        rows = {key: batch[key][at : at + size] for key in ("input_ids", "attention_mask")}
        targets = {"positions": batch["positions"][here] - low, "labels": batch["labels"][here]}
        made.append(rows | targets)
    return made
