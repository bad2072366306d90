"""Original files of the sets beyond XTREME: where they lie, and how one file is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.data.encoding import decoded
from training.data.errors import DataError
from training.data.layout import Layout
from training.data.layouts import beside
from training.data.opening import document, jsonl, members, tsv
from training.data.origin import Line, malformed
from training.spec.language import Language
from training.spec.task import Split


def listed(path: Path, _: Language) -> Iterator[Line]:
    """HuLU: one JSON list of objects, which are counted from 1."""
    told: Any = document(path)
    if not isinstance(told, list):
        raise DataError(str(path), None, "is no list of objects", "HuLU's JSON is expected")
    for number, one in enumerate(told, start=1):
        if isinstance(one, dict):
            yield Line(one, str(path), number, "row")
        else:
            wrong = f"holds {str(one)[:40]!r}, which is no object"
            yield malformed(path, number, wrong, "HuLU's JSON is expected", "row")


def objects(path: Path, _: Language) -> Iterator[Line]:
    """Belebele, MASSIVE: one object a line."""
    return jsonl(path)


def emotions(path: Path, _: Language) -> Iterator[Line]:
    """XED: a line and the numbers of its emotions."""
    return tsv(path, header=("sentence", "labels"), closed=True)


def exams(path: Path, _: Language) -> Iterator[Line]:
    """EXAMS: jsonl, by itself or packed as it is published."""
    if path.suffix != ".gz":
        yield from jsonl(path)
        return
    for name, packed in members(path):
        where = f"{path}:{name}"
        for number, line in enumerate(decoded(packed, where).split("\n"), start=1):
            if line.strip():
                yield _object(line, where, number)


def _object(line: str, where: str, number: int) -> Line:
    try:
        row = json.loads(line)
    except ValueError as error:
        return malformed(where, number, f"is not JSON ({error})", "fetch the file again")
    if not isinstance(row, dict):
        return malformed(where, number, f"holds {line[:40]!r}", "an object a line is expected")
    return Line(row, where, number)


def news(path: Path, language: Language) -> Iterator[Line]:
    """NTREX-128: `newstest2019-ref.fin.txt`, line by line beside `newstest2019-src.eng.txt`."""
    packed = ".gz" if path.suffix == ".gz" else ""
    return beside(path, path.with_name(f"newstest2019-src.eng.txt{packed}"), language.code)


def flores(path: Path, language: Language) -> Iterator[Line]:
    """FLORES-200: `devtest/fin_Latn.devtest` beside `devtest/eng_Latn.devtest`."""
    other = path.with_name(path.name.replace(path.name.partition(".")[0], "eng_Latn", 1))
    return beside(path, other, language.code)


def of_partition(row: Line, split: Split) -> bool:
    """MASSIVE keeps all splits of a language in one file."""
    return row.get("partition") == split


_GIT = "git clone https://github.com"
_LOCALE = ("1.*/data/{locale}.jsonl*",)
_MASSIVE = Layout(
    objects,
    {"train": _LOCALE, "dev": _LOCALE, "test": _LOCALE},
    "https://github.com/alexa/massive (amazon-massive-dataset-1.0.tar.gz)",
    keep=of_partition,
)
_XED = f"{_GIT}/Helsinki-NLP/XED"
FILES: dict[str, Layout] = {
    "massive-intent": _MASSIVE,
    "massive-slots": _MASSIVE,
    "hucola": Layout(listed, {"test": ("cola_dev.json*",)}, f"{_GIT}/nytud/HuCOLA"),
    "husst": Layout(listed, {"test": ("sst_dev.json*",)}, f"{_GIT}/nytud/HuSST"),
    "hurte": Layout(listed, {"test": ("rte_dev.json*",)}, f"{_GIT}/nytud/HuRTE"),
    "hucopa": Layout(listed, {"test": ("val.json*",)}, f"{_GIT}/nytud/HuCoPA"),
    "xed": Layout(
        emotions,
        {
            "train": ("AnnotatedData/en-annotated.tsv*",),
            "test": ("AnnotatedData/{short}-annotated.tsv*",),
        },
        _XED,
        Layout(emotions, {"test": ("Projections/{short}-projections.tsv*",)}, _XED),
    ),
    "belebele": Layout(
        objects,
        {"test": ("{sib}.jsonl*",)},
        "https://github.com/facebookresearch/belebele (Belebele.zip)",
    ),
    "exams": Layout(
        exams,
        {
            "dev": ("cross-lingual/dev_{short}.jsonl*",),
            "test": ("cross-lingual/train_{short}.jsonl*",),
        },
        f"{_GIT}/mhardalov/exams-qa (data/exams)",
    ),
    "ntrex": Layout(
        news,
        {"test": ("newstest2019-ref.{ntrex}.txt*",)},
        f"{_GIT}/MicrosoftTranslator/NTREX",
    ),
    "flores": Layout(
        flores,
        {"dev": ("dev/{sib}.dev*",), "test": ("devtest/{sib}.devtest*",)},
        "https://github.com/facebookresearch/flores (flores200_dataset.tar.gz)",
    ),
}
