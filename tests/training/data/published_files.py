"""Small files in the published form of every layout, and ways to spoil one of their rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROWS = 30
SCARCE = '"annotator_labels": []'


@dataclass(frozen=True)
class Sample:
    """A layout: where its files lie, and how a row is written from its number, label and id."""

    paths: tuple[str, ...]
    """Under the data folder; the first is the one that is spoilt, the others are as sound."""
    row: Callable[[int, str, str], str]
    label: str = ""
    """A right one; empty: there are none that could be wrong."""
    ids: bool = True
    head: str = ""
    tail: str = ""
    between: str = ""
    unit: str = "line"
    label_line: int = 0
    """Which line of a row holds its label."""
    needs: tuple[str, ...] = ()
    """Samples that a matrix of this task reads too."""
    apart: bool = False
    """Whether the ids of its files are all different."""
    closed: bool = True
    """Whether a file that lacks nothing but its last line end is cut."""

    def text(self, spoilt: Mapping[int, str] = {}) -> str:
        """The file, with rows of these numbers in place of its own."""
        rows = [spoilt.get(i, self.made(i)) for i in range(ROWS)]
        return self.head + self.between.join(rows) + self.tail

    def made(self, i: int, label: str = "", name: str = "") -> str:
        return self.row(i, label or self.label, name or f"n{i}")

    def place(self, i: int, line: int = 0) -> str:
        """What an error says of row `i` behind the file's path."""
        if self.unit != "line":
            return f", {self.unit} {i + 1}: "
        return f":{1 + self.text().count(chr(10), 0, self.start(i)) + line}: "

    def start(self, i: int) -> int:
        """The character that row `i` begins with."""
        return len(self.head) + sum(len(self.made(j)) + len(self.between) for j in range(i))


def jsonl(**columns: object) -> Callable[[int, str, str], str]:
    """A row as JSON, whose texts may name `{i}`, `{label}` and `{name}`."""

    def filled(value: object, names: dict[str, object]) -> object:
        if isinstance(value, str):
            return value.format(**names)
        if isinstance(value, list):
            return [filled(one, names) for one in value]
        if isinstance(value, dict):
            return {key: filled(one, names) for key, one in value.items()}
        return value

    return lambda i, label, name: (
        json.dumps(filled(columns, {"i": i, "label": label, "name": name}), ensure_ascii=False)
        + "\n"
    )


def question(i: int, label: str, name: str, **more: object) -> str:
    answers = [{"text": "Jyväskylä", "answer_start": 4 + len(str(i))}]
    return json.dumps({"id": name, "question": "?", "answers": answers, **more}, ensure_ascii=False)


def paragraph(i: int, label: str, name: str, prefix: str = "", **more: object) -> str:
    context = f"{i} in Jyväskylä, ä."
    asked = question(i, label, prefix + name, **more)
    return f'{{"context": {json.dumps(context, ensure_ascii=False)}, "qas": [{asked}]}}'


def tokens(i: int, label: str, name: str, prefix: str = "", tail: str = "") -> str:
    return f"{prefix}Äiti{i}\tO{tail}\n{prefix}Oulussa\t{label}{tail}\n\n"


def nerkor(i: int, label: str, name: str) -> str:
    return f"Äiti{i}\tanya\tNOUN\t_\t_\tO\t_\nOulu\tOulu\tPROPN\t_\t_\t{label}\t_\n\n"


def sentence(i: int, label: str, name: str) -> str:
    words = (
        f"1\tÄiti{i}\täiti\tNOUN\t_\t_\t2\tnsubj\t_\t_\n",
        f"2\tnäki\tnähdä\t{label}\t_\t_\t0\t",
    )
    return f"# sent_id = {name}\n# text = Äiti näki.\n{words[0]}{words[1]}root\t_\t_\n\n"


