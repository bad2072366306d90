"""Every layout, spoilt in every way: the command says which line of which file, and ends with 2."""

from __future__ import annotations

import gzip
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_files import ROWS, SAMPLES, Folder, Sample
from typer.main import get_command

from training.catalogue import TASKS
from training.cli import app

NAMES = {"ccgbank": "ccg"}
"""Samples that are another form of a task's files."""
STRICT = sorted(set(SAMPLES) - {"snli"})
LAST = ROWS - 1
few = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
number = st.integers(0, LAST)
SILTA = get_command(app)
"""Put together once: typer's own runner does so at every call, for longer than `run` takes."""


def matrix(folder: Folder) -> Path:
    name = NAMES.get(folder.task, folder.task)
    target = name if "target" in TASKS[name].roles else "tatoeba"
    first = "none" if target == name else name
    path = folder.root / "matrix.yaml"
    path.write_text(
        f"study: strict\nsource: files\nscales: [small]\nintermediates: [{first}]\n"
        f"targets: [{target}]\nseeds: [1]\n"
    )
    return path


def said(folder: Folder) -> str:
    """What `silta run` says of a folder that it refuses, on standard error."""
    work = str(folder.root / "work")
    command = ["run", str(matrix(folder)), "--work", work, "--data", str(folder.root)]
    output, told = StringIO(), StringIO()
    with redirect_stdout(output), redirect_stderr(told), pytest.raises(SystemExit) as ended:
        SILTA.main(command, prog_name="silta")
    assert ended.value.code == 2, (ended.value.code, output.getvalue(), told.getvalue())
    assert "Traceback" not in output.getvalue() + told.getvalue()
    assert not list(Path(work).glob("runs/*"))
    return told.getvalue()


def refused(folder: Folder, place: str, *words: str) -> str:
    """It names the spoilt file and the place in it."""
    message = said(folder)
    assert f"silta: {folder.spoilt}{place}" in message, message
    assert all(word in message for word in words), (words, message)
    return message


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Folder, Sample]:
    name = request.param
    return Folder(tmp_path, name), SAMPLES[name]


def with_(what: str) -> pytest.MarkDecorator:
    chosen = [name for name in STRICT if what == "all" or getattr(SAMPLES[name], what)]
    return pytest.mark.parametrize("make", chosen, indirect=True)


SOUND = pytest.mark.parametrize("make", sorted({*STRICT} - {"tatoeba", "bucc"}), indirect=True)
"""Without those that train nothing, and whose two sides are named alike."""


@SOUND
def test_what_is_sound_is_not_refused_for_its_data(make: tuple[Folder, Sample]) -> None:
    """The next thing that is missing is the vocabulary of a model from scratch."""
    assert "SentencePiece" in said(make[0])


@with_("all")
@few
@given(row=number, share=st.floats(0.05, 0.95))
def test_a_cut_file(make: tuple[Folder, Sample], row: int, share: float) -> None:
    folder, sample = make
    whole = sample.text()
    cut = sample.start(row) + max(1, round(share * (len(sample.made(row)) - 2)))
    if whole[cut - 1] == "\n" or (whole[cut] == "\n" and not sample.closed):
        cut -= 2
    folder.write(folder.spoilt, whole[:cut].encode())
    line = whole.count("\n", 0, cut) + 1
    message = said(folder)
    assert f"silta: {folder.spoilt}:" in message, message
    first = int(message.split(f"{folder.spoilt}:")[1].split(":")[0])
    assert line - sample.made(row).count("\n") <= first <= line, message


@SOUND
@few
@given(share=st.floats(0.1, 0.9))
def test_a_cut_archive(make: tuple[Folder, Sample], share: float) -> None:
    folder, sample = make
    folder.spoilt.unlink(missing_ok=True)
    packed = gzip.compress(sample.text().encode(), mtime=0)
    path = folder.spoilt.with_name(folder.spoilt.name + ".gz")
    folder.write(path, packed[: max(1, round(share * len(packed)))])
    message = said(folder)
    assert f"silta: {path}:" in message and "cannot be read" in message, message


