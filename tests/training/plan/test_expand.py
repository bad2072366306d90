"""A plan holds every training and every measurement once, parents first.

Longer than 250 lines because every rule of the expansion has its case here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue import TASKS
from training.plan.errors import MatrixError
from training.plan.expand import expand
from training.plan.matrix import parse
from training.plan.plan import Plan, Planned
from training.spec import record

Make = Callable[..., Plan]
NINE = ("anli", "mnli", "qqp", "squad", "squad2", "hellaswag", "ccg", "cosmosqa", "csqa")
XTREME = ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba")
FULL = {
    "source": "hub",
    "scales": "[base, large, xl, xxl]",
    "intermediates": f"[none, {', '.join(NINE)}, mixture]",
    "targets": f"[{', '.join(XTREME)}]",
}


def at(plan: Plan, **coordinates: Any) -> list[Planned]:
    """The plan's evaluations at some coordinates."""
    found = []
    for one in plan.evaluations:
        told = {**one.document(), "layer": one.evaluation.layer}
        if all(told[key] == value for key, value in coordinates.items()):
            found.append(one)
    return found


@pytest.mark.parametrize(
    ("seeds", "mlm", "cells", "trainings", "evaluations"),
    [
        (3, None, 1188, 912, 1172),
        (3, "{}", 1188, 916, 1172),
        (5, None, 1980, 1520, 1948),
        (5, "{}", 1980, 1524, 1948),
    ],
)
def test_the_full_study(
    planned: Make, seeds: int, mlm: str | None, cells: int, trainings: int, evaluations: int
) -> None:
    """4 x (10 s + 6 x 11 s) trainings; 4 x (7 x 11 s + 2 x (10 s + 1)) evaluations."""
    plan = planned(**FULL, seeds=str(list(range(seeds))), mlm=mlm)
    counts = plan.counts
    assert (counts["cells"], counts["trainings"]) == (cells, trainings)
    assert counts["evaluations"] == evaluations
    assert counts["runs"] == len(plan.runs) == sum(counts["by_phase"].values())
    assert counts["by_phase"]["mlm"] == (4 if mlm else 0)


def test_targets_that_share_a_training_are_read_off_one_run(planned: Make) -> None:
    plan = planned()
    xquad, mlqa = (
        at(plan, scale="nano", target=name, intermediate="mnli", target_seed=1)
        for name in ("xquad", "mlqa")
    )
    assert len(xquad) == len(mlqa) == 1
    assert xquad[0].evaluation.run == mlqa[0].evaluation.run
    (run,) = [run for run in plan.runs if run.id == xquad[0].evaluation.run]
    assert (run.phase, run.task, run.seed) == ("target", "squad", 1)
    (parent,) = [one for one in plan.runs if one.id == run.parent]
    assert (parent.phase, parent.task, parent.seed) == ("intermediate", "mnli", 1)


def test_retrieval_is_read_off_the_encoder_before_any_target_training(planned: Make) -> None:
    plan = planned(mlm="{}")
    runs = {run.id: run for run in plan.runs}
    (base,) = at(plan, scale="nano", target="tatoeba", intermediate="none")
    assert base.evaluation.run == base.mlm and runs[base.evaluation.run].phase == "mlm"
    assert (base.intermediate_seed, base.target_seed) == (None, None)
    tuned = at(plan, scale="nano", target="tatoeba", intermediate="mnli")
    assert [runs[one.evaluation.run or ""].phase for one in tuned] == ["intermediate"] * 2
    assert [one.intermediate_seed for one in tuned] == [1, 2]
    assert {one.target_seed for one in tuned} == {None}


def test_with_no_training_at_all_the_scale_itself_is_measured_once(planned: Make) -> None:
    plan = planned(intermediates="[none]", targets="[tatoeba, bucc]", seeds="[1, 2, 3]")
    assert plan.runs == () and plan.counts["cells"] == 12
    assert [(one.evaluation.scale, one.evaluation.target) for one in plan.evaluations] == [
        ("nano", "tatoeba"), ("nano", "bucc"), ("micro", "tatoeba"), ("micro", "bucc"),
    ]  # fmt: skip
    assert {(one.evaluation.run, one.mlm) for one in plan.evaluations} == {(None, None)}
    assert len({one.id for one in plan.evaluations}) == 4


