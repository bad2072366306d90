"""Examples: which items of a cell the intermediate task fixed and which it broke."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.analysis import examples, features, sift
from dashboard.analysis.examples import Paired, paired
from dashboard.analysis.frames import PINNED, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.health import AT_CHANCE, degenerate
from dashboard.figures import examples as figures
from dashboard.snapshot import texts
from dashboard.views import choice, exports, links, sieve
from dashboard.views.cards import cards
from dashboard.views.head import head, plain
from dashboard.views.visit import Visit


@dataclass(frozen=True)
class Place:
    """One cell of the study in one seed."""

    target: str
    scale: str
    task: str
    over: str
    lang: str
    language: str
    split: str
    evaluation: str
    baseline: str
    at_chance: bool

    def name(self) -> str:
        """For the names of files."""
        return f"{self.target}-{self.scale}-{self.task}-{self.lang}-{self.split}"


def show(visit: Visit) -> None:
    """The groups of items, what they tell of cases and sub-words, and the items themselves."""
    place = chosen(visit.frame)
    if place is None:
        head(
            "Which items did it fix or break?", "No cell of this choice is measured on both sides."
        )
        st.info("Choose another target, scale, split or intermediate task in the sidebar.")
        return
    margin = choice.number("margin", "Points that count as better or worse", 1, 100, 10)
    told, words = _cell(visit.frame, visit.moment, visit, place, float(margin))
    lead(visit.frame, place, told, margin)
    if told.table.empty:
        absent(visit, place)
        return
    groups(visit, place, told)
    evidence(visit, place, told, words)
    items(visit, place, told, words)
    method(told, words, margin)


def chosen(frame: ScoreFrame) -> Place | None:
    """The sidebar: study, target, scale, split, the two sides, language and seed."""
    study = choice.study(frame)
    plan = frame.planned(study)
    target = choice.target(frame, plan, choice.learnable(frame.measured(study)))
    plan = plan[plan["target"].eq(target)]
    scores = frame.target(study, target)
    scale = choice.scale(plan)
    scores = scores[scores["scale"].eq(scale)]
    over = choice.over(frame, plan)
    others = [one for one in choice.values(plan, "intermediate") if one != over]
    if scores.empty or not others:
        return None
    task = choice.pick("task", "Intermediate task", others, frame.title)
    variants = choice.values(plan, "variant")
    variant = choice.pick("variant", "Read with", variants, lambda one: one or "the usual way")
    split = choice.splits(scores)
    known = scores.drop_duplicates("lang")
    names = dict(zip(known["lang"], known["language"], strict=True))
    rank = [*PINNED]
    order = sorted(names, key=lambda one: (rank.index(one) if one in rank else 99, names[one]))
    lang = choice.pick("lang", "Language", order, names.__getitem__)
    some = scores[
        scores["variant"].eq(variant) & scores["split"].eq(split) & scores["lang"].eq(lang)
    ]
    main = frame.main_metric(target, choice.values(some, "metric") or ["score"])
    rows = gains(some[some["metric"].eq(main)], over, "included")
    rows = rows[rows["intermediate"].eq(task) & rows["gain"].notna()]
    if rows.empty:
        return None
    row = _seed(rows)
    bad = bool(degenerate(pd.Series([row["health"], row["baseline_health"]])).any())
    sides = (str(row["evaluation"]), str(row["baseline_evaluation"]))
    return Place(target, scale, task, over, lang, names[lang], split, *sides, bad)


def _seed(rows: pd.DataFrame) -> pd.Series:
    """One lineage of the cell."""
    codes = [
        f"{one or 0}.{two or 0}"
        for one, two in zip(rows["intermediate_seed"], rows["target_seed"], strict=True)
    ]
    code = choice.pick("seed", "Seed (intermediate.target)", codes)
    return rows.iloc[codes.index(code)]


@st.cache_resource(show_spinner="Reading items …", max_entries=8)
def _cell(
    _frame: ScoreFrame, moment: str, _visit: Visit, place: Place, margin: float
) -> tuple[Paired, features.Words]:
    """The items of both sides, read and matched once; nothing may change them."""
    read = texts(_visit.where, _frame, _visit.offline)
    after, before = read(place.evaluation), read(place.baseline)
    told = paired(after, before, place.lang, place.split, margin)
    return told, features.words(told.table)


def lead(frame: ScoreFrame, place: Place, told: Paired, margin: int) -> None:
    """Question, answer, and what it rests on."""
    task, base = (plain(frame.title(one)) for one in (place.task, place.over))
    language = plain(place.language)
    basis = [
        f"{plain(frame.title(place.target))} at scale {plain(place.scale)}, {plain(place.split)} "
        "items, one training on either side",
    ]
    if told.alone:
        basis.append(f"{told.alone:,} items were answered by one side only and are left out")
    if told.unscored:
        basis.append(f"{told.unscored:,} items have no score and are left out")
    head(
        f"Which {language} items did {task} fix or break?",
        examples.sentence(told, language, task, base, margin),
        "; ".join(basis) + ".",
    )
    if place.at_chance:
        st.warning(
            f"One of the two trainings is {AT_CHANCE}: it has learnt nothing of this target, so "
            "what changes here says nothing of transfer."
        )


def absent(visit: Visit, place: Place) -> None:
    """Neither text nor answers: why that may be."""
    away = "The tracking server is away, and these items were never fetched from it."
    lost = "The server has no items of one of the two; `silta publish --all` sends them again."
    st.info(away if visit.offline else lost)
    links.link("See the runs", "runs", cell=place.evaluation)


def groups(visit: Visit, place: Place, told: Paired) -> None:
    """How many items went which way."""
    counted = examples.counts(told)
    parts = [f"{row.group}: {row.items:,} ({row.share:.1f} %)" for row in counted.itertuples()]
    figure = figures.balance(counted, visit.look)
    exports.picture(figure, f"groups-{place.name()}", f"Share of items. {'; '.join(parts)}.")


def evidence(visit: Visit, place: Place, told: Paired, words: features.Words) -> None:
    """Mean gain by case and by how far words are split, with how much stands behind each."""
    cases = features.by_feature(told.table, words)
    pieces = features.by_bins(told.table, "per_word")
    lengths = features.by_bins(told.table, "n_words")
    unit = "words" if words.right is not None else "items"
    cases["part"] = [features.named(f"Case={one}") if one else "no case" for one in cases["part"]]
    parts = {
        "Gain by case": (cases, "case", unit),
        "Gain by sub-words a word": (pieces, "pieces", "items"),
        "Gain by length in words": (lengths, "length", "items"),
    }
    parts = {title: one for title, one in parts.items() if len(one[0]) > 1}
    for column, (title, (table, name, of)) in zip(
        st.columns(max(1, len(parts))), parts.items(), strict=False
    ):
        with column:
            st.subheader(title, anchor=False)
            _part(visit, table, f"{name}-{place.name()}", title, of)


def _part(visit: Visit, table: pd.DataFrame, name: str, title: str, unit: str) -> None:
    names = [str(one) for one in table["part"]]
    best = table.sort_values("gain").iloc[-1]
    alt = (
        f"{title}: largest in {best['part']}, {best['gain']:+.1f} points of {best['words']} {unit}."
    )
    exports.picture(figures.by_part(table, visit.look, names, unit), name, alt)
    with st.expander("The same in numbers"):
        exports.table(
            table.rename(columns={"words": unit} if unit == "words" else {}), f"table-{name}"
        )


def items(visit: Visit, place: Place, told: Paired, words: features.Words) -> None:
    """The list: boxes, one page of cards, and the whole choice as a file."""
    st.subheader("The items", anchor=False)
    wanted, order = sieve.chosen(told, words)
    having = None
    if wanted.feature:
        having = pd.Series(words.having(wanted.feature, len(told.table)), index=told.table.index)
    rows = sift.ordered(sift.sifted(told.table, wanted, having), order)
    pages = sift.pages(rows)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    number = sieve.page_number(wanted, order, pages, right)
    left.markdown(f"**{len(rows):,}** of {len(told.table):,} items")
    if not told.has_text:
        st.info(
            "The texts of this data set are not here: its licence forbids passing them on, so "
            "answers and measures are all that is kept."
        )
    if rows.empty:
        st.info("No item is like that. Choose fewer conditions.")
        return
    shown = sift.page(rows, number)
    st.html(cards(shown, visit.look, place.lang, told.graded, wanted.feature))
    with st.container(horizontal=True, horizontal_alignment="distribute", key="turn"):
        st.button("Earlier", on_click=sieve.turn, args=(-1,), disabled=number == 1)
        st.download_button(
            f"These {len(rows):,} items as CSV",
            lambda: rows.to_csv(index=False),
            f"items-{place.name()}.csv",
            "text/csv",
            on_click="ignore",
            type="tertiary",
        )
        st.button("Later", on_click=sieve.turn, args=(1,), disabled=number == pages)


def method(told: Paired, words: features.Words, margin: int) -> None:
    """How to read all of it."""
    st.caption(
        (
            f"An item is better or worse from {margin} points of its own score on. "
            if told.graded
            else ""
        )
        + "An item's score is of that item alone; where the task is scored by counting spans over "
        "the whole test set, their mean is not the task's score. Intervals are over texts that "
        "belong together, for this one pair of trainings: another seed may tell another story. "
        + (
            "Cases are counted word by word, right or wrong."
            if words.right is not None
            else "Morphological features are known where the data set publishes them (treebanks)."
        )
    )
