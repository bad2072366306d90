"""Features made once: the same from the cache, to the last token, and never from a stale one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training import catalogue
from training.data import features as cached
from training.data.features import FOLDER, Kept, Read, features, lengths
from training.data.sources import Loaded, rows
from training.engine.weights import SHIPPED
from training.families.base import Feature
from training.families.registry import FAMILIES
from training.families.tagging import labels_of
from training.phases.encoder import tokenizer_of
from training.spec.recipe import Recipe

DECIDING = ("max_length", "stride", "max_query")
"""What of a recipe changes token ids, named here and not read off the code."""
TASKS = ("mnli", "pawsx", "udpos", "ccg", "squad", "squad2", "csqa", "cosmosqa")
SOURCE = "miniature/seed=5/sentences=40"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tokenizer_of(SHIPPED / "tokenizer")


def read_of(name: str, tokenizer: Any, **more: Any) -> tuple[Read, Loaded]:
    task = catalogue.task(name)
    loaded = rows(task, "train", "eng", SOURCE)
    if not task.labels and task.family == "tagging":
        task = replace(task, labels=labels_of(loaded.read.examples))
    recipe = Recipe(max_length=48, stride=8, **more)
    return Read(FAMILIES[task.family], task, recipe, tokenizer, training=True), loaded


def made(name: str, tokenizer: Any, place: Path, **more: Any) -> Sequence[Feature]:
    read, loaded = read_of(name, tokenizer, **more)
    return features(read, loaded.read.examples, loaded.told, place)


@pytest.mark.parametrize("name", TASKS)
def test_what_comes_back_is_what_was_made(name: str, tokenizer: Any, tmp_path: Path) -> None:
    read, loaded = read_of(name, tokenizer)
    fresh = read.encode(loaded.read.examples)
    first = made(name, tokenizer, tmp_path)
    second = made(name, tokenizer, tmp_path)
    assert not isinstance(first, Kept) and isinstance(second, Kept)
    assert len(fresh) > 20 and list(second) == list(first) == fresh
    assert lengths(second) == lengths(fresh) == [one.length for one in fresh]
    assert second[-1] == fresh[-1] and second[3:5] == fresh[3:5]
    with pytest.raises(IndexError):
        second[len(fresh)]
    assert type(second[0].place) is type(fresh[0].place)


def test_the_second_time_nothing_is_tokenised(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made("mnli", tokenizer, tmp_path)

    def refuse(self: Read, examples: Any) -> Any:
        raise AssertionError("tokenised again")

    monkeypatch.setattr(Read, "encode", refuse)
    assert len(made("mnli", tokenizer, tmp_path)) > 20
    with pytest.raises(AssertionError):
        made("mnli", tokenizer, tmp_path / "elsewhere")


def test_whatever_decides_on_features_has_a_folder_of_its_own(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, loaded = read_of("squad", tokenizer)
    examples = loaded.read.examples
    task, recipe = read.task, read.recipe
    ways = [
        read,
        *(replace(read, recipe=replace(recipe, **{name: 30})) for name in DECIDING),
        replace(read, training=False),
        replace(read, task=catalogue.task("squad2")),
        replace(read, task=replace(task, labels=("a", "b"))),
    ]
    keys = [one.key(loaded.told, len(examples)) for one in ways]
    keys += [read.key("other rows", len(examples)), read.key(loaded.told, 5)]
    monkeypatch.setattr(cached, "named", lambda tokenizer: "another tokenizer")
    keys.append(read.key(loaded.told, len(examples)))
    monkeypatch.setattr(cached, "code", lambda: "other code")
    keys.append(read.key(loaded.told, len(examples)))
    assert len(set(keys)) == len(keys)
    same = replace(read, recipe=replace(recipe, lr=1.0, steps=7, batch=3, dropout=0.5))
    monkeypatch.undo()
    assert same.key(loaded.told, len(examples)) == keys[0], "how it is learnt does not matter"


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("field", DECIDING)
def test_another_way_of_reading_gets_its_own_features(
    field: str, name: str, tokenizer: Any, tmp_path: Path
) -> None:
    """One cache, two recipes: what is read second is as if the first had never been."""
    made(name, tokenizer, tmp_path)
    read, loaded = read_of(name, tokenizer)
    other = replace(read, recipe=replace(read.recipe, **{field: 20}))
    for _ in range(2):  # made, then kept
        again = features(other, loaded.read.examples, loaded.told, tmp_path)
        assert list(again) == other.encode(loaded.read.examples)


@pytest.mark.parametrize("file", [*(f"{name}.npy" for name in cached.ARRAYS), "whole.json"])
@pytest.mark.parametrize("harm", ["cut", "gone", "empty"])
def test_a_damaged_folder_is_made_again(
    file: str, harm: str, tokenizer: Any, tmp_path: Path
) -> None:
    before = list(made("csqa", tokenizer, tmp_path))
    (folder,) = (tmp_path / FOLDER).iterdir()
    path = folder / file
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: -3 if harm == "cut" else 0])
    again = made("csqa", tokenizer, tmp_path)
    assert not isinstance(again, Kept) and list(again) == before
    assert isinstance(made("csqa", tokenizer, tmp_path), Kept)
    assert [one.name for one in (tmp_path / FOLDER).iterdir()] == [folder.name], "no leftovers"


def test_where_nothing_can_be_kept_the_run_has_its_features_all_the_same(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*told: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cached.np, "save", full)
    assert len(made("csqa", tokenizer, tmp_path)) > 20
    assert not list((tmp_path / FOLDER).iterdir())
    assert read_of("csqa", tokenizer)[0].encode([]) == []
    cached.keep([], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_another_process_may_have_been_quicker(tokenizer: Any, tmp_path: Path) -> None:
    read, loaded = read_of("mnli", tokenizer)
    some = read.encode(loaded.read.examples)
    folder = tmp_path / "features"
    cached.keep(some, folder)
    reader = Kept(folder, None)
    cached.keep(some, folder)
    assert list(reader) == some, "who has the old files mapped keeps them"
    shutil.rmtree(folder)
    assert list(reader) == some
