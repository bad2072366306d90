"""The miniature on disk: parallel text, every task's rows, and the forms of a language."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from training.miniature import tasks
from training.miniature.languages import CODES
from training.miniature.tasks.items import text, tokens
from training.miniature.world import stories
from training.spec.task import Split

SPLITS: tuple[Split, ...] = ("train", "dev", "test")


@lru_cache(maxsize=2)
def lines(seed: int, sentences: int) -> dict[str, list[str | None]]:
    """Phase-1 text: line i tells the same in every language."""
    told = list(stories(seed, sentences))
    return {code: [text(story, code) for story in told] for code in CODES}


def write(directory: Path, seed: int, sentences: int) -> int:
    """Write `text/<lang>.txt` and `<task>/<split>.<lang>.jsonl`; returns the number of files."""
    count = 0
    (directory / "text").mkdir(parents=True, exist_ok=True)
    for code, found in lines(seed, sentences).items():
        (directory / "text" / f"{code}.txt").write_text("\n".join(map(str, found)) + "\n", "utf-8")
        count += 1
    for task in tasks.TASKS:
        (directory / task).mkdir(exist_ok=True)
        for split in SPLITS:
            for code in tasks.languages(task, split):
                made = tasks.rows(task, split, code, seed, sentences)
                told = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made)
                (directory / task / f"{split}.{code}.jsonl").write_text(told, "utf-8")
                count += 1
    return count


def forms(code: str, seed: int, sentences: int = 20000) -> list[tuple[str, str, str]]:
    """Distinct (form, lemma, features) of a language's text without names and punctuation."""
    seen = {
        (token.form, token.lemma, token.feats)
        for story in stories(seed, sentences)
        for said in story
        for token in tokens(said, code)
        if token.entity is None and token.upos != "PUNCT"
    }
    return sorted(seen)
