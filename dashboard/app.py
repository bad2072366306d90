"""Navigation, and what a page is given; `silta-dashboard serve` runs this file in Streamlit."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place, place
from dashboard.snapshot import Unreachable, items, load, snapshot
from dashboard.views import choice, links, states
from dashboard.views.visit import Visit

FRESH = 60  # seconds for which a reading of the server serves all visitors

# a bridge; drawn here, since Streamlit fetches named icons from a server of Google's
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none"
 stroke="#8073ac" stroke-width="3"><path d="M1 22h30M4 22a12 12 0 0 1 24 0M16 10v12M10 12v10M22
 12v10"/></svg>"""

STYLE = """<style>
.block-container {padding-top: 3.2rem; padding-bottom: 3rem; max-width: 1180px}
[class*="st-key-scroll-"] {overflow-x: auto}
.saves {font-size: .8rem; opacity: .75}
.saves button {font: inherit; background: none; border: 1px solid currentColor; border-radius: 6px;
  color: inherit; cursor: pointer; margin-left: .4rem; padding: .1rem .5rem}
.st-key-answer h5 {padding-top: 0; font-size: 1.35rem}
@media (max-width: 640px) {
  .block-container {padding-left: 1rem; padding-right: 1rem}
  h1 {font-size: 1.7rem !important}
  .st-key-answer h5 {font-size: 1.15rem}
}
</style>"""


@dataclass(frozen=True)
class Reading:
    """What the server told, or the last it told and why it does not now."""

    frame: ScoreFrame | None
    problem: str = ""


@st.cache_resource(ttl=FRESH, show_spinner="Reading MLflow …")
def reading(where: Place) -> Reading:
    """Bring the snapshot up to date; an unreachable server leaves the last one."""
    try:
        return Reading(snapshot(where.tracking_uri, where.directory))
    except Unreachable as problem:
        return Reading(load(where.directory), str(problem))


def main() -> None:
    """The page that the address names, with the menu beside it."""
    st.set_page_config(page_title="Silta", page_icon=ICON, layout="wide")
    st.html(STYLE)
    pages = made()
    chosen = st.navigation(list(pages.values()), position="hidden")
    st.sidebar.markdown("## Silta")
    links.menu(pages)
    chosen.run()


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
    told = reading(where)
    if told.problem:
        states.away(told.problem, where.shown, told.frame.taken if told.frame else "")
    if told.frame is None:
        again(st)
        return
    if not told.frame.studies():
        states.nothing(where.shown)
        return
    choice.arrive()
    offline = bool(told.problem)
    reader = items(where.tracking_uri, where.directory, told.frame, offline)
    dark = st.context.theme.type == "dark"
    try:
        view: Any = importlib.import_module(f"dashboard.views.{name}")
        view.show(Visit(told.frame, reader, where, dark, offline))
    except ValueError as problem:  # two recipes in one cell: the message says which
        st.error(str(problem))
    choice.leave()
    age(told.frame)


def age(frame: ScoreFrame) -> None:
    """How old the numbers are, and a way to renew them."""
    st.sidebar.caption(f"{len(frame.evaluations):,} evaluations read {frame.taken[:16]} UTC")
    again(st.sidebar)


def again(place: Any) -> None:
    """A button, in the sidebar or on the page, that asks the server anew without waiting."""
    if place.button("Read again", icon=":material/refresh:"):
        reading.clear()
        st.rerun()


if __name__ == "__main__":
    main()
