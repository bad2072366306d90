"""Folders in XTREME's submission layout that hold every task, every language and many an oddity."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from answer_rules import PARTS
from xtreme_rules import GROUPS, LANGUAGES, MALFORMED, NER, UPOS

NLI = ("entailment", "neutral", "contradiction")
Sides = tuple[str, str]
"""The text of the predictions and of the gold labels."""


def fill(root: Path, seed: int) -> tuple[Path, Path]:
    """Predictions and labels that agree in part."""
    draw = Random(seed)
    for task, codes in LANGUAGES.items():
        suffix = "json" if task in GROUPS["qa"] else "tsv"
        for code in codes.split():
            for side, text in zip(("P", "L"), MAKERS[task](draw), strict=True):
                path = root / side / task / f"test-{code}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="")
    return root / "P", root / "L"


def ends(draw: Random, lines: Sequence[str]) -> str:
    """Lines with one of the usual ends, spaces around, and the last end left out now and then."""
    end = draw.choice(["\n", "\n", "\r\n", "\r"])
    padded = [draw.choice(["", "", " ", "\t"]) + line + draw.choice(["", " "]) for line in lines]
    return end.join(padded) + draw.choice([end, ""])


def labels(choices: Sequence[str]) -> Callable[[Random], Sides]:
    def made(draw: Random) -> Sides:
        gold = [draw.choice(choices) for _ in range(draw.randint(1, 9))]
        said = [one if draw.random() < 0.6 else draw.choice([*choices, "x\u2028y"]) for one in gold]
        return ends(draw, said), ends(draw, gold)

    return made


def tags(choices: Sequence[str]) -> Callable[[Random], Sides]:
    def made(draw: Random) -> Sides:
        gold = [
            [draw.choice(choices) for _ in range(draw.randint(1, 8))]
            for _ in range(draw.randint(1, 6))
        ]
        odd = [*choices, *choices, *MALFORMED]
        said = [[t if draw.random() < 0.6 else draw.choice(odd) for t in one] for one in gold]
        if draw.random() < 0.3:  # one sentence too short or too long
            said[draw.randrange(len(said))] = [draw.choice(choices)] * draw.randint(1, 9)
        sides = ["".join("\n".join(one) + "\n\n" for one in side) for side in (said, gold)]
        return sides[0], sides[1].removesuffix("\n") if draw.random() < 0.5 else sides[1]

    return made


def pairs(draw: Random) -> Sides:
    gold = [f"xx-{i:03d}\ten-{draw.randrange(9):03d}" for i in range(draw.randint(1, 9))]
    said = [one if draw.random() < 0.5 else f"xx-{draw.randrange(9):03d}\ten-0" for one in gold]
    said += said[: draw.randrange(3)]  # repeated
    draw.shuffle(said)
    return ends(draw, said), ends(draw, gold)


def text(draw: Random) -> str:
    return "".join(draw.choice(PARTS) for _ in range(draw.randrange(7)))


def answers(draw: Random) -> Sides:
    gold = {f"q{i}": [text(draw) for _ in range(draw.randint(1, 3))] for i in range(8)}
    said = {id: draw.choice([*some, text(draw), ""]) for id, some in gold.items()}
    said = {id: one for id, one in said.items() if id == "q0" or draw.random() < 0.9}
    said["of another file"] = "x"
    qas = [{"id": i, "answers": [{"text": one} for one in some]} for i, some in gold.items()]
    articles = [{"paragraphs": [{"qas": qas[:3]}, {"qas": qas[3:]}]}]
    wrapped = {"version": "1.1", "data": articles}
    return json.dumps(said), json.dumps(draw.choice([wrapped, articles]), ensure_ascii=False)


MAKERS: dict[str, Callable[[Random], Sides]] = {
    "xnli": labels(NLI),
    "pawsx": labels("01"),
    "tatoeba": labels([str(i) for i in range(5)]),
    "panx": tags(NER),
    "udpos": tags(UPOS[2:9] + ["SCONJ", "SYM"]),
    "bucc2018": pairs,
    **dict.fromkeys(GROUPS["qa"], answers),
}
