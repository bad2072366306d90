"""The machine a study will run on, and what it is spared."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from training.cli.costs import costed
from training.engine import machine
from training.engine.blame import input_error
from training.engine.machine import documents, here, refuse
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.plan.expand import expand
from training.plan.fit import CannotFit
from training.plan.matrix import parse
from training.plan.single import single

DRIVER = """#!/bin/sh
echo "NVIDIA H200, 143771"
echo "NVIDIA H200, 143771"
"""
PAPER = "study: p\nsource: hub\nscales: [large, xxl]\nintermediates: [none]\ntargets: [xnli]\n"


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for nvidia-smi that tells of two GPUs."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(DRIVER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv(machine.VISIBLE, raising=False)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a GPU and with 8 GB."""
    monkeypatch.setattr(machine, "_gpus", lambda: iter(()))
    monkeypatch.setattr(machine, "_memory", lambda: 8e9)


def test_gpus_are_found_by_their_driver(driver: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = here()
    assert (found.name, found.count) == ("h200", 2) and found.memory_gb == pytest.approx(150.8)
    monkeypatch.setenv(machine.VISIBLE, "1")
    assert here().count == 1
    monkeypatch.setenv(machine.VISIBLE, "")
    assert here().name == "cpu"


def test_a_container_has_no_more_than_its_limit(
    bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here().memory_gb == 8 and here().name == "cpu"
    monkeypatch.undo()
    limit = tmp_path / "limit"
    monkeypatch.setattr(machine, "LIMIT", limit)
    whole = machine._memory()
    limit.write_text("max\n")
    assert machine._memory() == whole
    limit.write_text("1000000000\n")
    assert machine._memory() == 1e9


def test_a_study_that_cannot_fit_is_bad_input(bare: None, tmp_path: Path) -> None:
    runs = expand(parse(PAPER + "seeds: [1]\n")).runs
    with pytest.raises(CannotFit, match="XXL full fine-tuning needs about 171 GB") as told:
        refuse(runs, Runtime(tmp_path))
    assert "LARGE" in str(told.value) and input_error(told.value) == str(told.value)


def test_what_is_done_needs_nothing(bare: None, tmp_path: Path) -> None:
    run = single("target", "xl", "xnli", "hub", 1)
    store = Store(tmp_path)
    with pytest.raises(CannotFit):
        refuse([run], Runtime(tmp_path))
    store.begin(run.id, run.document())
    store.finish(run.id)
    refuse([run, single("target", "base", "xnli", "hub", 1)], Runtime(tmp_path))


def test_planning_makes_no_work_directory(tmp_path: Path) -> None:
    assert list(documents(Runtime(tmp_path / "none"))) == []
    assert not (tmp_path / "none").exists()


def test_the_plan_as_json_has_its_cost_under_a_schema(bare: None, tmp_path: Path) -> None:
    plan = expand(parse(PAPER + "seeds: [1, 2]\n"))
    told = json.loads(costed(plan, "h100", tmp_path, True))
    assert told["schema"] == "silta.plan/1" and len(told["runs"]) == 4
    cost = told["cost"]
    assert cost["schema"] == "silta.cost/1" and cost["device"]["name"] == "h100"
    assert cost["here"]["device"]["name"] == "cpu" and cost["total"]["hours"] > 0
    fields = {"runs", "evaluations", "tokens", "hours", "memory_gb", "disk_gb", "basis"}
    assert all(fields <= set(row) for row in cost["rows"])
    places = [(one["where"], one["scale"]) for one in cost["refused"]]
    assert places == [("on one NVIDIA H100 (SXM)", "xxl"), ("here", "large"), ("here", "xxl")]
    page = costed(plan, "h100", tmp_path, False)
    assert "H100-hours" in page and "CPU-hours" in page
    assert "FSDP over 4 GPUs" in page and "this machine has 8 GB" in page
