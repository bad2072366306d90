"""What each rank has of a batch, and how much that weighs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine.sharding import Mine


class Rows:
    """Batches of labels; negative ones are not learnt."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, step: int) -> Any:
        return {"labels": torch.tensor(self.batches[step])}

    def parts(self, step: int, size: int) -> list[Any]:
        told = self.batches[step]
        cut = [told[at : at + size] for at in range(0, len(told), size)]
        return [{"labels": torch.tensor(part)} for part in cut]


BATCHES = st.lists(st.lists(st.integers(-1, 5), min_size=1, max_size=8), min_size=1, max_size=4)


@settings(deadline=None)
@given(BATCHES, st.integers(1, 5))
def test_the_parts_of_the_ranks_weigh_what_the_batch_does(
    batches: list[list[int]], ranks: int
) -> None:
    """The ranks' means by their shares are the mean over the batch, for any sizes."""
    mine = [Mine(Rows(batches), 8, rank, ranks, whole=False) for rank in range(ranks)]
    for step, labels in enumerate(batches):
        learnt = [label for label in labels if label >= 0]
        total = 0.0
        for one in mine:
            part = [v for v in one[step]["labels"].tolist() if v >= 0]
            total += one.share(step) * (sum(part) / len(part) if part else 0.0)
            assert part or not learnt, "an empty part has no mean"
        assert total == pytest.approx(sum(learnt) / len(learnt) if learnt else 0.0)


def test_what_compares_a_whole_batch_is_not_cut() -> None:
    mine = [Mine(Rows([[1, 2, 3]]), 8, rank, 2, whole=True) for rank in range(2)]
    assert [one[0]["labels"].tolist() for one in mine] == [[1, 2, 3]] * 2
    assert [one.share(0) for one in mine] == [0.5, 0.5]
