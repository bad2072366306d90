"""The head of a page: its question, the answer in a sentence, and what that rests on."""

from __future__ import annotations

import re

import streamlit as st

SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
LONGEST = 200
"""Characters of a name that is shown."""
PROSE = 10_000
"""The same of a text of our own that has such names in it."""


def head(question: str, answer: str, basis: str = "") -> None:
    """Title, the answer above any picture, and in small what it is based on.

    All three are Markdown: names that users chose go through `plain`.
    """
    st.title(question, anchor=False)
    with st.container(key="lead"):
        st.markdown(answer)
    if basis:
        st.caption(basis)


def plain(text: str, longest: int = LONGEST) -> str:
    """Text that Markdown, HTML and Streamlit's directives make nothing of."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return SIGNS.sub(r"\\\1", " ".join(short.split()))
