"""Navigation, and what a page is given; `silta-dashboard serve` runs this file in Streamlit."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place, place
from dashboard.snapshot import items, sync
from dashboard.views import choice, links, states
from dashboard.views.dress import FOLLOW, ICON, STYLE
from dashboard.views.head import PROSE, plain
from dashboard.views.turns import turn
from dashboard.views.visit import Visit

UNDER_WAY = ("running", "waiting")
LIVE = float(os.environ.get("SILTA_LIVE_SECONDS", "10"))  # between looks at a study that runs


def patience() -> float:
    """Seconds that a page waits for news before it shows what is kept."""
    return float(os.environ.get("SILTA_PATIENCE_SECONDS", "0.5"))


def main() -> None:
    """The page that the address names, with the menu beside it."""
    st.set_page_config(page_title="Silta", page_icon=ICON, layout="wide")
    st.html(STYLE)
    pages = made()
    chosen = st.navigation(list(pages.values()), position="hidden")
    st.sidebar.markdown("## Silta")
    menu = st.sidebar.empty()
    links.menu(pages, menu)
    before = links.kept()
    chosen.run()
    if links.kept() != before:  # the page has chosen something
        links.menu(pages, menu)
    with st.container(key="redraw"):
        st.button("Draw again")
        st.html(FOLLOW, unsafe_allow_javascript=True)


def made() -> dict[str, st.Page]:
    """Pages by name: those of `links.PAGES` that have a file in `views/`; the first is opened."""
    there = [name for name in links.PAGES if importlib.util.find_spec(f"dashboard.views.{name}")]
    return {
        name: st.Page(
            runner(name), title=links.PAGES[name], url_path=name, default=name == there[0]
        )
        for name in there
    }


def runner(name: str) -> Callable[[], None]:
    """Shows a page; its module is imported when it is first looked at."""
    return lambda: shown(name)


def shown(name: str) -> None:
    """A page, or why there is nothing to show on it."""
    where = place()
    told = sync(where, patience=patience())
    if told.frame is None and told.busy:
        loading(where)
        return
    if told.problem:
        states.away(told.problem, where.shown, told.frame.taken if told.frame else "")
    if told.frame is None:
        again(st)
        return
    if not told.frame.studies():
        states.nothing(where.shown)
        return
    states.welcome()
    choice.arrive()
    offline = bool(told.problem)
    reader = items(where.tracking_uri, where.directory, told.frame, offline)
    dark = st.context.theme.type == "dark"
    try:
        view: Any = importlib.import_module(f"dashboard.views.{name}")
        with turn():
            view.show(Visit(told.frame, reader, where, dark, offline))
    except ValueError as problem:  # two recipes in one cell: the message says which
        st.error(plain(str(problem), PROSE))
    except Exception as problem:
        states.broken(problem)
    choice.leave()
    with st.sidebar:
        states.partial(told.frame, st.query_params.get("study", ""))
    age(told.frame)
    states.help()
    with st.sidebar:
        if told.busy:
            renewing(where)
        elif live(told.frame):
            watch(where, print_of(told.frame))


def live(frame: ScoreFrame) -> bool:
    """Whether a study is under way, as far as was told: an evaluation of it, or a training, also
    one that none is measured on yet. Without a study every training there is tells."""
    trained = frame.planned_runs if len(frame.plan) else frame.trainings
    return any(one["state"].isin(UNDER_WAY).any() for one in (frame.plan, trained))


def print_of(frame: ScoreFrame | None) -> tuple[object, ...]:
    """Differs where there is something new to show."""
    if frame is None:
        return ()
    states = frame.plan["state"].value_counts().sort_index()
    trained = frame.planned_runs["state"].value_counts().sort_index()
    measured = (len(frame.evaluations), frame.evaluations["ended"].max())
    return (*measured, *states.items(), *trained.items())


@st.fragment(run_every=LIVE)
def watch(where: Place, seen: tuple[object, ...]) -> None:
    """While a study runs: look whether there is a new result, and draw the page anew if so. One
    question to the server serves all visitors, however many look on."""
    now = sync(where, fresh=LIVE, patience=patience())
    st.caption("A study is running: this page follows it.")
    if not now.problem and print_of(now.frame) != seen:
        st.rerun()


@st.fragment(run_every=1)
def renewing(where: Place) -> None:
    """While the server is being read: how far it is, and the page anew when it was."""
    now = sync(where, patience=0)
    if not now.busy:
        st.rerun()
    st.caption(f"Reading what is new: {now.progress}.")


@st.fragment(run_every=1)
def loading(where: Place) -> None:
    """The first reading of a server: how far it is."""
    now = sync(where, patience=0)
    if not now.busy:
        st.rerun()
    states.loading(now.progress, now.share, where.shown)


def age(frame: ScoreFrame) -> None:
    """How old the numbers are, and a way to renew them."""
    st.sidebar.caption(f"{len(frame.evaluations):,} evaluations read {frame.taken[:16]} UTC")
    again(st.sidebar)


def again(spot: Any) -> None:
    """A button, in the sidebar or on the page, that asks the server anew without waiting."""
    if spot.button("Read again", icon=":material/refresh:"):
        sync(place(), fresh=0, patience=patience())
        st.rerun()


if __name__ == "__main__":
    main()
