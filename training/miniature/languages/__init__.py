"""The languages of the miniature: one module each, one meaning in, words out."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from training.miniature.grammar import Language

NAMES = {
    "eng": "English",
    "fin": "Finnish",
    "hun": "Hungarian",
    "est": "Estonian",
    "tur": "Turkish",
    "deu": "German",
    "ind": "Indonesian",
    "cmn": "Mandarin",
}
CODES = tuple(NAMES)


@cache
def language(code: str) -> Language:
    """The language with an ISO-639-3 code of `CODES`."""
    made: Language = getattr(import_module(f"{__name__}.{code}"), NAMES[code])()
    return made