def test_phase_1_is_made_once_a_scale_and_is_every_root(planned: Make) -> None:
    plan = planned(mlm="{steps: 7, lr: 2e-4}")
    roots = [run for run in plan.runs if run.parent is None]
    assert [(run.phase, run.task, run.scale, run.seed) for run in roots] == [
        ("mlm", "text", "nano", 0), ("mlm", "text", "micro", 0),
    ]  # fmt: skip
    assert all(run.recipe.changed() == {"steps": 7, "lr": 2e-4} for run in roots)
    assert all(run.source == "miniature/seed=13/sentences=4000" for run in plan.runs)
    by_scale = {run.scale: run.id for run in roots}
    assert all(one.mlm == by_scale[one.evaluation.scale] for one in plan.evaluations)


def test_paired_and_crossed_seeds(planned: Make) -> None:
    told = "{intermediate: [1, 2], target: [7, 8], design: %s}"
    paired, crossed = (
        planned(scales="nano", targets="xnli", seeds=told % design)
        for design in ("paired", "crossed")
    )

    def seeds(plan: Plan, name: str) -> set[tuple[int | None, int | None]]:
        found = at(plan, intermediate=name)
        return {(one.intermediate_seed, one.target_seed) for one in found}

    assert seeds(paired, "mnli") == {(1, 7), (2, 8)}
    assert seeds(crossed, "mnli") == {(1, 7), (1, 8), (2, 7), (2, 8)}
    assert seeds(paired, "none") == seeds(crossed, "none") == {(None, 7), (None, 8)}
    assert {run.id for run in paired.runs} < {run.id for run in crossed.runs}


def test_cells_that_reuse_the_targets_own_training_data_are_marked(planned: Make) -> None:
    plan = planned(intermediates="[none, mnli, squad, csqa]")
    marked = {(one.intermediate, one.evaluation.target) for one in plan.evaluations if one.reuses}
    assert marked == {("mnli", "xnli"), ("squad", "xquad"), ("squad", "mlqa")}


def test_layers_are_swept_for_retrieval_only_and_the_default_has_one_name(planned: Make) -> None:
    swept = planned(scales="nano", targets="[xnli, tatoeba]", layers="[2, 3]")
    assert {one.evaluation.layer for one in at(swept, target="xnli")} == {-1}
    assert {one.evaluation.layer for one in at(swept, target="tatoeba")} == {-1, 3}
    plain = planned(scales="nano", targets="[xnli, tatoeba]")
    assert {one.id for one in plain.evaluations} < {one.id for one in swept.evaluations}


def test_languages_restrict_what_is_measured_and_no_training(planned: Make) -> None:
    few, all_of_them = planned(languages="[hu, fi]"), planned()
    assert few.runs == all_of_them.runs
    assert {one.evaluation.languages for one in few.evaluations} == {("fin", "hun")}
    assert {one.id for one in few.evaluations} & {
        one.id for one in all_of_them.evaluations
    } == set()


def test_the_order_and_spelling_of_languages_is_no_part_of_an_id(planned: Make) -> None:
    one, other = planned(languages="[hu, fi]"), planned(languages="[Finnish, hun]")
    assert one == other


def test_further_blocks_add_only_what_is_new(planned: Make) -> None:
    plain = planned()
    more = planned(also="[{scales: nano, targets: tatoeba, seeds: [1, 2, 3, 4]}]")
    assert more.runs[: len(plain.runs)] == plain.runs
    assert [(run.task, run.seed) for run in more.runs[len(plain.runs) :]] == [
        ("mnli", 3), ("mnli", 4),
    ]  # fmt: skip
    assert len(more.evaluations) == len(plain.evaluations) + 2
    assert more.counts["cells"] == plain.counts["cells"] + 4


