"""Gain against a measure of morphology."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.analysis import scope as cells
from dashboard.analysis.answer import points
from dashboard.analysis.complexity import (
    CHOICES,
    Picture,
    against,
    inflation,
    regressed,
    slopes,
    told_by,
)
from dashboard.analysis.frames import PINNED, TRAITS, ScoreFrame
from dashboard.analysis.mixed import ENOUGH
from dashboard.analysis.model import Model
from dashboard.analysis.rollup import described
from dashboard.analysis.scope import Scope
from dashboard.figures.morphology import morphology
from dashboard.figures.pens import PHONE
from dashboard.views import choice, exports, scope
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

QUESTION = "Do languages with richer morphology gain less?"
BUTTONS = {
    "fertility": "Sub-words per word",
    "continued_words": "Words split",
    "premium": "Sub-words per text",
    "mattr_500": "Type-token ratio",
    "word_length": "Word length",
    "types_per_lemma": "Forms per lemma",
    "wals_22A_rank": "Verb synthesis",
    "wals_49A_rank": "Cases",
    "syntactic_distance": "Distance from English",
}
ALARM = 10
"""A variance inflation that is usually called too high (Marquardt 1970)."""


def show(visit: Visit) -> None:
    """The finding, the picture, every measure, and what the mixed model says."""
    frame = visit.frame
    place = st.container()
    measure = choice.row("measure", "Measure", list(BUTTONS), lambda one: BUTTONS[one])
    asked = scope.scope(frame)
    weights, over = scope.weighing()
    means = scope.means(frame, visit.moment, asked, "lang", weights, over)
    found = against(
        described(means.assign(lang=means["group"], target=""), frame.languages).drop(
            columns=["lang", "target"]
        ),
        measure,
    )
    with place:
        head(QUESTION, finding(found, measure), scope.basis(frame, asked, weights))
        scope.miniature(frame, asked)
    enough = found.line.languages >= Model().least_languages
    figure = morphology(found.table, found.line, CHOICES[measure], visit.look, enough)
    alt = f"Gain against {CHOICES[measure]}. {spoken(found)}"
    exports.picture(figure, f"morphology-{measure}", alt, least=PHONE)
    st.caption(" ".join(notes(found, measure)))
    influence(found, measure)
    alternatives(means)
    model(visit, asked, measure)


def finding(found: Picture, measure: str) -> str:
    """The slope with its interval, or why there is none."""
    line, count = found.line, f"{found.line.languages} languages"
    if line.why:
        return f"No slope over {count}: {line.why}."
    change, sure = line.slope * line.spread, line.low > 0 or line.high < 0
    low, high = line.low * line.spread, line.high * line.spread
    verb = "gain more" if line.slope > 0 else "gain less"
    lead = (
        f"Languages with more {CHOICES[measure]} **{verb}**"
        if sure
        else f"**No clear relation** with {CHOICES[measure]}"
    )
    told = (
        f"{lead}: {points(change)} points per standard deviation over {count} (95\u00a0% interval "
        f"{points(low)} to {points(high)})."
    )
    least = Model().least_languages
    if line.languages < least:
        told += f" That is too few to be evidence: a slope over languages takes {least}."
    return told


def spoken(found: Picture) -> str:
    """The line and the pinned languages for a screen reader."""
    rows = found.table[found.table["lang"].isin(PINNED) & found.table["x"].notna()]
    told = [
        f"{PINNED[row['lang']]} gains {row['gain']:+.1f} at {row['x']:.3g}"
        for row in rows.to_dict("records")
    ]
    lead = found.line.why or f"Slope {found.line.slope:+.3g} over {found.line.languages} languages"
    return f"{lead}. {'; '.join(told)}."


def notes(found: Picture, measure: str) -> list[str]:
    """What the line is over, and what it leaves out."""
    told = [f"{CHOICES[measure].capitalize()}, from {plain(told_by(measure))}."]
    if not found.line.why:
        told.append(
            "The line is least squares over languages, each counting once, English left out since "
            "it was trained on; the band is where the line may lie (95 %)."
        )
    if found.without:
        names = found.table.set_index("lang")["language"]
        named = ", ".join(plain(str(names[one])) for one in found.without)
        told.append(f"Not known of, and so not drawn: {named}.")
    if found.line.languages < ENOUGH:
        told.append(
            f"With fewer than {ENOUGH} languages, distance, genealogy and morphology can hardly be "
            "told apart."
        )
    return told


def influence(found: Picture, measure: str) -> None:
    """Each language's leverage and what the slope is without it."""
    st.subheader("What each language does to the line", anchor=False)
    names = found.table[["lang", "language", "family"]]
    rows = found.line.points.merge(names, on="lang").sort_values(
        "dfbeta", key=lambda one: one.abs(), ascending=False, na_position="last"
    )
    columns = {
        "language": "language",
        "family": "family",
        "x": BUTTONS[measure].lower(),
        "y": "gain",
        "leverage": "leverage",
        "dfbeta": "DFBETAS",
        "without": "slope without it",
    }
    shown = rows[list(columns)].rename(columns=columns)
    two = st.column_config.NumberColumn(format="%.2f")
    config = {name: two for name in list(columns.values())[2:]}
    exports.table(rows, f"influence-{measure}", config, shown)
    st.caption(
        "Ring: leverage over twice the average (Hoaglin and Welsch 1978). Square: DFBETAS over "
        "2 / √n (Belsley, Kuh and Welsch 1980), so this language alone moves the slope."
    )


