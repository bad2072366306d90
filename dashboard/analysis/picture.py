"""From scores to the cells of one picture: the one path that pages and reports both take."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.analysis import bootstrap, coverage
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells


@dataclass(frozen=True)
class Choice:
    """One picture's worth of cells."""

    study: str
    target: str
    scale: str
    metric: str
    split: str
    over: str = "none"
    """The intermediate that gains are over."""
    variant: str = ""


def picture(
    frame: ScoreFrame, choice: Choice, items: bootstrap.Items
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(every place of the picture: `coverage.grid`, the seed-by-seed gains behind it).

    Intervals over items exist for a task's main metric only, the one that items are scored by.
    """
    scores, plan = frame.study(choice.study)
    here = {"scale": choice.scale, "target": choice.target, "variant": choice.variant}
    target = _where(scores, {"target": choice.target})
    pairs = gains(
        _where(target, here | {"split": choice.split, "metric": choice.metric}), choice.over
    )
    table = cells(pairs)
    if choice.metric == frame.main_metric(choice.target, [choice.metric]):
        table = bootstrap.over_items(table, pairs, items)
    # nothing measured for this target yet: its languages are taken to be those of the study
    measured = list(dict.fromkeys((target if len(target) else scores)["lang"]))
    plan = _where(plan, here)
    told = coverage.grid(table, plan, frame.languages, measured, measured, choice.over)
    return told, pairs


def _where(frame: pd.DataFrame, values: dict[str, str]) -> pd.DataFrame:
    for column, value in values.items():
        frame = frame[frame[column].eq(value)]
    return frame
