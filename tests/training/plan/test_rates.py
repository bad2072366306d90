"""Finished jobs refine the estimate, and only those of the same hardware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from training.catalogue.devices import device
from training.plan.cost import cost, estimate, tokens
from training.plan.plan import Plan
from training.plan.rates import Rates, hardware, rates
from training.plan.show import described
from training.spec.run import Run

Make = Callable[..., Plan]
ON = device("cpu")


def document(run: Run, seconds: float, gpus: tuple[str, ...] = ()) -> dict[str, Any]:
    told = {"seconds": seconds, "provenance": {"gpus": list(gpus)}}
    return run.document() | told


def read(documents: list[dict[str, Any]], name: str = "cpu") -> Rates:
    return rates(documents, name, lambda run: estimate(run, device(name)))


def targets(plan: Plan, scale: str = "nano", task: str = "mnli") -> list[Run]:
    return [r for r in plan.runs if (r.phase, r.scale, r.task) == ("target", scale, task)]


def test_runs_of_the_same_kind_take_as_long_as_was_measured(planned: Make) -> None:
    plan = planned()
    known = targets(plan)
    found = read([document(known[0], 100.0), document(known[1], 300.0), document(known[2], 110.0)])
    assert found.counted == 3
    spent, measured = found.training(known[3], tokens(known[3]), 7.0)
    assert measured and spent == pytest.approx(110.0)  # the median of the three


def test_other_tasks_of_the_phase_are_scaled_by_it_and_other_scales_are_not(planned: Make) -> None:
    plan = planned()
    one, other = targets(plan)[0], targets(plan, task="squad")[0]
    guessed = estimate(one, ON)[1]
    found = read([document(one, 3 * guessed)])
    spent, measured = found.training(other, tokens(other), 10.0)
    assert measured and spent == pytest.approx(30.0)
    large = targets(plan, scale="micro")[0]
    assert found.training(large, tokens(large), 10.0) == (10.0, False)


def test_another_hardware_says_nothing(planned: Make) -> None:
    one = targets(planned())[0]
    gpu = document(one, 5.0, ("NVIDIA H200",))
    assert read([gpu]).counted == 0 and read([gpu], "h200").counted == 1
    assert hardware(gpu) == "h200" and hardware(document(one, 1.0)) == "cpu"
    assert hardware({"seconds": 3}) is None and read([{"seconds": 3}]).counted == 0


def test_what_cannot_be_read_is_passed_over(planned: Make) -> None:
    one = document(targets(planned())[0], 5.0)
    for broken in ({"recipe": {"unknown": 1}}, {"seconds": None}):
        assert read([one | broken]).counted == 0


def test_rows_say_what_they_rest_on(planned: Make) -> None:
    plan = planned()
    nano = [run for run in plan.runs if run.scale == "nano"]
    found = read([document(run, 36.0) for run in nano])
    rows = {row.scale: row for row in cost(plan, ON, found).rows}
    assert rows["nano"].basis == "partly measured" and rows["micro"].basis == "estimated"
    assert rows["nano"].measured == len(nano)
    assert rows["nano"].training_hours == pytest.approx(len(nano) * 0.01)
    assert rows["nano"].optimiser_hours == 0  # it is in what was measured
    page = described(plan, [cost(plan, ON, found)])
    assert "partly measured" in page and f"rates of {len(nano)} finished jobs" in page


def test_evaluations_too(planned: Make) -> None:
    plan = planned(scales="nano")
    jobs = [document(run, 36.0) for run in plan.runs]
    for one in {planned.evaluation.target: planned for planned in plan.evaluations}.values():
        told = {"seconds": 18.0, "provenance": {"gpus": []}}
        jobs.append(one.evaluation.document() | told)
    (row,) = cost(plan, ON, read(jobs)).rows
    assert row.basis == "measured"
    assert row.evaluation_hours == pytest.approx(len(plan.evaluations) * 0.005)
