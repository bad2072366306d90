"""Mining translation pairs out of two heaps of sentences, as XTREME does for BUCC 2018.

Nearest neighbours in both directions, the ratio margin of Artetxe and Schwenk (2019,
arXiv 1811.01136), the "max" strategy, and a threshold chosen where gold pairs are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import normalize

NEIGHBOURS = 4
ROWS = 1024
COLUMNS = 32768
"""Similarities held at once, 128 MiB: BUCC's largest side has half a million sentences."""


class Mined(NamedTuple):
    """A pair of positions, and its margin."""

    foreign: int
    english: int
    score: float


def nearest(queries: Tensor, base: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Cosines and positions of the `count` nearest rows of `base`, or of all where it has fewer.

    Exact, in blocks: [Q, H] and [B, H] -> two [Q, k], best first, of equally near rows the first
    ones. Vectors need not be normalised, and are never copied as a whole; `base` must not be empty.
    """
    found = [_block(queries, base, 0, count)]
    for at in range(COLUMNS, len(base), COLUMNS):
        both = zip(found.pop(), _block(queries, base, at, count), strict=True)
        cosines, places = (torch.cat(two, 1) for two in both)
        cosines, chosen = _top(cosines, count)
        found.append((cosines, places.gather(1, chosen)))
    return found[0]


def _block(queries: Tensor, base: Tensor, at: int, count: int) -> tuple[Tensor, Tensor]:
    """The nearest of the rows from `at` on that are compared at once."""
    columns = normalize(base[at : at + COLUMNS].float(), dim=-1).T
    made = [_top(normalize(rows.float(), dim=-1) @ columns, count) for rows in queries.split(ROWS)]
    cosines, places = (torch.cat(one) for one in zip(*made, strict=True))
    return cosines, places + at


def _top(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`topk`, and the first of equal values, which `topk` alone does not promise.

    Only rows with equal values among the best are gone through more slowly. `values` is used up.
    """
    if count == 1:
        return _firsts(values, 1)
    best, where = values.topk(min(count + 1, values.shape[1]))
    tied = (best[:, 1:] == best[:, :-1]).any(1)
    if tied.any():
        best[tied], where[tied] = _firsts(values[tied], best.shape[1])
    return best[:, :count], where[:, :count]


def _firsts(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The best one after the other: `argmax` promises the first."""
    found = []
    for _ in range(count):
        where = values.argmax(1, keepdim=True)
        found.append((values.gather(1, where), where))
        values.scatter_(1, where, -torch.inf)
    best, places = zip(*found, strict=True)
    return torch.cat(best, 1), torch.cat(places, 1)


def mine(
    foreign: Tensor, english: Tensor, foreign_lines: Sequence[str], english_lines: Sequence[str]
) -> list[Mined]:
    """Pairs of positions by falling margin; each sentence is in one pair at most.

    Vectors are [F, H] and [E, H]. Equal lines are one sentence, with the vector of the last; it
    competes, but a pair with it is left out in the end, since its position is not known. So is one
    whose line is another's but for the white space around it, though these compete apart.
    """
    x, y = _distinct(foreign_lines), _distinct(english_lines)
    if not x or not y:
        return []
    pairs = _matched(*_candidates(_taken(foreign, x), _taken(english, y)))
    once_x, once_y = _once(foreign_lines), _once(english_lines)
    told = (Mined(x[i], y[j], score) for i, j, score in pairs)
    return [one for one in told if one.foreign in once_x and one.english in once_y]


def _distinct(lines: Sequence[str]) -> list[int]:
    """The last position of every distinct line, by first appearance."""
    return list({line: position for position, line in enumerate(lines)}.values())


def _taken(vectors: Tensor, rows: list[int]) -> Tensor:
    """Those rows; no copy where they are all."""
    return vectors if len(rows) == len(vectors) else vectors[rows]


def _once(lines: Sequence[str]) -> set[int]:
    """Positions of the lines that are there once, without the white space around them."""
    bare = [line.strip() for line in lines]
    count = Counter(bare)
    return {position for position, line in enumerate(bare) if count[line] == 1}


def _candidates(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For every sentence of both sides its best partner by ratio margin: places in x and y, margin.

    margin(x, y) = cos(x, y) / ((r(x) + r(y)) / 2), r: mean cosine of the nearest neighbours.
    """
    forward, to_y = nearest(x, y, NEIGHBOURS)
    backward, to_x = nearest(y, x, NEIGHBOURS)
    r_x, r_y = forward.mean(1), backward.mean(1)
    margin_x = 2 * forward / (r_x[:, None] + r_y[to_y])
    margin_y = 2 * backward / (r_y[:, None] + r_x[to_x])
    best_x, at_x = margin_x.max(1, keepdim=True)
    best_y, at_y = margin_y.max(1, keepdim=True)
    places_x = torch.cat([torch.arange(len(x), device=x.device), to_x.gather(1, at_y)[:, 0]])
    places_y = torch.cat([to_y.gather(1, at_x)[:, 0], torch.arange(len(y), device=y.device)])
    return places_x, places_y, torch.cat([best_x, best_y])[:, 0]


def _matched(x: Tensor, y: Tensor, margins: Tensor) -> Iterable[Mined]:
    """Greedy: the best pair first, each side used once, margins above zero only."""
    order = margins.nan_to_num(nan=-1.0).argsort(descending=True, stable=True)
    columns = (column[order].tolist() for column in (x, y, margins))
    used_x: set[int] = set()
    used_y: set[int] = set()
    for i, j, margin in zip(*columns, strict=True):
        if margin > 0 and i not in used_x and j not in used_y:
            used_x.add(i)
            used_y.add(j)
            yield Mined(i, j, margin)


def threshold(mined: Sequence[Mined], gold: Iterable[tuple[int, int]]) -> float:
    """The margin from which keeping pairs gives the best F1; 0 where no pair is right.

    Midway between the last pair of the best prefix and the next; where the best prefix is the
    whole list (the published script stops with an IndexError), the last pair's own margin.
    """
    wanted = frozenset(gold)
    right, best_f1, best = 0, 0.0, 0.0
    for kept, one in enumerate(mined, start=1):
        right += (one.foreign, one.english) in wanted
        f1 = _f1(right, kept, len(wanted))
        if f1 > best_f1:
            after = mined[kept] if kept < len(mined) else one
            best_f1, best = f1, (one.score + after.score) / 2
    return best


def _f1(right: int, kept: int, wanted: int) -> float:
    """F1 with the published script's rounding, which decides between equally good prefixes."""
    if not right:
        return 0.0
    precision, recall = right / kept, right / wanted
    return 2 * precision * recall / (precision + recall)
