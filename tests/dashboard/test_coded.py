"""Scores are kept as numbers for texts: what is read back is what was logged."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from frames_of import after, none, scores
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.coding import below, by_metric, coded, pruned, written
from dashboard.analysis.frames import VALUE, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.keeping import LATELY
from dashboard.snapshot.source import Batch, Told
from dashboard.snapshot.tables import values
from training.spec import record

TEXT = ("run_id", "split", "lang", "metric")
KEYS = [
    *(record.score_key(s, c, m) for s in ("dev", "test") for c in ("fin", "hun") for m in "af"),
    *(record.score_key(s, c, "n") for s in ("dev", "test") for c in ("fin", "hun")),
    *("train/loss", "val/x", record.PACE),
]
LOGGED = st.dictionaries(
    st.tuples(st.sampled_from(["r1", "r2", "r3"]), st.sampled_from(KEYS)), st.floats(0, 100)
)


def plainly(logged: dict[tuple[str, str], float]) -> set[tuple]:
    """Every score with the count that was logged beside it, one after another."""
    found = set()
    for (run, key), value in logged.items():
        told = record.parse_score_key(key)
        if told and told[2] != "n":
            n = logged.get((run, record.score_key(told[0], told[1], "n")), -1.0)
            found.add((run, *told, value, n))
    return found


def rows(table: pd.DataFrame) -> list[tuple]:
    assert tuple(table.columns) == VALUE
    assert all(table[name].dtype == "category" for name in TEXT)
    told = written(table).itertuples(index=False, name=None)
    return [(*row[:-1], -1.0 if math.isnan(row[-1]) else row[-1]) for row in told]


def batch(logged: dict[tuple[str, str], float]) -> Batch:
    runs = list(dict.fromkeys(run for run, _ in logged))
    told = [Told(run, "FINISHED", None, None, "") for run in runs]
    return Batch(told, [(runs.index(run), key, value) for (run, key), value in logged.items()])


@settings(deadline=None, max_examples=50)
@given(LOGGED, LOGGED)
def test_scores_of_batches_are_those_that_were_logged(one: dict, two: dict):
    told = rows(values(batch(one)))
    assert len(told) == len(plainly(one)) and set(told) == plainly(one)
    other = {(f"later-{run}", key): value for (run, key), value in two.items()}
    both = below([values(batch(one)), values(batch(other))])
    assert rows(both) == [*told, *rows(values(batch(other)))]
    assert all(both[name].cat.categories.is_monotonic_increasing for name in TEXT)


@given(st.lists(st.sampled_from([*"abc", None])), st.lists(st.booleans(), max_size=9))
def test_texts_without_a_row_are_forgotten(texts: list, kept: list):
    whole = coded(pd.DataFrame({"text": pd.Series(texts, dtype="str"), "n": 1.0}))
    some = whole.iloc[[at for at, keep in enumerate(kept) if keep and at < len(texts)]]
    left = pruned(some)
    assert left["text"].tolist() == some["text"].tolist() or some["text"].isna().any()
    assert list(left["text"].cat.categories) == sorted(set(some["text"].dropna()))


def test_in_a_run_scores_stand_by_their_keys_whatever_the_server_sent_first():
    keys = ["test/hun/f1", "dev/fin/f1", "test/fin/f1"]
    logged = {("r", key): float(at) for at, key in enumerate(keys)}
    assert [row[4] for row in rows(values(batch(logged)))] == [1.0, 2.0, 0.0]


FRAME = scores(none(50), after("mnli", 53), none(40, lang="hun"), after("mnli", 39, lang="hun"))


def test_coding_is_undone_and_gains_are_the_same():
    again = written(coded(FRAME))
    assert again.astype(str).equals(FRAME.astype(str))
    assert written(FRAME) is FRAME
    assert gains(coded(FRAME))["gain"].tolist() == gains(FRAME)["gain"].tolist()
    with_gap = FRAME.assign(family=["Uralic", None, "Uralic", None])
    assert written(coded(with_gap))["family"].isna().tolist() == [False, True, False, True]


@pytest.mark.parametrize("kind", [coded, lambda one: one])
def test_each_target_by_its_own_metric(kind):
    both = [none(1.0, metric=one, target=to) for to in ("xnli", "udpos") for one in ("acc", "f1")]
    frame = kind(scores(*both, none(2.0, target="unknown", metric="acc")))
    assert by_metric(frame, {"xnli": "acc", "udpos": "f1"}).tolist() == [
        *(True, False, False, True, False),
    ]


def test_a_frame_keeps_the_last_of_what_was_computed_and_no_more():
    frame, made = ScoreFrame(), list[int]()

    def make(number: int) -> int:
        made.append(number)
        return number

    for number in (*range(LATELY), 0, LATELY, 0, 1):
        assert frame.lately((number,), make, number) == number
    assert made == [*range(LATELY), LATELY, 1]  # 0 was asked for again, 1 had to go
    assert len(frame.__dict__["_lately"]) == LATELY
