"""Where the original files of every task lie under `--data`, as they were published.

Names end in anything (`*`): `.gz`, or a part of the file (`.first300.conllu.gz`). A language may
have several files; they are read in the order of their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.catalogue.beyond import LOCALES, NTREX_CODES
from training.catalogue.classification import SIB_CODES
from training.catalogue.languages import LANGUAGES
from training.data import haystacks, layouts, originals, spoken, supertags, tokens
from training.data.errors import DataError, MissingData, gathered
from training.data.layout import Layout, each, sections
from training.data.origin import faults
from training.spec.task import Split, Task

_XTREME = "https://github.com/google-research/xtreme (scripts/download_data.sh)"
_GIT = "git clone https://github.com"


_NLI: dict[Split, str] = {"train": "train", "dev": "dev_matched"}


LAYOUTS: dict[str, Layout] = {
    "udpos": Layout(
        layouts.treebank,
        each("UD_*/{short}_*-ud-{split}*.conllu*"),
        f"{_GIT}/UniversalDependencies/UD_Finnish-TDT, and so on, at tag r2.5",
    ),
    "sib200": Layout(layouts.topics, each("{sib}/{split}.tsv*"), f"{_GIT}/dadelani/sib-200"),
    "tatoeba": Layout(
        layouts.translations,
        {"test": ("tatoeba.{code}-eng.{code}*",)},
        f"{_GIT}/facebookresearch/LASER (data/tatoeba/v1)",
    ),
    "csqa": Layout(
        layouts.commonsense,
        each("{split}_rand_split.jsonl*", test="-"),
        "https://www.tau-nlp.sites.tau.ac.il/commonsenseqa",
    ),
    "squad": Layout(
        layouts.squad, each("{split}-v1.1*.json*", test="-"), "rajpurkar.github.io/SQuAD-explorer"
    ),
    "squad2": Layout(
        layouts.squad, each("{split}-v2.0*.json*", test="-"), "rajpurkar.github.io/SQuAD-explorer"
    ),
    "xquad": Layout(
        layouts.squad, {"test": ("xquad.{short}.json*",)}, f"{_GIT}/google-deepmind/xquad"
    ),
    "mlqa": Layout(
        layouts.squad,
        each("MLQA_V1/{split}/{split}-context-{short}-question-{short}*.json*", train="-"),
        "https://github.com/facebookresearch/MLQA (MLQA_V1.zip)",
    ),
    "tydiqa": Layout(
        layouts.squad,
        each("tydiqa-goldp-v1.1-{split}.json*", dev="-", test="dev"),
        "https://github.com/google-research-datasets/tydiqa (GoldP)",
        spoken=spoken.of_ids,
    ),
    "cosmosqa": Layout(
        layouts.cosmos,
        each("{split}.csv*", dev="valid", test="-"),
        f"{_GIT}/wilburOne/cosmosqa (data)",
    ),
    "hellaswag": Layout(
        layouts.objects,
        each("hellaswag_{split}.jsonl*", dev="val", test="-"),
        f"{_GIT}/rowanz/hellaswag (data)",
    ),
    "mnli": Layout(
        layouts.objects,
        each("multinli_1.0_{split}.jsonl*", dev="dev_matched", test="-"),
        "https://cims.nyu.edu/~sbowman/multinli",
    ),
    "qqp": Layout(layouts.questions, each("{split}.tsv*", test="-"), "GLUE (QQP)"),
    "xnli": Layout(
        layouts.xnli,
        each("xnli.{split}.tsv*", train="-"),
        "https://github.com/facebookresearch/XNLI (XNLI-1.0.zip)",
        spoken=spoken.of_column,
    ),
    "pawsx": Layout(
        layouts.paws,
        each("x-final/{short}/{split}.tsv*", dev="dev_2k", test="test_2k"),
        "https://github.com/google-research-datasets/paws (x-final.tar.gz)",
    ),
    "anli": Layout(
        layouts.inference,
        {
            split: (
                *(f"anli/anli_v*/R{number}/{split}.jsonl*" for number in (1, 2, 3)),
                f"multinli/multinli_1.0_{theirs}.jsonl*",
                f"snli/*snli_1.0_{split}.jsonl*",
            )
            for split, theirs in _NLI.items()
        },
        "https://github.com/facebookresearch/anli, https://cims.nyu.edu/~sbowman/multinli and "
        "https://nlp.stanford.edu/projects/snli",
    ),
    "xcopa": Layout(
        layouts.objects,
        each("data/{short}/{split}.{short}.jsonl*", train="-", dev="val"),
        f"{_GIT}/cambridgeltl/xcopa",
    ),
    "bucc": Layout(
        haystacks.haystacks,
        {
            "dev": ("{short}-en/{short}-en.sample.{short}*",),
            "test": ("{short}-en/{short}-en.training.{short}*",),
        },
        "https://comparable.limsi.fr/bucc2018 (the tarballs of its shared task)",
    ),
    "panx": Layout(tokens.entities, each("{short}/{split}*"), f"{_XTREME}, Rahimi's splits"),
    "turku_ner": Layout(
        tokens.turku,
        each("{split}.tsv*", train="-"),
        f"{_GIT}/TurkuNLP/turku-ner-corpus (data/conll)",
    ),
    "nerkor": Layout(
        tokens.nerkor,
        each("{split}/*/*.conllup*", train="-", dev="devel"),
        f"{_GIT}/nytud/NYTK-NerKor (data/train-devel-test)",
    ),
    "ccg": Layout(
        supertags.words_and_categories,
        each("ccg.{split}.tsv*"),
        "the LDC (LDC2005T13, CCGbank 1.1: it is licensed) and put its folder ccgbank_1_1, or "
        "'words<TAB>categories' lines made from it, there; the task ccg_ud is a free stand-in",
        Layout(supertags.derivations, sections(), "the LDC (LDC2005T13)"),
    ),
    "ccg_ud": Layout(
        supertags.dependencies,
        each("UD_English-*/en_*-ud-{split}*.conllu*"),
        f"{_GIT}/UniversalDependencies/UD_English-EWT, at tag r2.5",
    ),
}
LAYOUTS |= originals.FILES


def find(task: Task, split: Split, lang: str, data: Path) -> list[Path]:
    """The files of a split and language, by name; empty where one of its parts has none."""
    return _chosen(task, split, lang, data)[1]


def _chosen(task: Task, split: Split, lang: str, data: Path) -> tuple[Layout | None, list[Path]]:
    """The first form of the task's files that is there, and its files."""
    layout = LAYOUTS.get(task.name)
    while layout is not None:
        parts = [set((data / task.files).glob(one)) for one in _named(layout, split, lang)]
        if parts and all(parts):
            found = {path for part in parts for path in part}
            return layout, sorted(found, key=lambda path: (path.name, str(path)))
        layout = layout.otherwise
    return None, []


