"""`silta-dashboard report OUT`: every format of the whole report, and numbers that agree."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner
from worlds import DEMO

from dashboard import cli
from dashboard.analysis.answer import points
from dashboard.place import TRACKING, WORK
from dashboard.report import browser, folder

NA = {"keep_default_na": False, "na_values": [""]}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (WORK, TRACKING):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: object):
    return CliRunner().invoke(cli.app, ["report", *(str(one) for one in arguments)])


def refused(*arguments: object) -> str:
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def out(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the demo study, without figures as files. Read it; never write."""
    work = tmp_path_factory.mktemp("reported")
    shutil.copy(published, work / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser, "found", lambda: None)
        done = run(work / "out", "--work", work)
    assert done.exit_code == 0, done.output
    assert f"open {work / 'out' / 'index.html'}" in done.stdout
    assert "1 of 3: XNLI at nano" in done.stderr
    return work / "out"


def csv(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / "tables" / f"{name}.csv", **NA)


def rows_of(text: str, first: str) -> list[list[str]]:
    """Cells of the Markdown table whose head begins with `first`, the head among them."""
    block = next(one for one in text.split("\n\n") if one.startswith(f"| {first} |"))
    lines = [line for line in block.splitlines() if not line.startswith("| ---")]
    return [
        [cell.strip().replace("\\", "") for cell in line.strip("|").split("|")] for line in lines
    ]


def number(text: str) -> float:
    """A written gain or score, without its marks."""
    return float(re.sub(r"[*°^]", "", text).replace("−", "-"))


def test_every_table_lies_there_as_csv_and_latex_and_is_named_in_the_manifest(out: Path):
    told = json.loads((out / "report.json").read_text())
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert set(told["files"]) | {"report.json"} == there
    assert told["study"] == "demo" and told["over"] == "none" and told["split"] == "test"
    tables = {path.stem for path in (out / "tables").glob("*.tex")}
    expected = {"main-nano", "averages", "pinned", "published", "coverage", "missing", "runs"}
    expected |= {f"languages-{target}-nano" for target in DEMO.targets} | {"beforehand-nano"}
    assert tables == expected
    assert {path.stem for path in (out / "tables").glob("*.csv")} == tables | {"cells", "lineages"}


def test_the_main_table_is_the_mean_of_the_lineages(out: Path):
    """The same numbers by another way: from the scores beside their baselines, averaged here."""
    lineages = csv(out, "lineages").astype({"intermediate": str})
    means = csv(out, "main-nano")
    head, *rows = rows_of((out / "report.md").read_text(), "intermediate")
    assert head[1:4] == ["XNLI, accuracy", "Tatoeba, accuracy", "PAWS-X, accuracy"]
    assert head[4:] == ["mean of 3 XTREME tasks", "mean of 2 without retrieval"]
    written = {row[0]: row[1:] for row in rows}
    for at, target in enumerate(("xnli", "tatoeba", "pawsx")):
        some = lineages[lineages["target"].eq(target)]
        base = some[some["intermediate"].eq("none")]["value"].mean()
        assert number(written["no intermediate (score)"][at]) == pytest.approx(base, abs=0.051)
        mine = some[some["intermediate"].eq("mnli")]
        by_seed = mine.groupby("intermediate_seed")["gain"].mean()
        assert written["MNLI"][at].rstrip("*^") == points(by_seed.mean())
        row = means[means["target"].eq(target) & means["intermediate"].eq("mnli")].iloc[0]
        assert row["gain"] == pytest.approx(by_seed.mean(), abs=1e-9)
        half = 4.302652729749464 * by_seed.std(ddof=1) / np.sqrt(3)  # t(0.975, 2)
        assert row["high"] - row["gain"] == pytest.approx(half, abs=1e-9)
        assert ("*" in written["MNLI"][at]) == bool(row["low"] > 0 or row["high"] < 0)
    assert written["SQuAD 1.1"][0] == "failed" and written["HellaSwag"][0] == "not run"
    assert written["SQuAD 1.1"][3] == written["SQuAD 1.1"][4] == "–"
    assert "^" in written["MNLI"][0] and "^" not in written["MNLI"][1]


def test_averages_stand_side_by_side_and_say_what_they_average(out: Path):
    means = csv(out, "main-nano").query("metric != 'average' and intermediate == 'mnli'")
    gain = means.set_index("target")["gain"]
    found = csv(out, "averages").set_index(["intermediate", "average"])
    with_it, without = found.index.get_level_values("average").unique()
    assert (with_it, without) == ("mean of 3 XTREME tasks", "mean of 2 without retrieval")
    assert found.loc[("mnli", with_it), "gain"] == pytest.approx(gain.mean())
    expected = gain[["xnli", "pawsx"]].mean()
    assert found.loc[("mnli", without), "gain"] == pytest.approx(expected)
    assert found.loc[("squad", with_it), "missing"] == 1
    assert np.isnan(found.loc[("squad", with_it), "gain"])
    cells = csv(out, "cells")
    both = cells[cells["target"].isin(["tatoeba", "pawsx"]) & cells["intermediate"].eq("squad")]
    common = both.groupby("target")["gain"].mean().mean()
    assert found.loc[("squad", with_it), "common"] == pytest.approx(common)
    assert found.loc[("squad", with_it), "over"] == 8 + 3
    text = (out / "report.md").read_text()
    assert "mean of 2 without retrieval, 2 targets" in text
    assert "not all of XTREME's nine targets" in text


