"""`silta tasks` lists the whole catalogue and shows one task with a row of its data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import refused, silta

from training.catalogue import TASKS
from training.catalogue.settings import FORMS
from training.cli import known

XTREME = {"xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"}


def names(lines: list[str]) -> list[str]:
    return sorted(line.split()[0] for line in lines if line.startswith("  ") and line[2] != " ")


def test_every_task_is_listed_within_80_columns() -> None:
    done = silta("tasks")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    settings = lines.index("settings of an intermediate")
    assert names(lines[:settings]) == sorted([*TASKS, "none"])
    assert names(lines[settings:]) == sorted(example for example, _ in FORMS)
    assert {"intermediate", "mixture", "control", "XTREME target"} <= set(lines)


def test_as_json() -> None:
    told = json.loads(silta("tasks", "--json").stdout)
    assert told["schema"] == "silta.tasks/1"
    tasks = {one["name"]: one for one in told["tasks"]}
    assert {name for name, one in tasks.items() if one["xtreme_average"]} == XTREME
    assert tasks["udpos"]["sizes"]["test"]["fin"] == 4422
    assert tasks["ccg"]["sources"] == ["files", "miniature"]
    assert tasks["sib200"]["kind"] == "target beyond XTREME"
    assert all(one["licence"] and one["sources"] for one in tasks.values())


@pytest.mark.parametrize("name", TASKS)
def test_one_task_is_shown(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.data import hub, sources

    monkeypatch.setattr(hub, "reachable", lambda *_: False)
    monkeypatch.setattr(known, "WORLD", "miniature/seed=3/sentences=64")
    task = TASKS[name]
    shown = known.told(task) | {"sample": known.sample(task, tmp_path, tmp_path)}
    page = known.one(shown)
    assert page.startswith(f"{name}: {task.title}")
    made = sources.has(task, "miniature/seed=3/sentences=64", None, None) or task.members
    assert ("no sample" in page) == (not made or task.family == "text")


def test_a_sample_comes_from_the_files_first(tmp_path: Path) -> None:
    path = tmp_path / "cls/sib200/fin_Latn/test.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("index_id\tcategory\ttext\n7\tsports\tHän juoksee.\n", encoding="utf-8")
    done = silta("tasks", "sib200", "--data", tmp_path, "--work", tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"a row of test in fin from {path}" in done.stdout and "Hän juoksee." in done.stdout


def test_sets_of_other_benchmarks_are_listed_with_what_is_published() -> None:
    lines = silta("tasks").stdout.splitlines()
    told = {one.split()[0]: one for one in lines if one.startswith("  ") and one[2] != " "}
    assert "train 12,543" in told["ccg_ud"] and told["ccg_ud"].endswith(" files")
    assert "test 1,555" in told["turku_ner"] and "test 4,500" in told["xcopa"]
    assert "rows not published" in told["nerkor"] and "any size" in told["text"]


def test_a_sample_of_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cls/sib200/fin_Latn/test.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("index_id\tcategory\ttext\n7\tsports\n", encoding="utf-8")
    asked = silta("tasks", "sib200", "--data", tmp_path, "--work", tmp_path)
    refused(asked, f"{path}:2", "columns")


def test_unknown_names_get_the_nearest_spelling() -> None:
    refused(silta("tasks", "xnil"), "unknown task 'xnil'", "'xnli'")
