"""What a page says when there is nothing to show, or nobody to ask."""

from __future__ import annotations

import streamlit as st


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


def away(problem: str, server: str, taken: str) -> None:
    """The server gives no answer; what is shown instead, if anything."""
    for name in (server, "--tracking-uri", "MLFLOW_TRACKING_URI"):
        problem = problem.replace(name, f"`{name}`")  # else an address becomes a link to nowhere
    if taken:
        st.warning(f"{problem} **Shown below: the last snapshot, of {taken}.**")
    else:
        st.title("The tracking server gives no answer", anchor=False)
        st.error(problem)
        st.markdown("There is no earlier snapshot to show.")
