"""The one door: miniature, files and hub give the same kind of thing, or say what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.catalogue import TASKS, UnknownName
from training.data import sources
from training.data.errors import DataError, MissingData
from training.data.hub import PARQUET
from training.families.examples import Bitext

SMALL = "miniature/seed=3/sentences=64"


def saved(
    data: Path, task: str, config: str, splits: dict[str, list[Any]], **features: Any
) -> Path:
    """A `save_to_disk` copy of a data set, as the error message tells people to make it."""
    from datasets import ClassLabel, Dataset, DatasetDict

    made = {split: Dataset.from_list(rows) for split, rows in splits.items()}
    for column, names in features.items():
        made = {s: one.cast_column(column, ClassLabel(names=names)) for s, one in made.items()}
    folder = data / "hub" / TASKS[task].hub[0].id.replace("/", "__") / config
    DatasetDict(made).save_to_disk(str(folder))
    return folder


@pytest.mark.parametrize("source", ["miniature", "miniature/seed=a/sentences=3", "file", "hubs"])
def test_a_misspelt_source_is_refused(source: str) -> None:
    with pytest.raises(UnknownName, match="unknown source"):
        sources.rows(TASKS["xnli"], "test", "fin", source)


def test_the_miniature_is_read_and_parallel() -> None:
    made = {lang: sources.rows(TASKS["xnli"], "test", lang, SMALL) for lang in ("fin", "hun")}
    finnish, hungarian = made["fin"].read.examples, made["hun"].read.examples
    assert [one.label for one in finnish] == [one.label for one in hungarian]
    assert [one.cluster for one in finnish] == [one.cluster for one in hungarian]
    assert made["fin"].digest != made["hun"].digest
    again = sources.rows(TASKS["xnli"], "test", "fin", SMALL)
    assert again.digest == made["fin"].digest and again.where == SMALL


@pytest.mark.parametrize("name", [n for n, t in TASKS.items() if t.benchmark == "xtreme"])
def test_every_task_of_the_miniature_reads_clean(name: str) -> None:
    task = TASKS[name]
    if task.family == "mixture":
        assert sources.languages(task, "test", SMALL) == ()
        return
    for split in ("train", "dev", "test"):
        offered = sources.languages(task, split, SMALL)
        assert {"fin", "hun"} <= set(offered) or split == "train"
        for lang in {"eng", "fin", "hun"} & set(offered):
            found = sources.rows(task, split, lang, SMALL).read
            assert found.examples and not found.dropped and not found.repaired


def test_what_the_miniature_lacks() -> None:
    assert sources.languages(TASKS["sib200"], "test", SMALL) == ()
    with pytest.raises(MissingData, match="SIB-200 topic test in Finnish.*miniature"):
        sources.rows(TASKS["sib200"], "test", "fin", SMALL)


def test_files_need_a_folder(tmp_path: Path) -> None:
    for data in (None, tmp_path / "nowhere"):
        with pytest.raises(MissingData, match="--data"):
            sources.rows(TASKS["udpos"], "test", "fin", "files", data)


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cls/sib200/fin_Latn/test.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("index_id\tcategory\ttext\n7\tsports\tHän juoksee.\n", encoding="utf-8")
    made = sources.rows(TASKS["sib200"], "test", "fin", "files", tmp_path)
    assert [(one.id, one.label) for one in made.read.examples] == [("7", 3)]
    assert made.where == str(path)
    assert sources.languages(TASKS["sib200"], "test", "files", tmp_path) == ("fin",)
    path.write_text("index_id\tcategory\ttext\n7\tsport\tHän juoksee.\n", encoding="utf-8")
    with pytest.raises(DataError, match="test.tsv:2: column 'category' holds 'sport'.*'sports'"):
        sources.rows(TASKS["sib200"], "test", "fin", "files", tmp_path)


def test_a_split_of_hidden_labels_is_missing_and_no_score_of_zero(tmp_path: Path) -> None:
    path = tmp_path / "nli/multinli/multinli_1.0_dev_matched.jsonl"
    path.parent.mkdir(parents=True)
    row = {"pairID": "1", "sentence1": "a", "sentence2": "b", "gold_label": "-"}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(MissingData, match="1 rows: label hidden"):
        sources.rows(TASKS["mnli"], "dev", "eng", "files", tmp_path)


def test_a_hub_copy_on_disk_is_read_by_label_names(tmp_path: Path) -> None:
    """Class numbers in another order than ours: names decide."""
    rows = [{"premise": "a", "hypothesis": "b", "label": 0}]
    names = ["contradiction", "entailment", "neutral"]
    folder = saved(tmp_path, "xnli", "fi", {"test": rows, "validation": rows}, label=names)
    hub = TASKS["xnli"].hub[0]
    assert folder == tmp_path / "hub/facebook__xnli/fi" and "{lang}" in hub.config
    made = sources.rows(TASKS["xnli"], "test", "fin", "hub", tmp_path)
    assert made.read.examples[0].label == TASKS["xnli"].labels.index("contradiction")
    assert made.where == str(folder / "test")


def test_a_hub_copy_with_other_classes_is_refused(tmp_path: Path) -> None:
    rows = [{"premise": "a", "hypothesis": "b", "label": 0}]
    saved(tmp_path, "xnli", "fi", {"test": rows}, label=["yes", "no"])
    with pytest.raises(DataError, match=r"has the classes \['yes', 'no'\]"):
        sources.rows(TASKS["xnli"], "test", "fin", "hub", tmp_path)


def test_hub_lists_of_classes_and_one_table_for_all_languages(tmp_path: Path) -> None:
    answers = {"text": ["Oulu"], "answer_start": [3]}
    row = {"context": "In Oulu.", "question": "?", "answers": answers}
    names = ("finnish-1-0", "english-1-0", "finnish-2-0")
    rows = [row | {"id": name} for name in names]
    saved(tmp_path, "tydiqa", "secondary_task", {"validation": rows, "train": rows})
    made = sources.rows(TASKS["tydiqa"], "test", "fin", "hub", tmp_path)
    assert [one.answers for one in made.read.examples] == [(("Oulu", 3),)] * 2
    bitext = [{"sentence1": ["a"], "sentence2": ["b"], "gold": [[1, 1]]}]
    saved(tmp_path, "bucc", "de-en", {"test": bitext})
    one = sources.rows(TASKS["bucc"], "test", "deu", "hub", tmp_path).read.examples[0]
    assert isinstance(one, Bitext) and one.gold == {(0, 0)}


def test_pooled_splits_and_pooled_data_sets(tmp_path: Path) -> None:
    row = {"premise": "a", "hypothesis": "b", "label": 1}
    rounds = {f"dev_r{i}": [row | {"uid": str(i)}] for i in (1, 2, 3)}
    saved(tmp_path, "anli", "default", rounds)
    for hub in TASKS["anli"].hub[1:]:
        theirs = {hub.splits["dev"]: [row, row | {"label": -1}]}
        from datasets import Dataset, DatasetDict

        made = DatasetDict({name: Dataset.from_list(rows) for name, rows in theirs.items()})
        made.save_to_disk(
            str(tmp_path / "hub" / hub.id.replace("/", "__") / (hub.config or "default"))
        )
    found = sources.rows(TASKS["anli"], "dev", "eng", "hub", tmp_path).read
    assert len(found.examples) == 5 and sum(found.dropped.values()) == 2
    assert len({one.id for one in found.examples}) == 5


def test_the_hub_is_asked_in_the_documented_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import datasets

    asked: list[tuple[Any, ...]] = []

    def load_dataset(id: str, *, split: str, revision: Any, cache_dir: Any, **named: Any):
        asked.append((id, named, split, revision, cache_dir))
        if revision != PARQUET:
            raise RuntimeError("Dataset scripts are no longer supported, but found cosmos_qa.py")
        row = {f"answer{i}": str(i) for i in range(4)} | {"id": "1", "context": "c"}
        return datasets.Dataset.from_list([row | {"question": "q", "label": 2}])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    task = TASKS["cosmosqa"]
    unpinned = replace(task, hub=(replace(task.hub[0], revision=None),))
    made = sources.rows(unpinned, "dev", "eng", "hub", tmp_path, tmp_path / "cache")
    assert [one[3] for one in asked] == [None, PARQUET]
    here = str(tmp_path / "cache")
    assert asked[0] == ("allenai/cosmos_qa", {"name": None}, "validation", None, here)
    assert asked[1][1] == {"data_files": {"validation": "*/validation/*.parquet"}}
    assert made.read.examples[0].label == 2 and PARQUET in made.where


def test_a_pinned_revision_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    asked: list[str | None] = []

    def load_dataset(*_: object, revision: str | None, **__: object) -> None:
        asked.append(revision)
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    task = TASKS["csqa"]
    pinned = replace(task, hub=(replace(task.hub[0], revision="abc123"),))
    with pytest.raises(MissingData, match="abc123: ConnectionError offline; default branch"):
        sources.rows(pinned, "dev", "eng", "hub")
    assert asked == ["abc123", None, PARQUET]


def test_offline_says_what_to_download_and_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import datasets

    def load_dataset(*_: object, **__: object) -> None:
        raise ConnectionError("Couldn't reach the Hub (offline mode is enabled).\nmore lines")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(MissingData) as caught:
        sources.rows(TASKS["tatoeba"], "test", "fin", "hub", tmp_path)
    told = str(caught.value)
    assert "Tatoeba (google/xtreme, tatoeba.fin, validation) not found" in told
    assert "ConnectionError Couldn't reach the Hub" in told and "more lines" not in told
    assert "load_dataset('google/xtreme', 'tatoeba.fin').save_to_disk" in told
    assert str(tmp_path / "hub/google__xtreme/tatoeba.fin") in told


def test_a_split_that_is_not_published() -> None:
    with pytest.raises(MissingData, match="XNLI train in English.*it learns from 'mnli'"):
        sources.rows(TASKS["xnli"], "train", "eng", "hub")
    with pytest.raises(MissingData, match="MNLI test in English"):
        sources.rows(TASKS["mnli"], "test", "eng", "hub")
    with pytest.raises(MissingData, match="licence"):
        sources.rows(TASKS["ccg"], "train", "eng", "hub")


def test_languages_on_the_hub() -> None:
    assert sources.languages(TASKS["xnli"], "train", "hub") == ()
    assert sources.languages(TASKS["pawsx"], "train", "hub") == ("eng",)
    assert sources.languages(TASKS["udpos"], "test", "hub") == TASKS["udpos"].languages
    assert "tha" not in sources.languages(TASKS["udpos"], "dev", "hub")
    assert sources.languages(TASKS["tydiqa"], "dev", "hub") == ()
    assert sources.languages(TASKS["ccg"], "train", "hub") == ()
