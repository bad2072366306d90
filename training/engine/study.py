"""A whole matrix: jobs out of a plan, the executor, progress, and the study's record."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.engine.available import check
from training.engine.executor import DONE, INTERRUPTED, Executor, Outcome
from training.engine.jobs import Job
from training.engine.pace import share
from training.engine.progress import Progress, duration
from training.engine.publish import ADVICE, HURRY, Publisher
from training.engine.reference import compared
from training.engine.repair import changed, repair
from training.engine.replay import settled, unpublished
from training.engine.room import say
from training.engine.runtime import Runtime
from training.engine.store import Store, read_json, write_json
from training.plan import weight
from training.plan.expand import Plan, Planned
from training.plan.kinds import priced
from training.spec.run import Run

STATE = "state.json"
PLAN = "plan.json"


def carry_out(plan: Plan, runtime: Runtime) -> Outcome:
    """Do what is not done, publish it, and say what happened."""
    store = Store(runtime.work)
    jobs = jobs_of(plan)
    repair(jobs, store, say)
    finished = {job.id for job in jobs if store.done(job.id)}
    if len(finished) == len(jobs):
        return nothing_to_do(plan, jobs, runtime)
    check(
        (run for run in plan.runs if run.id not in finished),
        (one.evaluation for one in plan.evaluations if one.id not in finished),
        runtime,
    )
    began = time.monotonic()
    say(
        f"{plan.study}: {len(plan.runs)} trainings, {len(plan.evaluations)} evaluations; "
        f"{len(finished)} of {len(jobs)} jobs done already"
    )
    publisher = Publisher(runtime)
    progress = Progress(jobs, finished, not runtime.progress, lambda job: share(job, store))

    def watch(job: Job, state: str) -> None:
        progress(job, state)
        publisher.told(job.id, state)

    executor = Executor(jobs, runtime, watch, progress.show, progress.line)
    publisher.study(recorded(plan), executor.outcome.states)
    keep(plan, executor.outcome, runtime)
    try:
        outcome = executor.run()
    except KeyboardInterrupt:
        say("stopping; what is finished is kept")
        keep(plan, executor.outcome, runtime)
        for id, state in executor.outcome.states.items():
            if state == INTERRUPTED:
                publisher.told(id, state)
        publisher.study(recorded(plan), executor.outcome.states)
        publisher.close(min(HURRY, runtime.patience))
        raise
    keep(plan, outcome, runtime)
    publisher.study(recorded(plan), outcome.states)
    publisher.rest()
    say(f"sending the last results to MLflow (for at most {runtime.patience:.0f} s)")
    report(outcome, publisher.close(say=say), time.monotonic() - began)
    for warning in filter(None, (changed(id, store) for id in outcome.trained)):
        say(f"warning: {warning}")
    if outcome.count(DONE):
        for line in compared(plan, runtime):
            print(line)
    return outcome


def nothing_to_do(plan: Plan, jobs: list[Job], runtime: Runtime) -> Outcome:
    """Everything is in the store: say so, and publish only what is missing."""
    say(
        f"{plan.study}: all {len(plan.runs)} trainings and {len(plan.evaluations)} evaluations are "
        "done; nothing to train"
    )
    outcome = Outcome({job.id: DONE for job in jobs})
    if unpublished(Store(runtime.work), runtime.uri) or not kept(plan, outcome, runtime):
        keep(plan, outcome, runtime)
        publisher = Publisher(runtime)
        publisher.rest()
        publisher.study(recorded(plan), outcome.states)
        warn(publisher.close(say=say))
    return outcome


def jobs_of(plan: Plan) -> list[Job]:
    """Jobs in the plan's order: trainings wait for their parent, evaluations for their run."""
    jobs = [
        Job(run.id, run.parent, run.document(), weight.training(run), run_title(run))
        for run in plan.runs
    ]
    for planned in plan.evaluations:
        one = planned.evaluation
        told = (document_of(planned), weight.evaluation(one), f"{one.target} on {one.scale}")
        jobs.append(Job(one.id, one.run, *told))
    return jobs


def document_of(planned: Planned) -> dict[str, Any]:
    """The evaluation's document with its place in the study."""
    coordinates = {
        "intermediate": planned.intermediate,
        "intermediate_seed": planned.intermediate_seed,
        "target_seed": planned.target_seed,
        "mlm": planned.mlm,
        "reuses": planned.reuses,
        "settings": planned.evaluation.settings,
    }
    return planned.evaluation.document() | coordinates


def run_title(run: Run) -> str:
    return f"{run.phase} {run.task} on {run.scale}, seed {run.seed}"


def folder(study: str, runtime: Runtime) -> Path:
    return runtime.work / "studies" / study


def recorded(plan: Plan) -> dict[str, Any]:
    """The plan as the study's record holds it: with what it costs on the usual device, as estimated
    before anything ran, so that the record of one plan is always the same."""
    return plan.document() | {"cost": priced(plan)}


def keep(plan: Plan, outcome: Outcome, runtime: Runtime) -> None:
    """The plan and its state beside the store, from which `publish` rebuilds the study's record."""
    path = folder(plan.study, runtime)
    path.mkdir(parents=True, exist_ok=True)
    write_json(path / PLAN, recorded(plan))
    write_json(path / STATE, outcome.states)


def kept(plan: Plan, outcome: Outcome, runtime: Runtime) -> bool:
    """Whether the study's record says just this already."""
    path = folder(plan.study, runtime)
    told = ((PLAN, recorded(plan)), (STATE, outcome.states))
    return all((path / name).exists() and read_json(path / name) == one for name, one in told)


def started(work: Path) -> list[Path]:
    """The folders of the studies that were started in a work directory."""
    return sorted(path.parent for path in (work / "studies").glob(f"*/{PLAN}"))


def studies(runtime: Runtime) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Every study that was started in this work directory, the one touched last at the end; what
    others did since is done."""
    store = Store(runtime.work)
    for path in sorted(started(runtime.work), key=lambda one: (one / STATE).stat().st_mtime):
        state = read_json(path / STATE)
        now = {id: DONE if store.done(id) else was for id, was in state.items()}
        yield read_json(path / PLAN), now


def publish_all(runtime: Runtime, everything: bool = False) -> tuple[int, str | None]:
    """Send what is missing (or all) and every study's plan; how many were sent, why it stopped."""
    store, publisher = Store(runtime.work), Publisher(runtime)
    publisher.rest(everything)
    for plan, state in studies(runtime):
        publisher.study(plan, settled(store, plan, state))
    refused = publisher.close(float("inf"), say)
    return publisher.sent, refused


def report(outcome: Outcome, refused: str | None, seconds: float) -> None:
    say(f"trained {len(outcome.trained)}, measured {len(outcome.measured)} in {duration(seconds)}")
    for id, failure in outcome.reasons.items():
        if not failure.mend:
            say(f"failed: {id}: {failure.reason}")
    if outcome.count("not run"):
        say(f"{outcome.count('not run')} jobs were not run because what they need failed")
    warn(refused)


def warn(refused: str | None) -> None:
    if refused:
        say(f"warning: the tracking server refuses ({refused}); {ADVICE}")
