"""A pre-flight as a page of text, at most 80 columns wide but for what is to be copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from training.plan.show import WIDTH

if TYPE_CHECKING:
    from training.engine.preflight import Finding

NAME = 15
INDENT = " " * (2 + 8 + NAME + 1)


def page(study: str, findings: Iterable[Finding]) -> str:
    """Findings by kind, then the commands that bring what is missing, each once."""
    found = list(findings)
    lines = []
    for kind in dict.fromkeys(one.kind for one in found):
        lines += [kind, *(line for one in found if one.kind == kind for line in _lines(one)), ""]
    wrong = [one for one in found if not one.fine]
    commands = list(dict.fromkeys(command for one in wrong for command in one.fetch))
    if commands:
        lines += ["to fetch what is missing:", *(f"  {one}" for one in commands), ""]
    verdict = f"{len(wrong)} of {len(found)} are not" if wrong else "all is there"
    return "\n".join([*lines, f"{study}: {len(found)} things looked at, {verdict}"])


def _lines(one: Finding) -> Iterator[str]:
    head = f"  {'ok' if one.fine else 'not ok':8}{one.name[:NAME]:{NAME}} "
    told = [line for text in one.told for line in wrap(text, WIDTH - len(INDENT)) or [""]]
    yield f"{head}{told[0] if told else ''}".rstrip()
    yield from (f"{INDENT}{line}" for line in told[1:])
