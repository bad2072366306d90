"""The report in LaTeX: each table a file of its own (booktabs), and a document that holds them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from dashboard.report.parts import Cell, Picture, Section, Table

LONGEST = 45
"""Rows of a table on one page; a longer one goes on under its head on the next."""
PACKAGES = r"""\documentclass[a4paper,10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage[margin=18mm]{geometry}
\usepackage{booktabs}
\usepackage{graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\sloppy
"""
SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "°": r"\textsuperscript{$\circ$}",
    "…": r"\dots{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "\u00a0": "~",
} | {sign: f"\\{sign}" for sign in "#$%&_{}"}

LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĂăĄąĆćČčĎďĐđĘęĚěĞğİĹĺĽľŁłŃńŇň"
    "ŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž"
)
"""Those of the font encoding T1; any other is told by the letter below its marks, or its number."""


def document(title: str, sections: Iterable[Section], drawn: set[str]) -> str:
    """report.tex, to be compiled in its folder; `drawn` names the pictures in figures/."""
    lines = [
        PACKAGES,
        f"\\title{{{escaped(title)}}}",
        "\\author{}\\date{}",
        "\\begin{document}",
        "\\maketitle",
    ]
    for section in sections:
        lines += _section(section, drawn, "section")
    return "\n".join([*lines, "\\end{document}"]) + "\n"


def _section(section: Section, drawn: set[str], level: str) -> Iterator[str]:
    yield f"\n\\{level}*{{{escaped(section.title)}}}"
    for block in section.blocks:
        if isinstance(block, str):
            yield f"\n{escaped(block)}\n"
        elif isinstance(block, Section):
            yield from _section(block, drawn, f"sub{level}")
        elif isinstance(block, Table):
            yield f"\n\\input{{tables/{block.name}.tex}}"
        else:
            yield _picture(block, drawn)


def _picture(picture: Picture, drawn: set[str]) -> str:
    if picture.name not in drawn:
        return f"\n{escaped(picture.title)}: see index.html; it was not drawn as a file.\n"
    size = "width=\\linewidth,height=0.85\\textheight,keepaspectratio"
    return (
        f"\n\\begin{{center}}\\includegraphics[{size}]{{figures/{picture.name}.png}}\\end{{center}}"
    )


def table(told: Table) -> str:
    """One table: its title, its rows in pieces that fit a page, its note."""
    lines = [f"% {told.name}: needs the packages booktabs and graphicx"]
    lines.append(f"\\noindent\\textbf{{{escaped(told.title)}}}\\par\\nopagebreak\\smallskip")
    starts = range(0, max(1, len(told.rows)), LONGEST)
    lines += [_piece(told, told.rows[start : start + LONGEST]) for start in starts]
    if told.note:
        lines.append(f"{{\\footnotesize {escaped(told.note)}\\par}}")
    return "\n".join([*lines, "\\medskip"]) + "\n"


def _piece(told: Table, rows: tuple[tuple[Cell, ...], ...]) -> str:
    """A tabular, shrunk to the line where it is wider."""
    places = "l" * told.words + "r" * (len(told.head) - told.words)
    body = [_line(told.head), "\\midrule", *(_line([one.text for one in row]) for row in rows)]
    lines = ["\\toprule", *body, "\\bottomrule"]
    tabular = "\n".join([f"\\begin{{tabular}}{{@{{}}{places}@{{}}}}", *lines, "\\end{tabular}%"])
    fit = "\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi"
    return f"\\resizebox{{{fit}}}{{!}}{{%\n{tabular}\n}}\\par\\smallskip"


def _line(texts: Iterable[str]) -> str:
    """One row. The braces keep a text that begins with a bracket from being taken for an option."""
    return " & ".join(f"{{{escaped(one)}}}" for one in texts) + " \\\\"


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is; a letter that its fonts lack is told by its number."""
    return "".join(map(_sign, text))


def _sign(sign: str) -> str:
    if sign in SIGNS:
        return SIGNS[sign]
    if sign.isspace() or not sign.isprintable():
        return " "
    if sign.isascii() or sign in LETTERS:
        return sign
    base = unicodedata.normalize("NFKD", sign)[0]
    return base if base.isascii() and base.isalnum() else f"[U+{ord(sign):04X}]"
