"""Original files of the sets beyond XTREME: where they lie, and how one file is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from training.data.errors import DataError
from training.data.opening import Row, document, jsonl, lines, members, tsv
from training.spec.language import Language
from training.spec.task import Split

Told = tuple[
    Callable[[Path, Language], Iterator[Row]],
    dict[Split, tuple[str, ...]],
    str,
    Callable[[Row, Split], bool] | None,
]
"""Reader, patterns by split, what fetches the files, and which rows are of a split."""


def listed(path: Path, _: Language) -> Iterator[Row]:
    """HuLU: one JSON list of objects."""
    told: Any = document(path)
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise DataError(str(path), None, "is no list of objects", "HuLU's JSON is expected")
    yield from told


def objects(path: Path, _: Language) -> Iterator[Row]:
    """Belebele, MASSIVE: one object a line."""
    return jsonl(path)


def emotions(path: Path, _: Language) -> Iterator[Row]:
    """XED: a line and the numbers of its emotions."""
    return tsv(path, header=("sentence", "labels"))


def exams(path: Path, _: Language) -> Iterator[Row]:
    """EXAMS: jsonl, by itself or packed as it is published."""
    if path.suffix != ".gz":
        yield from jsonl(path)
        return
    for name, packed in members(path):
        for number, line in enumerate(packed.split(b"\n"), start=1):
            if line.strip():
                yield _object(line, f"{path}:{name}", number)


def _object(line: bytes, where: str, number: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(where, number, f"is not JSON ({error})", "fetch the file again") from error
    if not isinstance(row, dict):
        raise DataError(where, number, f"holds {line[:40]!r}", "an object a line is expected")
    return row


def news(path: Path, language: Language) -> Iterator[Row]:
    """NTREX-128: `newstest2019-ref.fin.txt`, line by line beside `newstest2019-src.eng.txt`."""
    packed = ".gz" if path.suffix == ".gz" else ""
    return _beside(path, path.with_name(f"newstest2019-src.eng.txt{packed}"), language)


def flores(path: Path, language: Language) -> Iterator[Row]:
    """FLORES-200: `devtest/fin_Latn.devtest` beside `devtest/eng_Latn.devtest`."""
    other = path.with_name(path.name.replace(path.name.partition(".")[0], "eng_Latn", 1))
    return _beside(path, other, language)


def _beside(path: Path, other: Path, language: Language) -> Iterator[Row]:
    foreign, english = lines(path), lines(other)
    if len(foreign) != len(english):
        told = f"has {len(foreign)} lines where {other.name} has {len(english)}"
        raise DataError(str(path), None, told, "fetch both files again")
    for one, two in zip(foreign, english, strict=True):
        yield {
            "source_sentence": one,
            "target_sentence": two,
            "source_lang": language.code,
            "target_lang": "eng",
        }


def of_partition(row: Row, split: Split) -> bool:
    """MASSIVE keeps all splits of a language in one file."""
    return row.get("partition") == split


_GIT = "git clone https://github.com"
_LOCALE = ("1.*/data/{locale}.jsonl*",)
_MASSIVE: Told = (
    objects,
    {"train": _LOCALE, "dev": _LOCALE, "test": _LOCALE},
    "https://github.com/alexa/massive (amazon-massive-dataset-1.0.tar.gz)",
    of_partition,
)
FILES: dict[str, Told] = {
    "massive-intent": _MASSIVE,
    "massive-slots": _MASSIVE,
    "hucola": (listed, {"test": ("cola_dev.json*",)}, f"{_GIT}/nytud/HuCOLA", None),
    "husst": (listed, {"test": ("sst_dev.json*",)}, f"{_GIT}/nytud/HuSST", None),
    "hurte": (listed, {"test": ("rte_dev.json*",)}, f"{_GIT}/nytud/HuRTE", None),
    "hucopa": (listed, {"test": ("val.json*",)}, f"{_GIT}/nytud/HuCoPA", None),
    "xed": (
        emotions,
        {
            "train": ("AnnotatedData/en-annotated.tsv*",),
            "test": (
                "AnnotatedData/{short}-annotated.tsv*",
                "Projections/{short}-projections.tsv*",
            ),
        },
        f"{_GIT}/Helsinki-NLP/XED",
        None,
    ),
    "belebele": (
        objects,
        {"test": ("{sib}.jsonl*",)},
        "https://github.com/facebookresearch/belebele (Belebele.zip)",
        None,
    ),
    "exams": (
        exams,
        {
            "dev": ("cross-lingual/dev_{short}.jsonl*",),
            "test": ("cross-lingual/train_{short}.jsonl*",),
        },
        f"{_GIT}/mhardalov/exams-qa (data/exams)",
        None,
    ),
    "ntrex": (
        news,
        {"test": ("newstest2019-ref.{ntrex}.txt*",)},
        f"{_GIT}/MicrosoftTranslator/NTREX",
        None,
    ),
    "flores": (
        flores,
        {"dev": ("dev/{sib}.dev*",), "test": ("devtest/{sib}.devtest*",)},
        "https://github.com/facebookresearch/flores (flores200_dataset.tar.gz)",
        None,
    ),
}
