"""From scores to the cells of one picture: the one path that pages and reports both take."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dashboard.analysis import coverage
from dashboard.analysis.frames import PINNED, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.health import Degenerate
from dashboard.analysis.intervals import cells
from dashboard.analysis.resample import Items


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
    nothing_learnt: Degenerate = "left out"
    """What becomes of gains of or over runs at chance."""


def picture(
    frame: ScoreFrame, choice: Choice, items: Items | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(every place of the picture: `coverage.grid`, the seed-by-seed gains behind it).

    Intervals over items exist for a task's main metric only, the one that items are scored by;
    without `items` all are over seeds.
    """
    pairs = paired(frame, choice)
    main = choice.metric == frame.main_metric(choice.target, [choice.metric])
    table = cells(pairs, items=items if main else None)
    target = frame.target(choice.study, choice.target)
    return placed(frame, choice, table, list(target["lang"].unique())), pairs


def quickly(frame: ScoreFrame, choice: Choice) -> pd.DataFrame:
    """The places of `picture` without items. The cells of every scale are computed together and
    kept with the frame, so that another scale is there at once."""
    every = replace(choice, scale="")
    table: pd.DataFrame = frame.lately(("cells", every), _cells, frame, every)
    target = frame.target(choice.study, choice.target)
    return placed(frame, choice, table, list(target["lang"].unique()))


def _cells(frame: ScoreFrame, choice: Choice) -> pd.DataFrame:
    return cells(_lineages(frame, choice))


def _lineages(frame: ScoreFrame, choice: Choice) -> pd.DataFrame:
    """`paired` over all scales, kept with the frame."""
    every = replace(choice, scale="")
    found: pd.DataFrame = frame.lately(("lineages", every), paired, frame, every)
    return found


def behind(frame: ScoreFrame, choice: Choice, lang: str, task: str) -> pd.DataFrame:
    """The lineages of one cell of a picture: rows of `paired`."""
    cell = {"lang": lang, "intermediate": task, "scale": choice.scale}
    return _where(_lineages(frame, choice), cell)


def paired(frame: ScoreFrame, choice: Choice) -> pd.DataFrame:
    """The GainTable of a picture (no scale: of all): one row per lineage and language."""
    scores = frame.target(choice.study, choice.target)
    here = {"split": choice.split, "metric": choice.metric, "variant": choice.variant}
    some = _where(scores, here | {"scale": choice.scale})
    return gains(some, choice.over, choice.nothing_learnt)


def placed(
    frame: ScoreFrame, choice: Choice, table: pd.DataFrame, there: list[str]
) -> pd.DataFrame:
    """Every place of the picture (`coverage.grid`), of a CellTable that holds its cells.

    `there`: the languages that the target was measured in, at whatever scale and split.
    """
    plan = frame.planned(choice.study)
    here = {"scale": choice.scale, "target": choice.target, "variant": choice.variant}
    measured = there or _languages(frame, choice)
    plan, table = _where(plan, here), _where(table, here)
    return coverage.grid(table, plan, frame.languages, measured, measured, choice.over)


def _languages(frame: ScoreFrame, choice: Choice) -> list[str]:
    """The languages of a target before anything is measured, as published.

    The miniature offers its own languages for every task, so there the study's others tell.
    """
    published = frame.tasks.loc[frame.tasks["task"].eq(choice.target), "languages"]
    others = list(frame.kinds(choice.study, "lang")["lang"].unique())
    if len(published) and others and not frame.artificial(choice.study):
        return str(published.iloc[0]).split()
    return list(dict.fromkeys([*PINNED, *others]))


def _where(frame: pd.DataFrame, values: dict[str, str]) -> pd.DataFrame:
    """Rows with these values, an empty `scale` leaving nothing out."""
    some = np.ones(len(frame), dtype=bool)
    for column, value in values.items():
        if value or column != "scale":
            some &= frame[column].eq(value).to_numpy(dtype=bool)
    return frame[some]
