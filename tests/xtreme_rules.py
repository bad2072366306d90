"""XTREME's evaluation as its rules tell it, written for tests and sharing nothing with the code.

`evaluate` reads two folders (see xtreme_folders).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from answer_rules import best

LANGUAGES = {
    "pawsx": "de en es fr ja ko zh",
    "xnli": "ar bg de el en es fr hi ru sw th tr ur vi zh",
    "panx": "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja "
    "ka ko th sw yo my zh kk tr et fi hu",
    "udpos": "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl "
    "tr ur vi yo zh",
    "bucc2018": "de fr ru zh",
    "tatoeba": "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka "
    "ko th sw zh kk tr et fi hu",
    "xquad": "en es de el ru tr ar vi th zh hi",
    "mlqa": "en es de ar hi vi zh",
    "tydiqa": "en ar bn fi id ko ru sw te",
}
GROUPS = {
    "classification": ["pawsx", "xnli"],
    "tagging": ["udpos", "panx"],
    "qa": ["xquad", "mlqa", "tydiqa"],
    "retrieval": ["bucc2018", "tatoeba"],
}
MLQA = dict(zip("en es de ar hi vi zh".split(), "eng spa deu ara hin vie cmn".split(), strict=True))
UPOS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
NER = "O B-PER I-PER B-ORG I-ORG B-LOC I-LOC".split()
MALFORMED = "S-PER E-PER B I O-LOC . ._X I-B-PER _ PER 人 - B- S".split()
Metrics = dict[str, float]


def evaluate(said: Path, gold: Path) -> dict[str, Any]:
    """Every number of folders that hold all nine tasks, by XTREME's own codes."""
    tasks: dict[str, dict[str, Metrics]] = {}
    for task, codes in LANGUAGES.items():
        kind = "json" if task in GROUPS["qa"] else "tsv"
        for code in codes.split():
            paths = [side / task / f"test-{code}.{kind}" for side in (said, gold)]
            tasks.setdefault(task, {})[code] = SCORERS[task](*paths, code)
    means = {
        task: {m: average([row[m] for row in rows.values()]) for m in next(iter(rows.values()))}
        for task, rows in tasks.items()
    }
    scores = {task: score(means[task]) for task in tasks}
    groups = {name: average([scores[task] for task in tasks]) for name, tasks in GROUPS.items()}
    overall = average(list(scores.values()))
    return {"tasks": tasks, "scores": scores, "groups": groups, "overall": overall}


def average(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def score(means: Metrics) -> float:
    if "exact_match" in means:
        return (means["exact_match"] + means["f1"]) / 2
    return means.get("f1", means.get("accuracy", -1.0))


def stripped(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [line.strip() for line in file]


def labels(said: Path, gold: Path, _: str) -> Metrics:
    pairs = list(zip(stripped(said), stripped(gold), strict=True))
    return {"accuracy": 100 * sum(a == b for a, b in pairs) / len(pairs)}


def pairs(said: Path, gold: Path, _: str) -> Metrics:
    found, wanted = ({tuple(line.split("\t")) for line in stripped(p)} for p in (said, gold))
    return precision_recall(found, wanted)


def precision_recall(found: set[Any], wanted: set[Any]) -> Metrics:
    both = len(found & wanted)
    if not both:
        return {"f1": 0.0, "precision": 0.0, "recall": 0.0}
    p, r = both / len(found), both / len(wanted)
    return {"f1": 100 * 2 * p * r / (p + r), "precision": 100 * p, "recall": 100 * r}


def tags(said: Path, gold: Path, _: str) -> Metrics:
    sides = [sentences(stripped(path)) for path in (said, gold)]
    assert len(sides[0]) == len(sides[1])
    flat = [[tag for one in side for tag in [*one, "O"]] for side in sides]
    return precision_recall(*map(chunks, flat))


def sentences(lines: list[str]) -> list[list[str]]:
    found, now = [], []
    for line in lines:
        if line:
            now.append(line)
        else:
            found.append(now)
            now = []
    return [*found, now] if now else found


ENDS = {"BB", "BS", "BO", "IB", "IS", "IO"}
STARTS = {"EE", "EI", "SE", "SI", "OE", "OI"}


def chunks(tags: list[str]) -> set[tuple[str, int, int]]:
    """seqeval 0.0.12 by pairs of first letters."""
    found, begin = [], 0
    letter, kind = "O", ""
    for i, tag in enumerate([*tags, "O"]):
        now, new = tag[0], tag.split("-")[-1]
        change = kind != new
        if letter in ("E", "S") or letter + now in ENDS or (letter not in ("O", ".") and change):
            found.append((kind, begin, i - 1))
        if now in ("B", "S") or letter + now in STARTS or (now not in ("O", ".") and change):
            begin = i
        letter, kind = now, new
    return set(found)


def answers(said: Path, gold: Path, code: str) -> Metrics:
    predicted, told = (json.loads(path.read_text(encoding="utf-8")) for path in (said, gold))
    lang = MLQA[code] if gold.parent.name == "mlqa" else None
    articles = told["data"] if "data" in told else told
    asked = [qa for one in articles for paragraph in one["paragraphs"] for qa in paragraph["qas"]]
    found = [
        best(predicted[qa["id"]], [a["text"] for a in qa["answers"]], lang)
        for qa in asked
        if qa["id"] in predicted
    ]
    em, f1 = (100 * sum(column) / len(asked) for column in zip(*found, strict=True))
    return {"exact_match": em, "f1": f1}


SCORERS: dict[str, Callable[[Path, Path, str], Metrics]] = {
    **dict.fromkeys(("pawsx", "xnli", "tatoeba"), labels),
    **dict.fromkeys(("panx", "udpos"), tags),
    **dict.fromkeys(GROUPS["qa"], answers),
    "bucc2018": pairs,
}
