"""The columns that pages, figures and statistics agree on, and the frame they all start from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dashboard.analysis.coding import by_metric
from dashboard.analysis.scores import Scores
from dashboard.analysis.selecting import Selecting

PINNED: dict[str, str] = {"fin": "Finnish", "hun": "Hungarian"}
"""The languages the study asks about: first in every picture and table, in this order."""


def pinned_place(langs: pd.Series[str]) -> pd.Series[float]:
    """0 and up for the pinned languages in their order, all others alike after them."""
    order = {lang: place for place, lang in enumerate(PINNED)}
    return langs.map(order).fillna(len(order)).astype(float)


EVALUATION = (
    "run_id",
    "evaluation",
    "run",
    "scale",
    "target",
    "intermediate",
    "intermediate_seed",
    "target_seed",
    "mlm",
    "source",
    "variant",
    "reuses",
    "state",
    "health",
    "commit",
    "ended",
)
"""One row per MLflow run of kind evaluation. Seeds are text, empty where there is none; `variant`
says what differs from the usual way of reading a target (layer, pooling, a phase 1); `health` is
one of `health.WORDS` where nothing was learnt, empty where nobody looked."""

VALUE = ("run_id", "split", "lang", "metric", "value", "n")
"""One row per score (0 to 100); `n` is the number of items behind it, NaN where unknown."""

TRAITS = ("language", "family", "genus", "script", "morphology")

SCORES = (*EVALUATION, *VALUE[1:], *TRAITS)

PLAN = (
    "study",
    "evaluation",
    "run",
    "scale",
    "target",
    "intermediate",
    "intermediate_seed",
    "target_seed",
    "variant",
    "state",
)
"""One row per evaluation that a study asks for, in the order of its plan."""

TRAINING = (
    "run",
    "run_id",
    "phase",
    "task",
    "scale",
    "seed",
    "parent",
    "state",
    "health",
    "reason",
    "started",
    "ended",
    "commit",
    "tokens_per_second",
)
"""One row per MLflow run of kind training: `run` is its id, `parent` that of the run it starts
from, `state` done, failed, running or interrupted, `reason` why it failed. Times are milliseconds
since 1970, NaN where it has not ended; `tokens_per_second` is NaN where none was logged."""

PLANNED_RUN = ("study", "run", "phase", "task", "scale", "seed", "parent", "state")
"""One row per training that a study asks for, parents first; `state` as the study last told it."""

COSTS = ("study", "scale", "phase", "task", "hours", "device")
"""One row per kind of job that a study's plan tells the cost of: device hours of one job as
estimated before anything ran, on the device named. Of an evaluation the phase is `evaluation` and
`task` its target."""

CONTRASTS = (
    "study",
    "name",
    "intermediate",
    "baseline",
    "target",
    "scales",
    "languages",
    "reuses",
)
"""One row per study that named a contrast in its plan; scales and languages are parted by spaces,
no languages: all that were measured."""

TASKS = ("task", "title", "metric", "languages")
"""`metric` is the main one; `languages` those of the published test sets, parted by spaces."""

CELL = ["scale", "target", "variant", "split", "lang", "metric"]
"""What a gain is compared within; with `intermediate` it is one cell of a picture."""


def empty(columns: Iterable[str]) -> pd.DataFrame:
    """A frame without rows: text columns are text, numbers are numbers."""
    numbers = {"value", "n", "hours", "started", "ended", "tokens_per_second"}
    return pd.DataFrame(
        {name: pd.Series(dtype="float64" if name in numbers else "str") for name in columns}
    )


def filled(rows: list[dict[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """A frame of these rows, `empty` where there are none."""
    return pd.DataFrame(rows, columns=list(columns)) if rows else empty(columns)


def require(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Raise ValueError, naming what is absent, where `frame` lacks a column it must have."""
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise ValueError(f"{what} lacks the column(s) {', '.join(absent)}")


ARTIFICIAL = (
    "real words and inflection, invented events, tiny encoders. It shows that the whole path works"
    " and how results read; it says nothing about XLM-R."
)
"""Said wherever numbers of the embedded miniature are shown."""


@dataclass(frozen=True)
class ScoreFrame(Selecting):
    """Everything the pages read, as of one moment. Never changed in place: sessions share it."""

    held: Scores = field(default_factory=lambda: Scores.of(empty(SCORES)))
    """Long: columns `SCORES`, `coding.coded` where a snapshot has them."""
    evaluations: pd.DataFrame = field(default_factory=lambda: empty(EVALUATION))
    """Columns `EVALUATION`; those without a score (failed) are here and have no scores."""
    plan: pd.DataFrame = field(default_factory=lambda: empty(PLAN))
    contrasts: pd.DataFrame = field(default_factory=lambda: empty(CONTRASTS))
    trainings: pd.DataFrame = field(default_factory=lambda: empty(TRAINING))
    """Columns `TRAINING`; whatever the server knows, asked for by a study or not."""
    planned_runs: pd.DataFrame = field(default_factory=lambda: empty(PLANNED_RUN))
    """Columns `PLANNED_RUN`: the forest that each study asks for."""
    costs: pd.DataFrame = field(default_factory=lambda: empty(COSTS))
    """Columns `COSTS`; no rows for a study whose record is older than its costs."""
    languages: pd.DataFrame = field(default_factory=lambda: empty(("lang", *TRAITS)))
    tasks: pd.DataFrame = field(default_factory=lambda: empty(TASKS))
    taken: str = ""
    """When, ISO 8601 UTC; empty: never."""
    server: str = ""
    """The tracking server it was read from, without any password."""
    files: dict[str, str] = field(default_factory=dict)
    """Table -> the file that the snapshot keeps it in: what is in the same file is the same."""
    read: int = 0
    """How many evaluations were read anew, the others being known already."""

    def artificial(self, study: str) -> bool:
        """Whether any of it was measured on the embedded miniature, which pages and reports say."""
        sources = self.once(("sources", study), self.measured(study)["source"].unique)
        return any("miniature" in str(one) for one in sources)

    def mlflow_run(self, evaluation: str) -> str:
        """The MLflow run that an evaluation was read from; empty where there is none."""
        names = ("evaluation", "run_id")
        runs: dict[str, str] = self.once(("runs",), _lookup, self.evaluations, *names)
        return runs.get(evaluation, "")

    def title(self, task: str) -> str:
        """The task's own spelling (`XNLI`), or its name where the catalogue does not know it."""
        if task == "none":
            return "no intermediate"
        titles: dict[str, str] = self.once(("titles",), _lookup, self.tasks, "task", "title")
        return titles.get(task, task)

    def usual(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Those of the scores that are by their target's main metric, read in the usual way."""
        main = _lookup(self.tasks, "task", "metric")
        return scores[scores["variant"].eq("") & by_metric(scores, main)]

    def main_metric(self, task: str, offered: list[str]) -> str:
        """The task's main metric if it was measured, else the first that was."""
        found = self.tasks.loc[self.tasks["task"] == task, "metric"]
        return str(found.iloc[0]) if len(found) and found.iloc[0] in offered else offered[0]


def _lookup(frame: pd.DataFrame, key: str, value: str) -> dict[str, str]:
    return dict(zip(frame[key], frame[value], strict=True))
