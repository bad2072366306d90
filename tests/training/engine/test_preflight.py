"""`plan --check`: all is looked at, what is missing is told with its commands, exit 0 or 2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, environment, silta
from hub_layout import copied

from training.data import hub
from training.engine import preflight as checks
from training.engine.preflight import Finding, preflight
from training.engine.runtime import Runtime
from training.plan.expand import expand
from training.plan.matrix import parse
from training.plan.plan import Plan

WORLD = "{kind: miniature, seed: 3, sentences: 64}"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """No test asks the hub; what they would have asked for."""
    import datasets

    asked: list[tuple[object, ...]] = []

    def refuse(*names: object, **more: object) -> None:
        asked.append((*names, more.get("split")))
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    monkeypatch.setattr(datasets, "load_dataset_builder", refuse)
    hub._reachable.cache_clear()
    return asked


def plan(**changes: str) -> Plan:
    told = {
        "study": "s", "source": WORLD, "scales": "[nano]", "intermediates": "[none]",
        "targets": "[xnli]", "seeds": "[1]", "languages": "[fi]",
    } | changes  # fmt: skip
    return expand(parse("".join(f"{key}: {value}\n" for key, value in told.items())))


def wrong(found: list[Finding]) -> dict[str, Finding]:
    return {one.name: one for one in found if not one.fine}


def test_a_miniature_needs_nothing(tmp_path: Path) -> None:
    found = preflight(plan(intermediates="[none, mixture]", mlm="{steps: 3}"), Runtime(tmp_path))
    assert not wrong(found)
    assert {one.kind for one in found} == {"data", "models", "licences", "disk"}
    assert {"text", "ccg", "mnli", "xnli"} <= {one.name for one in found}


def test_all_that_is_missing_is_told_together(
    tmp_path: Path, offline: list[tuple[object, ...]]
) -> None:
    asked = plan(
        source="[files, hub]", scales="[base]", targets="[pawsx, tatoeba]", languages="[de, ja]"
    )
    found = wrong(preflight(asked, Runtime(tmp_path / "work", tmp_path)))
    assert set(found) == {"pawsx", "tatoeba", "base"}
    pawsx = found["pawsx"]
    assert pawsx.told[:3] == ("no train in eng", "no dev in eng, deu, jpn", "no test in deu, jpn")
    assert "x-final/en/train.tsv" in pawsx.told[3] and "on the hub" in pawsx.told[3]
    (command,) = [one for one in pawsx.fetch if one.startswith("python")]
    assert "for c in ['en', 'de', 'ja']" in command and "paws-x' + '/' + c" in command
    assert any("scripts" in one or "paws" in one for one in pawsx.fetch if one != command)
    assert found["base"].fetch[0].startswith("hf download FacebookAI/xlm-roberta-base")
    splits = [one[-1] for one in offline if one[0] == "google-research-datasets/paws-x" and one[-1]]
    assert sorted(set(splits)) == ["test", "train", "validation"] and len(splits) == 6


def test_the_command_is_one_that_runs_and_makes_what_is_looked_for(tmp_path: Path) -> None:
    from training.catalogue import TASKS

    command = hub.fetch(TASKS["pawsx"].hub[0], ("eng", "deu"), tmp_path)
    fake = tmp_path / "datasets.py"
    fake.write_text(
        "class D:\n    def __init__(s, *a): s.a = a\n"
        "    def save_to_disk(s, place): print(*s.a, place)\n"
        "def load_dataset(*a, **k): return D(*a)\n"
    )
    done = subprocess.run(
        command.replace("python", sys.executable, 1), shell=True, capture_output=True, text=True,
        env=environment(PYTHONPATH=str(tmp_path)),
    )  # fmt: skip
    place = tmp_path / "hub" / "google-research-datasets__paws-x"
    assert done.stdout.splitlines() == [
        f"google-research-datasets/paws-x {code} {place}/{code}" for code in ("en", "de")
    ], done.stderr


def test_broken_files_are_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    for lang, word in (("eng_Latn", "sports"), ("fin_Latn", "sport")):
        for split in ("train", "dev", "test"):
            path = tmp_path / "cls" / "sib200" / lang / f"{split}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"index_id\tcategory\ttext\n1\t{word}\tx\n")
    found = wrong(preflight(plan(source="files", targets="[sib200]"), Runtime(tmp_path, tmp_path)))
    assert set(found) == {"sib200"}
    assert len(found["sib200"].told) == 2 and "'sports'" in found["sib200"].told[0]


def test_saved_copies_are_read_and_what_is_done_is_passed_over(tmp_path: Path) -> None:
    copied(tmp_path, "csqa", "eng", ("train", "dev"), "parquet")
    asked = plan(sources="{csqa: hub}", intermediates="[csqa]", targets="[tatoeba]")
    runtime = Runtime(tmp_path / "work", tmp_path)
    found = {one.name: one for one in preflight(asked, runtime) if one.kind == "data"}
    assert found["csqa"].told == ("train in eng from hub", "dev in eng from hub")
    bare = Runtime(tmp_path / "work")
    assert set(wrong(preflight(asked, bare))) == {"csqa"}
    marker = tmp_path / "work" / "runs" / asked.runs[0].id / "DONE"
    marker.parent.mkdir(parents=True)
    marker.touch()
    assert "csqa" not in {one.name for one in preflight(asked, bare)}


def test_a_model_without_weights_is_no_model(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "FacebookAI__xlm-roberta-base"
    folder.mkdir(parents=True)
    asked = plan(scales="[base]", targets="[tatoeba]")
    found = wrong(preflight(asked, Runtime(tmp_path / "work", tmp_path)))
    assert "holds no weights" in found["base"].told[0]
    (folder / "model.safetensors").touch()
    assert not wrong(preflight(asked, Runtime(tmp_path / "work", tmp_path)))


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage)
    found = wrong(preflight(plan(), Runtime(tmp_path / "work")))
    assert "GB needed, 1e-06 GB free" in found["disk"].told[0]


def test_the_command_answers_with_2_or_0_and_needs_no_torch(tmp_path: Path) -> None:
    matrix = tmp_path / "m.yaml"
    text = "study: s\nscales: [nano]\nintermediates: [none]\ntargets: [tatoeba]\nseeds: [1]\n"
    matrix.write_text(f"{text}languages: [fi]\nsource: [files, hub]\n")
    given = ("plan", matrix, "--check", "--work", tmp_path / "work", "--data", tmp_path)
    done = silta(*given, HF_HUB_OFFLINE="1")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "not ok  tatoeba" in done.stdout and "to fetch what is missing:" in done.stdout
    assert "git clone https://github.com/facebookresearch/LASER" in done.stdout
    matrix.write_text(f"{text}source: {WORLD}\n")
    code = (
        f"import sys; sys.argv[1:] = {[*map(str, given), '--json']!r}\n"
        "sys.modules['torch'] = None\nfrom training.__main__ import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "silta.check/1" and told["fine"]
    assert {"kind", "name", "fine", "told", "fetch"} == set(told["findings"][0])


def test_settings_without_their_files_are_told_with_what_makes_them(tmp_path: Path) -> None:
    asked = plan(
        source="files",
        intermediates="[none, 'mnli@deu', mnli+mlm, mlm~mnli, qqp+mlm]",
        languages="[de]",
        recipe="{tasks: {qqp+mlm: {corpus: wiki, languages: [fi]}}}",
    )
    found = wrong(preflight(asked, Runtime(tmp_path / "work", tmp_path)))
    mnli, text, xnli = (found[name] for name in ("mnli", "text", "xnli"))
    assert mnli.told[:2] == ("no train in eng", "missing: MNLI train translated into German")
    places = " ".join(mnli.told[2:])
    assert "multinli_1.0_train.jsonl" in places and "translated/mnli/train.deu.jsonl" in places
    assert any(
        one.startswith("silta translate mnli --into deu --model ") and f"--data {tmp_path}" in one
        for one in mnli.fetch
    )
    assert text.told.count("missing: text for MLM") == 1, "however many settings want it"
    assert "missing: text of the corpus 'wiki' in Finnish" in text.told
    assert f"{tmp_path}/corpora/wiki" in " ".join(text.told)
    assert any("NTREX" in one for one in text.fetch)
    assert "xnli.test.tsv" in " ".join(xnli.told) and any("XNLI-1.0.zip" in x for x in xnli.fetch)
