"""The layer sweep: every reading is there and right, and the official cell is as without it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import XLMRobertaConfig, XLMRobertaModel

from training.catalogue.retrieval import BUCC, TATOEBA
from training.data.sources import rows
from training.engine.encoders import SHIPPED
from training.engine.evaluate import evaluate
from training.engine.retrieve import Cells, retrieval
from training.engine.runtime import Runtime
from training.engine.sweep import Sweep
from training.families.base import Scores
from training.families.examples import Bitext
from training.families.mining import mine, threshold
from training.families.retrieval import ORACLE, score_bucc
from training.families.sweep import sampled
from training.phases.encoder import tokenizer_of
from training.spec.evaluation import Evaluation
from training.spec.record import SWEEP_COLUMNS
from training.spec.task import Split, Task

SOURCE = "miniature/seed=3/sentences=200"
LAYER = 1  # of 0 (the embeddings), 1 and 2
LANG = "deu"
READINGS = set(product(range(3), ("mean", "cls"), (False, True)))
Told = dict[Split, Scores]


@lru_cache(maxsize=1)
def encoder() -> XLMRobertaModel:
    """Random and tiny."""
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer_of(SHIPPED / "tokenizer")),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=258,
        pad_token_id=1,
        initializer_range=0.3,  # far apart, so that rounding decides nothing
    )
    return XLMRobertaModel(config, add_pooling_layer=False).eval()


def cells(task: Task, splits: tuple[Split, ...]) -> Cells:
    return {(split, LANG): rows(task, split, LANG, SOURCE) for split in splits}


def told(task: Task, found: Cells, sweep: bool = True) -> Told:
    tokenizer = tokenizer_of(SHIPPED / "tokenizer")
    made = retrieval(task, found, encoder(), tokenizer, LAYER, "mean", sweep)
    return {split: scores for split, _, scores in made}


CELLS = {"tatoeba": cells(TATOEBA, ("test",)), "bucc": cells(BUCC, ("dev", "test"))}
PAIRS = [(TATOEBA, CELLS["tatoeba"]), (BUCC, CELLS["bucc"])]


def bitext(task: Task, split: Split) -> Bitext:
    found: Bitext = CELLS[task.name][split, LANG].read.examples[0]
    return found


def value(scores: Scores, layer: int, pooling: str, centred: bool, metric: str) -> float:
    (found,) = (
        row["value"]
        for row in scores.sweep
        if (row["layer"], row["pooling"], row["centred"]) == (layer, pooling, centred)
        and row["metric"] == metric
    )
    return float(found)


def vectors(
    lines: tuple[str, ...], layer: int, pooling: str, centred: bool
) -> np.ndarray[Any, Any]:
    """Vectors [N, H], one sentence at a time: no padding, nothing of the project's own."""
    tokenizer, made = tokenizer_of(SHIPPED / "tokenizer"), []
    for line in lines:
        with torch.no_grad():
            out = encoder()(**tokenizer(line, return_tensors="pt"), output_hidden_states=True)
        states = out.hidden_states[layer][0].numpy().astype(np.float64)
        made.append(states[0] if pooling == "cls" else states.mean(axis=0))
    stack: np.ndarray[Any, Any] = np.stack(made)
    return stack - stack.mean(axis=0) if centred else stack


@pytest.mark.parametrize(("task", "found"), PAIRS)
def test_every_reading_is_there_once(task: Task, found: Cells) -> None:
    for split, scores in told(task, found).items():
        assert all(tuple(row) == SWEEP_COLUMNS for row in scores.sweep)
        assert {(row["split"], row["lang"]) for row in scores.sweep} == {(split, LANG)}
        seen = [(r["layer"], r["pooling"], r["centred"], r["metric"]) for r in scores.sweep]
        assert len(seen) == len(set(seen))
        assert set(seen) == {(*one, metric) for one in READINGS for metric in scores.metrics}


@pytest.mark.parametrize(("task", "found"), PAIRS)
def test_the_official_cell_is_as_without_the_sweep(task: Task, found: Cells) -> None:
    plain, swept = told(task, found, sweep=False), told(task, found)
    assert plain.keys() == swept.keys()
    for split, scores in plain.items():
        assert not scores.sweep
        assert replace(swept[split], sweep=[]) == scores  # metrics and items, to the last bit
        for metric, official in scores.metrics.items():
            assert value(swept[split], LAYER, "mean", False, metric) == official


