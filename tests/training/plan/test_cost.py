"""The cost of a plan: arithmetic that can be checked by hand, and its order of size."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from training.catalogue import SCALES, TASKS
from training.catalogue.sizes import published
from training.plan.cost import Row, cost, steps
from training.plan.memory import batch_tokens, memory
from training.plan.operations import forward, multiplied
from training.plan.plan import Plan
from training.plan.show import described
from training.plan.single import single
from training.plan.sizes import MEASURED, SIZES, measured, size

Make = Callable[..., Plan]
FULL = {
    "source": "hub",
    "intermediates": f"[none, {', '.join(TASKS['mixture'].members)}, mixture]",
    "targets": "[xnli, pawsx, udpos, panx, xquad, mlqa, tydiqa, bucc, tatoeba]",
    "seeds": "[1, 2, 3, 4, 5]",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "weights"),
    [("base", 84_934_656), ("large", 301_989_888), ("xl", 2_831_155_200), ("xxl", 9_663_676_416)],
)
def test_multiplied_weights_are_those_counted_on_the_models(name: str, weights: int) -> None:
    assert multiplied(SCALES[name]) == weights


def test_operations_for_a_token() -> None:
    assert 3 * forward(SCALES["xl"], 1, 128) == pytest.approx(17.13e9, rel=1e-3)
    assert 3 * forward(SCALES["base"], 1, 128) == pytest.approx(0.524e9, rel=2e-3)


def test_steps_and_tokens_of_a_run() -> None:
    run = single("target", "large", "xnli", "hub", 1)
    assert steps(run) == 24_544  # 2 epochs of 392,702 in batches of 32
    assert batch_tokens(run) == pytest.approx(32 * 39.9)
    assert steps(single("target", "large", "xnli", "hub", 1, None, {"steps": 7})) == 7
    few = single("target", "large", "xnli", "hub", 1, None, {"examples": 320, "epochs": 1})
    assert steps(few) == 10
    short = single("target", "large", "xquad", "hub", 1, None, {"max_length": 100})
    assert batch_tokens(short) == pytest.approx(16 * 1.05 * 100)


def test_a_mixture_is_the_sum_of_its_members_up_to_the_cap() -> None:
    whole = size("mixture", "hub", 10**9)
    assert whole.examples == sum(SIZES[name].examples for name in TASKS["mixture"].members)
    assert size("mixture", "hub", 1000).examples == 9000
    assert size("mixture", "hub", 1000).tokens == pytest.approx(
        sum(SIZES[name].tokens for name in TASKS["mixture"].members) / 9
    )


def test_every_task_has_a_size() -> None:
    trained = {one.trains_on for one in TASKS.values() if one.trains_on}
    learnt = {name for name, one in TASKS.items() if {"mlm", "intermediate"} & set(one.roles)}
    measurable = {name for name, one in TASKS.items() if "target" in one.roles}
    assert set(SIZES) <= trained | learnt and set(MEASURED) <= measurable
    for name in (trained | learnt) - {"mixture"}:
        assert size(name, "hub", 1).examples > 1 and size(name, "files", 1).tokens > 1
    assert all(measured(name, "files", ()) > 1e3 for name in measurable)


@pytest.mark.parametrize("name", sorted(set(SIZES) - {"text", "anli", "wordorder"}))
def test_examples_are_as_many_as_are_published(name: str) -> None:
    assert SIZES[name].examples == published(name, "train", "eng")


def test_fewer_languages_cost_less() -> None:
    assert measured("xnli", "hub", ()) == MEASURED["xnli"]
    assert measured("xnli", "hub", ("deu", "eng", "fin")) == pytest.approx(
        MEASURED["xnli"] * 2 / 15
    )


def test_memory_counts_states_and_activations() -> None:
    run = single("target", "xl", "xnli", "hub", 1)
    states = 16 * SCALES["xl"].parameters
    assert memory(run) == pytest.approx(states + 68 * 2560 * 36 * 32 * 39.9)
    assert memory(single("target", "xxl", "xnli", "hub", 1)) > 149e9  # more than an H200 has


def test_adapters_cost_two_passes_hardly_an_optimiser_and_a_bf16_encoder_half_the_disk(
    planned: Make,
) -> None:
    """LoRA and stochastic rounding in the plan: hours, memory and disk by hand."""

    def row(**recipe: object) -> Row:
        told = json.dumps({"target": recipe})
        (one,) = cost(planned(**FULL | {"intermediates": "none"}, scales="xxl", recipe=told)).rows
        return one

    full, bf16 = row(), row(precision="bf16")
    lora, less = row(method="lora", precision="bf16"), row(precision="bf16-stochastic")
    assert lora.training_hours == pytest.approx(full.training_hours * 2 / 3)
    share = 18 * 16 * 4096 * 48 / SCALES["xxl"].parameters
    assert lora.optimiser_hours == pytest.approx(full.optimiser_hours * share)
    assert less.optimiser_hours == pytest.approx(full.optimiser_hours * 14 / 30)
    assert lora.memory_gb < 60 < less.memory_gb < 149 < bf16.memory_gb < full.memory_gb
    assert bf16.disk_gb == less.disk_gb == full.disk_gb / 2 and lora.disk_gb == full.disk_gb
    assert row(method="lora", handover="bf16").disk_gb == full.disk_gb / 2


def test_the_ladder_costs_what_was_reckoned_for_it_by_hand(planned: Make) -> None:
    """5 seeds, all four scales: 530 to 680 H200-hours of training, BUCC's reading on top."""
    made = cost(planned(**FULL, scales="[base, large, xl, xxl]"))
    trained = sum(row.training_hours + row.optimiser_hours for row in made.rows)
    assert 500 < trained < 720
    assert 0.05 < sum(row.evaluation_hours for row in made.rows) / made.hours < 0.2
    assert [row.runs for row in made.rows] == [380] * 4
    hours = [row.hours for row in made.rows]
    assert hours == sorted(hours) and hours[-1] > made.hours / 2
    assert made.rows[1].tokens == pytest.approx(8.24e9, rel=0.15)


