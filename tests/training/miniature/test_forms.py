"""The command's word forms of Finnish and Hungarian, judged by the spelling checkers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from commands import silta

CHECKERS = {
    "fin": ("voikkospell", ["-d", "fi"]),
    "hun": ("hunspell", ["-d", "hu_HU", "-i", "utf-8", "-l"]),
}
WRONG = {"fin": "kirjallata", "hun": "könyvöknak"}


def rejected(lang: str, words: list[str], program: Callable[[str], str]) -> set[str]:
    """The words that the language's spelling checker does not know."""
    name, options = CHECKERS[lang]
    done = subprocess.run(
        [program(name), *options],
        input="\n".join(words) + "\n",
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    lines = set(done.stdout.splitlines())
    if lang == "hun":
        return lines
    return {word for word in words if f"C: {word}" not in lines}


@pytest.mark.parametrize("lang", CHECKERS)
@pytest.mark.parametrize("seed", [5, 71])
def test_forms_are_words(lang: str, seed: int, program: Callable[[str], str]) -> None:
    done = silta("miniature", "--forms", lang, "--seed", seed)
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert {len(line) for line in lines} == {3}, "form, lemma and features"
    words = sorted({line[0] for line in lines})
    assert len(words) > 300
    wrong = rejected(lang, words, program)
    assert len(wrong) <= 0.03 * len(words), sorted(wrong)
    assert rejected(lang, [*words, WRONG[lang]], program) == wrong | {WRONG[lang]}
