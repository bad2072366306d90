"""SQuAD 2.0's official numbers: known answers, and a slow reading of the rules."""

from __future__ import annotations

import json
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from answer_rules import PARTS, best2
from commands import refused, silta
from hypothesis import given, settings
from hypothesis import strategies as st

from training.families.official import Question
from training.families.squad2 import evaluation

GOLD = [
    Question("a", ("Budapest",)),
    Question("b", ("the Danube", "Danube river")),
    Question("c", ()),
    Question("d", ()),
    Question("e", ("...",)),  # of which nothing is left, but answerable all the same
]
SAID = {"a": "in Budapest", "b": "The Danube!", "c": "", "d": "Pest", "e": ""}
PLAIN = {
    "exact": 60.0,
    "f1": 100 * (2 / 3 + 3) / 5,
    "total": 5,
    "HasAns_exact": 100 * 2 / 3,
    "HasAns_f1": 100 * (2 / 3 + 2) / 3,
    "HasAns_total": 3,
    "NoAns_exact": 50.0,
    "NoAns_f1": 50.0,
    "NoAns_total": 2,
}


def test_known_answers() -> None:
    told = evaluation(GOLD, SAID)
    assert list(told) == list(PLAIN) and told == pytest.approx(PLAIN)


def test_probabilities_silence_and_have_a_best_limit() -> None:
    """d is silenced; best: let a, b and e speak (0.1 to 0.4), keep c and d silent."""
    silence = {"a": 0.2, "b": 0.1, "c": 0.5, "d": 0.9, "e": 0.4}
    told = evaluation(GOLD, SAID, silence, 0.8)
    assert (told["exact"], told["NoAns_exact"]) == (80, 100)
    best = {
        "best_exact": 80.0,
        "best_exact_thresh": 0.4,
        "best_f1": 100 * (2 / 3 + 4) / 5,
        "best_f1_thresh": 0.4,
    }
    assert list(told) == [*PLAIN, *best]
    assert {name: told[name] for name in best} == pytest.approx(best)


def test_speaking_without_words_costs_nothing() -> None:
    """An empty prediction is right for c whether it is silenced or not."""
    told = evaluation([GOLD[2], GOLD[1]], {"c": "", "b": "Danube"}, {"c": 0.1, "b": 0.2})
    assert (told["best_exact"], told["best_exact_thresh"]) == (100, 0.2)


def test_a_limit_without_probabilities() -> None:
    """They are all 0 then: below 0 everybody is silent."""
    told = evaluation(GOLD, SAID, None, -1.0)
    assert (told["exact"], told["HasAns_f1"], told["NoAns_f1"]) == (40, 0, 100)
    assert "best_exact" not in told


def test_questions_without_a_prediction_are_no_part_of_the_totals() -> None:
    told = evaluation(GOLD, {"b": "Danube", "d": "Pest"})
    assert (told["exact"], told["total"], told["HasAns_total"], told["NoAns_total"]) == (
        50,
        2,
        1,
        1,
    )
    assert "NoAns_exact" not in evaluation(GOLD, {"b": "Danube"})
    with pytest.raises(ValueError, match="no question has a prediction"):
        evaluation(GOLD, {"z": "Danube"})


# --- against a slow reading ----------------------------------------------------------------------

TEXT = st.lists(st.sampled_from(PARTS), max_size=4).map("".join)
ROW = st.tuples(st.lists(TEXT, max_size=2), st.none() | TEXT, st.sampled_from([0.0, 0.2, 0.5, 1.0]))


def slow(rows: list[Any], limit: float | None) -> dict[str, float]:
    """Every number from scratch; rows are (gold answers, prediction or None, probability)."""
    told: dict[str, float] = {}
    kept = [row for row in rows if row[1] is not None]
    for prefix, part in (
        ("", kept),
        ("HasAns_", [row for row in kept if row[0]]),
        ("NoAns_", [row for row in kept if not row[0]]),
    ):
        for place, name in enumerate(("exact", "f1")):
            values = [
                float(not golds) if limit is not None and p > limit else best2(said, golds)[place]
                for golds, said, p in part
            ]
            if part:
                told[prefix + name] = 100 * sum(values) / len(part)
        if part:
            told[prefix + "total"] = len(part)
    if limit is None:
        return told
    silent = sum(not golds for golds, _, _ in rows)
    order = sorted(kept, key=lambda row: row[2])
    for place, name in enumerate(("exact", "f1")):
        gains = [
            best2(said, golds)[place] if golds else (-1.0 if said else 0.0)
            for golds, said, _ in order
        ]
        totals = list(accumulate(gains, initial=float(silent)))
        first = max(range(len(totals)), key=lambda i: (totals[i], -i))
        told[f"best_{name}"] = 100 * totals[first] / len(kept)
        told[f"best_{name}_thresh"] = order[first - 1][2] if first else 0.0
    return told


@settings(deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=8).filter(lambda rows: any(r[1] is not None for r in rows)),
    st.none() | st.sampled_from([0.0, 0.3, 0.5, 1.0]),
)
def test_every_number_as_in_the_slow_reading(rows: list[Any], limit: float | None) -> None:
    gold = [Question(str(i), tuple(golds)) for i, (golds, _, _) in enumerate(rows)]
    said = {str(i): text for i, (_, text, _) in enumerate(rows) if text is not None}
    silence = {str(i): p for i, (_, _, p) in enumerate(rows)} if limit is not None else None
    found = evaluation(gold, said, silence, 1.0 if limit is None else limit)
    assert found == pytest.approx(slow(rows, limit), abs=1e-9)


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Data, predictions and probabilities."""
    qas = [{"id": q.id, "answers": [{"text": text} for text in q.answers]} for q in GOLD]
    written = {
        "data.json": {"version": "v2.0", "data": [{"paragraphs": [{"qas": qas}]}]},
        "preds.json": SAID,
        "probs.json": {"a": 0.2, "b": 0.1, "c": 0.5, "d": 0.9, "e": 0.4},
    }
    for name, told in written.items():
        (tmp_path / name).write_text(json.dumps(told))
    return tmp_path / "data.json", tmp_path / "preds.json", tmp_path / "probs.json"


def test_the_command_prints_what_the_script_prints(files: tuple[Path, Path, Path]) -> None:
    data, preds, probs = files
    told = json.loads(silta("score", "--squad2", data, preds).stdout)
    assert list(told) == list(PLAIN) and told == pytest.approx(PLAIN)
    more = ("--na-probs", probs, "--na-prob-thresh", "0.8")
    told = json.loads(silta("score", "--squad2", data, preds, *more).stdout)
    assert told == evaluation(GOLD, SAID, json.loads(probs.read_text()), 0.8)


def test_the_command_refuses_what_does_not_belong_together(files: tuple[Path, Path, Path]) -> None:
    data, preds, probs = files
    probs.write_text('{"a": 0.1}')
    refused(
        silta("score", "--squad2", data, preds, "--na-probs", probs),
        *(str(probs), "4 predicted questions are missing", "'b'"),
    )
    preds.write_text('{"a": "Budapest", "other": "x"}')
    done = silta("score", "--squad2", data, preds)
    assert json.loads(done.stdout)["total"] == 1
    assert "warning: 4 of 5 questions have no prediction" in done.stderr
    preds.write_text('{"a": ["Budapest"]}')
    refused(silta("score", "--squad2", data, preds), str(preds), "answer of 'a'")
    refused(silta("score", "--squad2", preds, preds), str(preds), "no SQuAD file")
