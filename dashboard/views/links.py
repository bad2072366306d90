"""From page to page: names of the pages, and links that keep what a visitor has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

PAGES: dict[str, str] = {
    "answer": "Answer",
    "heatmap": "Heatmap",
    "families": "Families",
    "scale": "Scale",
    "morphology": "Morphology",
    "targets": "Targets",
    "retrieval": "Retrieval",
    "examples": "Examples",
    "runs": "Runs",
    "coverage": "Coverage",
}
"""Address -> title, in the order of the menu."""
COMMON = (
    "study",
    "target",
    "scale",
    "metric",
    "split",
    "over",
    "variant",
    "chance",
    "lang",
    "task",
    "v",
)
"""What means the same on every page, and is kept from one to the next."""
_MADE = "silta pages"


def menu(pages: Mapping[str, st.Page], place: Any) -> None:
    """The menu, in an empty place; its links keep the common choices.

    Streamlit's own menu would drop the address's parameters.
    """
    st.session_state[_MADE] = dict(pages)
    told = kept()
    with place.container():
        for page in pages.values():
            st.page_link(page, query_params=told)


def kept() -> dict[str, str]:
    """The common choices of the address."""
    told = st.query_params.to_dict()
    return {name: told[name] for name in COMMON if name in told}


def link(label: str, page: str, **params: str) -> None:
    """A link to a page with the common choices and these; nothing where there is no such page.

    `label` is Markdown.
    """
    found = st.session_state.get(_MADE, {}).get(page)
    if found is not None:
        st.page_link(found, label=label, query_params=kept() | params)
