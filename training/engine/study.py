"""A whole matrix: jobs out of a plan, the executor, progress, and the study's record."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from training import catalogue
from training.engine.available import check
from training.engine.executor import DONE, Executor, Outcome
from training.engine.jobs import Job
from training.engine.progress import Progress, duration
from training.engine.publish import ADVICE, Publisher, unpublished
from training.engine.runtime import Runtime
from training.engine.store import Store, read_json, write_json
from training.plan.expand import Plan, Planned
from training.spec import record
from training.spec.run import Run

STATE = "state.json"
PLAN = "plan.json"
PATIENCE = 10.0
"""Seconds that an interrupted study waits for MLflow."""


def carry_out(plan: Plan, runtime: Runtime) -> Outcome:
    """Do what is not done, publish it, and say what happened."""
    store = Store(runtime.work)
    jobs = jobs_of(plan)
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
    progress = Progress(jobs, finished, quiet=not runtime.progress)

    def watch(job: Job, state: str) -> None:
        progress(job, state)
        if state == DONE:
            publisher.finished(job.id)

    executor = Executor(jobs, runtime, watch, progress.show)
    publisher.study(plan.document(), executor.outcome.states)
    keep(plan, executor.outcome, runtime)
    try:
        outcome = executor.run()
    except KeyboardInterrupt:
        say("stopping; what is finished is kept")
        keep(plan, executor.outcome, runtime)
        publisher.study(plan.document(), executor.outcome.states)
        publisher.close(PATIENCE)
        raise
    keep(plan, outcome, runtime)
    publisher.study(plan.document(), outcome.states)
    for id in unpublished(store, runtime.uri):
        publisher.finished(id)
    say("sending the last results to MLflow")
    report(outcome, publisher.close(), time.monotonic() - began)
    if outcome.count(DONE):
        from training.engine.reference import compared  # torch is needed from here on only

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
    missing = unpublished(Store(runtime.work), runtime.uri)
    if missing or not kept(plan, outcome, runtime):
        keep(plan, outcome, runtime)
        publisher = Publisher(runtime)
        for id in missing:
            publisher.finished(id)
        publisher.study(plan.document(), outcome.states)
        warn(publisher.close())
    return outcome


def jobs_of(plan: Plan) -> list[Job]:
    """Jobs in the plan's order: trainings wait for their parent, evaluations for their run."""
    weights = {run.id: training_weight(run) for run in plan.runs}
    jobs = [
        Job(run.id, run.parent, run.document(), weights[run.id], run_title(run))
        for run in plan.runs
    ]
    for planned in plan.evaluations:
        one = planned.evaluation
        jobs.append(
            Job(one.id, one.run, document_of(planned), 0.25, f"{one.target} on {one.scale}")
        )
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


def training_weight(run: Run) -> float:
    """Expected cost: blocks of the encoder times steps; epochs count as a thousand steps each."""
    scale = catalogue.scale(run.scale)
    blocks = scale.layers * (4 * scale.hidden**2 + 2 * scale.hidden * scale.feedforward)
    steps = run.recipe.steps or 1000 * run.recipe.epochs
    return 0.2 + 1e-9 * blocks * steps * run.recipe.batch / 8


def run_title(run: Run) -> str:
    return f"{run.phase} {run.task} on {run.scale}, seed {run.seed}"


def folder(study: str, runtime: Runtime) -> Any:
    return runtime.work / "studies" / study


def keep(plan: Plan, outcome: Outcome, runtime: Runtime) -> None:
    """The plan and its state beside the store, from which `publish` rebuilds the study's record."""
    path = folder(plan.study, runtime)
    path.mkdir(parents=True, exist_ok=True)
    write_json(path / PLAN, plan.document())
    write_json(path / STATE, outcome.states)


def kept(plan: Plan, outcome: Outcome, runtime: Runtime) -> bool:
    """Whether the study's record says just this already."""
    path = folder(plan.study, runtime)
    told = ((PLAN, plan.document()), (STATE, outcome.states))
    return all((path / name).exists() and read_json(path / name) == one for name, one in told)


def studies(runtime: Runtime) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Every study that was started in this work directory; what others did since is done."""
    store = Store(runtime.work)
    for path in sorted((runtime.work / "studies").glob(f"*/{PLAN}")):
        state = read_json(path.parent / STATE)
        yield read_json(path), {id: DONE if store.done(id) else was for id, was in state.items()}


def status_of(plan: Plan, runtime: Runtime) -> dict[str, Any]:
    """One row a job: id, state and the first line of a failure."""
    store = Store(runtime.work)
    rows = []
    for job in jobs_of(plan):
        reason = store.failed(job.id)
        state = DONE if store.done(job.id) else "failed" if reason else "waiting"
        rows.append({"id": job.id, "state": state, "reason": reason})
    return {"schema": record.STATUS_SCHEMA, "study": plan.study, "jobs": rows}


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


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
