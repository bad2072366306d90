"""Markdown, LaTeX and HTML of names that are full of their own signs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports_of import NASTY, nasty

from dashboard.report import browser, folder, latex, page, prose
from dashboard.report.parts import Cell, pictures, plain, tables
from dashboard.report.sections import sections


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nasty") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser, "found", lambda: None)
        folder.write(nasty(), place)
    return place


def test_markdown_shows_names_as_they_are(out: Path):
    text = (out / "report.md").read_text()
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<script>" not in html
    parsed = Texts(html)
    assert any(NASTY in one for one in parsed.cells) and any(NASTY in one for one in parsed.heads)
    main = [row for row in parsed.rows if row[0].startswith("no intermediate")]
    assert main and len({len(row) for row in main}) == 1  # a bar in a name parts no cells


def test_html_shows_names_as_they_are_and_runs_none(out: Path):
    text = (out / "index.html").read_text()
    assert "<script>alert" not in text
    parsed = Texts(text)
    assert any(one == NASTY for one in parsed.cells)
    assert parsed.scripts == 2 + 1  # plotly, ours, and the data of one figure
    assert text.count("plotly.js v") == 1
    assert len(re.findall(r'\b(?:src|href)="(?!#|data:|tables/)', text.split("<script>")[0])) == 0


class Texts(HTMLParser):
    """Texts of the cells and heads of tables, by row, and how many scripts there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.heads: list[str] = []
        self.rows: list[list[str]] = []
        self.scripts = 0
        self._into: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.scripts += tag == "script"
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self._into = self.cells if tag == "td" else self.heads
            self._into.append("")
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data
            self.rows[-1][-1] += data


def test_latex_compiles_without_a_complaint(out: Path, program: Callable[[str], str]):
    """All of it, and each table by itself as a paper would take it."""
    pdflatex = program("pdflatex")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=out, capture_output=True, timeout=300)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-3000:]
    assert (out / "report.pdf").stat().st_size > 10_000
    assert "Missing character" not in log and "undefined" not in log
    for left in out.glob("report.[apl]*"):
        left.unlink()


SPECIAL = set('#$%&_{}~^\\<>|"')


@given(st.text(max_size=60))
def test_nothing_in_a_text_is_a_command_of_latex(text: str):
    told = latex.escaped(text)
    bare = re.sub(r"\\text[a-z]+\{(\$\\circ\$)?\}|\\[a-z]+\{\}|\$[^$]*\$|\\[#$%&_{}]", "", told)
    assert not SPECIAL & set(bare.replace("~", "")), told
    assert "\n" not in told


@given(st.text(max_size=60))
def test_nothing_in_a_text_is_markup_of_markdown(text: str):
    html = MarkdownIt("commonmark").enable("table").render(prose.paragraph(text))
    kinds = set(re.findall(r"</?([a-z0-9]+)", html))
    assert kinds <= {"p"}, html


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=3))
def test_data_in_a_page_cannot_end_its_script(told: dict[str, str]):
    text = page.embedded(told)
    assert not set("<>&") & set(text)
    assert json.loads(text) == told


def test_a_long_table_goes_on_under_its_head():
    told = plain("long", "Long", pd.DataFrame({"a": range(100), "b": [1.25] * 100}), words=1)
    text = latex.table(told)
    assert text.count("\\toprule") == 3 and text.count("{a} & {b}") == 3
    assert text.count("{1.2} \\\\") == 100
    assert told.rows[0] == (Cell("0"), Cell("1.2"))


def test_a_full_table_has_as_many_cells_in_every_row():
    for table in tables(tuple(sections(nasty()))):
        assert {len(row) for row in table.rows} <= {len(table.head)}, table.name


def test_figures_are_drawn_by_chromium(tmp_path: Path):
    """PNG of the right size in the light look, SVG that holds the names as text."""
    if not (program := shutil.which("chromium") or shutil.which("chromium-browser")):
        pytest.skip("chromium is not installed: no figure can be drawn as a file")
    some = pictures(tuple(sections(nasty())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(browser.CHOSEN, program)
        drawn, why = browser.draw(some, tmp_path, lambda doing: None)
    assert drawn == {one.name for one in some} and why == ""
    png = (tmp_path / f"{some[0].name}.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    size = [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)]
    assert size == [browser.SHARP * some[0].width, browser.SHARP * some[0].height]
    svg = (tmp_path / f"{some[0].name}.svg").read_text()
    assert svg.startswith("<svg") and "+2.3" in svg and "−3.0" in svg


def test_a_browser_that_draws_nothing_is_told_and_stops_nothing(tmp_path: Path):
    some = pictures(tuple(sections(nasty())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(browser.CHOSEN, shutil.which("true") or "/bin/true")
        drawn, why = browser.draw(some, tmp_path, lambda doing: None)
    assert drawn == set() and "did not draw 1 of 1" in why