def test_encoders_that_others_start_from_are_told_apart(planned: Make) -> None:
    (row,) = cost(planned(scales="nano", mlm="{}")).rows
    one = 4 * SCALES["nano"].parameters / 1e9
    assert row.kept_gb == pytest.approx(3 * one)  # phase 1, and mnli with two seeds
    assert row.disk_gb == pytest.approx(row.runs * one)


def test_a_plan_with_nothing_to_train_still_costs_reading(planned: Make) -> None:
    made = cost(planned(scales="large", source="hub", intermediates="none", targets="tatoeba"))
    assert [row.scale for row in made.rows] == ["large"]
    assert made.rows[0].training_hours == 0 < made.hours
    assert made.memory_gb == pytest.approx(4 * SCALES["large"].parameters / 1e9)


def test_the_document_says_what_was_assumed(planned: Make) -> None:
    document = cost(planned()).document()
    assert json.loads(json.dumps(document)) == document
    assert any("H200" in line for line in document["assumptions"])
    assert document["total"]["hours"] == pytest.approx(sum(r["hours"] for r in document["rows"]))


def test_a_plan_in_words(planned: Make) -> None:
    told = "{name: first, intermediate: mnli, target: tatoeba, languages: [fi]}"
    plan = planned(contrast=told)
    page = described(plan)
    assert "32 cells need 20 trainings (4 intermediate, 16 target) and 30 evaluations" in page
    assert "named beforehand: first, mnli against none on tatoeba (fin) at nano, micro" in page
    assert "no training: measured on tatoeba" in page and "measured on xquad, mlqa" in page
    assert [run.id for run in plan.runs if run.id not in page] == []
    long = described(planned(seeds=str(list(range(40)))))
    assert "--json tells all" in long and len(long.splitlines()) < 80
