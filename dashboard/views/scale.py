"""Gain against the size of the model, by language or family."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.analysis.answer import points
from dashboard.analysis.factors import known
from dashboard.analysis.frames import PINNED, ScoreFrame
from dashboard.analysis.scope import SHOWN, Scope, Shown
from dashboard.figures.pens import PHONE
from dashboard.figures.scaling import scaling
from dashboard.views import choice, exports, links, scope
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

QUESTION = "Do the gains grow with the model?"
WHAT = {"gain": "Gain", "gap_change": "Change of gap", "gap": "Gap to English"}
BY = {"lang": "Languages", "family": "Families", "genus": "Genera"}


def show(visit: Visit) -> None:
    """The finding, the picture, the numbers, and how they were averaged."""
    frame = visit.frame
    place = st.container()
    left, right = st.columns(2)
    by = choice.row("lines", "A line for each of", list(BY), lambda one: BY[one], left)
    what = choice.row("shown", "What is drawn", list(SHOWN), lambda one: WHAT[one], right)
    shown: Shown = "gain" if what == "gain" else "gap" if what == "gap" else "gap_change"
    asked = scope.scope(frame, every_scale=True, shown=shown)
    weights, over = scope.weighing()
    same = choice.flag("same", "Only cells that every scale has", True)
    told = (frame, visit.moment, asked)
    table = sized(scope.means(*told, by, weights, over, same))
    two = table if by == "lang" else sized(scope.means(*told, "lang", weights, over, same))
    with place:
        head(QUESTION, finding(frame, asked, two), scope.basis(frame, asked, weights))
        scope.miniature(frame, asked)
    names = labels(frame, table, by)
    drawn = table if by == "lang" else pd.concat([table, two[two["group"].isin(PINNED)]])
    drawn = drawn[drawn["parameters"].notna()]
    if drawn["gain"].isna().all():
        st.info("No gain of these tasks and languages has been measured yet.")
    figure = scaling(drawn, visit.look, names, SHOWN[shown])
    exports.picture(figure, f"scale-{by}", spoken(two, shown), least=PHONE)
    st.caption(" ".join(notes(table, same, shown)))
    numbers(table, names, by, shown)
    links.link("Every cell of it", "heatmap")


def upper(text: str) -> str:
    """With a capital, and English left one."""
    return text[:1].upper() + text[1:]


def sized(means: pd.DataFrame) -> pd.DataFrame:
    """With each scale's parameters as the catalogue tells them, NaN where it does not."""
    size = means["scale"].map(known().parameters).astype(float)
    table = means.assign(parameters=size)
    return table.sort_values("parameters", kind="stable", ignore_index=True)


def labels(frame: ScoreFrame, table: pd.DataFrame, by: str) -> dict[str, str]:
    """Names of what has a line."""
    names = dict(zip(frame.languages["lang"], frame.languages["language"], strict=True))
    told = {group: names.get(group, group) if by == "lang" else group for group in table["group"]}
    return told | PINNED | {scope.ENGLISH: "English"}


def finding(frame: ScoreFrame, asked: Scope, table: pd.DataFrame) -> str:
    """The pinned languages from the smallest to the largest scale."""
    scales = choice.values(frame.planned(asked.study), "scale")
    if len(scales) == 1:
        return (
            f"This study has one scale, {plain(scales[0])}: it cannot say what a larger model "
            f"would gain. {_here(table)}"
        )
    said = [_from_to(table[table["group"].eq(code)], name) for code, name in PINNED.items()]
    return f"{upper(SHOWN[asked.shown])}: " + " ".join(said)


def _here(table: pd.DataFrame) -> str:
    rows = table[table["gain"].notna()].set_index("group")
    said = [
        f"{name} {scope.spread(rows.loc[code])}"
        for code, name in PINNED.items()
        if code in rows.index
    ]
    return f"Here: {'; '.join(said)}." if said else "No gain is measured yet."


def _from_to(mine: pd.DataFrame, name: str) -> str:
    there = mine[mine["gain"].notna() & mine["parameters"].notna()]
    if there.empty:
        return f"nothing is measured in {name} at any scale."
    first, last = there.iloc[0], there.iloc[-1]
    if len(there) == 1:
        return f"{name} at {plain(first['scale'])} only, {scope.spread(first)}."
    return (
        f"{name} goes from {scope.spread(first)} at {plain(first['scale'])} to "
        f"{scope.spread(last)} at {plain(last['scale'])}."
    )


def spoken(two: pd.DataFrame, shown: Shown) -> str:
    """The picture for a screen reader."""
    there = two[two["gain"].notna() & two["group"].isin(PINNED)]
    told = [
        f"{PINNED[row['group']]} at {row['scale']} {points(row['gain'])}"
        for row in there.to_dict("records")
    ]
    return f"{upper(SHOWN[shown])} against parameters. {'; '.join(told)}."


def notes(table: pd.DataFrame, same: bool, shown: Shown) -> list[str]:
    """What is there, what is not, and how to read it."""
    told = [scope.counted(table), scope.SEEDS_NOTE]
    if same and table["scale"].nunique() > 1:
        told.append("Scales are compared over the same cells; others count as missing.")
    elif table["scale"].nunique() > 1:
        told.append("Scales may be means over different cells: read a change with that in mind.")
    if shown == "gap_change":
        told.append("Below zero the gap to English narrows.")
    unknown = choice.values(table[table["parameters"].isna()], "scale")
    if unknown:
        named = ", ".join(map(plain, unknown))
        told.append(f"Not drawn, since the catalogue does not tell their parameters: {named}.")
    return told


def numbers(table: pd.DataFrame, names: dict[str, str], by: str, shown: Shown) -> None:
    """The picture as a table."""
    st.subheader("The same in numbers", anchor=False)
    head = {"lang": "language"}.get(by, by)
    seen = table.assign(group=table["group"].map(names))
    seen = seen.rename(columns={"group": head, "at_chance": "at chance"})
    seen = seen[["scale", "parameters", head, *scope.COLUMNS]]
    config = scope.NUMBERS | {"parameters": st.column_config.NumberColumn(format="compact")}
    exports.table(table.assign(shown=shown), f"scale-{by}", config, seen)
