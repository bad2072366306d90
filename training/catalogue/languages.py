"""The 40 languages of XTREME. A new language is one row of `languages.csv`.

Family and genus were checked against WALS 2024, except that Turkic and Kra-Dai are not folded into
larger groups, and that the two isolates (Basque, Korean) are families of one. `morphology` is a
coarse label of our own; the column `detail` says what it rounds off. Codes are ISO 639-3 as
Tatoeba's files use them (pes, swh, cmn, ara). The column `aliases` is accepted on input.
"""

from __future__ import annotations

import csv
from importlib.resources import files

from training.catalogue.names import UnknownName
from training.spec.language import Language

NOT_PRETRAINED = frozenset({"yor"})
"""Languages that XLM-R never saw (google-research/xtreme issue 84)."""


def _read() -> tuple[dict[str, Language], dict[str, str]]:
    """Languages by code, and the code of every accepted spelling (lower case)."""
    languages: dict[str, Language] = {}
    spellings: dict[str, str] = {}
    text = files(__package__).joinpath("languages.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        code = row["code"]
        languages[code] = Language(
            code=code,
            name=row["name"],
            family=row["family"],
            genus=row["genus"],
            script=row["script"],
            morphology=row["morphology"],
            short=row["short"],
            pretrained=code not in NOT_PRETRAINED,
        )
        for spelling in (code, row["short"], row["name"], *row["aliases"].split()):
            spellings[spelling.lower()] = code
    return languages, spellings


LANGUAGES, SPELLINGS = _read()
SHORT = {language.short: code for code, language in LANGUAGES.items()}
"""ISO 639-1 as XTREME's files write it -> our code."""


def language(text: str) -> Language:
    """The language meant by `fi`, `fin`, `fin_Latn`, `fin-Latn` or `Finnish`.

    Raises UnknownName, with the nearest right spelling.
    """
    given = text.strip()
    bare = given.replace("-", "_").split("_")[0].lower()
    code = SPELLINGS.get(given.lower()) or SPELLINGS.get(bare)
    if code is None:
        names = [one.name for one in LANGUAGES.values()]
        raise UnknownName("language", given, [*LANGUAGES, *names, *SHORT, *SPELLINGS])
    return LANGUAGES[code]