@pytest.mark.parametrize("target", DEMO.targets)
def test_a_language_table_is_what_the_cells_say(out: Path, target: str):
    cells = csv(out, "cells").query("target == @target")
    title = {"xnli": "XNLI", "tatoeba": "Tatoeba", "pawsx": "PAWS-X"}[target]
    text = (out / "report.md").read_text().split(f"### {title} at nano")[1]
    head, *rows = rows_of(text, "language")
    assert head == ["language", "family", "baseline", "MNLI", "SQuAD 1.1", "HellaSwag"]
    assert [row[0] for row in rows[:2]] == ["Finnish", "Hungarian"]
    assert len(rows) == cells["lang"].nunique()
    for row in rows:
        for task, written in zip(("mnli", "squad", "hellaswag"), row[3:], strict=True):
            about = cells[cells["language"].eq(row[0]) & cells["intermediate"].eq(task)].iloc[0]
            if np.isnan(about["gain"]):
                dash = about["state"] == "not in this benchmark"
                assert written == ("–" if dash else about["state"])
            else:
                assert written.rstrip("*°^") == points(about["gain"])


def test_every_run_can_be_followed_to_mlflow(out: Path, published: Path):
    runs = csv(out, "runs")
    done = [row["id"] for row in DEMO.evaluations() if DEMO.state(row) == "done"]
    assert sorted(runs["evaluation"]) == sorted(done)
    assert runs["mlflow_run"].str.fullmatch(r"[0-9a-f]{32}").all() and runs["mlflow_run"].is_unique
    gone = csv(out, "missing")
    assert set(gone["state"]) == {"failed", "not run"} and len(gone) == 6
    assert set(runs["evaluation"]).isdisjoint(gone["evaluation"])


def test_the_contrast_named_beforehand_is_told_seed_by_seed(out: Path):
    text = (out / "report.md").read_text()
    assert "first (SQuAD 1.1 → Tatoeba) at nano, named beforehand" in text
    rows = rows_of(text.split("## Named beforehand")[1], "seed")
    assert [row[0] for row in rows[1:]] == [
        *(f"intermediate seed {seed}" for seed in DEMO.seeds),
        "mean",
        "95 % t interval",
    ]
    cells = csv(out, "cells").query("target == 'tatoeba' and intermediate == 'squad'")
    assert rows[4][1] == points(cells["gain"].mean())


def test_no_number_is_written_for_what_is_missing(out: Path):
    for path in (out / "tables").glob("*.csv"):
        frame = pd.read_csv(path, **NA)
        if {"state", "gain"} <= set(frame):
            missing = frame[frame["state"].notna() & frame["state"].ne("measured")]
            assert missing["gain"].isna().all(), path.name


def test_without_chromium_the_report_says_so(out: Path):
    assert not (out / "figures").exists()
    for name in ("report.md", "report.tex", "index.html"):
        assert "no Chromium was found on this machine" in (out / name).read_text(), name


def test_options_reach_the_folder(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(browser, "found", lambda: None)
    place = tmp_path / "deep" / "out"
    assert run(place, "--work", work, "--over", "mnli", "--split", "dev").exit_code == 0
    told = json.loads((place / "report.json").read_text())
    assert (told["over"], told["split"]) == ("mnli", "dev")
    assert set(csv(place, "cells")["split"]) == {"dev"}
    assert "MNLI (score)" in (place / "report.md").read_text()
    stale = place / "tables" / "languages-xnli-nano.csv"
    mine = place / "tables" / "notes.txt"
    mine.write_text("kept")
    told["files"].append("tables/old.csv")
    told["files"].append("../outside.csv")
    (place / "tables" / "old.csv").write_text("")
    (place.parent / "outside.csv").write_text("")
    (place / "report.json").write_text(json.dumps(told))
    assert run(place, "--work", work).exit_code == 0
    assert set(csv(place, "cells")["split"]) == {"test"} and stale.exists() and mine.exists()
    assert not (place / "tables" / "old.csv").exists()
    assert (place.parent / "outside.csv").exists()  # none of the report's business


def test_bad_places_are_refused_in_one_line_before_anything_is_read(work: Path, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("")
    assert "is a file: name a folder" in refused(file, "--work", tmp_path / "nothing")
    assert "cannot write to" in refused(file / "below", "--work", work)
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.tex").write_text("mine")
    assert "holds other files" in refused(full, "--work", work)
    assert [path.name for path in full.iterdir()] == ["thesis.tex"]
    assert "leave --format away" in refused(tmp_path / "a", "--work", work, "--format", "csv")
    assert "leave --out away" in refused(tmp_path / "a", "--work", work, "--out", "x")
    assert "did you mean 'mnli'?" in refused(tmp_path / "b", "--work", work, "--over", "mnil")
    assert not (tmp_path / "b").exists()
    assert "silta run" in refused(tmp_path / "c", "--work", tmp_path / "new")


def test_a_full_disk_ends_in_one_line_and_leaves_no_draft(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(browser, "found", lambda: None)
    monkeypatch.setattr(folder, "_text", full)
    done = run(tmp_path / "out", "--work", work)
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_the_terminal_keeps_its_table(work: Path, out: Path):
    """Without OUT nothing is new: the table is printed, and its CSV holds the same cells."""
    text = run("--work", work, "--format", "csv").stdout
    printed = pd.read_csv(io.StringIO(text), **NA)
    pd.testing.assert_frame_equal(printed, csv(out, "cells"))
