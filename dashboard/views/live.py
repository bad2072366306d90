"""Looking again by itself while a study runs, so that a new result needs no reload."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place
from dashboard.snapshot import Unreachable, snapshot
from dashboard.views.visit import Visit

EVERY = 5
"""Seconds between two looks; all visitors share them."""
RUNNING = "running"


@st.cache_resource(ttl=EVERY, show_spinner=False, max_entries=4)
def _read(where: Place) -> ScoreFrame | None:
    """What the server tells now, nothing where it gives no answer."""
    try:
        return snapshot(where.tracking_uri, where.directory)
    except Unreachable:
        return None


def newest(visit: Visit) -> Visit:
    """The visit as it is, or, while something runs, with what the server tells now."""
    if visit.offline or not _running(visit.frame):
        return visit
    now = _read(visit.where)
    return visit if now is None else replace(visit, frame=now)


def _running(frame: ScoreFrame) -> bool:
    both = (frame.trainings["state"], frame.planned_runs["state"], frame.evaluations["state"])
    return any(bool(one.eq(RUNNING).any()) for one in both)


def watch(visit: Visit, running: bool) -> None:
    """A line that says so, and renews the page when something has changed."""
    if running and not visit.offline:
        _watch(visit)


@st.fragment(run_every=EVERY)
def _watch(visit: Visit) -> None:
    now = _read(visit.where)
    if now is not None and signature(now) != signature(visit.frame):
        st.rerun()
    told = now.taken[11:19] if now is not None else "no answer just now"
    st.caption(
        f"Something is running: this page looks again every {EVERY} seconds (last: {told} UTC)."
    )


def signature(frame: ScoreFrame) -> tuple[int, int, int]:
    """Differs when a training or an evaluation begins, ends or is read anew."""
    states = frame.trainings[["run", "state"]]
    told = int(pd.util.hash_pandas_object(states, index=False).sum()) if len(states) else 0
    return told, len(frame.trainings), len(frame.evaluations)
