"""Word embeddings that start aligned: latent semantic analysis of parallel lines.

Pieces that occur in the same lines, whatever the language, get similar vectors (cross-language
latent semantic indexing: Dumais, Letsche, Littman, Landauer 1997). A small model from scratch then
finds translations by attention after hundreds of steps, where random vectors take thousands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

LENGTH = 0.5
"""Length of the vectors: well above the position embeddings', which start at about 0.2."""
POWER_ITERATIONS = 6


def latent_vectors(
    lines: Mapping[str, Sequence[Sequence[int] | None]], vocabulary: int, hidden: int, seed: int
) -> Tensor:
    """[vocabulary, hidden]: the leading left singular vectors, scaled, of the piece-line matrix.

    `lines[lang][i]` are the piece ids of line i; line i is one document over all languages. Rows
    are normalised, so that frequent pieces do not rule; pieces that never occur get zeros.
    """
    occurs = occurrences(lines)
    count = int(occurs[1].max()) + 1
    frequency = torch.zeros(vocabulary).index_add_(0, occurs[0], torch.ones(occurs.shape[1]))
    weight = 1 / frequency.clamp(min=1).sqrt()
    size = (vocabulary, count)
    matrix = torch.sparse_coo_tensor(occurs, weight[occurs[0]], size, check_invariants=True)
    matrix = matrix.coalesce()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        left, values, _ = torch.svd_lowrank(matrix, q=hidden, niter=POWER_ITERATIONS)
    return nn.functional.normalize(left * values, dim=1) * LENGTH


def occurrences(lines: Mapping[str, Sequence[Sequence[int] | None]]) -> Tensor:
    """[2, N]: distinct (piece, line) pairs, in order."""
    pieces: list[int] = []
    places: list[int] = []
    for found in lines.values():
        for i, ids in enumerate(found):
            pieces += ids or ()
            places += [i] * len(ids or ())
    return torch.unique(torch.tensor([pieces, places]), dim=1)


def align(words: nn.Embedding, vectors: Tensor) -> None:
    """Put the vectors in place; pieces without one keep their random start."""
    known = vectors.norm(dim=1) > 0
    with torch.no_grad():
        words.weight[known] = vectors[known]
