"""Everything a report tells of, computed once: cells, lineages and means of one study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import pandas as pd

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.intervals import cells
from dashboard.analysis.picture import Choice, paired, picture, placed
from dashboard.analysis.resample import Items

PLACE = ["target", "scale", "variant"]
Progress = Callable[[str], None]
"""Told what is being worked on."""


class NoSuch(LookupError):
    """A study or an intermediate that is not there; the message names what is."""


@dataclass(frozen=True)
class Results:
    """One study on one split, over one baseline."""

    frame: ScoreFrame
    study: str
    split: str
    over: str
    cells: pd.DataFrame
    """As of `gathered`: one row per target, scale, variant, language and intermediate."""
    lineages: pd.DataFrame
    """GainTable of the main metrics: one row per lineage and language."""
    scale: str | None = None
    """The only one that was gathered; None: all."""
    _titles: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def plan(self) -> pd.DataFrame:
        """What the study asks for, at the scale that was gathered."""
        plan = self.frame.planned(self.study)
        return plan if self.scale is None else plan[plan["scale"].eq(self.scale)]

    def title(self, task: str) -> str:
        """A task as pages write it; looked up once, since figures ask for it in every cell."""
        if task not in self._titles:
            self._titles[task] = self.frame.title(task)
        return self._titles[task]


def gathered(
    frame: ScoreFrame,
    study: str | None,
    split: str,
    over: str,
    items: Items | None,
    progress: Progress = lambda doing: None,
    scale: str | None = None,
) -> Results:
    """The cells of every picture of a study (the latest, where none is named), or of one scale.

    Each target is reported by its main metric. Without `items` no interval is over items, which
    takes a fraction of the time: means over languages have none of that kind anyhow. Raises
    NoSuch with the nearest right spelling.
    """
    name = _known("study", study, frame.studies()) if study else frame.studies()[0]
    plan = frame.planned(name)
    _known("intermediate", over, list(dict.fromkeys(plan["intermediate"])))
    parts: list[pd.DataFrame] = []
    lineages: list[pd.DataFrame] = []
    places = [
        one for one in choices(frame, name, split, over) if scale is None or one.scale == scale
    ]
    if items is None:
        parts, lineages = _quickly(frame, places)
    else:
        for at, choice in enumerate(places, 1):
            progress(f"{at} of {len(places)}: {frame.title(choice.target)} at {choice.scale}")
            grid, pairs = picture(frame, choice, items)
            parts.append(grid.assign(**asdict(choice)))
            lineages.append(pairs)
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        raise NoSuch(f"{name} has no intermediate but {over}: there is no gain to tell of")
    first = [*asdict(places[0]), "lang", "language", "family", "intermediate", "state", "gain"]
    rows = rows[first + [column for column in rows if column not in first]]
    pairs = pd.concat(lineages, ignore_index=True)
    return Results(frame, name, split, over, rows, pairs, scale)


def _quickly(
    frame: ScoreFrame, places: list[Choice]
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """(grids, gains) of pictures of one study and split, without intervals over items.

    Of millions of scores only those of the split, and of the scale where there is one, are copied.
    """
    scales = {one.scale for one in places}

    def keep(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["split"].eq(places[0].split) & rows["scale"].isin(scales)]

    slim = replace(frame, held=frame.held.where(keep))
    lineages = [paired(slim, choice) for choice in places]
    table = cells(pd.concat(lineages, ignore_index=True))
    parts = []
    for one in places:
        there = list(frame.target(one.study, one.target)["lang"].unique())
        grid = placed(slim if there else frame, one, table, there)
        parts.append(grid.assign(**asdict(one)))
    return parts, lineages


def choices(frame: ScoreFrame, study: str, split: str, over: str) -> Iterator[Choice]:
    """A choice for every target, scale and way of reading that the study plans."""
    places = frame.planned(study)[PLACE].drop_duplicates()
    for target, scale, variant in places.itertuples(index=False):
        offered = list(frame.target(study, target)["metric"].unique())
        metric = frame.main_metric(target, offered or ["score"])
        yield Choice(study, target, scale, metric, split, over, variant)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries by column."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def moment(taken: str) -> str:
    """`2026-11-28 04:41 UTC` of a time in ISO 8601 UTC."""
    return f"{taken[:16].replace('T', ' ')} UTC" if taken else "at an unknown time"


def _known(kind: str, given: str, names: list[str]) -> str:
    if given in names:
        return given
    near = get_close_matches(given, names, n=1)
    raise NoSuch(
        f"no {kind} {given!r}"
        + (f": did you mean {near[0]!r}?" if near else f": {', '.join(names)}")
    )
