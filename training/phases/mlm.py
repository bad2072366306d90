"""Phase 1: masked language modelling, the head applied to masked positions only."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.families.base import Batch
from training.phases.base import RANKING, Phase
from training.phases.ranking import ranking_loss
from training.spec.recipe import Recipe


class MaskedHead(nn.Module):
    """Dense, GELU, LayerNorm, then the word embeddings transposed (RoBERTa) or weights of its own.

    With its own weights the embeddings need not tell translations apart, so they can stay aligned.
    """

    def __init__(
        self, embeddings: nn.Embedding, tied: bool = True, pieces: int | None = None
    ) -> None:
        """`pieces`: of the vocabulary; rows beyond them (XL has 878) are never predicted."""
        super().__init__()
        hidden = embeddings.embedding_dim
        self.pieces = pieces or embeddings.num_embeddings
        self.dense = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-5)
        self.bias = nn.Parameter(torch.zeros(self.pieces))
        nn.init.normal_(self.dense.weight, std=0.02)
        nn.init.zeros_(self.dense.bias)
        self.weight: nn.Parameter | None = None
        if not tied:
            self.weight = nn.Parameter(torch.empty(self.pieces, hidden))
            nn.init.normal_(self.weight, std=0.02)

    def forward(self, states: Tensor, embeddings: nn.Embedding) -> Tensor:
        """[P, H] -> [P, pieces]."""
        made = self.norm(nn.functional.gelu(self.dense(states)))
        weight = embeddings.weight[: self.pieces] if self.weight is None else self.weight
        if weight.dtype != made.dtype:
            return nn.functional.linear(made.to(weight.dtype), weight).float() + self.bias
        return nn.functional.linear(made, weight, self.bias)


class MaskedLanguageModel(Phase):
    """MLM over lines or translation pairs; `train/loss` is in nats a masked token."""

    def __init__(
        self, encoder: nn.Module, recipe: Recipe, seed: int, steps: int, pieces: int | None = None
    ) -> None:
        super().__init__(encoder, recipe, seed, steps)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.head = MaskedHead(self.words, recipe.tied, pieces)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        return masked_losses(self, self.head, batch, "train/loss")


def masked_losses(phase: Phase, head: MaskedHead, batch: Batch, name: str) -> dict[str, Tensor]:
    """The loss of a masked batch as `name`, and the ranking loss where it is asked for."""
    states = phase.states(batch)
    chosen = states.reshape(-1, states.shape[-1])[batch["positions"]]
    told = {name: nn.functional.cross_entropy(head(chosen, phase.words), batch["labels"])}
    if "sides" in batch:
        told[RANKING] = ranking_loss(phase.encoder, batch)
    return told
