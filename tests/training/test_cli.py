"""Bad input ends with one clear message and exit code 2; planning is quick and needs no torch."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import ROOT, environment, refused, silta

from training.catalogue import TASKS

MATRIX = """
study: small
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [none]
targets: [xnli]
seeds: [1]
languages: [fi]
recipe: {target: {steps: 2, scratch: true}}
"""
FILES = """
study: files
source: files
scales: [small]
intermediates: [none]
targets: [sib200, udpos]
seeds: [1]
recipe: {target: {steps: 1}}
"""
SIB = "index_id\tcategory\ttext\n1\tscience/technology\tPlants breathe.\n2\tsports\tThey won.\n"
SENTENCE = "# sent_id = 1\n# text = It runs.\n" + "".join(
    f"{i}\t{form}\t{form}\t{upos}\t_\t_\t{head}\tdep\t_\t_\n"
    for i, form, upos, head in ((1, "It", "PRON", 2), (2, "runs", "VERB", 0), (3, ".", "PUNCT", 2))
)
BAD_MATRICES = {
    "unknown task": (("[xnli]", "[xnly]"), ("unknown target task 'xnly'", "'xnli'", "line 6")),
    "unknown intermediate": (("[none]", "[mnly]"), ("'mnly'", "'mnli'")),
    "unknown language": (("[fi]", "[finn]"), ("'finn'", "did you mean")),
    "unknown scale": (("[nano]", "[nanno]"), ("unknown scale 'nanno'", "'nano'")),
    "malformed YAML": (("[xnli]", "[xnli"), ("line",)),
    "misspelt key": (("seeds:", "seds:"), ("unknown key 'seds'", "did you mean 'seeds'?")),
    "misspelt recipe key": (("steps: 2", "stps: 2"), ("unknown key 'stps'", "'steps'")),
    "no number": (("steps: 2", "steps: many"), ("recipe.target.steps", "many")),
    "an absent language": (("[fi]", "[fr]"), ("French", "fin", "hun")),
}


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(MATRIX)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Original files of SIB-200 and UDPOS, two rows each, in English and Finnish."""
    root = tmp_path / "data"
    for sib in ("eng_Latn", "fin_Latn"):
        for split in ("train", "dev", "test"):
            write(root / TASKS["sib200"].files / sib / f"{split}.tsv", SIB)
    for bank in ("UD_English-EWT/en_ewt", "UD_Finnish-TDT/fi_tdt"):
        for split in ("train", "dev", "test"):
            path = root / TASKS["udpos"].files / f"{bank}-ud-{split}.conllu"
            write(path, f"{SENTENCE}\n{SENTENCE.replace('id = 1', 'id = 2')}\n")
    return root


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("kind", BAD_MATRICES)
def test_a_bad_matrix_is_refused(kind: str, matrix: Path, tmp_path: Path) -> None:
    (old, new), words = BAD_MATRICES[kind]
    assert old in MATRIX
    matrix.write_text(MATRIX.replace(old, new))
    refused(silta("run", matrix, "--work", tmp_path / "work"), *words)


def test_a_missing_matrix_is_refused(tmp_path: Path) -> None:
    for command in ("plan", "run", "status"):
        refused(silta(command, "nowhere.yaml", cwd=tmp_path, PYTHONPATH=str(ROOT)), "nowhere.yaml")


