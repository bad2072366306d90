"""The boxes above a list of items: which of them are shown, in which order, and which page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

import pandas as pd
import streamlit as st

from dashboard.analysis import features, sift
from dashboard.analysis.examples import Paired
from dashboard.analysis.sift import Sieve
from dashboard.views import choice

_LAST = "items as last asked for"


def chosen(told: Paired, words: features.Words) -> tuple[Sieve, str]:
    """(what an item must be, order of the list), from boxes that stand in the address."""
    offered = features.offered(words)
    first, second = st.columns(3 if len(offered) else 2), st.columns(3)
    group = choice.pick(
        "group", "What became of it", ["", *told.groups], _any("all items"), first[0]
    )
    count = dict(zip(offered["feature"], offered["items"], strict=True))
    feature = choice.pick(
        "feat",
        "Holds a word with",
        ["", *count],
        lambda one: f"{features.named(one)}, {count[one]:,} items" if one else "any features",
        first[1],
    )
    find = choice.text("find", "Find in text and answers", first[-1], "letter for letter")
    per_word = _bins(told.table["per_word"], "pieces", "Sub-words a word", second[0])
    n_words = _bins(told.table["n_words"], "words", "Words in the item", second[1])
    orders = list(sift.ORDERS)
    order = choice.pick("order", "Order", orders, sift.ORDER_NAMES.__getitem__, second[2])
    return Sieve(group, feature, per_word, n_words, find), order


def _bins(
    values: pd.Series, name: str, label: str, place: st.delta_generator.DeltaGenerator
) -> str:
    """One of the bins of equal size, or any."""
    told = features.binned(values)
    parts = [part for part in told[values.sort_values().index].unique() if part]
    return choice.pick(name, label, ["", *parts], _any("any number"), place)


def _any(words: str) -> Callable[[str], str]:
    return lambda one: one or words


def page_number(sieve: Sieve, order: str, pages: int, place: object) -> int:
    """Which page is looked at; another choice of items starts at the first."""
    now = (*astuple(sieve), order)
    if st.session_state.get(_LAST, now) != now:
        st.session_state["page"] = 1
    st.session_state[_LAST] = now
    if st.session_state.get("page", 1) > pages:
        st.session_state["page"] = pages
    return choice.number("page", f"Page, of {pages:,}", 1, pages, 1, place)


def turn(by: int) -> None:
    """Go some pages on, or back."""
    st.session_state["page"] = int(st.session_state.get("page", 1)) + by
