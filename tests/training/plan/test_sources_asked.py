"""Sources in a matrix: one, several in an order, or by data set; old spellings keep their ids."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from training.plan.cost import cost
from training.plan.errors import MatrixError
from training.plan.matrix import parse
from training.plan.plan import Plan
from training.plan.single import single
from training.spec.source import by_task, every, tried

Planner = Callable[..., Plan]
WORLD = "miniature/seed=13/sentences=4000"
SMALL = "miniature/seed=2/sentences=40"


def runs(plan: Plan) -> dict[str, str]:
    return {run.task: run.source for run in plan.runs}


def measured(plan: Plan) -> dict[str, str]:
    return {one.evaluation.target: one.evaluation.source for one in plan.evaluations}


@pytest.mark.parametrize(
    ("told", "recorded"),
    [
        ("[files]", "files"),
        ("[files, hub]", "files,hub"),
        ("'files, hub'", "files,hub"),
        ("[hub, {kind: miniature, seed: 2, sentences: 40}]", f"hub,{SMALL}"),
        (f"[files, {SMALL}]", f"files,{SMALL}"),
    ],
)
def test_sources_in_order(text: Callable[..., str], told: str, recorded: str) -> None:
    assert parse(text(source=told)).source == recorded


def test_a_list_of_one_is_that_source(planned: Planner) -> None:
    assert [run.id for run in planned(source="hub").runs] == [
        run.id for run in planned(source="[hub]").runs
    ]


def test_a_data_set_s_source_changes_what_reads_it_and_nothing_else(planned: Planner) -> None:
    before, after = planned(), planned(sources="{squad: files, xquad: [hub, files]}")
    assert runs(after) == {"mnli": WORLD, "squad": "files"}
    assert measured(after) == {
        "xnli": WORLD, "xquad": "hub,files", "mlqa": WORLD, "tatoeba": WORLD,
    }  # fmt: skip
    kept = {run.id for run in before.runs} & {run.id for run in after.runs}
    assert kept == {run.id for run in before.runs if run.task == "mnli"}
    tatoeba = [
        {one.id for one in plan.evaluations if one.evaluation.target == "tatoeba"}
        for plan in (before, after)
    ]
    assert tatoeba[0] == tatoeba[1]


def test_a_mixture_tells_of_every_member_where_they_differ(planned: Planner) -> None:
    asked = {"intermediates": "[mixture]", "targets": "[tatoeba]", "scales": "[nano]"}
    same = planned(**asked, sources="{mnli: hub}", source="hub")
    assert runs(same) == {"mixture": "hub"}
    mixed = runs(planned(**asked, sources="{ccg: files, csqa: [files, hub]}"))["mixture"]
    assert tried(mixed, "ccg") == ("files",) and tried(mixed, "csqa") == ("files", "hub")
    assert tried(mixed, "mnli") == (WORLD,)
    assert mixed.startswith(f"anli:{WORLD};ccg:files;") and "xnli" not in mixed
    assert set(every(mixed)) == {WORLD, "files", "hub"}


def test_equal_wishes_have_equal_strings() -> None:
    assert by_task({"a": "hub", "b": "hub"}) == "hub"
    assert by_task({"b": "hub", "a": "files"}) == by_task({"a": "files", "b": "hub"})
    with pytest.raises(LookupError, match="tells nothing of c"):
        tried("a:files;b:hub", "c")


def test_costs_follow_the_first_source(planned: Planner) -> None:
    real = cost(planned(sources="{mnli: [files, hub]}", targets="[xnli]"))
    made = cost(planned(targets="[xnli]"))
    assert real.rows[0].tokens > 10 * made.rows[0].tokens


def test_targets_of_a_miniature_may_name_its_languages(planned: Planner) -> None:
    with pytest.raises(MatrixError, match="mlqa is published in none of fin"):
        planned(source="files", languages="fi")
    assert planned(source=f"[files, {SMALL}]", languages="fi").evaluations


MISTAKES = [
    ({"source": "[hub, hub]"}, 2, ["source: named twice: hub"]),
    ({"source": "[]"}, 2, ["source: nothing is named"]),
    ({"source": "[files, hubb]"}, 2, ["source[1].kind", "'hubb'"]),
    ({"source": "[files, {kid: hub}]"}, 2, ["'kid' under source[1]", "'kind'"]),
    ({"sources": "{xnly: files}"}, 7, ["unknown task 'xnly'", "'xnli'"]),
    ({"sources": "{mixture: files}"}, 7, ["no data of its own", "csqa"]),
    ({"sources": "{xnli: fles}"}, 7, ["sources.xnli.kind", "'fles'"]),
    ({"sources": "{xnli: {kind: files, sed: 1}}"}, 7, ["'sed' under sources.xnli", "'seed'"]),
    ({"sources": "[xnli]"}, 7, ["sources: a mapping"]),
]


@pytest.mark.parametrize(("changes", "line", "says"), MISTAKES)
def test_mistakes_in_sources(
    text: Callable[..., str], changes: dict[str, str], line: int, says: list[str]
) -> None:
    with pytest.raises(MatrixError) as caught:
        parse(text(**changes), "m.yaml")
    message = str(caught.value)
    assert message.startswith(f"m.yaml, line {line}: ")
    assert [part for part in says if part not in message] == []


def test_single_trainings_take_a_list_too() -> None:
    run = single("intermediate", "nano", "mnli", "files,hub", 1)
    assert run.source == "files,hub"
    with pytest.raises(MatrixError, match="unknown source 'file,hub'"):
        single("intermediate", "nano", "mnli", "file,hub", 1)


def test_text_that_is_measured_is_not_learnt_from(planned: Planner) -> None:
    asked = {"targets": "[ntrex]", "mlm": "{steps: 3}"}
    with pytest.raises(MatrixError, match="line 7: mlm: .*which ntrex measures"):
        planned(**asked, sources="{ntrex: files, text: files}")
    assert planned(**asked, sources="{ntrex: files}").evaluations