def _named(layout: Layout, split: Split, lang: str) -> list[str]:
    """The patterns of a split in a language."""
    language = LANGUAGES[lang]
    spelt = {"sib": SIB_CODES, "ntrex": NTREX_CODES, "locale": LOCALES}
    names = {name: told.get(lang, "") for name, told in spelt.items()}
    names |= {"code": language.code, "short": language.short}
    return [one.format(**names) for one in layout.patterns.get(split, ())]


def languages(task: Task, split: Split, data: Path) -> tuple[str, ...]:
    """Languages of the task that have files of this split (train: English, if anything)."""
    asked = ("eng",) if split == "train" else task.languages
    return tuple(lang for lang in asked if _holds(task, split, lang, data))


def _holds(task: Task, split: Split, lang: str, data: Path) -> bool:
    layout, paths = _chosen(task, split, lang, data)
    if layout is None or layout.spoken is None:
        return bool(paths)
    told = [layout.spoken(path) for path in paths]
    return any(lang in one or not one for one in told)  # of none: reading it says what is wrong


def rows(task: Task, split: Split, lang: str, data: Path) -> tuple[list[Any], list[Path]]:
    """Rows in the published schema and the files they come from.

    Raises MissingData where no file matches and DataError where one does not hold its format.
    """
    found, paths = marked(task, split, lang, data)
    if wrong := faults(found):
        raise gathered(wrong)
    return found, paths


def marked(task: Task, split: Split, lang: str, data: Path) -> tuple[list[Any], list[Path]]:
    """As `rows`, with malformed rows among them, for a reader that tells them with its own."""
    layout, paths = _chosen(task, split, lang, data)
    if layout is None:
        raise missing(task, split, lang, data)
    for path in paths:
        if path.with_name(f"{path.name}.gz") in paths:
            told = "is there twice, plain and gzipped"
            raise DataError(str(path), None, told, "remove one of the two")
    found = [row for path in paths for row in layout.read(path, LANGUAGES[lang])]
    keep = layout.keep
    return [row for row in found if keep is None or row.fault or keep(row, split)], paths


def missing(task: Task, split: Split, lang: str, data: Path) -> MissingData:
    """What to say where a split's files, or a part of them, are not there."""
    layout = LAYOUTS.get(task.name)
    what = f"{task.title} {split} in {LANGUAGES[lang].name}"
    if layout is None or split not in layout.patterns:
        return MissingData(
            what,
            f"a layout of its original files (there is none for {split})",
            "use the source 'hub', or another split",
        )
    root = data / task.files
    absent = [one for one in _named(layout, split, lang) if not any(root.glob(one))]
    looked = ", ".join(str(root / one) for one in absent)
    other = layout.otherwise and _named(layout.otherwise, split, lang)
    either = f", or {len(other)} like {root / other[0]}" if other else ""
    have = ", ".join(languages(task, split, data))
    there = f" (there: {have})" if have else ""
    todo = f"get it from {layout.fetch}, or give another --data"
    return MissingData(what, looked + either + there, todo, (f"{layout.fetch}  -> {root}",))
