"""The catalogue, tested as data: what one declaration says of another must be true."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from training.catalogue import LANGUAGES, TASKS, UnknownName, task
from training.catalogue.tagging import UPOS
from training.spec.recipe import Recipe
from training.spec.task import PHASES, Task

ALL = pytest.mark.parametrize("one", TASKS.values(), ids=TASKS)
NINE = ("anli", "mnli", "qqp", "squad", "squad2", "hellaswag", "ccg", "cosmosqa", "csqa")
XTREME = ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba")
COUNTS = {  # reference: XTREME's README
    "xnli": 15, "pawsx": 7, "udpos": 33, "panx": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9,
    "bucc": 4, "tatoeba": 36, "sib200": 40,
}  # fmt: skip
GROUPS = {
    "classification": {"xnli", "pawsx"},
    "tagging": {"udpos", "panx"},
    "qa": {"xquad", "mlqa", "tydiqa"},
    "retrieval": {"bucc", "tatoeba"},
}


@ALL
def test_languages_exist_and_have_a_title(one: Task) -> None:
    assert one.title and one.licence
    assert one.languages and set(one.languages) <= set(LANGUAGES)
    assert len(set(one.languages)) == len(one.languages)
    assert set(one.no_dev) <= set(one.languages)


@ALL
def test_roles_and_recipes_are_words_of_the_spec(one: Task) -> None:
    assert one.roles and set(one.roles) <= set(PHASES)
    assert set(one.recipe) <= {field.name for field in fields(Recipe)}
    Recipe(**one.recipe)


@ALL
def test_what_a_task_names_exists(one: Task) -> None:
    assert {*one.reuses, *one.members} <= set(TASKS)
    assert one.trains_on is None or one.trains_on in TASKS


@ALL
def test_a_target_can_be_trained_or_needs_no_training(one: Task) -> None:
    if "target" not in one.roles:
        return
    if one.family == "retrieval":
        assert one.trains_on is None
    else:
        learnt = TASKS[str(one.trains_on)]
        assert learnt.family == one.family
        assert learnt.labels == one.labels
        assert all("train" in hub.splits for hub in learnt.hub)


@ALL
def test_hub_splits_are_ours_and_fit_no_dev(one: Task) -> None:
    for hub in one.hub:
        assert hub.splits and set(hub.splits) <= {"train", "dev", "test"}
        assert set(hub.codes) <= set(LANGUAGES)
        if set(one.no_dev) == set(one.languages):
            assert "dev" not in hub.splits


def test_targets_that_share_a_training_share_its_recipe() -> None:
    assert TASKS["xquad"].recipe == TASKS["mlqa"].recipe
    assert TASKS["xquad"].trains_on == TASKS["mlqa"].trains_on == "squad"


def test_the_papers_tasks_are_all_there() -> None:
    assert TASKS["mixture"].members == NINE
    assert all("intermediate" in TASKS[name].roles for name in NINE)
    assert all("target" in TASKS[name].roles for name in XTREME)
    assert {name: len(TASKS[name].languages) for name in COUNTS} == COUNTS


def test_groups_are_those_of_the_official_average() -> None:
    found = {group: {t.name for t in TASKS.values() if t.group == group} for group in GROUPS}
    assert found == GROUPS
    assert {t.group for t in TASKS.values()} == {*GROUPS, ""}


def test_reused_training_data_are_marked() -> None:
    marked = {name: set(one.reuses) for name, one in TASKS.items() if one.reuses}
    assert marked == {
        "xnli": {"mnli", "anli", "mixture"},
        "xquad": {"squad", "squad2", "mixture"},
        "mlqa": {"squad", "squad2", "mixture"},
        "sib200": {"sib200"},
        "flores": {"sib200"},
        "hucola": {"cola"},
        "husst": {"sst"},
        "hurte": {"rte"},
        "multiwikiqa": {"squad", "squad2", "mixture"},
        "belebele": {"cosmosqa", "mixture"},
        "hucopa": {"csqa", "mixture"},
        "exams": {"csqa", "mixture"},
        "xcopa": {"cosmosqa", "mixture"},
    }


def test_tatoeba_lacks_the_four_languages_it_lacks() -> None:
    assert set(LANGUAGES) - set(TASKS["tatoeba"].languages) == {"eng", "zsm", "mya", "yor"}
    assert set(TASKS["udpos"].no_dev) == {"kaz", "tha", "tgl", "yor"}
    assert len(UPOS) == 17 and list(UPOS) == sorted(UPOS)


def test_hub_spellings_of_languages() -> None:
    assert task("udpos").hub[0].codes["cmn"] == "Chinese"
    assert task("sib200").hub[0].codes["fin"] == "fin_Latn"
    assert task("tydiqa").hub[0].codes["swh"] == "swahili"


@pytest.mark.parametrize(
    ("wrong", "right"), [("xnil", "xnli"), ("UDPOS", "udpos"), ("tatobea", "tatoeba")]
)
def test_a_misspelt_task_gets_the_right_spelling(wrong: str, right: str) -> None:
    with pytest.raises(UnknownName, match=f"unknown task '{wrong}'.*'{right}'"):
        task(wrong)


@ALL
def test_text_under_strict_terms_is_not_passed_on(one: Task) -> None:
    """Non-commercial, unstated, a contract, or different from part to part."""
    strict = r"\b(NC|non-commercial|LDC|unstated|per treebank|per corpus|members)\b"
    if re.search(strict, one.licence):
        assert not one.redistribute