@with_("label")
@few
@given(row=number)
def test_a_wrong_label(make: tuple[Folder, Sample], row: int) -> None:
    folder, sample = make
    folder.write(folder.spoilt, sample.text({row: sample.made(row, "sprots")}).encode())
    refused(folder, sample.place(row, sample.label_line), "sprots")


@with_("ids")
@few
@given(row=st.integers(1, LAST), other=number)
def test_an_id_that_comes_twice(make: tuple[Folder, Sample], row: int, other: int) -> None:
    folder, sample = make
    first, second = sorted({row, other if other != row else row - 1})
    if folder.task == "xnli":  # ids are unique within a language
        first, second = first - first % 2, first - first % 2 + 2 if first < LAST - 2 else 0
        first, second = sorted((first, second))
    folder.write(
        folder.spoilt, sample.text({second: sample.made(second, "", f"n{first}")}).encode()
    )
    line = sample.label_line if folder.task in ("ccgbank", "udpos") else 0
    line = {"udpos": 2, "ccg_ud": 2}.get(folder.task, line)
    refused(folder, sample.place(second, line), "repeats the id", f"n{first}'")


@with_("all")
@few
@given(line=number)
def test_mixed_line_ends(make: tuple[Folder, Sample], line: int) -> None:
    folder, sample = make
    if sample.unit != "line":  # a document on one line: give it a few
        text = json.dumps(json.loads(sample.text()), indent=1, ensure_ascii=False)
    else:
        text = sample.text()
    lines = text.encode().split(b"\n")
    folder.write(
        folder.spoilt, b"\n".join([*lines[:line], lines[line] + b"\r", *lines[line + 1 :]])
    )
    refused(folder, f":{line + 1}: ", "CR LF")


@with_("all")
def test_a_byte_order_mark(make: tuple[Folder, Sample]) -> None:
    folder, sample = make
    folder.write(folder.spoilt, b"\xef\xbb\xbf" + sample.text().encode())
    refused(folder, ":1: ", "byte-order mark")
    folder.write(folder.spoilt, sample.text().encode("utf-16"))
    refused(folder, ":1: ", "UTF-16")


@with_("all")
@few
@given(row=number)
def test_another_encoding(make: tuple[Folder, Sample], row: int) -> None:
    folder, sample = make
    start = len(sample.text()[: sample.start(row)].encode())
    whole = sample.text().encode()
    umlaut = next(at for at in range(start, len(whole)) if whole[at] == 0xC3)
    folder.write(folder.spoilt, whole[:umlaut] + b"\xe4" + whole[umlaut + 2 :])
    refused(folder, f":{whole.count(10, 0, umlaut) + 1}: ", "is not UTF-8", "0xE4")
    folder.write(folder.spoilt, sample.text().encode("utf-16-le"))
    assert str(folder.spoilt) in said(folder)


@pytest.mark.parametrize("make", ["squad", "squad2", "xquad", "mlqa"], indirect=True)
@few
@given(row=number, move=st.sampled_from([-1, 1, 3, 900]))
def test_an_offset_that_is_off(make: tuple[Folder, Sample], row: int, move: int) -> None:
    folder, sample = make
    told = json.loads(sample.made(row))
    told["qas"][0]["answers"][0]["answer_start"] += move
    folder.write(folder.spoilt, sample.text({row: json.dumps(told)}).encode())
    refused(folder, sample.place(row), "Jyväskylä", "is not at character")


@pytest.mark.parametrize("make", ["sib200", "csqa", "qqp", "udpos", "panx"], indirect=True)
def test_twenty_lines_and_their_total_are_told(make: tuple[Folder, Sample]) -> None:
    """Of whatever kind: here wrong labels, and one line that is no row at all."""
    folder, sample = make
    wrong = {row: sample.made(row, "sprots") for row in range(2, ROWS)}
    wrong[5] = "nothing\n" + ("\n" if sample.label_line else "")
    folder.write(folder.spoilt, sample.text(wrong).encode())
    message = refused(folder, sample.place(2, sample.label_line))
    assert "(28 malformed lines in this file: " in message and " and 8 more)" in message, message
    assert message.split("in this file: ")[1].split(" and ")[0].count(",") == 19
