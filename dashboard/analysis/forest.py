"""The trainings a study asks for, from phase 1 to target, with what became of each."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dashboard.analysis.health import WORDS, degenerate, judged

DONE, RUNNING, FAILED, INTERRUPTED, NOT_RUN = "done", "running", "failed", "interrupted", "not run"
BLOCKED = "blocked"
"""Not run, and it cannot be: a run that it grows from has failed."""
STATES = (DONE, RUNNING, INTERRUPTED, FAILED, BLOCKED, NOT_RUN)
"""In the order of bars and legends."""
PHASES: dict[str, str] = {
    "mlm": "phase 1",
    "intermediate": "intermediate",
    "target": "target",
    "evaluation": "evaluation",
}
"""What a lineage goes through, in its order, and how it is called."""

RUNS = (
    *("run", "phase", "task", "scale", "seed", "parent", "state"),
    *("health", "reason", "run_id", "started", "ended"),
)
BOARD = ("scale", "intermediate", "phase", "total", *STATES)
TRAINED = ["run", "phase", "task", "scale", "seed", "parent"]


def runs(planned: pd.DataFrame, trainings: pd.DataFrame, study: str) -> pd.DataFrame:
    """Columns `RUNS`: every training that the study's plan lists, in the plan's order.

    Without a published plan of that name: every training there is. Done is what either the plan's
    state or the training's own record calls so; else the record tells, else the plan.
    """
    mine = planned[planned["study"].eq(study)]
    wanted = mine if len(mine) else trainings
    told = wanted[[*TRAINED, "state"]].drop_duplicates("run").reset_index(drop=True)
    records = judged(trainings).drop_duplicates("run", keep="last")
    names = ["run", "state", "health", "reason", "run_id", "started", "ended"]
    told = told.merge(records[names], on="run", how="left", suffixes=("", "_told"))
    done = told["state"].eq(DONE) | told["state_told"].eq(DONE)
    told["state"] = told["state_told"].fillna(told["state"]).mask(done, DONE)
    told.loc[~told["state"].isin(STATES), "state"] = NOT_RUN
    for name in ("health", "reason", "run_id", "parent", "seed"):
        told[name] = told[name].fillna("").astype("str")
    told["state"] = _blocked(told)
    return told[list(RUNS)]


def chain(parents: dict[str, str], run: str) -> Iterator[str]:
    """The run and what it grew from, the youngest first; a circle ends where it closes."""
    seen = set[str]()
    while run and run not in seen:
        seen.add(run)
        yield run
        run = parents.get(run, "")


def parents_of(told: pd.DataFrame) -> dict[str, str]:
    """Run -> the run it grew from, empty for a root."""
    return dict(zip(told["run"], told["parent"], strict=True))


def _blocked(told: pd.DataFrame) -> pd.Series[str]:
    """States, those that wait for a failed ancestor told apart."""
    failed = set(told.loc[told["state"].eq(FAILED), "run"])
    parents = parents_of(told)
    waits = told["state"].eq(NOT_RUN)
    stuck = [bool(failed.intersection(chain(parents, run))) for run in told["run"]]
    return told["state"].mask(waits & pd.Series(stuck, index=told.index), BLOCKED)


def evaluations(plan: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The study's evaluations with `STATES`; one whose training failed is itself not failed."""
    state = dict(zip(told["run"], told["state"], strict=True))
    rows = plan.copy()
    rows["state"] = [
        BLOCKED
        if own != DONE and state.get(run) in {FAILED, BLOCKED}
        else own
        if own in STATES
        else NOT_RUN
        for own, run in zip(plan["state"], plan["run"], strict=True)
    ]
    return rows


