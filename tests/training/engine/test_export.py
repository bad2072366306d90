"""An export of a miniature study has the store's scores, by the files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from commands import refused, silta

from training.catalogue.xtreme import FOLDERS, GROUPS
from training.data.errors import DataError
from training.engine.export import FOLDER_OF, MANIFEST, export
from training.engine.jobs import perform
from training.engine.runtime import Runtime
from training.engine.scoring import Scoring
from training.engine.store import ITEMS, Store, StoreError, read_json, write_json
from training.engine.study import jobs_of
from training.plan.expand import expand
from training.plan.matrix import parse

MATRIX = """
study: round
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [none]
targets: [xnli, pawsx, udpos, panx, xquad, mlqa, tydiqa, bucc, tatoeba]
seeds: [1]
languages: [fi, zh]
recipe:
  target: {steps: 2, batch: 4, dev_examples: 4, dev_checks: 1}
"""
Ids = dict[str, str]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Ids]:
    """All nine targets measured on hardly trained models; target -> evaluation."""
    work = tmp_path_factory.mktemp("round")
    plan = expand(parse(MATRIX))
    for job in jobs_of(plan):
        perform(json.loads(json.dumps(job.document)), Runtime(work, jobs=1, progress=False))
    return Store(work), {one.evaluation.target: one.id for one in plan.evaluations}


@pytest.fixture(scope="module")
def exported(study: tuple[Store, Ids], tmp_path_factory: pytest.TempPathFactory) -> Path:
    store, ids = study
    directory = tmp_path_factory.mktemp("exported") / "new" / "folder"
    export(store, ids.values(), directory)
    return directory


def scored(directory: Path) -> dict[str, Any]:
    return Scoring(directory / "predictions", directory / "labels").document()


def stored(store: Store, id: str) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = read_json(store.path(id) / "scores.json")["scores"]["test"]
    return told


def test_the_round_trip_changes_no_score(study: tuple[Store, Ids], exported: Path) -> None:
    store, ids = study
    told = scored(exported)
    assert told["warnings"] == []
    assert set(told["tasks"]) == set(FOLDERS) and not told["official"]
    for folder, task in FOLDERS.items():
        mine, theirs = told["tasks"][folder]["languages"], stored(store, ids[task.name])
        assert list(mine) == list(theirs) and len(mine) >= 2
        for lang, metrics in mine.items():
            for name in task.metrics:
                assert metrics[name] == pytest.approx(theirs[lang][name], abs=1e-9)
        mean = sum(row[task.metric] for row in theirs.values()) / len(theirs)
        assert told["tasks"][folder]["score"] == pytest.approx(mean, abs=1e-9)
    assert set(told["groups"]) == set(GROUPS)
    scores = [told["tasks"][folder]["score"] for folder in FOLDERS]
    assert told["overall"] == pytest.approx(sum(scores) / 9, abs=1e-9)


def test_scores_are_of_something(study: tuple[Store, Ids]) -> None:
    """Else the round trip would prove little."""
    store, ids = study
    for name in ("xnli", "pawsx", "udpos", "bucc", "tatoeba"):
        metric = FOLDERS[FOLDER_OF[name]].metric
        assert any(row[metric] > 0 for row in stored(store, ids[name]).values()), name


def test_files_are_xtremes(exported: Path) -> None:
    for side in ("predictions", "labels"):
        names = {str(p.relative_to(exported / side)) for p in (exported / side).glob("*/*")}
        assert {"xnli/test-fi.tsv", "udpos/test-fi.tsv", "mlqa/test-zh.json"} <= names
        assert {"tatoeba/test-zh.tsv", "bucc2018/test-fi.tsv"} <= names
        assert len(names) == 9 * 2
    gold = (exported / "labels/xnli/test-fi.tsv").read_text().split("\n")
    assert set(gold) == {"entailment", "neutral", "contradiction", ""} and gold[-1] == ""
    tatoeba = (exported / "labels/tatoeba/test-fi.tsv").read_text().split()
    assert tatoeba == [str(i) for i in range(len(tatoeba))]
    pairs = (exported / "labels/bucc2018/test-fi.tsv").read_text().splitlines()
    assert all(pair.startswith("fi-") and "\ten-" in pair for pair in pairs)


def test_no_item_text_is_passed_on(study: tuple[Store, Ids], exported: Path) -> None:
    store, ids = study
    written = "\n".join(path.read_text() for path in exported.rglob("test-*"))
    for target, id in ids.items():
        frame = pd.read_parquet(store.path(id) / ITEMS)
        for text in frame["text"].dropna().head(20):
            assert all(part not in written for part in text.split(" | ")), target


def test_a_run_stands_for_what_was_measured_on_it(study: tuple[Store, Ids], tmp_path: Path) -> None:
    """XQuAD and MLQA are read off one training on SQuAD."""
    store, ids = study
    run = store.document(ids["xquad"])["run"]
    told = export(store, [run, ids["mlqa"]], tmp_path / "out")
    assert {name: one["evaluation"] for name, one in told["tasks"].items()} == {
        "mlqa": ids["mlqa"],
        "xquad": ids["xquad"],
    }
    assert read_json(tmp_path / "out/labels" / MANIFEST) == told
    assert set(scored(tmp_path / "out")["groups"]) == set()


def faulty(store: Store, ids: Ids, change: Callable[[pd.DataFrame], pd.DataFrame]) -> str:
    """A copy of the XQuAD evaluation under another id, with changed items."""
    id = "evaluation-xquad-0123456789ab"
    document = store.document(ids["xquad"]) | {"id": id, "run": "target-squad-gone"}
    path = store.begin(id, document)
    source = store.path(ids["xquad"])
    (path / "scores.json").write_bytes((source / "scores.json").read_bytes())
    change(pd.read_parquet(source / ITEMS)).to_parquet(path / ITEMS)
    store.finish(id)
    return id


def test_what_cannot_be_exported_is_said(study: tuple[Store, Ids], tmp_path: Path) -> None:
    store, ids = study
    with pytest.raises(StoreError, match=f"did you mean '{ids['xnli']}'"):
        export(store, [ids["xnli"][:-1] + "z"], tmp_path / "out")
    twin = faulty(store, ids, lambda frame: frame)
    with pytest.raises(StoreError, match="two evaluations of xquad: .* into two folders"):
        export(store, [ids["xquad"], twin], tmp_path / "out")
    for gold in ("Budapest | the city", "1990"):
        old = faulty(store, ids, lambda frame, gold=gold: frame.assign(gold=gold))
        with pytest.raises(StoreError, match="before gold answers were kept whole: remove"):
            export(store, [old], tmp_path / "out")
    bare = faulty(store, ids, lambda frame: frame[frame["split"] == "dev"])
    with pytest.raises(StoreError, match="no test items"):
        export(store, [bare], tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    with pytest.raises(StoreError, match="not empty"):
        export(store, [ids["xnli"]], tmp_path / "full")
    assert not (tmp_path / "out").exists()


def test_answers_under_a_strict_licence_are_asked_for(
    study: tuple[Store, Ids], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, ids = study
    monkeypatch.setitem(FOLDERS, "xquad", replace(FOLDERS["xquad"], redistribute=False))
    export(store, [ids["xquad"]], tmp_path / "generated")  # the miniature is nobody's
    real = faulty(store, ids, lambda frame: frame)
    document = store.document(real) | {"source": "hub", "artificial": False}
    store.update(real, document)
    with pytest.raises(StoreError, match="may not be passed on .*--with-text"):
        export(store, [real], tmp_path / "out")
    export(store, [real], tmp_path / "out", with_text=True)
    assert (tmp_path / "out/labels/xquad/test-fi.json").exists()


def test_notes_travel_with_the_files(study: tuple[Store, Ids], tmp_path: Path) -> None:
    """Without dev data BUCC's threshold is an oracle's: whoever scores the files is told."""
    store, ids = study
    id = "evaluation-bucc-0123456789ab"
    path = store.begin(id, store.document(ids["bucc"]) | {"id": id})
    source = store.path(ids["bucc"])
    told = read_json(source / "scores.json")
    for row in told["scores"]["test"].values():
        row["f1_oracle_threshold"] = row.pop("f1")
    write_json(path / "scores.json", told)
    (path / ITEMS).write_bytes((source / ITEMS).read_bytes())
    store.finish(id)
    export(store, [id], tmp_path / "out")
    (warning,) = scored(tmp_path / "out")["warnings"]
    assert warning.startswith("bucc2018: the threshold of fin, cmn was chosen on these very pairs")


def test_the_commands_agree_with_the_store(study: tuple[Store, Ids], tmp_path: Path) -> None:
    store, ids = study
    work = ("--work", store.runs.parent)
    done = silta("export-xtreme", ids["tatoeba"], ids["xnli"], tmp_path / "out", *work)
    assert done.returncode == 0 and ids["xnli"] in done.stdout
    folders = [f"--{side}={tmp_path / 'out' / side}" for side in ("predictions", "labels")]
    done = silta("score", *folders, "--json")
    told = json.loads(done.stdout)["tasks"]["tatoeba"]["languages"]["fin"]["accuracy"]
    assert told == pytest.approx(stored(store, ids["tatoeba"])["fin"]["accuracy"], abs=1e-9)
    done = silta("score", *folders)
    assert "not comparable with XTREME's tables" in done.stdout and not done.stderr
    refused(
        silta("export-xtreme", "evaluation-xnli-0", tmp_path / "more", *work),
        *("'evaluation-xnli-0'", "did you mean"),
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{", "no manifest"),
        ("[]", "no manifest"),
        ('{"tasks": {"xnli": {"languages": ["fi"]}}}', "'fi'"),
    ],
)
def test_a_spoilt_manifest_is_refused(text: str, wrong: str, tmp_path: Path) -> None:
    for side in ("predictions", "labels"):
        (tmp_path / side / "xnli").mkdir(parents=True)
    (tmp_path / "labels" / MANIFEST).write_text(text)
    with pytest.raises(DataError, match=wrong):
        scored(tmp_path)
