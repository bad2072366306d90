"""Mining: neighbours, margins, the one-to-one matching, the threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from training.families import mining
from training.families.mining import Mined, mine, nearest, threshold

SEEDS = st.integers(0, 10**6)


def vectors(seed: int, rows: int, width: int = 6) -> Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed))


def lines(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(count)]


# --- neighbours ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(SEEDS, st.integers(1, 30), st.integers(1, 30), st.integers(1, 6))
def test_nearest_in_blocks_is_nearest(seed: int, queries: int, base: int, count: int) -> None:
    one, two = vectors(seed, queries), vectors(seed + 1, base)
    cosines = torch.nn.functional.cosine_similarity(one[:, None], two[None], dim=-1)
    expected = cosines.sort(descending=True).values[:, :count]
    with pytest.MonkeyPatch.context() as small:
        small.setattr(mining, "ROWS", 4)
        small.setattr(mining, "COLUMNS", 7)
        found, places = nearest(one, two, count)
    assert found.shape == places.shape == (queries, min(count, base))
    assert torch.allclose(found, expected, atol=1e-5)
    assert torch.allclose(cosines.gather(1, places), found, atol=1e-5)


def test_of_equally_near_rows_the_first() -> None:
    base = torch.tensor([[0.0, 1.0], [2.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    assert nearest(torch.tensor([[1.0, 0.0]]), base, 1)[1].tolist() == [[1]]
    with pytest.MonkeyPatch.context() as small:
        small.setattr(mining, "COLUMNS", 1)
        assert nearest(torch.tensor([[1.0, 0.0]]), base, 1)[1].tolist() == [[1]]


@settings(deadline=None)
@given(SEEDS, st.integers(1, 12), st.integers(1, 40), st.integers(1, 6), st.integers(1, 9))
def test_of_many_equally_near_rows_the_first_ones(
    seed: int, queries: int, base: int, count: int, columns: int
) -> None:
    """Corners of a cube have few distinct cosines, all exact: brute force is a stable sort."""
    one, two = (vectors(seed + i, rows, 4).sign() for i, rows in enumerate((queries, base)))
    expected = (one @ two.T / 4).sort(dim=1, descending=True, stable=True)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(mining, "ROWS", 5)
        small.setattr(mining, "COLUMNS", columns)
        found, places = nearest(one, two, count)
    assert found.tolist() == expected.values[:, :count].tolist()
    assert places.tolist() == expected.indices[:, :count].tolist()


def test_length_is_nothing() -> None:
    one, two = vectors(1, 5), vectors(2, 9)
    scaled = two * torch.arange(1, 10)[:, None]
    assert nearest(one, two, 3)[1].tolist() == nearest(7 * one, scaled, 3)[1].tolist()


# --- mining --------------------------------------------------------------------------------------


def slow_mine(x: Tensor, y: Tensor, left: Sequence[str], right: Sequence[str]) -> list[Mined]:
    """The published steps with dictionaries and loops."""
    xs, ys = ({line: v for line, v in zip(*side, strict=True)} for side in ((left, x), (right, y)))
    cosine = {
        (a, b): float(torch.nn.functional.cosine_similarity(u, v, dim=0))
        for a, u in xs.items()
        for b, v in ys.items()
    }
    near_x = {a: sorted(ys, key=lambda b: -cosine[a, b])[:4] for a in xs}
    near_y = {b: sorted(xs, key=lambda a: -cosine[a, b])[:4] for b in ys}
    mean_x = {a: sum(cosine[a, b] for b in near) / len(near) for a, near in near_x.items()}
    mean_y = {b: sum(cosine[a, b] for a in near) / len(near) for b, near in near_y.items()}

    def margin(pair: tuple[str, str]) -> float:
        return cosine[pair] / ((mean_x[pair[0]] + mean_y[pair[1]]) / 2)

    best = [max(((a, b) for b in near), key=margin) for a, near in near_x.items()]
    best += [max(((a, b) for a in near), key=margin) for b, near in near_y.items()]
    found: list[tuple[str, str, float]] = []
    for a, b in sorted(set(best), key=lambda pair: -margin(pair)):
        used = any(a == one[0] or b == one[1] for one in found)
        if not used and margin((a, b)) > 0:
            found.append((a, b, margin((a, b))))
    once = [(a, b, m) for a, b, m in found if left.count(a) == 1 and right.count(b) == 1]
    return [Mined(left.index(a), right.index(b), m) for a, b, m in once]


@settings(deadline=None, max_examples=60)
@given(
    SEEDS,
    st.lists(st.integers(0, 14).map(lambda i: f"f{i}"), min_size=1, max_size=14),
    st.lists(st.integers(0, 14).map(lambda i: f"e{i}"), min_size=1, max_size=14),
)
def test_mining_as_the_slow_reading(seed: int, left: list[str], right: list[str]) -> None:
    """With repeated lines, whose last vector counts and whose pairs are left out.

    Vectors share a direction as sentences' do: with mean cosines around zero a ratio is noise.
    """
    x, y = vectors(seed, len(left)) + 2, vectors(seed + 1, len(right)) + 2
    found, expected = mine(x, y, left, right), slow_mine(x, y, left, right)
    assume(all(abs(a.score - b.score) > 1e-5 for a, b in zip(expected, expected[1:], strict=False)))
    assert [one[:2] for one in found] == [one[:2] for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(5, 30), st.randoms())
def test_the_order_of_sentences_is_nothing(seed: int, count: int, random) -> None:  # type: ignore[no-untyped-def]
    x, y = vectors(seed, count) + 2, vectors(seed + 1, count) + 2
    left, right = lines("f", count), lines("e", count)
    order, other = random.sample(range(count), count), random.sample(range(count), count)
    plain = {(left[m.foreign], right[m.english]) for m in mine(x, y, left, right)}
    left, right = [left[i] for i in order], [right[i] for i in other]
    mixed = {(left[m.foreign], right[m.english]) for m in mine(x[order], y[other], left, right)}
    assert mixed == plain


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 30), st.integers(1, 30))
def test_every_sentence_is_in_one_pair_at_most(seed: int, left: int, right: int) -> None:
    found = mine(vectors(seed, left), vectors(seed + 1, right), lines("f", left), lines("e", right))
    assert len({m.foreign for m in found}) == len({m.english for m in found}) == len(found)
    scores = [m.score for m in found]
    assert scores == sorted(scores, reverse=True) and all(score > 0 for score in scores)


def test_the_same_vectors_find_each_other() -> None:
    x = vectors(3, 40)
    order = list(range(39, -1, -1))
    found = mine(x, x[order], lines("f", 40), lines("e", 40))
    assert {m[:2] for m in found} == {(i, 39 - i) for i in range(40)}


def test_a_repeated_line_competes_but_is_left_out() -> None:
    x = torch.eye(3)
    x = torch.cat([x, x[:1]]) + 0.1
    left = ["a", "b", "c", "a"]
    found = mine(x, x[:3], left, ["A", "B", "C"])
    assert {m[:2] for m in found} == {(1, 1), (2, 2)}


def test_lines_equal_but_for_white_space_compete_apart_and_are_left_out() -> None:
    x = torch.eye(3) + 0.1
    found = mine(x, x, ["a", "b", " a\u00a0"], ["A", "B", "C"])
    assert {m[:2] for m in found} == {(1, 1)}


def test_nothing_to_mine() -> None:
    assert mine(vectors(1, 0), vectors(1, 3), [], lines("e", 3)) == []
    assert mine(vectors(1, 3), vectors(1, 0), lines("f", 3), []) == []


def test_broken_vectors_mine_nothing() -> None:
    broken = torch.full((5, 4), math.nan)
    assert mine(broken, broken, lines("f", 5), lines("e", 5)) == []


# --- threshold -----------------------------------------------------------------------------------


def listed(*scores: float) -> list[Mined]:
    return [Mined(i, i, score) for i, score in enumerate(scores)]


def test_threshold_lies_between_the_last_kept_and_the_next() -> None:
    assert threshold(listed(2.0, 1.5, 1.0, 0.5), [(0, 0), (1, 1)]) == 1.25
    assert threshold(listed(2.0, 1.5), [(0, 0)]) == 1.75


def test_threshold_where_all_pairs_are_right() -> None:
    """The published script raises IndexError here."""
    assert threshold(listed(2.0, 1.5), [(0, 0), (1, 1)]) == 1.5
    assert threshold(listed(2.0), [(0, 0)]) == 2.0


def test_threshold_where_no_pair_is_right() -> None:
    assert threshold(listed(2.0, 1.5), [(0, 1)]) == 0.0
    assert threshold([], [(0, 0)]) == 0.0
    assert threshold(listed(2.0), []) == 0.0


@given(st.lists(st.tuples(st.floats(0.1, 3), st.booleans()), max_size=30), st.integers(0, 5))
def test_no_other_threshold_is_better(pairs: list[tuple[float, bool]], missing: int) -> None:
    pairs.sort(key=lambda pair: -pair[0])
    mined = [Mined(i, i, score) for i, (score, _) in enumerate(pairs)]
    gold = {(i, i) for i, (_, right) in enumerate(pairs) if right}
    gold |= {(100 + i, 100 + i) for i in range(missing)}

    def f1(kept: Sequence[Mined]) -> float:
        both = len(gold & {m[:2] for m in kept})
        return 2 * both / (len(kept) + len(gold)) if both else 0.0

    assume(len({score for score, _ in pairs}) == len(pairs))
    chosen = f1([m for m in mined if m.score >= threshold(mined, gold)])
    assert chosen == pytest.approx(max(f1(mined[:n]) for n in range(len(mined) + 1)))