@pytest.mark.parametrize("command", ["run", "status", "publish", "train"])
def test_a_work_directory_that_cannot_be_written_is_refused(
    command: str, matrix: Path, tmp_path: Path
) -> None:
    """A file in its place: rights do not stop root."""
    work = write(tmp_path / "taken", "mine\n")
    told = {"publish": [], "train": ["target", "--scale", "nano", "--task", "xnli"]}
    done = silta(command, *told.get(command, [matrix]), "--work", work)
    refused(done, str(work), "--work")
    assert work.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("intermediat", "--task", "mnli"), ("'intermediat'", "'intermediate'")),
        (("target", "--task", "xnly"), ("'xnly'", "'xnli'")),
        (("target", "--task", "xnli", "--scale", "nanno"), ("'nanno'", "'nano'")),
        (("target", "--task", "xnli", "--set", "recipe.lrr=1"), ("recipe.lrr", "recipe.lr")),
        (("target", "--task", "xnli", "--source", "minature"), ("minature",)),
        (("target", "--task", "xnli", "--from", "x"), ("'x' is no run id",)),
        (("target", "--task", "xnli", "--from", "mlm-text-0123456789ab"), ("not found", "--from")),
        (("target", "--task", "tatoeba"), ("read off any encoder",)),
        (("mlm",), ("counts steps", "recipe.steps")),
        (("mlm", "--set", "recipe.steps=2", "--set", "recipe.languages=fr"), ("fra", "fin")),
        (("target", "--task", "xnli", "--source", "files"), ("--data",)),
    ],
)
def test_train_refuses(told: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    scale = () if "--scale" in told else ("--scale", "small")
    done = silta("train", *told, *scale, "--work", tmp_path / "work")
    last = done.stderr.splitlines()[-1:]
    refused(subprocess.CompletedProcess([], done.returncode, "", "\n".join(last)), *words)
    assert not list((tmp_path / "work").glob("runs/*/DONE"))


def test_run_one_refuses_what_is_no_run(tmp_path: Path) -> None:
    work = tmp_path / "work"
    refused(silta("run-one", tmp_path / "none.json", "--work", work), "none.json", "run.json")
    for text in ("{", "[]", '{"id": "x"}'):
        path = write(tmp_path / "run.json", text)
        refused(silta("run-one", path, "--work", work), str(path), "run.json")


def test_data_files_that_are_missing_are_named_before_training(data: Path, tmp_path: Path) -> None:
    matrix = write(tmp_path / "files.yaml", FILES)
    work = tmp_path / "work"
    refused(silta("run", matrix, "--work", work), "--data")
    refused(silta("run", matrix, "--work", work, "--data", tmp_path / "no"), str(tmp_path / "no"))
    named = write(tmp_path / "named.yaml", FILES + "languages: [fi, hu]\n")
    refused(silta("run", named, "--work", work, "--data", data), "SIB-200", "Hungarian", "fin")
    gone = data / TASKS["sib200"].files / "eng_Latn/train.tsv"
    gone.unlink()
    refused(silta("run", matrix, "--work", work, "--data", data), str(gone), "get it from")
    assert not list(work.glob("runs/*"))


BROKEN = {
    "too few columns": ("sib200", "fin_Latn/test.tsv", SIB + "3\tsports\n", (":4: has", "columns")),
    "unknown label": (
        "sib200",
        "eng_Latn/train.tsv",
        SIB.replace("sports", "sprots"),
        ("'sprots'",),
    ),
    "no CoNLL-U": (
        "udpos",
        "UD_Finnish-TDT/fi_tdt-ud-test.conllu",
        SENTENCE.replace("\tVERB", " VERB"),
        (":4: not", "ten columns"),
    ),
    "not gzip": ("sib200", "eng_Latn/dev.tsv.gz", "plain", ("cannot be read", "fetch")),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_corrupt_row_is_named_before_training(kind: str, data: Path, tmp_path: Path) -> None:
    task, name, text, words = BROKEN[kind]
    path = data / TASKS[task].files / name
    path.with_suffix("").unlink(missing_ok=True)
    write(path, text)
    matrix = write(tmp_path / "files.yaml", FILES)
    done = silta("run", matrix, "--work", tmp_path / "work", "--data", data)
    refused(done, str(path), *words)
    assert not list((tmp_path / "work").glob("runs/*"))


def test_the_hub_without_a_network_is_told_before_training(tmp_path: Path) -> None:
    """With what to do about it, and not once for each of the study's jobs."""
    given = ("--work", tmp_path / "work", "--data", tmp_path)
    done = silta("run", ROOT / "training/matrices/paper.yaml", *given)
    refused(done, "MNLI", "on a machine with a network run", "save_to_disk", "--data")
    assert not list((tmp_path / "work").glob("runs/*"))


def test_earlier_results_stay_readable(data: Path, matrix: Path, tmp_path: Path) -> None:
    """A finished run is as it was after bad input met the same work directory."""
    from training.engine.store import Store

    store = Store(tmp_path / "work")
    store.begin("target-xnli-000000000000", {"id": "target-xnli-000000000000"})
    store.finish("target-xnli-000000000000")
    files = write(tmp_path / "files.yaml", FILES)
    write(data / TASKS["sib200"].files / "eng_Latn/train.tsv", "broken")
    refused(silta("run", files, "--work", tmp_path / "work", "--data", data))
    assert list(store.finished()) == ["target-xnli-000000000000"]
    done = silta("status", matrix, "--work", tmp_path / "work", "--json")
    assert done.returncode == 0
    assert {row["state"] for row in json.loads(done.stdout)["jobs"]} == {"waiting"}


def test_bad_input_inside_a_worker_is_still_exit_code_2(matrix: Path, tmp_path: Path) -> None:
    """Data that break after the check: here the job's document asks for a language without data."""
    from training.plan.expand import expand
    from training.plan.matrix import read

    (planned,) = expand(read(matrix)).evaluations
    told = planned.evaluation.document() | {"target": "xnly"}
    path = write(tmp_path / "job.json", json.dumps(told))
    done = silta("run-one", path, "--work", tmp_path / "work")
    refused(done, "unknown task 'xnly'")


def test_planning_the_papers_study_is_quick_and_needs_no_torch() -> None:
    code = (
        "import sys; sys.argv[1:] = ['plan', 'training/matrices/paper.yaml', '--json']\n"
        "from training.__main__ import main\n"
        "try: main()\n"
        "finally: print(*sorted({'torch', 'mlflow', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert time.monotonic() - began < 2
    assert (done.returncode, done.stderr.strip()) == (0, "")
    plan = json.loads(done.stdout)
    assert plan["counts"]["runs"] == len(plan["runs"]) and plan["counts"]["cells"] == 297
    known = {run["id"] for run in plan["runs"]}
    assert all(run["parent"] in known for run in plan["runs"] if run["parent"])


def test_the_miniature_on_disk(tmp_path: Path) -> None:
    done = silta("miniature", tmp_path / "world", "--seed", 3, "--sentences", 50)
    assert done.returncode == 0, done.stderr
    files = {str(p.relative_to(tmp_path / "world")) for p in (tmp_path / "world").rglob("*.*")}
    assert done.stdout.split()[0] == str(len(files))
    assert {"text/fin.txt", "text/hun.txt", "mnli/train.eng.jsonl", "xnli/test.fin.jsonl"} <= files
    counts = {p: (tmp_path / "world" / p).read_text().count("\n") for p in files if "text/" in p}
    assert set(counts.values()) == {50} and len(counts) >= 8
    taken = write(tmp_path / "taken", "")
    refused(silta("miniature", taken), str(taken))
    refused(silta("miniature", "--forms", "fra"), "language of the miniature")
