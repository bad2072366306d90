"""The translation ranking loss: small where translations are nearest, large where they are not."""

from __future__ import annotations

import math

import torch
from torch import nn

from training.phases.ranking import TEMPERATURE, ranking_loss


class Told:
    def __init__(self, states: torch.Tensor) -> None:
        self.hidden_states = (states, states, torch.zeros_like(states))


class Looked(nn.Module):
    """An "encoder" whose states are a table's rows."""

    def __init__(self, rows: torch.Tensor) -> None:
        super().__init__()
        self.rows = rows

    def forward(self, input_ids: torch.Tensor, **_: object) -> Told:
        return Told(self.rows[input_ids])


def batch(first: list[int], second: list[int]) -> dict[str, torch.Tensor]:
    ids = torch.tensor([*first, *second])[:, None]
    return {"sides": ids, "sides_mask": torch.ones_like(ids)}


def test_orthogonal_translations_give_the_known_value() -> None:
    rows = torch.eye(4)
    loss = ranking_loss(Looked(rows), batch([0, 1, 2], [0, 1, 2]))
    known = math.log(1 + 2 * math.exp(-1 / TEMPERATURE))
    assert math.isclose(float(loss), known, rel_tol=1e-3, abs_tol=1e-6)


def test_confused_translations_cost_more_than_guessing() -> None:
    loss = ranking_loss(Looked(torch.eye(4)), batch([0, 1, 2], [1, 2, 0]))
    assert float(loss) > math.log(3)


def test_it_is_symmetric() -> None:
    rows = torch.randn(6, 8, generator=torch.Generator().manual_seed(1))
    one = ranking_loss(Looked(rows), batch([0, 1, 2], [3, 4, 5]))
    other = ranking_loss(Looked(rows), batch([3, 4, 5], [0, 1, 2]))
    assert torch.allclose(one, other)
