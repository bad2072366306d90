"""Weights of jobs: what takes long weighs more, and epochs count by the size of their data."""

from __future__ import annotations

from pathlib import Path

from training.plan import weight
from training.plan.expand import Plan, expand
from training.plan.matrix import read


def shipped(root: Path, name: str) -> Plan:
    return expand(read(root / "training" / "matrices" / f"{name}.yaml"))


def test_the_first_phase_of_the_real_study_is_most_of_its_trainings(root: Path) -> None:
    """Ten epochs of 701 sentences are no ten thousand steps."""
    plan = shipped(root, "real")
    told = {(run.phase, run.task): weight.training(run) for run in plan.runs}
    assert told["mlm", "text"] == max(told.values())
    assert told["target", "sib200"] < 0.2 * told["mlm", "text"]


def test_a_larger_model_and_a_longer_training_weigh_more(root: Path) -> None:
    plan = shipped(root, "demo")
    told = {(run.scale, run.task): weight.training(run) for run in plan.runs if run.seed == 1}
    assert told["nano", "mnli"] < told["micro", "mixture"]
    assert told["nano", "pawsx"] < told["nano", "squad"]


def test_reading_weighs_by_what_is_read(root: Path) -> None:
    paper = {one.evaluation.target: one.evaluation for one in shipped(root, "paper").evaluations}
    assert weight.evaluation(paper["tatoeba"]) < weight.evaluation(paper["bucc"])
    demo = [weight.evaluation(one.evaluation) for one in shipped(root, "demo").evaluations]
    assert max(demo) < 10, "the miniature is small"
