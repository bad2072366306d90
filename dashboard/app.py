"""Navigation and sidebar; `silta-dashboard serve` runs this file in Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place, place
from dashboard.snapshot import Unreachable, items, load, snapshot
from dashboard.views import choice, languages, states

FRESH = 60  # seconds for which a reading of the server serves all visitors

# a bridge; drawn here, since Streamlit fetches named icons from a server of Google's
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none"
 stroke="#8073ac" stroke-width="3"><path d="M1 22h30M4 22a12 12 0 0 1 24 0M16 10v12M10 12v10M22
 12v10"/></svg>"""

STYLE = """<style>
.block-container {padding-top: 3.2rem; padding-bottom: 3rem; max-width: 1180px}
.st-key-picture {overflow-x: auto}
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
    """One page as yet; a page is a function here and a file in `views/`."""
    st.set_page_config(page_title="Silta", page_icon=ICON, layout="wide")
    st.html(STYLE)
    st.navigation([st.Page(by_language, title="Languages", default=True)]).run()


def by_language() -> None:
    """Gains by language, or why there are none to show."""
    where = place()
    st.sidebar.markdown("## Silta")
    told = reading(where)
    if told.problem:
        states.away(told.problem, where.shown, told.frame.taken if told.frame else "")
    if told.frame is None:
        again(st)
        return
    if not told.frame.studies():
        states.nothing(where.shown)
        return
    chosen = choice.choose(told.frame)
    sidebar(told.frame)
    reader = items(where.tracking_uri, where.directory, told.frame, bool(told.problem))
    try:
        languages.show(told.frame, chosen, reader, st.context.theme.type == "dark")
    except ValueError as problem:  # two recipes in one cell: the message says which
        st.error(str(problem))


def sidebar(frame: ScoreFrame) -> None:
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