def test_targets_that_share_a_training_must_agree_on_its_recipe(planned: Make) -> None:
    with pytest.raises(MatrixError) as caught:
        planned(recipe="{tasks: {xquad: {lr: 1e-3}}}")
    message = str(caught.value)
    assert "xquad and mlqa are read off one training on squad" in message
    assert "at nano" in message and "lr 0.001 against 1e-05" in message
    alike = planned(recipe="{tasks: {xquad: {lr: 1e-3}, mlqa: {lr: 1e-3}}}")
    through = planned(recipe="{tasks: {squad: {lr: 1e-3}}}")
    assert alike == through
    assert planned(targets="[xquad]", recipe="{tasks: {xquad: {lr: 1e-3}}}").runs


def test_a_contrast_is_kept_with_the_scales_it_holds_for(planned: Make) -> None:
    by_scale = "{nano: [none, mnli], micro: [mnli]}"
    told = "{name: first, intermediate: mnli, target: xnli, languages: [fi]}"
    contrast = planned(intermediates=by_scale, contrast=told).document()["contrast"]
    assert contrast == {
        "name": "first", "intermediate": "mnli", "baseline": "none", "target": "xnli",
        "scales": ["nano"], "languages": ["fin"], "reuses": True,
    }  # fmt: skip


def test_the_document(planned: Make) -> None:
    plan = planned(mlm="{languages: [fi]}", languages="[fi]", recipe="{target: {steps: 5}}")
    document = plan.document()
    assert list(document) == ["schema", "study", "runs", "evaluations", "contrast", "counts"]
    assert document["schema"] == record.PLAN_SCHEMA
    assert json.loads(json.dumps(document)) == document
    first, last = document["runs"][0], document["runs"][-1]
    assert first == {
        "id": plan.runs[0].id, "phase": "mlm", "task": "text", "scale": "nano", "seed": 0,
        "parent": None, "source": "miniature/seed=13/sentences=4000",
        "recipe": {"languages": ["fin"]},
    }  # fmt: skip
    assert last["recipe"]["steps"] == 5 and "lr" not in last["recipe"]
    evaluation = document["evaluations"][0]
    assert set(evaluation) == {
        "id", "run", "scale", "target", "intermediate", "intermediate_seed", "target_seed", "mlm",
        "reuses", "settings",
    }  # fmt: skip
    assert evaluation["settings"]["languages"] == ["fin"]


subsets = lambda names: st.lists(st.sampled_from(names), min_size=1, unique=True)  # noqa: E731


@settings(max_examples=60, deadline=None)
@given(
    scales=subsets(("nano", "micro", "large")),
    intermediates=subsets(("none", *NINE, "mixture")),
    targets=subsets((*XTREME, "sib200")),
    seeds=subsets(range(5)),
    phase_1=st.booleans(),
)
def test_any_matrix_against_a_count_by_hand(
    scales: list[str],
    intermediates: list[str],
    targets: list[str],
    seeds: list[int],
    phase_1: bool,
) -> None:
    head = f"study: any\nsource: hub\nseeds: {seeds}\n" + ("mlm: {}\n" if phase_1 else "")
    lists = {"scales": scales, "intermediates": intermediates, "targets": targets}
    body = "".join(f"{key}: [{', '.join(names)}]\n" for key, names in lists.items())
    plan = expand(parse(head + body))

    chains: set[tuple[Any, ...]] = set()  # every training, told as the chain that leads to it
    measured: set[tuple[Any, ...]] = set()
    for scale, name, target, seed in product(scales, intermediates, targets, seeds):
        chain: tuple[Any, ...] = (scale, *(["mlm"] if phase_1 else []))
        chains |= {chain} if phase_1 else set()
        if name != "none":
            chain += ((name, seed),)
            chains.add(chain)
        if TASKS[target].trains_on:
            chain += ((TASKS[target].trains_on, seed, "target"),)
            chains.add(chain)
        measured.add((chain, target))
    assert len(plan.runs) == len(chains)
    assert len(plan.evaluations) == len(measured)

    seen: set[str | None] = {None}
    for run in plan.runs:
        assert run.parent in seen and run.id not in seen
        seen.add(run.id)
    assert {one.evaluation.run for one in plan.evaluations} <= seen
    assert len({one.id for one in plan.evaluations}) == len(plan.evaluations)