def squad_like(*paths: str, needs: tuple[str, ...] = (), **more: object) -> Sample:
    head, tail = '{"data": [{"title": "t", "paragraphs": [', "]}]}"
    return Sample(
        paths, lambda i, label, name: paragraph(i, label, name, **more),  # type: ignore[arg-type]
        head=head, tail=tail, between=", ", unit="question", needs=needs,
    )  # fmt: skip


PAIR = {"pairID": "{name}", "sentence1": "Ä {i}.", "sentence2": "b", "gold_label": "{label}"}
CHOICES = [{"label": letter, "text": f"{letter} ä"} for letter in "ABCDE"]
UD = "ud/UD_{}-{}/{}_{}-ud-{}.conllu"
AUTO = "(<T S[dcl] 1 2> (<L NP NNP NNP Ärla{} NP>) (<L {} VBZ VBZ runs {}>) )\n"

SAMPLES: dict[str, Sample] = {
    "sib200": Sample(
        ("cls/sib200/fin_Latn/test.tsv", "cls/sib200/eng_Latn/train.tsv"),
        lambda i, label, name: f"{name}\t{label}\tHän näki {i}.\n",
        "sports", head="index_id\tcategory\ttext\n",
    ),
    "csqa": Sample(
        ("choice/commonsenseqa/train_rand_split.jsonl",),
        jsonl(id="{name}", answerKey="{label}", question={"stem": "Ä {i}?", "choices": CHOICES}),
        "B", needs=("tatoeba",), closed=False,
    ),
    "cosmosqa": Sample(
        ("choice/cosmosqa/train.csv",),
        lambda i, label, name: f'{name},"Ä, {i}",Why?,a,b,c,d,{label}\n',
        "2", head="id,context,question,answer0,answer1,answer2,answer3,label\n",
        needs=("tatoeba",), closed=False,
    ),
    "hellaswag": Sample(
        ("choice/hellaswag/hellaswag_train.jsonl",),
        jsonl(ind="{name}", ctx_a="Ä {i}.", ctx_b="he", endings=["a", "b", "c", "d"],
              label="{label}", source_id="x"),
        "3", needs=("tatoeba",), closed=False,
    ),
    "xcopa": Sample(
        ("choice/xcopa/data/et/val.et.jsonl",),
        jsonl(premise="Ä {i}.", choice1="a", choice2="b", question="cause", label="{label}",
              idx="{name}"),
        "1", needs=("cosmosqa",), closed=False,
    ),
    "mnli": Sample(
        ("nli/multinli/multinli_1.0_train.jsonl",), jsonl(**PAIR), "neutral",
        needs=("tatoeba",), closed=False,
    ),
    "anli": Sample(
        ("nli/anli/anli_v1.0/R2/train.jsonl", "nli/anli/anli_v1.0/R1/train.jsonl",
         "nli/anli/anli_v1.0/R3/train.jsonl"),
        jsonl(uid="{name}", context="Ä {i}.", hypothesis="b", label="{label}", reason="r"),
        "c", needs=("mnli", "snli", "tatoeba"), closed=False, apart=True,
    ),
    "snli": Sample(("nli/snli/snli_1.0_train.jsonl",), jsonl(**PAIR), "neutral"),
    "qqp": Sample(
        ("para/qqp/train.tsv",),
        lambda i, label, name: f"{name}\t1\t2\tÄ {i}?\tb?\t{label}\n",
        "1", head="id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n", needs=("tatoeba",),
    ),
    "xnli": Sample(
        ("nli/xnli/xnli.test.tsv",),
        lambda i, label, name: f"{'de' if i % 2 else 'en'}\t{label}\tÄ {i}\tb\t{name}\tTrue\n",
        "neutral", head="language\tgold_label\tsentence1\tsentence2\tpairID\tmatch\n",
        needs=("mnli",),
    ),
    "pawsx": Sample(
        ("para/pawsx/x-final/de/test_2k.tsv", "para/pawsx/x-final/en/train.tsv"),
        lambda i, label, name: f"{name}\tÄ {i}\tb\t{label}\n",
        "1", head="id\tsentence1\tsentence2\tlabel\n", closed=False,
    ),
    "udpos": Sample(
        (UD.format("Finnish", "TDT", "fi", "tdt", "test"),
         UD.format("English", "EWT", "en", "ewt", "train")),
        sentence, "VERB", label_line=3,
    ),
    "ccg_ud": Sample(
        (UD.format("English", "EWT", "en", "ewt", "train"),), sentence, needs=("tatoeba",),
    ),
    "panx": Sample(
        ("ner/panx/en/train", "ner/panx/en/test"),
        lambda i, label, name: tokens(i, label, name, "en:"),
        "B-LOC", ids=False, label_line=1, needs=("turku_ner",),
    ),
    "turku_ner": Sample(
        ("ner/turku-ner/test.tsv",), tokens, "B-LOC", ids=False, head="-DOCSTART-\tO\n\n",
        label_line=1, needs=("panx",),
    ),
    "nerkor": Sample(
        ("ner/nerkor/test/news/globv_1.conllup",), nerkor, "B-LOC", ids=False, label_line=1,
        head="# global.columns = FORM LEMMA UPOS XPOS FEATS CONLL:NER EMMORPH:LEMMA\n",
        needs=("panx",),
    ),
    "ccg": Sample(
        ("ccg/ccg.train.tsv",), lambda i, label, name: f"Ärla{i} runs\tNP S\\NP\n", ids=False,
        needs=("tatoeba",),
    ),
    "ccgbank": Sample(
        tuple(f"ccg/ccgbank_1_1/data/AUTO/{n:02}/wsj_{n:02}01.auto" for n in range(19)),
        lambda i, label, name: f"ID={name} PARSER=GOLD NUMPARSE=1\n{AUTO.format(i, 'S', 'S')}",
        label_line=1, apart=True, needs=("tatoeba",),
    ),
    "tatoeba": Sample(
        ("tatoeba/v1/tatoeba.fin-eng.fin", "tatoeba/v1/tatoeba.fin-eng.eng"),
        lambda i, label, name: f"Äiti {i}.\n", ids=False,
    ),
    "bucc": Sample(
        ("bucc2018/de-en/de-en.training.de", "bucc2018/de-en/de-en.training.en"),
        lambda i, label, name: f"{name}\tÄ {i}.\n",
    ),
    "squad": squad_like("qa/squad/train-v1.1.json", needs=("tatoeba",)),
    "squad2": squad_like("qa/squad/train-v2.0.json", needs=("tatoeba",), is_impossible=False),
    "xquad": squad_like("qa/xquad/xquad.de.json", needs=("squad",)),
    "mlqa": squad_like(
        "qa/mlqa/MLQA_V1/test/test-context-de-question-de.json", needs=("squad",)
    ),
    "tydiqa": squad_like(
        "qa/tydiqa/tydiqa-goldp-v1.1-train.json", "qa/tydiqa/tydiqa-goldp-v1.1-dev.json",
        prefix="english-",
    ),
}  # fmt: skip
PAIRS = "".join(f"n{i}\tn{i}\n" for i in range(ROWS))


@dataclass(frozen=True)
class Folder:
    """A data folder with all that a matrix of a task reads."""

    root: Path
    task: str
    spoilt: Path = field(init=False)

    def __post_init__(self) -> None:
        sample = SAMPLES[self.task]
        object.__setattr__(self, "spoilt", self.root / sample.paths[0])
        for name in (*sample.needs, self.task):
            made = SAMPLES[name]
            for number, path in enumerate(made.paths):
                own = {i: made.made(i, "", f"p{number}n{i}") for i in range(ROWS)}
                text = made.text(own if number and made.apart else {})
                self.write(self.root / path, text.encode())
        self.write(self.root / "bucc2018/de-en/de-en.training.gold", PAIRS.encode())

    @staticmethod
    def write(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
