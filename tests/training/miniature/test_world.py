"""The world: streams fixed by the seed, and no event of a dev or test set anywhere in training."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import pytest
from commands import ROOT, environment

from training.miniature import tasks
from training.miniature.concepts import KIND_OF, MOTION, NEXT, STAY
from training.miniature.events import converse, core, ground, split_of
from training.miniature.grammar import NP, Clause, Reply
from training.miniature.languages import CODES
from training.miniature.tasks import retrieval
from training.miniature.tasks.items import sentence
from training.miniature.world import World, stories
from training.miniature.write import forms, lines
from training.spec.task import Split

TEXT_SEEDS, TASK_SEEDS, LINES = (1, 13, 99), (2, 13), 1000
HELD_OUT: tuple[Split, ...] = ("dev", "test")
SOLD = Clause("sell", NP("Anna"), NP("apple", True, "red"), recipient=NP("teacher"), time="monday")


def clauses(said: Any) -> Iterator[Clause]:
    """Every clause inside items, stories, questions and replies."""
    if isinstance(said, Clause):
        yield said
    elif isinstance(said, tuple | list):
        for part in said:
            yield from clauses(part)
    elif is_dataclass(said):
        for field in fields(said):
            yield from clauses(getattr(said, field.name))


@lru_cache(maxsize=200)
def events(task: str, split: Split, seed: int) -> tuple[Clause, ...]:
    """Clauses of a task's split."""
    if task in tasks.RETRIEVAL:
        return tuple(retrieval.clauses(World(seed, task, split), 120))
    return tuple(clauses(tasks.items(task, split, seed, LINES)))


