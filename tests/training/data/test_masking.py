"""Phase-1 batches: what is masked, what never is, and which languages meet in a pair."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.errors import MissingData
from training.data.masking import MaskedText, encoded, masked
from training.engine.weights import SHIPPED
from training.families.base import padded
from training.miniature.write import lines
from training.phases.encoder import tokenizer_of
from training.spec.recipe import Recipe

TOKENIZER = tokenizer_of(SHIPPED / "tokenizer")
SPECIAL = set(TOKENIZER.all_special_ids)
PAD, MASK = int(TOKENIZER.pad_token_id), int(TOKENIZER.mask_token_id)
LINES = {lang: list(lines(3, 80)[lang]) for lang in ("eng", "fin", "hun")}
RECIPE = Recipe(batch=6, window=4, max_length=64, steps=8)
START, END = int(TOKENIZER.bos_token_id), int(TOKENIZER.eos_token_id)


def text(recipe: Recipe, seed: int = 1, told: dict[str, list[str | None]] | None = None):  # type: ignore[no-untyped-def]
    return MaskedText(LINES if told is None else told, TOKENIZER, recipe, seed, recipe.steps)


def rows(count: int, length: int, seed: int = 0) -> torch.Tensor:
    """Random ordinary tokens between specials, with padding behind."""
    generator = torch.Generator().manual_seed(seed)
    made = []
    for i in range(count):
        body = torch.randint(len(SPECIAL), len(TOKENIZER), (length - i % 7,), generator=generator)
        made.append([START, *body.tolist(), END])
    return padded(made, PAD)


def test_the_share_is_masked_and_split_80_10_10() -> None:
    ids = rows(400, 100)
    batch = masked(ids, TOKENIZER, 0.15, torch.Generator().manual_seed(1))
    ordinary = ~torch.isin(ids, torch.tensor(sorted(SPECIAL)))
    assert len(batch["labels"]) / int(ordinary.sum()) == pytest.approx(0.15, abs=0.01)
    now = batch["input_ids"].view(-1)[batch["positions"]]
    became = (now == MASK).float().mean().item()
    stayed = (now == batch["labels"]).float().mean().item()
    assert became == pytest.approx(0.8, abs=0.02) and stayed == pytest.approx(0.1, abs=0.015)
    drawn = now[(now != MASK) & (now != batch["labels"])]
    assert len(drawn.unique()) > 300, "random tokens come from the whole vocabulary"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(8, 30), st.floats(0.01, 0.9), st.integers(0, 2**31))
def test_labels_and_positions_agree_and_spare_the_specials(
    count: int, length: int, share: float, seed: int
) -> None:
    ids = rows(count, length, seed)
    batch = masked(ids, TOKENIZER, share, torch.Generator().manual_seed(seed))
    flat, positions = ids.view(-1), batch["positions"]
    assert len(positions) >= 1, "there is always something to learn"
    assert torch.equal(positions, positions.unique()), "none is chosen twice"
    assert torch.equal(batch["labels"], flat[positions])
    assert not set(flat[positions].tolist()) & SPECIAL
    untouched = torch.ones_like(flat, dtype=torch.bool)
    untouched[positions] = False
    assert torch.equal(batch["input_ids"].view(-1)[untouched], flat[untouched])
    assert torch.equal(batch["attention_mask"], (ids != PAD).long())


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    one, again, other = text(RECIPE), text(RECIPE), text(RECIPE, seed=2)
    for step in (7, 0, 5):
        for key, value in one[step].items():
            assert torch.equal(value, again[step][key])
    assert one[0]["input_ids"].tolist() != other[0]["input_ids"].tolist()
    assert one[0]["input_ids"].tolist() != one[4]["input_ids"].tolist()


def test_grouping_makes_batches_of_similar_length() -> None:
    def padding(sampling: str) -> float:
        data = text(replace(RECIPE, sampling=sampling, window=20, steps=40))  # type: ignore[arg-type]
        masks = [data[step]["attention_mask"] for step in range(40)]
        return sum(int((m == 0).sum()) for m in masks) / sum(m.numel() for m in masks)

    assert padding("grouped") < 0.5 * padding("iid")


def original(batch: dict[str, torch.Tensor]) -> list[list[int]]:
    """The token ids before masking, without padding."""
    ids = batch["input_ids"].clone()
    ids.view(-1)[batch["positions"]] = batch["labels"]
    return [row[row != PAD].tolist() for row in ids]


def known(told: dict[str, list[str | None]] = LINES) -> dict[tuple[int, ...], set[tuple[str, int]]]:
    """Token ids -> (language, line) that they may be."""
    found: dict[tuple[int, ...], set[tuple[str, int]]] = {}
    for lang, said in told.items():
        for i, ids in enumerate(encoded(TOKENIZER, said)):
            found.setdefault(tuple(ids or ()), set()).add((lang, i))
    return found


def sides(row: list[int]) -> list[tuple[int, ...]]:
    """The one or two segments of `<s> a </s></s> b </s>`."""
    assert row[0] == START and row[-1] == END
    body, made = row[1:-1], []
    for i in range(len(body) - 1):
        if body[i] == body[i + 1] == END:
            made = [tuple(body[:i]), tuple(body[i + 2 :])]
    return made or [tuple(body)]


@pytest.mark.parametrize("pivot", ["", "eng"])
def test_a_pair_is_one_line_in_two_languages_with_the_pivot(pivot: str) -> None:
    where = known()
    data = text(replace(RECIPE, pairs=1.0, pivot=pivot, max_length=256, steps=30))
    partners = set()
    for step in range(30):
        for row in original(data[step]):
            first, second = (where[side] for side in sides(row))
            met = {(a, b) for a, i in first for b, j in second if i == j and a != b}
            assert met, "both sides say the same line in different languages"
            assert not pivot or any(pivot in pair for pair in met)
            partners |= {frozenset(pair) for pair in met}
    assert (frozenset({"fin", "hun"}) in partners) == (not pivot)


def test_pairs_are_the_share_that_was_asked_for() -> None:
    data = text(replace(RECIPE, pairs=0.5, batch=20, steps=40))
    counts = [len(sides(row)) for step in range(40) for row in original(data[step])]
    assert counts.count(2) / len(counts) == pytest.approx(0.5, abs=0.06)


def test_long_inputs_are_cut_and_keep_their_frame() -> None:
    data = text(replace(RECIPE, pairs=0.5, max_length=16))
    for step in range(8):
        for row in original(data[step]):
            assert len(row) <= 16 and row[0] == START and row[-1] == END


def test_lines_that_a_language_lacks_are_never_drawn() -> None:
    told: dict[str, list[str | None]] = {
        "eng": LINES["eng"],
        "fin": [None if i % 2 else line for i, line in enumerate(LINES["fin"])][:40],
    }
    data = text(replace(RECIPE, pairs=1.0, max_length=256, steps=20), told=told)
    where = known(told)
    for step in range(20):
        for row in original(data[step]):
            found = [where[side] for side in sides(row)]
            assert all(found)
            if len(found) == 2:
                assert any(i % 2 == 0 and i < 40 for one in found for _, i in one)


@pytest.mark.parametrize(
    ("recipe", "missing"),
    [
        (replace(RECIPE, languages=("eng", "fra")), "fra"),
        (replace(RECIPE, languages=("fin", "hun"), pivot="eng", pairs=1.0), "eng"),
    ],
)
def test_languages_without_text_are_named(recipe: Recipe, missing: str) -> None:
    with pytest.raises(MissingData, match=missing):
        text(recipe)


def test_the_sides_of_a_pair_come_alone_and_unmasked() -> None:
    where = known()
    data = text(replace(RECIPE, pairs=0.7, pivot="eng", max_length=256, steps=20, ranking=1.0))
    seen = 0
    for step in range(20):
        batch = data[step]
        pairs = [row for row in original(batch) if len(sides(row)) == 2]
        assert ("sides" in batch) == bool(pairs)
        if not pairs:
            continue
        told = batch["sides"]
        assert len(told) == 2 * len(pairs)
        assert torch.equal(batch["sides_mask"].bool(), told != PAD)
        for i, row in enumerate(pairs):
            halves = [tuple(told[j][told[j] != PAD][1:-1].tolist()) for j in (i, len(pairs) + i)]
            assert tuple(halves) == tuple(sides(row))
            assert all(half in where for half in halves)
            seen += 1
    assert seen > 20


def test_without_the_ranking_loss_no_sides_are_made() -> None:
    assert "sides" not in text(replace(RECIPE, pairs=1.0))[0]