def test_tatoeba_by_hand() -> None:
    one = bitext(TATOEBA, "test")
    gold = {english: foreign for foreign, english in one.gold}
    scores = told(TATOEBA, CELLS["tatoeba"])["test"]
    found = {}
    # The first token's embedding is that of `<s>` in every sentence: nothing but ties.
    for reading in sorted(one for one in READINGS if one[:2] != (0, "cls")):
        x, y = (vectors(lines, *reading) for lines in (one.foreign, one.english))
        x, y = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (x, y))
        best = (y @ x.T).argmax(axis=1)
        found[reading] = 100 * np.mean([best[j] == i for j, i in gold.items()])
        assert value(scores, *reading, "accuracy") == pytest.approx(found[reading]), reading
    assert len(set(found.values())) > 4, "the readings differ"
    assert any(found[n, how, True] != found[n, how, False] for n, how, _ in found), "centring acts"


def test_bucc_takes_each_threshold_from_its_own_dev() -> None:
    mined = {}
    for split in ("dev", "test"):
        one = bitext(BUCC, split)  # type: ignore[arg-type]
        x, y = (
            torch.from_numpy(vectors(side, 0, "mean", True)) for side in (one.foreign, one.english)
        )
        mined[split] = mine(x, y, one.foreign, one.english)
    limit = threshold(mined["dev"], bitext(BUCC, "dev").gold)
    scores = told(BUCC, CELLS["bucc"])
    for metric, expected in score_bucc(bitext(BUCC, "test"), mined["test"], limit).metrics.items():
        assert value(scores["test"], 0, "mean", True, metric) == pytest.approx(expected)
    for metric, expected in score_bucc(bitext(BUCC, "dev"), mined["dev"], limit).metrics.items():
        assert value(scores["dev"], 0, "mean", True, metric + ORACLE) == pytest.approx(expected)


def test_without_dev_nothing_is_tuned_on_test() -> None:
    scores = told(BUCC, {("test", LANG): CELLS["bucc"]["test", LANG]})["test"]
    assert scores.metrics.keys() == {m + ORACLE for m in BUCC.metrics} and not scores.sweep


def test_what_is_too_large_is_sampled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does the room for few sentences change the cell."""
    small = partial(Sweep, sentences=12, memory=24 * 4 * 3 * 2 * 32)
    monkeypatch.setattr("training.engine.retrieve.Sweep", small)
    plain, swept = told(BUCC, CELLS["bucc"], sweep=False), told(BUCC, CELLS["bucc"])
    for split, scores in plain.items():
        assert replace(swept[split], sweep=[]) == scores
        names = {row["metric"] for row in swept[split].sweep}
        assert names == {f"{metric}_sampled" for metric in scores.metrics}


def test_a_sample_keeps_pairs_and_ids_together() -> None:
    whole = bitext(BUCC, "test")
    part = sampled(whole, 40)
    assert max(len(part.foreign), len(part.english)) <= 40 and part == sampled(whole, 40)
    pairs = {(part.foreign_ids[i], part.english_ids[j]) for i, j in part.gold}
    assert pairs and pairs < {(whole.foreign_ids[i], whole.english_ids[j]) for i, j in whole.gold}
    assert (
        dict(zip(part.foreign_ids, part.foreign, strict=True)).items()
        <= dict(zip(whole.foreign_ids, whole.foreign, strict=True)).items()
    )
    assert sampled(whole, 10**6) is whole


def test_an_evaluation_stores_the_table_beside_its_items(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path, jobs=1, progress=False)
    one = Evaluation(None, "nano", "tatoeba", SOURCE, languages=("fin",))
    path = evaluate(one, {}, runtime)
    table = pd.read_parquet(path / "sweep.parquet")
    assert tuple(table.columns) == SWEEP_COLUMNS and set(table["lang"]) == {"fin"}
    assert table["value"].between(0, 100).all() and table["centred"].dtype == bool
    other = evaluate(replace(one, pooling="cls"), {}, runtime)  # not the official reading
    assert (other / "items.parquet").exists() and not (other / "sweep.parquet").exists()
