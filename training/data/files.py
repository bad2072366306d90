"""Where the original files of every task lie under `--data`, as they were published.

Names end in anything (`*`): `.gz`, or a part of the file (`.first300.conllu.gz`). A language may
have several files; they are read in the order of their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.catalogue.beyond import LOCALES, NTREX_CODES
from training.catalogue.classification import SIB_CODES
from training.catalogue.languages import LANGUAGES
from training.data import layouts, originals
from training.data.errors import MissingData
from training.data.opening import Row
from training.spec.language import Language
from training.spec.task import Split, Task

_XTREME = "https://github.com/google-research/xtreme (scripts/download_data.sh)"
_GIT = "git clone https://github.com"


@dataclass(frozen=True)
class Layout:
    """File name patterns under `Task.files` by split, and the function that reads one file.

    Patterns may name `{code}`, `{short}`, `{sib}`, `{ntrex}` and `{locale}` of the language.
    """

    read: Callable[[Path, Language], Iterator[Row]]
    patterns: dict[Split, tuple[str, ...]]
    fetch: str
    """What brings the files, for error messages."""
    keep: Callable[[Row, Split], bool] | None = None
    """Of files that hold several splits: whether a row is of one."""


def _each(pattern: str, **names: str) -> dict[Split, tuple[str, ...]]:
    """The same pattern for every split, `{split}` spelt as the data set spells it."""
    spelt: dict[Split, str] = {"train": "train", "dev": "dev", "test": "test"}
    return {
        split: (pattern.replace("{split}", names.get(split, name)),)
        for split, name in spelt.items()
        if names.get(split) != "-"
    }


LAYOUTS: dict[str, Layout] = {
    "udpos": Layout(
        layouts.treebank,
        _each("UD_*/{short}_*-ud-{split}*.conllu*"),
        f"{_GIT}/UniversalDependencies/UD_Finnish-TDT, and so on, at tag r2.5",
    ),
    "sib200": Layout(layouts.topics, _each("{sib}/{split}.tsv*"), f"{_GIT}/dadelani/sib-200"),
    "tatoeba": Layout(
        layouts.translations,
        {"test": ("tatoeba.{code}-eng.{code}*",)},
        f"{_GIT}/facebookresearch/LASER (data/tatoeba/v1)",
    ),
    "csqa": Layout(
        layouts.commonsense,
        _each("{split}_rand_split.jsonl*", test="-"),
        "https://www.tau-nlp.sites.tau.ac.il/commonsenseqa",
    ),
    "squad": Layout(
        layouts.squad, _each("{split}-v1.1*.json*", test="-"), "rajpurkar.github.io/SQuAD-explorer"
    ),
    "squad2": Layout(
        layouts.squad, _each("{split}-v2.0*.json*", test="-"), "rajpurkar.github.io/SQuAD-explorer"
    ),
    "xquad": Layout(
        layouts.squad, {"test": ("xquad.{short}.json*",)}, f"{_GIT}/google-deepmind/xquad"
    ),
    "mlqa": Layout(
        layouts.squad,
        _each("MLQA_V1/{split}/{split}-context-{short}-question-{short}*.json*", train="-"),
        "https://github.com/facebookresearch/MLQA (MLQA_V1.zip)",
    ),
    "tydiqa": Layout(
        layouts.squad,
        _each("tydiqa-goldp-v1.1-{split}.json*", dev="-", test="dev"),
        "https://github.com/google-research-datasets/tydiqa (GoldP)",
    ),
    "cosmosqa": Layout(
        layouts.cosmos,
        _each("{split}.csv*", dev="valid", test="-"),
        f"{_GIT}/wilburOne/cosmosqa (data)",
    ),
    "hellaswag": Layout(
        layouts.objects,
        _each("hellaswag_{split}.jsonl*", dev="val", test="-"),
        f"{_GIT}/rowanz/hellaswag (data)",
    ),
    "mnli": Layout(
        layouts.objects,
        _each("multinli_1.0_{split}.jsonl*", dev="dev_matched", test="-"),
        "https://cims.nyu.edu/~sbowman/multinli",
    ),
    "qqp": Layout(layouts.questions, _each("{split}.tsv*", test="-"), "GLUE (QQP)"),
    "xnli": Layout(
        layouts.xnli,
        _each("xnli.{split}.tsv*", train="-"),
        "https://github.com/facebookresearch/XNLI (XNLI-1.0.zip)",
    ),
    "pawsx": Layout(
        layouts.paws,
        _each("x-final/{short}/{split}.tsv*", dev="dev_2k", test="test_2k"),
        "https://github.com/google-research-datasets/paws (x-final.tar.gz)",
    ),
    "panx": Layout(layouts.entities, _each("{short}/{split}*"), f"{_XTREME}, Rahimi's splits"),
    "ccg": Layout(
        layouts.supertags,
        _each("ccg.{split}.tsv*"),
        "CCGbank is licensed (LDC2005T13): write 'words<TAB>categories' lines from it",
    ),
}
LAYOUTS |= {name: Layout(*told) for name, told in originals.FILES.items()}
ONE_TABLE = {"tydiqa", "xnli"}
"""Tasks whose files hold all languages: a file is no evidence for each of them."""


def find(task: Task, split: Split, lang: str, data: Path) -> list[Path]:
    """The files of a split and language, by name; empty where there are none."""
    layout = LAYOUTS.get(task.name)
    if layout is None or split not in layout.patterns:
        return []
    names, root = _names(lang), data / task.files
    return sorted(
        {path for one in layout.patterns[split] for path in root.glob(one.format(**names))},
        key=lambda path: (path.name, str(path)),
    )


def languages(task: Task, split: Split, data: Path) -> tuple[str, ...]:
    """Languages of the task that have files of this split (train: English, if anything)."""
    asked = ("eng",) if split == "train" else task.languages
    return tuple(lang for lang in asked if find(task, split, lang, data))


def rows(task: Task, split: Split, lang: str, data: Path) -> tuple[list[Row], list[Path]]:
    """Rows in the published schema and the files they come from.

    Raises MissingData where no file matches and DataError where one does not hold its format.
    """
    paths = find(task, split, lang, data)
    if not paths:
        raise missing(task, split, lang, data)
    layout = LAYOUTS[task.name]
    found = [row for path in paths for row in layout.read(path, LANGUAGES[lang])]
    return [row for row in found if layout.keep is None or layout.keep(row, split)], paths


def _names(lang: str) -> dict[str, str]:
    """What patterns may name."""
    spelt = {"sib": SIB_CODES, "ntrex": NTREX_CODES, "locale": LOCALES}
    codes = {name: told.get(lang, "") for name, told in spelt.items()}
    return {"code": lang, "short": LANGUAGES[lang].short, **codes}


def missing(task: Task, split: Split, lang: str, data: Path) -> MissingData:
    """What to say where a split's files are not there."""
    layout = LAYOUTS.get(task.name)
    what = f"{task.title} {split} in {LANGUAGES[lang].name}"
    if layout is None or split not in layout.patterns:
        return MissingData(
            what,
            f"a layout of its original files (there is none for {split})",
            "use the source 'hub', or another split",
        )
    names = _names(lang)
    looked = ", ".join(
        str(data / task.files / one.format(**names)) for one in layout.patterns[split]
    )
    have = ", ".join(languages(task, split, data))
    there = f" (there: {have})" if have else ""
    todo = f"get it from {layout.fetch}, or give another --data"
    return MissingData(what, looked + there, todo, (f"{layout.fetch}  -> {data / task.files}",))
