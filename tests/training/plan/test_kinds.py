"""Hours of one job of each kind add up to those of the plan."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from training.catalogue.devices import device
from training.plan.cost import cost
from training.plan.kinds import priced
from training.plan.plan import Plan
from training.plan.rates import Rates

Make = Callable[..., Plan]


@pytest.mark.parametrize("rates", [Rates(), Rates({("nano", "evaluation", "xnli"): 7200.0})])
def test_kinds_add_up_to_the_plan(planned: Make, rates: Rates) -> None:
    plan, on = planned(), device("cpu")
    told = priced(plan, on, rates)
    total = sum(kind["jobs"] * kind["hours"] for kind in told["kinds"])
    assert total == pytest.approx(cost(plan, on, rates).hours)
    assert sum(kind["jobs"] for kind in told["kinds"]) == len(plan.runs) + len(plan.evaluations)


def test_a_kind_has_the_mean_of_what_finished_jobs_took(planned: Make) -> None:
    rates = Rates({("nano", "evaluation", "xnli"): 7200.0})
    told = priced(planned(), device("cpu"), rates)["kinds"]
    (kind,) = [one for one in told if (one["scale"], one["task"]) == ("nano", "xnli")
               and one["phase"] == "evaluation"]  # fmt: skip
    assert kind["hours"] == pytest.approx(2.0) and kind["jobs"] == 4


def test_what_is_recorded_reads_back_the_same(planned: Make) -> None:
    """A study's record is compared with the file: JSON must not change it."""
    told = priced(planned())
    assert json.loads(json.dumps(told)) == told