def strings(value: Any) -> Iterator[str]:
    """Every text in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def statements(rows: Any) -> set[str]:
    """Whole English statements in rows, read off the text itself.

    Questions are left out: they lack what they ask for, so they tell no event.
    """
    parts = (
        part.strip() for text in strings(rows) for part in text.replace(". ", ".\n").split("\n")
    )
    return {part for part in parts if part.endswith(".") and " " in part}


def bare(row: dict[str, Any]) -> str:
    """A row without its identifiers."""
    ids = {"id", "idx", "uid", "ind", "source_id", "split", "title"}
    return json.dumps({key: value for key, value in row.items() if key not in ids})


@lru_cache(maxsize=len(tasks.TASKS) * len(TASK_SEEDS))
def training_rows(task: str, seed: int) -> list[dict[str, Any]]:
    """Rows of a training set, made once for all that look into it."""
    return tasks.rows(task, "train", "eng", seed, LINES)


@lru_cache(maxsize=1)
def learnt_from() -> tuple[frozenset[str], frozenset[str]]:
    """Grounds and English sentences of phase-1 text and of every training set."""
    told = [story for seed in TEXT_SEEDS for story in stories(seed, 3000)]
    grounds = {ground(clause) for clause in clauses(told)}
    said = {sentence(one, "eng") for story in told for one in story if not isinstance(one, Reply)}
    for task in tasks.TASKS:
        if tasks.languages(task, "train"):
            for seed in TASK_SEEDS:
                grounds |= {ground(clause) for clause in events(task, "train", seed)}
                said |= statements(training_rows(task, seed))
    return frozenset(grounds), frozenset(said)


@pytest.mark.parametrize("task", tasks.TASKS)
@pytest.mark.parametrize("split", HELD_OUT)
def test_no_held_out_event_or_sentence_was_ever_learnt_from(task: str, split: Split) -> None:
    grounds, said = learnt_from()
    assert len(grounds) > 8_000 and len(said) > 15_000
    for seed in TASK_SEEDS:
        mine = {ground(clause) for clause in events(task, split, seed)}
        assert len(mine) >= 30 and not mine & grounds
        rendered = {sentence(clause, "eng") for clause in events(task, split, seed)}
        assert len(rendered) >= 30 and not rendered & said
        lang = "eng" if "eng" in tasks.languages(task, split) else "fin"
        assert not statements(tasks.rows(task, split, lang, seed, LINES)) & said


@pytest.mark.parametrize("task", [one for one in tasks.TASKS if tasks.languages(one, "train")])
def test_no_held_out_row_is_in_a_training_set(task: str) -> None:
    """Word for word, questions included, whatever the seeds."""
    learnt = {bare(row) for seed in TASK_SEEDS for row in training_rows(task, seed)}
    for split in HELD_OUT:
        rows = tasks.rows(task, split, "eng", 5, LINES)
        assert len(rows) >= 40 and not {bare(row) for row in rows} & learnt


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_stream_holds_events_of_its_split_only(split: Split) -> None:
    world = World(7, "any", split)
    assert {split_of(world.event()) for _ in range(300)} == {split}


def test_eight_of_ten_events_are_for_training() -> None:
    found = [split_of(made(World(seed, "x", "train"))) for seed in range(2000)]
    assert found.count("train") / len(found) == pytest.approx(0.8, abs=0.04)
    assert found.count("dev") / len(found) == pytest.approx(0.1, abs=0.03)


def made(world: World) -> Clause:
    """An event before it is asked whether the split allows it."""
    return world.transfer()


def test_what_a_task_makes_of_an_event_stays_in_its_split() -> None:
    world = World(4, "any", "test")
    for _ in range(200):
        event = world.event("transfer")
        other = converse(event) if event.verb not in {"send", "show", "steal"} else event
        assert ground(other) == ground(event)
        assert core(other) == core(event)
    assert core(converse(SOLD)) == core(SOLD) and converse(converse(SOLD)) == SOLD
    kind = Clause("sell", NP("Anna"), NP(KIND_OF["apple"]), recipient=NP("teacher"))
    assert ground(kind) == ground(SOLD) and core(kind) != core(SOLD)


def test_the_laws_hold_in_the_text() -> None:
    """What follows an action is what NEXT says; a motion has a goal."""
    followed = 0
    for story in stories(5, 3000):
        for clause in clauses([one for one in story if isinstance(one, Clause)]):
            assert clause.place or clause.verb not in {*MOTION, *STAY}
        if len(story) == 2 and all(isinstance(one, Clause) for one in story):
            one, two = story
            assert isinstance(one, Clause) and isinstance(two, Clause)
            if NEXT.get(one.verb) == two.verb and one.object == two.object:
                followed += one.subject == two.subject
    assert followed > 20


def test_text_is_parallel_line_by_line() -> None:
    told = lines(3, 200)
    assert set(told) == set(CODES) and len(CODES) >= 8
    assert {len(one) for one in told.values()} == {200}
    assert all(len(set(one)) > 190 for one in told.values())
    assert lines(3, 200)["fin"] != lines(4, 200)["fin"]


CODE = """
import hashlib, json
from training.miniature import tasks
from training.miniature.write import lines
told = [tasks.rows(t, s, l, 3, 30) for t in tasks.TASKS for s in ("train", "dev")
        for l in tasks.languages(t, s) if l in ("eng", "fin")]
print(hashlib.sha256(json.dumps([told, lines(3, 60)]).encode()).hexdigest())
"""


def test_the_world_is_the_same_in_every_process() -> None:
    """Hash seeds differ between the processes: no order may come from a set."""
    seen = set()
    for seed in ("0", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", CODE],
            cwd=ROOT,
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout)
    assert len(seen) == 1
    assert seen != {hashlib.sha256(json.dumps([]).encode()).hexdigest() + "\n"}


@pytest.mark.parametrize("lang", CODES)
def test_forms_are_distinct_words_with_lemma_and_features(lang: str) -> None:
    told = forms(lang, 3, 2000)
    assert len(told) > 100 and len(set(told)) == len(told)
    assert all(form and lemma and feats for form, lemma, feats in told)
    assert not {"Anna", "Helsinki", "Nokia"} & {form for form, _, _ in told}
