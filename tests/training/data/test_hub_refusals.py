"""The branch of converted parquet files, and data sets that the hub does not give to anyone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hub_layout import made

from training.catalogue import TASKS
from training.data import hub, sources
from training.data.errors import MissingData
from training.spec.task import Task

SCRIPTS = ("cosmosqa", "sib200", "massive-intent", "massive-slots", "xed")
"""Tasks whose repositories hold a loading script, which datasets 4 and later refuse."""


def converted(root: Path, task: Task, config: str, split: str, rows: list[Any]) -> None:
    """A split as the hub's converter leaves it: `<config>/<split>/0000.parquet`, and no card."""
    from datasets import ClassLabel, Dataset

    path = root / config / split / "0000.parquet"
    path.parent.mkdir(parents=True)
    table = Dataset.from_list(rows)
    if "category" in table.column_names:
        table = table.cast_column("category", ClassLabel(names=sorted(task.labels)))
    table.to_parquet(str(path))


def at(task: Task, root: Path) -> Task:
    return replace(task, hub=(replace(task.hub[0], id=str(root)),))


def test_a_configuration_of_the_parquet_branch_is_a_folder(tmp_path: Path) -> None:
    """`load_dataset` itself, on a folder of the branch's layout: names would not be found."""
    root, task = tmp_path / "repository", TASKS["sib200"]
    for config, text in (("fin_Latn", "Hän juoksee."), ("hun_Latn", "Fut.")):
        for split in ("train", "validation", "test"):
            row = {"index_id": 7, "category": "sports", "text": f"{text} {split}"}
            converted(root, task, config, split, [row])
    for lang, text in (("fin", "Hän juoksee."), ("hun", "Fut.")):
        found = sources.rows(at(task, root), "test", lang, "hub", None, tmp_path / "cache")
        (example,) = found.read.examples
        assert (example.first, task.labels[example.label]) == (f"{text} test", "sports")
        assert hub.PARQUET in found.where
    assert hub.reachable(at(task, root).hub[0], "fin", tmp_path / "cache")
    assert not hub.reachable(at(task, root).hub[0], "deu", tmp_path / "cache")


def test_without_configurations_there_is_one_folder(tmp_path: Path) -> None:
    task = TASKS["cosmosqa"]
    rows = made("cosmosqa", "dev", "eng")
    converted(tmp_path / "repository", task, "default", "validation", rows)
    found = sources.rows(at(task, tmp_path / "repository"), "dev", "eng", "hub", None, tmp_path)
    assert len(found.read.examples) == len(rows)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_read_from_the_parquet_branch_first(name: str) -> None:
    one = TASKS[name].hub[0]
    assert one.revision == hub.PARQUET
    command = hub.fetch(one, ("eng", "fin"), None)
    assert "revision='refs/convert/parquet'" in command and "data_dir=" in command


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub refuses every data set and model as it does where terms are not accepted."""
    import datasets
    import huggingface_hub
    from huggingface_hub.errors import GatedRepoError

    class Answer:
        headers: dict[str, str] = {}
        request = None

    def refuse(*_: object, **__: object) -> None:
        try:
            raise GatedRepoError("403 Client Error", response=Answer())  # type: ignore[arg-type]
        except GatedRepoError as error:
            told = "Dataset 'a/b' is a gated dataset on the Hub. Visit the dataset page"
            raise datasets.exceptions.DatasetNotFoundError(told) from error

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    monkeypatch.setattr(datasets, "load_dataset_builder", refuse)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    hub._reachable.cache_clear()


@pytest.mark.parametrize("source", ["hub", "files,hub"])
def test_terms_that_are_not_accepted_are_told(gate: None, tmp_path: Path, source: str) -> None:
    with pytest.raises(MissingData) as caught:
        sources.rows(TASKS["tatoeba"], "test", "fin", source, tmp_path)
    page = "https://huggingface.co/datasets/google/xtreme"
    assert f"accept its terms at {page}, run `hf auth login`, then" in str(caught.value)
    assert caught.value.terms == page and "hf auth login" in caught.value.fetch


def test_no_gate_is_told_where_the_hub_is_only_away(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def away(*_: object, **__: object) -> None:
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset", away)
    with pytest.raises(MissingData) as caught:
        sources.rows(TASKS["tatoeba"], "test", "fin", "hub")
    assert not caught.value.terms and "hf auth login" not in str(caught.value)


def test_preflight_tells_gates_of_data_and_models(gate: None, tmp_path: Path) -> None:
    from training.engine.preflight import preflight
    from training.engine.runtime import Runtime
    from training.plan.expand import expand
    from training.plan.matrix import parse

    asked = (
        "study: s\nsource: hub\nscales: [base]\nintermediates: [none]\ntargets: [tatoeba]\n"
        "seeds: [1]\nlanguages: [fi]\n"
    )
    found = preflight(expand(parse(asked)), Runtime(tmp_path / "work", tmp_path))
    wrong = {one.kind: one for one in found if not one.fine}
    assert set(wrong) == {"data", "models", "licences"}
    page = "https://huggingface.co/datasets/google/xtreme"
    assert f"accept its terms at {page}" in wrong["licences"].told
    assert all("hf auth login" in one.fetch for one in wrong.values())
    assert "https://huggingface.co/FacebookAI/xlm-roberta-base" in wrong["models"].told[0]
