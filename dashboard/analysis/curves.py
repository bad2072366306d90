"""Learning curves of several trainings, thinned so that a page stays light."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

MOST = 400
"""Points of a line that are sent to a browser: about two for each pixel of its width on a phone."""
CURVES = ("run", "metric", "step", "value")


def joined(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Columns `CURVES` of trainings by id; a step told twice (a run that was resumed) counts once,
    as it was told last."""
    parts = [frame.assign(run=run) for run, frame in curves.items() if len(frame)]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in CURVES})
    table = pd.concat(parts, ignore_index=True)
    if "time" in table:
        table = table.sort_values("time", kind="stable")
    table = table.drop_duplicates(["run", "metric", "step"], keep="last")
    table = table.sort_values(["run", "metric", "step"], kind="stable")
    return table[list(CURVES)].reset_index(drop=True)


def metrics(table: pd.DataFrame) -> list[str]:
    """Names of the metrics there are, losses first: they are what is looked at."""
    names = sorted(set(table["metric"]))
    return sorted(names, key=lambda one: (not one.endswith("loss"), one))


def thinned(line: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """At most `most` rows of one line: of each stretch its lowest and its highest value, so that no
    peak is lost, and both ends."""
    if len(line) <= most:
        return line
    value = line["value"].to_numpy(dtype=float)
    edges = np.linspace(0, len(line), (most - 2) // 2 + 1).astype(int)
    kept = {0, len(line) - 1}
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        part = value[start:end]
        there = np.flatnonzero(~np.isnan(part))
        if len(there):
            kept |= {
                start + int(there[part[there].argmin()]),
                start + int(there[part[there].argmax()]),
            }
    return line.iloc[sorted(kept)]
