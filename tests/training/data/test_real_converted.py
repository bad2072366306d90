"""Real rows that a carrier keeps in a form of its own, brought into the published form first."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from training.catalogue import LANGUAGES, TASKS
from training.data import files, sources
from training.data.rows import HIDDEN_LABEL, read
from training.spec.task import Split


def loaded(task: str, split: Split, lang: str, data: Path) -> sources.Loaded:
    return sources.rows(TASKS[task], split, lang, "files", data)


def unpacked(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8")


def written(path: Path, lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def member(archive: Path, name: str) -> str:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(f"dummy_data/{name}").decode("utf-8")


def test_real_hellaswag(data_dir: Path, tmp_path: Path) -> None:
    """Six lines an item: `activity: context`, label, four endings."""
    told = unpacked(data_dir / "choice/hellaswag/hellaswag_val.first4000.txt.gz").splitlines()
    items = [told[at : at + 6] for at in range(0, len(told), 6)]
    rows = (
        {
            "ind": number,
            "activity_label": one[0].partition(": ")[0],
            "ctx_a": one[0].partition(": ")[2],
            "ctx_b": "",
            "endings": one[2:],
            "label": one[1],
        }
        for number, one in enumerate(items)
    )
    written(tmp_path / "choice/hellaswag/hellaswag_val.jsonl", map(json.dumps, rows))
    made = loaded("hellaswag", "dev", "eng", tmp_path).read
    assert len(made.examples) == 4000 and not made.dropped
    assert {one.label for one in made.examples} == {0, 1, 2, 3}
    assert made.examples[0].seconds[made.examples[0].label].startswith("starts pulling up roofing")


def anli_folder(data: Path, root: Path) -> Path:
    """ANLI's first round from its annotated csv, SNLI's thousand rows, the rest from layouts."""
    rows = csv.DictReader(io.StringIO(unpacked(data / "nli/anli/ANLI_analysis_r1_dev.csv.gz")))
    letters = {"context": "context", "hypothesis": "statement", "label": "gold_label"}
    names = letters | {"uid": "uid", "reason": "reason"}
    made = ({ours: row[theirs] for ours, theirs in names.items()} for row in rows)
    written(root / "nli/anli/anli_v1.0/R1/dev.jsonl", map(json.dumps, made))
    for place in ("R2", "R3"):
        rest = member(
            data / "layouts/anli.plain_text.dummy_data.zip", f"anli_v0.1/{place}/dev.jsonl"
        )
        written(root / f"nli/anli/anli_v1.0/{place}/dev.jsonl", rest.splitlines())
    archive = data / "layouts/multi_nli.dummy_data.zip"
    name = "multinli_1.0/multinli_1.0_dev_matched.jsonl"
    written(root / f"nli/multinli/{Path(name).name}", [member(archive, f"multinli_1.0.zip/{name}")])
    snli = unpacked(data / "nli/snli/1000_samples_snli_1.0_train.jsonl.gz").splitlines()
    written(root / "nli/snli/snli_1.0_dev.jsonl", snli)
    return root


def test_real_anli_plus(data_dir: Path, tmp_path: Path) -> None:
    """Three data sets, one label order; SNLI's disputed rows are dropped and counted."""
    made = loaded("anli", "dev", "eng", anli_folder(data_dir, tmp_path)).read
    parts = [one.id.split(":")[0] for one in made.examples]
    snli = unpacked(data_dir / "nli/snli/1000_samples_snli_1.0_train.jsonl.gz").splitlines()
    disputed = sum(json.loads(line)["gold_label"] == "-" for line in snli)
    assert parts.count("anli") == 1000 + 3 + 3
    assert parts.count("snli") == 1000 - disputed
    assert made.dropped[HIDDEN_LABEL] == disputed and parts.count("multinli") == 5
    first = next(one for one in made.examples if one.id.startswith("anli:"))
    assert TASKS["anli"].labels[first.label] in ("entailment", "neutral", "contradiction")
    assert "reason" not in first.second


