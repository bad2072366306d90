"""Gain by language family and genus, with every language as a point."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.analysis.answer import points
from dashboard.analysis.frames import PINNED
from dashboard.analysis.rollup import described
from dashboard.figures.families import families
from dashboard.figures.pens import PHONE
from dashboard.views import choice, exports, links, scope
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit

QUESTION = "Which language families gain?"
BY = {"family": "Families", "genus": "Genera"}


def show(visit: Visit) -> None:
    """The finding, the picture, the numbers, and how they were averaged."""
    frame = visit.frame
    asked = scope.scope(frame)
    weights, over = scope.weighing()
    place = st.container()
    by = choice.row("by", "Group languages by", list(BY), lambda one: BY[one])
    told = (frame, visit.moment, asked)
    groups = ordered(scope.means(*told, by, weights, over), frame.languages, by)
    langs = placed(scope.means(*told, "lang", weights, over), frame.languages, by)
    with place:
        head(QUESTION, finding(groups, langs, by), scope.basis(frame, asked, weights))
        scope.miniature(frame, asked)
    if groups["gain"].isna().all():
        st.info("No gain of these tasks and languages has been measured yet.")
    names = dict(zip(langs["lang"], langs["language"], strict=True))
    figure = families(groups, langs, visit.look, names | {scope.ENGLISH: scope.APART})
    exports.picture(figure, f"gains-by-{by}", spoken(groups, langs, by), least=PHONE)
    st.caption(f"{scope.counted(groups)} {scope.SEEDS_NOTE} A diamond is the mean of its row.")
    numbers(groups, langs, by)
    links.link("Every cell of it", "heatmap")


def ordered(groups: pd.DataFrame, languages: pd.DataFrame, by: str) -> pd.DataFrame:
    """Groups of the pinned languages first, then by gain, English last."""
    pinned = set(languages.loc[languages["lang"].isin(PINNED), by])
    rank = groups["group"].map(lambda one: 2 if one == scope.ENGLISH else 0 if one in pinned else 1)
    table = groups.assign(rank=rank, back=-groups["gain"])
    return table.sort_values(["rank", "back"], kind="stable", ignore_index=True).drop(
        columns=["rank", "back"]
    )


def placed(means: pd.DataFrame, languages: pd.DataFrame, by: str) -> pd.DataFrame:
    """Means by language with `lang`, its traits and `of`, the group it belongs to."""
    table = means.rename(columns={"group": "lang"})
    about = described(table.assign(target=""), languages).drop(columns="target")
    return scope.apart(about, by)


def finding(groups: pd.DataFrame, langs: pd.DataFrame, by: str) -> str:
    """The family of the pinned languages beside the others, then the two."""
    there = groups[groups["gain"].notna() & groups["group"].ne(scope.ENGLISH)]
    if there.empty:
        return "Nothing can be said yet: there is no gain in any language but English."
    there = there.assign(rank=there["gain"].rank(ascending=False, method="min").astype(int))
    kind = "families" if by == "family" else "genera"
    named = langs[langs["lang"].isin(PINNED)]
    said = []
    for group in dict.fromkeys(named["of"]):
        for row in there[there["group"].eq(group)].to_dict("records"):
            place = f", number {row['rank']} of {len(there)} {kind}" if len(there) > 1 else ""
            said.append(f"{plain(str(group))} {scope.spread(row)}{place}")
    best = there.sort_values("gain").iloc[-1]
    if best["group"] not in set(named["of"]):
        said.append(f"highest is {plain(str(best['group']))} {scope.spread(best)}")
    text = "; ".join(said) + "." if said else ""
    return f"{text} {_two(named)}".strip()


def _two(named: pd.DataFrame) -> str:
    rows = named[named["gain"].notna()].set_index("lang")["gain"]
    said = [f"{name} {points(float(rows[code]))}" for code, name in PINNED.items() if code in rows]
    gone = [name for code, name in PINNED.items() if code not in rows]
    told = f"Of the two, {' and '.join(said)}." if said else ""
    return told + (f" No gain in {' or '.join(gone)}." if gone else "")


def spoken(groups: pd.DataFrame, langs: pd.DataFrame, by: str) -> str:
    """The picture for a screen reader."""
    told = [
        f"{row['group']} {points(row['gain'])}"
        for row in groups[groups["gain"].notna()].to_dict("records")
    ]
    return f"Mean gain by {by}, one point a language. {'; '.join(told)}. {_two(langs)}"


def numbers(groups: pd.DataFrame, langs: pd.DataFrame, by: str) -> None:
    """Groups and languages as tables."""
    st.subheader("The same in numbers", anchor=False)
    told = {"group": by, "at_chance": "at chance"}
    shown = groups.replace({"group": {scope.ENGLISH: scope.APART}}).rename(columns=told)
    columns = [by, *scope.COLUMNS[:3], "languages", *scope.COLUMNS[3:]]
    exports.table(groups, f"gains-by-{by}", scope.NUMBERS, shown[columns])
    with st.expander("Every language"):
        each = langs.rename(columns=told)[["language", "family", "genus", *scope.COLUMNS]]
        exports.table(langs, "gains-of-languages", scope.NUMBERS, each)
