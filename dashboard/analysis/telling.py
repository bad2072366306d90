"""Verdicts in words, with the numbers in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboard.analysis.answer import points
from dashboard.analysis.registered import CORRECTIONS, Pair, Registered
from dashboard.analysis.sides import Compared

GENERALISES, SHRINKS, REVERSES, CANNOT_TELL = "generalises", "shrinks", "reverses", "cannot tell"
WORDS = (GENERALISES, SHRINKS, REVERSES, CANNOT_TELL)
NO_SLOPE = "{} cannot identify a slope over morphology: this is about {} alone"


def why(pair: Pair, found: Compared, asked: Registered) -> str:
    """Why nothing can be told, in a few words."""
    here, there, change = found.here, found.there, found.change
    if not here.seeds or not there.seeds:
        return "not measured on both sides"
    fewest = min(here.seeds, there.seeds)
    if fewest < asked.least_seeds:
        return f"{_count(fewest, 'seed')}, where a t interval takes {asked.least_seeds}"
    if here.alike or there.alike or change.alike:
        return "all seeds are alike to the last digit, so they tell of no spread"
    if here.mean <= 0 and there.mean <= 0:
        return "there is no gain that could hold or be lost"
    return "the seeds differ too much"


def sentence(row: Mapping[str, Any], pair: Pair, asked: Registered, confidence: float) -> str:
    """One contrast as a person reads it; `row` has all of `generalise.VERDICTS` but the words."""
    there = asked.languages[pair.there[1]]
    told = f"{row['contrast']}, {row['family']}, {_sides(pair)}: {_word(row)}"
    if not row["cells"]:
        return f"{told}: {row['why']}."
    names = {"here": _side(pair, pair.here), "there": _side(pair, pair.there)}
    gains = " and ".join(
        f"{points(row[f'gain_{side}'])} {names[side]}{_span(row, '_' + side, confidence)}"
        for side in ("here", "there")
    )
    told += f": {row['why']}" if row["why"] else ""
    told += f". The mean gain is {gains} points, {_seeds(row, pair)}, on these test items; "
    told += f"{_change(pair)} {points(row['change'])}{_span(row, '', confidence)}, "
    told += f"held against a margin of {row['margin']:g}{_tests(row)}{_corrected(row, asked)}."
    told += f" Over {_count(row['cells'], 'cell')} ({row['targets'].replace(' ', ', ')} "
    told += f"after {row['intermediates'].replace(' ', ', ')})"
    told += f"{_gone(row, there, asked)}. {_slope(row)}"
    return told


def _word(row: Mapping[str, Any]) -> str:
    if row["verdict"] != CANNOT_TELL:
        return str(row["verdict"])
    seeds = row["needs"]
    if not row["cells"]:
        return CANNOT_TELL
    if np.isnan(seeds):
        return f"{CANNOT_TELL} (no number of seeds would do as it is)"
    return f"{CANNOT_TELL} (needs {'more than 1,000' if np.isinf(seeds) else int(seeds)} seeds)"


def _sides(pair: Pair) -> str:
    (scale, group), (larger, mine) = pair.here, pair.there
    if pair.kind == "languages":
        return f"{mine} against {group} at {scale}"
    tail = f" against {pair.reference}" if pair.reference else ""
    return f"{mine}{tail}, {scale} to {larger}"


def _side(pair: Pair, side: tuple[str, str]) -> str:
    return f"in {side[1]}" if pair.kind == "languages" else f"at {side[0]}"


def _change(pair: Pair) -> str:
    if pair.kind == "gap":
        return f"its lead over {pair.reference} changes by"
    return "the difference is" if pair.kind == "languages" else "the change is"


def _span(row: Mapping[str, Any], tail: str, confidence: float) -> str:
    if np.isnan(row["low" + tail]):
        return ""
    low, high = points(row["low" + tail]), points(row["high" + tail])
    return f" ({100 * confidence:.3g}\u00a0% interval {low} to {high})"


def _seeds(row: Mapping[str, Any], pair: Pair) -> str:
    here, there = int(row["seeds_here"]), int(row["seeds_there"])
    if here == there:
        return _count(here, "seed") + (" each" if pair.kind != "languages" else "")
    return f"{here} and {there} seeds"


def _tests(row: Mapping[str, Any]) -> str:
    if np.isnan(row["p_equivalent"]):
        return ""
    return f" (equivalence p = {row['p_equivalent']:.2g}, not worse p = {row['p_not_worse']:.2g})"


def _corrected(row: Mapping[str, Any], asked: Registered) -> str:
    """What the interval and the word are corrected for."""
    if asked.correction == "none" or row["tested"] < 2:
        return ""
    return f", corrected for {row['tested']} contrasts ({CORRECTIONS[asked.correction]})"


def _gone(row: Mapping[str, Any], there: tuple[str, ...], asked: Registered) -> str:
    """What is not in the means, and what is and should be known."""
    found = [f"{row['missing']} more not in all seeds of both sides"] * (row["missing"] > 0)
    if row["seeds_left_out"]:
        found.append(f"{_count(row['seeds_left_out'], 'incomplete lineage')} left out")
    if row["at_chance"]:
        found.append(f"{_count(row['at_chance'], 'gain')} at chance left out")
    absent = [lang for lang in there if lang not in row["measured_there"].split()]
    if absent:
        found.append(f"without {', '.join(absent)}")
    lacking = len({*asked.intermediates} - {*row["intermediates"].split()})
    if lacking:
        named = len(asked.intermediates)
        found.append(f"{lacking} of the {named} intermediate tasks named are not measured")
    if row["reuses"]:
        found.append(f"{row['reuses']} reuse the target's own training data")
    if 100 / row["margin"] > row["items"]:
        size = 100 / row["items"]
        found.append(
            f"the smallest test set has {int(row['items'])} items, one of which is {size:.1f} "
            "points and so more than the margin"
        )
    return "".join(f"; {one}" for one in found)


def _slope(row: Mapping[str, Any]) -> str:
    """How many languages speak, and that so few draw no line."""
    langs = row["measured_there"].split()
    few = _count(len(langs), "language")
    return NO_SLOPE.format(few[0].upper() + few[1:], ", ".join(langs)) + "."


def _count(number: float, noun: str) -> str:
    words = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
    told = words.get(int(number), f"{int(number):,}") if "language" in noun else f"{int(number):,}"
    return f"{told} {noun}" if number == 1 else f"{told} {noun}s"
