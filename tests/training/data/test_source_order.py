"""Several sources: the first that has a task gives it, and one error tells of all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hub_layout import copied, made

from training.catalogue import TASKS, UnknownName
from training.data import hub, saved, sources
from training.data.errors import DataError, MissingData
from training.spec.task import Hub

WORLD = "miniature/seed=3/sentences=64"
XNLI, CSQA = TASKS["xnli"], TASKS["csqa"]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the hub."""
    import datasets

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    monkeypatch.setattr(datasets, "load_dataset_builder", refuse)
    hub._reachable.cache_clear()


@pytest.mark.parametrize("layout", ["disk", "splits", "parquet"])
@pytest.mark.parametrize("source", ["hub", "files", "files,hub", f"hub,{WORLD}"])
def test_every_layout_of_a_saved_hub_data_set(tmp_path: Path, layout: str, source: str) -> None:
    copied(tmp_path, "csqa", "eng", ("train", "dev"), layout)
    found = sources.rows(CSQA, "dev", "eng", source, tmp_path)
    assert found.digest == sources.rows(CSQA, "dev", "eng", WORLD).digest
    assert str(tmp_path) in found.where and found.source == source.split(",")[0]
    assert sources.languages(CSQA, "dev", source, tmp_path) == ("eng",)
    assert sources.languages(CSQA, "test", source, tmp_path) == ()


@pytest.mark.parametrize(
    "name",
    ["test.parquet", "xnli-test.parquet", "test/0000.parquet", "test-00000-of-00001.parquet"],
)
def test_names_of_parquet_files(tmp_path: Path, name: str) -> None:
    from datasets import ClassLabel, Dataset

    path = saved.folder(XNLI.hub[0], "fin", tmp_path) / name
    path.parent.mkdir(parents=True)
    table = Dataset.from_list([{"premise": "a", "hypothesis": "b", "label": 0}])
    names = ["contradiction", "entailment", "neutral"]
    table.cast_column("label", ClassLabel(names=names)).to_parquet(str(path))
    example = sources.rows(XNLI, "test", "fin", "files", tmp_path).read.examples[0]
    assert example.label == XNLI.labels.index("contradiction")


def test_a_data_set_without_configurations_lies_where_hf_download_leaves_it(tmp_path: Path) -> None:
    from datasets import Dataset

    for place in ("plain_text", "data", ""):
        data = tmp_path / (place or "beside")
        folder = saved.folder(CSQA.hub[0], "eng", data).parent / place
        folder.mkdir(parents=True)
        rows = Dataset.from_list(made("csqa", "dev", "eng"))
        rows.to_parquet(str(folder / "validation-00000-of-00001.parquet"))
        assert sources.rows(CSQA, "dev", "eng", "hub", data).read.examples


def test_originals_come_before_a_saved_copy(tmp_path: Path) -> None:
    copied(tmp_path, "xnli", "fin", ("dev", "test"), "disk")
    assert sources.languages(XNLI, "test", "files", tmp_path) == ()  # Finnish is not published
    copied(tmp_path, "xnli", "deu", ("test",), "parquet")
    assert sources.languages(XNLI, "test", "files", tmp_path) == ("deu",)
    path = tmp_path / "nli/xnli/xnli.test.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("language\tgold_label\tsentence1\tsentence2\nde\tneutral\ta\tb\n")
    assert len(sources.rows(XNLI, "test", "deu", "files", tmp_path).read.examples) == 1


def test_the_first_source_that_has_the_task_gives_it(tmp_path: Path) -> None:
    both = f"files,hub,{WORLD}"
    assert sources.chosen(CSQA, both, tmp_path) == (WORLD,)
    copied(tmp_path, "csqa", "eng", ("dev",), "disk")
    assert sources.chosen(CSQA, both, tmp_path) == ("files", "hub")
    assert sources.chosen(CSQA, f"{WORLD},files", tmp_path) == (WORLD,)
    assert sources.artificial(CSQA, both, tmp_path) is None
    assert sources.artificial(CSQA, f"{WORLD},files", tmp_path) == (3, 64)


def test_a_miniature_never_fills_the_gaps_of_real_data(tmp_path: Path) -> None:
    copied(tmp_path, "csqa", "eng", ("dev",), "disk")
    with pytest.raises(MissingData, match="train") as caught:
        sources.rows(CSQA, "train", "eng", f"files,{WORLD}", tmp_path)
    assert "train_rand_split.jsonl" in str(caught.value)
    assert sources.languages(CSQA, "train", f"files,{WORLD}", tmp_path) == ()


def test_real_sources_fill_each_other_s_gaps(tmp_path: Path) -> None:
    path = tmp_path / "nli/xnli/xnli.test.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("language\tgold_label\tsentence1\tsentence2\nde\tneutral\ta\tb\n")
    copied(tmp_path, "xnli", "deu", ("dev", "test"), "disk")
    dev = sources.rows(XNLI, "dev", "deu", "files,hub", tmp_path)
    test = sources.rows(XNLI, "test", "deu", "files,hub", tmp_path)
    assert "hub" in dev.where and test.where == str(path)


def test_one_error_tells_of_every_source_and_what_fetches_the_data(tmp_path: Path) -> None:
    with pytest.raises(MissingData) as caught:
        sources.rows(TASKS["tatoeba"], "test", "fra", "files,hub", tmp_path)
    told = str(caught.value)
    assert told.startswith("Tatoeba test in French not found: looked for (files) ")
    for part in (
        str(tmp_path / "tatoeba/v1/tatoeba.fra-eng.fra*"),
        str(tmp_path / "hub/google__xtreme/tatoeba.fra"),
        "(hub)", "ConnectionError offline", "git clone https://github.com/facebookresearch/LASER",
        "load_dataset('google/xtreme', 'tatoeba.fra').save_to_disk",
    ):  # fmt: skip
        assert part in told
    assert "\n" not in told


def test_a_broken_copy_stops_the_load_and_is_not_passed_over(tmp_path: Path) -> None:
    place = copied(tmp_path, "csqa", "eng", ("dev",), "parquet")
    next(place.glob("*.parquet")).write_bytes(b"PAR1 no more")
    with pytest.raises(DataError, match="cannot be read"):
        sources.rows(CSQA, "dev", "eng", f"files,{WORLD}", tmp_path)
    (place / "dataset_dict.json").write_text("{")
    with pytest.raises(DataError, match="does not list the splits"):
        sources.rows(CSQA, "dev", "eng", "hub", tmp_path)


def test_one_split_where_all_belong_is_told(tmp_path: Path) -> None:
    from datasets import Dataset

    place = saved.folder(CSQA.hub[0], "eng", tmp_path)
    Dataset.from_list(made("csqa", "dev", "eng")).save_to_disk(str(place))
    with pytest.raises(DataError, match="it is one split"):
        sources.rows(CSQA, "dev", "eng", "hub", tmp_path)


def test_unknown_sources_in_a_list() -> None:
    with pytest.raises(UnknownName, match="unknown source 'hubb'.*'hub'"):
        sources.chosen(CSQA, "files,hubb")


def test_a_hub_that_answers_has_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    asked: list[object] = []
    monkeypatch.setattr(
        datasets,
        "load_dataset_builder",
        lambda id, name=None, **_: asked.append((id, name)) or object(),
    )
    pinned = replace(CSQA, hub=(Hub("some/where", "", {"dev": "validation"}),))
    for _ in range(3):
        assert sources.chosen(pinned, f"hub,{WORLD}") == ("hub",)
    assert asked == [("some/where", None)]
