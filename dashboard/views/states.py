"""What a page says when there is nothing to show, or nobody to ask."""

from __future__ import annotations

import logging

import streamlit as st

from dashboard.analysis import completion, coverage
from dashboard.analysis.frames import ScoreFrame
from dashboard.views import links
from dashboard.views.head import PROSE, plain


def nothing(server: str) -> None:
    """A server without evaluations: what to run, and where we looked."""
    st.title("Nothing measured yet", anchor=False)
    st.markdown(
        f"There are no evaluations at `{server}`. This page shows how far training on an English "
        "task carries over to other languages, as soon as there are results:"
    )
    st.code("silta run training/matrices/demo.yaml", language="bash")
    st.markdown(
        "runs the embedded miniature study in a few minutes. Have you run one already? Then its "
        "results are under another work directory or server: start the dashboard with the same "
        "`--work` or `MLFLOW_TRACKING_URI`."
    )


def loading(progress: str, share: float, server: str) -> None:
    """The first reading of a server, which may take a while."""
    st.title("Reading the results", anchor=False)
    st.progress(share, text=progress[:1].upper() + progress[1:])
    st.markdown(
        f"This is the first look at `{server}`; what is read is kept, and later looks read only "
        "what is new. The page opens by itself."
    )


def partial(frame: ScoreFrame, study: str) -> None:
    """How far a study is that is not complete, whatever page it is looked at on."""
    plan = frame.plan[frame.plan["study"].eq(study)]
    if plan["state"].eq(completion.DONE).all():
        return
    known = plan["state"].isin(list(completion.STATES))
    told = completion.sentence(plan.assign(state=plan["state"].where(known, coverage.NOT_RUN)))
    st.caption(f"**Not complete.** {plain(told, PROSE)}")
    links.link("What is missing →", "coverage")


def away(problem: str, server: str, taken: str) -> None:
    """The server gives no answer; what is shown instead, if anything."""
    problem = plain(problem, PROSE)  # a server's own words may be in it
    for name in (server, "--tracking-uri", "MLFLOW_TRACKING_URI"):
        problem = problem.replace(plain(name), f"`{name}`")  # else it becomes a link to nowhere
    if taken:
        st.warning(f"{problem} **Shown below: the last snapshot, of {taken}.**")
    else:
        st.title("The tracking server gives no answer", anchor=False)
        st.error(problem)
        st.markdown("There is no earlier snapshot to show.")


def broken(problem: Exception) -> None:
    """A page that could not be drawn."""
    logging.getLogger(__name__).exception("a page could not be drawn")
    st.error(
        f"This page could not be drawn ({type(problem).__name__}); the server's log says where. "
        "Other pages, or other choices on this one, may work."
    )


def welcome() -> None:
    """A short tour for who comes by the bare address: a link, shared or written by hand, shows what
    it is of.

    Nothing is kept in the browser: the address that a page writes is what tells a later visit.
    """
    if st.session_state.setdefault(_TOUR, not st.query_params.to_dict()):
        with st.container(border=True, key="tour"):
            st.markdown(TOUR)
            st.button("Got it", on_click=_tour, args=(False,), type="primary")


def help() -> None:
    """A button in the sidebar that brings the tour back."""
    st.sidebar.button("Show the tour", on_click=_tour, args=(True,), type="tertiary")


def _tour(on: bool) -> None:
    st.session_state[_TOUR] = on


_TOUR = "tour is shown"
TOUR = """**New here? Four things to know.**

1. A *gain* is what training on an English task first adds to a score in another language, in
   points. The **Answer** says what that comes to for Finnish and Hungarian.
2. The **Heatmap** shows every language; select a cell to see its runs and its test items.
3. What is chosen in the sidebar goes along from page to page, and into the address: copy it, and
   who opens it sees the same.
4. A mark says more than a colour: an interval that excludes zero has a dot, and what is missing
   says why. Nothing here can change a run."""
