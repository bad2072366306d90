"""Translation ranking: a sentence's translation is told from the others of the batch by its vector.

The in-batch softmax of LaBSE (Feng, Yang, Cer, Arivazhagan, Wang 2022), both directions, on mean
vectors of the layer below the last, which is left to the language model.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.families.base import Batch
from training.families.retrieval import embed

TEMPERATURE = 0.05


def ranking_loss(encoder: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy in nats; row i and row P + i of `sides` [2P, T] are translations."""
    told = encoder(
        input_ids=batch["sides"], attention_mask=batch["sides_mask"], output_hidden_states=True
    )
    vectors = embed(told.hidden_states[-2].float(), batch["sides_mask"])
    first, second = nn.functional.normalize(vectors, dim=-1).chunk(2)
    cosines = first @ second.T / TEMPERATURE
    wanted = torch.arange(len(first), device=cosines.device)
    forward = nn.functional.cross_entropy(cosines, wanted)
    return (forward + nn.functional.cross_entropy(cosines.T, wanted)) / 2