def alternatives(means: pd.DataFrame) -> None:
    """The slope under every measure, in standard deviations, so that they can be compared."""
    st.subheader("The same under every measure", anchor=False)
    table = slopes(means)
    shown = pd.DataFrame(
        {
            "measure": table["title"],
            "languages": table["languages"],
            "points per SD": table["slope"],
            "low": table["low"],
            "high": table["high"],
            "p": table["p"],
            "why there is none": table["why"],
        }
    )
    signed = st.column_config.NumberColumn(format="%+.2f")
    config = {name: signed for name in ("points per SD", "low", "high")}
    config["p"] = st.column_config.NumberColumn(format="%.3f")
    exports.table(table, "slopes", config, shown)
    st.caption(
        "A measure is known of some languages only, so rows may be over different languages. p is "
        "of each by itself: choose the measure before looking."
    )


@st.cache_data(show_spinner="Fitting the mixed model …", max_entries=32)
def _mixed(
    _frame: ScoreFrame, moment: str, asked: Scope, measure: str
) -> tuple[pd.DataFrame, dict[str, str], tuple[str, ...], pd.DataFrame]:
    """(fixed terms, dropped terms, notes, variance inflation) once a snapshot and choice."""
    pairs = cells.chosen(_frame, asked).drop(columns=[*TRAITS, "target_family"])
    found = regressed(pairs, measure, asked.over, asked.split)
    return (
        found.fixed,
        found.dropped,
        found.notes,
        inflation(pairs, measure, asked.over, asked.split),
    )


def model(visit: Visit, asked: Scope, measure: str) -> None:
    """The mixed model, on request: it takes a while in a large study."""
    st.subheader("With distance, scale and tasks beside it", anchor=False)
    st.markdown(
        "The line looks at one measure alone. The mixed model holds intermediate task, kind of "
        "target, scale and distance from English fixed, and lets families, languages, targets and "
        "trainings differ."
    )
    if not choice.flag("mixed", "Fit the mixed model, all scales together", place=st):
        return
    whole = cells.Scope(**vars(asked) | {"scales": ()})
    fixed, dropped, said, vif = _mixed(visit.frame, visit.moment, whole, measure)
    signed = st.column_config.NumberColumn(format="%+.2f")
    config = {name: signed for name in ("estimate", "low", "high")}
    config["df"] = st.column_config.NumberColumn(format="%.1f")
    config["p"] = st.column_config.NumberColumn(format="%.3f")
    titles = fixed["level"].map(visit.frame.title)
    shown = fixed.assign(level=fixed["level"].mask(fixed["term"].eq("intermediate"), titles))
    columns = ["term", "level", "estimate", "low", "high", "df", "p", "unit"]
    exports.table(fixed, f"mixed-{measure}", config, shown[columns])
    for term, why in dropped.items():
        st.markdown(f"- Not in the model: {plain(term)}, {plain(why)}.")
    for note in said:
        st.markdown(f"- {plain(note.replace('`', ''))}")
    st.markdown(f"- {collinear(vif)}")


def collinear(vif: pd.DataFrame) -> str:
    """Whether morphology can be told from the other terms over languages."""
    told = vif[vif["term"].eq("morphology")]["among_languages"].dropna()
    if told.empty:
        return "Collinearity: no other term over languages is in the model beside morphology."
    value = float(told.iloc[0])
    word = "too high to tell it from" if value >= ALARM else "so it can be told from"
    return (
        f"Collinearity: morphology's variance inflation among languages is {value:.1f}, {word} "
        f"the other terms over languages (the usual alarm is {ALARM})."
    )