def members(told: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Columns run, scale, intermediate: the rows of the board that each training stands in.

    A run that several intermediates grow from (phase 1) stands in the row of each; one that no
    evaluation needs stands by its own task.
    """
    parents = parents_of(told)
    rows = {
        (run, scale, name): None
        for leaf, scale, name in zip(plan["run"], plan["scale"], plan["intermediate"], strict=True)
        for run in chain(parents, leaf)
    }
    placed = {run for run, _, _ in rows}
    task = dict(zip(told["run"], zip(told["phase"], told["task"], strict=True), strict=True))
    for run, scale in zip(told["run"], told["scale"], strict=True):
        if run not in placed:
            found = [task[one][1] for one in chain(parents, run) if one in task]
            phases = [task[one][0] for one in chain(parents, run) if one in task]
            at = phases.index("intermediate") if "intermediate" in phases else None
            rows[(run, scale, "none" if at is None else found[at])] = None
    return pd.DataFrame(list(rows), columns=["run", "scale", "intermediate"])


def board(told: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Columns `BOARD`: trainings and evaluations counted by scale, intermediate and phase."""
    placed = members(told, plan).merge(told[["run", "phase", "state"]], on="run")
    measured = evaluations(plan, told).assign(phase="evaluation")
    names = ["scale", "intermediate", "phase", "state"]
    both = pd.concat([placed[names], measured[names]], ignore_index=True)
    if both.empty:
        return pd.DataFrame(columns=list(BOARD))
    order = {key: at for at, key in enumerate(_order(plan, placed))}
    table = (
        both.groupby(names).size().unstack(fill_value=0).reindex(columns=list(STATES), fill_value=0)
    )
    table["total"] = table.sum(axis=1)
    table = table.reset_index()
    place = [order[key] for key in zip(table["scale"], table["intermediate"], strict=True)]
    step = table["phase"].map({name: at for at, name in enumerate(PHASES)})
    table = table.assign(place=place, step=step).sort_values(["place", "step"])
    return table[list(BOARD)].reset_index(drop=True)


def _order(plan: pd.DataFrame, placed: pd.DataFrame) -> list[tuple[str, str]]:
    """Scales as in the plan; in each the baseline first, then as in the plan."""
    rows = pd.concat([plan[["scale", "intermediate"]], placed[["scale", "intermediate"]]])
    scales, tasks = (list(dict.fromkeys(rows[name])) for name in ("scale", "intermediate"))
    tasks.sort(key=lambda one: one != "none")
    return [(scale, task) for scale in scales for task in tasks]


def summary(told: pd.DataFrame, measured: pd.DataFrame) -> str:
    """Both in a sentence: what is done, what runs, what is stuck."""
    return f"{_told(told, 'training')}; {_told(measured, 'evaluation')}."


def _told(rows: pd.DataFrame, name: str) -> str:
    found = rows["state"].value_counts()
    text = f"{int(found.get(DONE, 0)):,} of {len(rows):,} {name}s done"
    rest = [f"{int(found[one]):,} {one}" for one in STATES[1:] if found.get(one, 0)]
    return f"{text} ({', '.join(rest)})" if rest else text


def running(told: pd.DataFrame) -> bool:
    """Whether something is on its way, so that a page should look again."""
    return bool(told["state"].eq(RUNNING).any())


def failures(told: pd.DataFrame) -> pd.DataFrame:
    """Failed trainings: columns run, phase, task, scale, seed, reason, run_id, blocked.

    `blocked`: how many trainings cannot start because of it.
    """
    parents = parents_of(told)
    counted: dict[str, int] = {}
    for run in told.loc[told["state"].eq(BLOCKED), "run"]:
        for one in chain(parents, run):
            counted[one] = counted.get(one, 0) + 1
    rows = told[told["state"].eq(FAILED)].copy()
    rows["blocked"] = [counted.get(run, 0) for run in rows["run"]]
    rows["reason"] = rows["reason"].str.split("\n").str[0].replace("", "no reason was recorded")
    names = ["run", "phase", "task", "scale", "seed", "reason", "run_id", "blocked"]
    return rows[names].reset_index(drop=True)


def unlearnt(told: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Trainings and evaluations that have learnt nothing: columns id, phase, task, scale, seed,
    reason, run_id."""
    some = judged(told)
    some = some[degenerate(some["health"])].rename(columns={"run": "id"})
    cells = judged(measured)
    cells = cells[degenerate(cells["health"])].rename(columns={"evaluation": "id"})
    cells = cells.assign(phase="evaluation", task=cells["target"], seed=cells["target_seed"])
    names = ["id", "phase", "task", "scale", "seed", "health", "run_id"]
    rows = pd.concat([some[names], cells[names]], ignore_index=True)
    rows["reason"] = rows["health"].map(WORDS)
    return rows.drop(columns="health")