def test_a_part_of_anli_plus_is_not_taken_for_the_whole(data_dir: Path, tmp_path: Path) -> None:
    folder = anli_folder(data_dir, tmp_path)
    (folder / "nli/anli/anli_v1.0/R2/dev.jsonl").unlink()
    assert files.languages(TASKS["anli"], "dev", folder) == ()
    with pytest.raises(FileNotFoundError, match=r"anli_v\*/R2/dev.jsonl\*"):
        loaded("anli", "dev", "eng", folder)


def xnli_lines(data: Path) -> Iterable[str]:
    """XNLI's table of all languages out of two carriers' tables of one."""
    yield "language\tgold_label\tsentence1\tsentence2\tpromptID\tpairID\tmatch"
    german = unpacked(data / "nli/xnli/de.test.txt.gz").removesuffix("\n").split("\n")
    for number, line in enumerate(german):
        first, second, label = line.split("\t")
        yield f"de\t{label}\t{first}\t{second}\t{number // 3}\t{number}\tTrue"
    swahili = unpacked(data / "nli/xnli/sw.genre.test.tsv.gz").removesuffix("\n").split("\n")
    for number, line in enumerate(swahili[1:]):
        _, label, first, second = line.split("\t")
        yield f"sw\t{label}\t{first}\t{second}\t{number // 3}\t{number}\tTrue"


def test_real_xnli(data_dir: Path, tmp_path: Path) -> None:
    written(tmp_path / "nli/xnli/xnli.test.tsv", xnli_lines(data_dir))
    assert set(files.languages(TASKS["xnli"], "test", tmp_path)) == {"deu", "swh"}
    german, swahili = (loaded("xnli", "test", lang, tmp_path).read for lang in ("deu", "swh"))
    assert len(german.examples) == len(swahili.examples) == 5010
    for one, two in zip(german.examples, swahili.examples, strict=True):
        assert (one.id, one.label, one.cluster) == (two.id, two.label, two.cluster)


def test_real_squad_dev(data_dir: Path, tmp_path: Path) -> None:
    """Questions of SQuAD 1.1 dev under a carrier's name; and 2.0, of which half has no answer."""
    source = data_dir / "qa/squad/paraphrasing-squad.dev_orig.json.gz"
    written(tmp_path / "qa/squad/dev-v1.1.json", [unpacked(source)])
    assert len(loaded("squad", "dev", "eng", tmp_path).read.examples) == 1062
    two = loaded("squad2", "dev", "eng", data_dir).read.examples
    assert len(two) == 626 and sum(not one.answers for one in two) == 333


def test_real_mlqa_from_arrow(data_dir: Path) -> None:
    from datasets import load_from_disk

    rows = load_from_disk(str(data_dir / "qa/mlqa/arrow-de.de-validation")).to_list()
    made = read(TASKS["mlqa"], rows, "deu", "arrow")
    assert len(made.examples) == 512 and not made.original


def test_real_pan_x_in_all_languages(data_dir: Path, tmp_path: Path) -> None:
    task = TASKS["panx"]
    for lang in task.languages:
        short = LANGUAGES[lang].short
        archive = data_dir / f"layouts/panx/PAN-X.{short}.dummy_data.zip"
        for split in ("train", "dev", "test"):
            text = member(archive, f"{short}.tar.gz/{split}")
            path = tmp_path / f"ner/panx/{short}/{split}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    assert files.languages(task, "test", tmp_path) == task.languages and len(task.languages) == 40
    for lang in task.languages:
        assert len(loaded("panx", "test", lang, tmp_path).read.examples) >= 1


def test_real_tydiqa_gives_english_only_for_training(data_dir: Path, tmp_path: Path) -> None:
    """The layouts' rows are Finnish and Arabic: none of them is taken for English."""
    archive = data_dir / "layouts/tydiqa.secondary_task.dummy_data.zip"
    for split in ("train", "dev"):
        name = f"tydiqa-goldp-v1.1-{split}.json"
        written(tmp_path / f"qa/tydiqa/{name}", [member(archive, name)])
    assert files.languages(TASKS["tydiqa"], "train", tmp_path) == ()
    assert files.languages(TASKS["tydiqa"], "test", tmp_path) == ("ara",)
    made = loaded("tydiqa", "test", "ara", tmp_path).read.examples[0]
    text, start = made.answers[0]
    assert made.context[start : start + len(text)] == text
