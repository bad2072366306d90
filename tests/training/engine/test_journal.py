"""The file that grows window by window: whatever a death leaves, it goes on and ends the same."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine.journal import Journal
from training.engine.store import StoreError

ROWS = [{"id": i, "text": "yö" * (i % 7)} for i in range(20)]
SETTINGS = {"beams": 2, "rows": ["a"]}


def grow(path: Path, windows: int = 99, size: int = 3) -> Journal:
    """Add windows; as many as are left at most."""
    journal = Journal(path, SETTINGS)
    for at in range(journal.reached.next, len(ROWS), size)[:windows]:
        window = ROWS[at : at + size]
        journal.append(window, at + len(window), Counter(written=len(window)))
    return journal


def whole(path: Path) -> bytes:
    grow(path).finish()
    return path.read_bytes()


@settings(deadline=None, max_examples=25)
@given(windows=st.integers(0, 6), lost=st.integers(0, 80), more=st.binary(max_size=30))
def test_any_torn_end_is_cut_off(windows: int, lost: int, more: bytes) -> None:
    """Rows that the log does not know, and a log line that was cut short."""
    with TemporaryDirectory() as folder:
        expected = whole(Path(folder) / "whole.jsonl")
        path = Path(folder) / "rows.jsonl"
        journal = grow(path, windows)
        journal.close()
        journal.part.write_bytes(journal.part.read_bytes() + more)
        header = journal.log.read_bytes().index(b"\n") + 1
        os.truncate(journal.log, max(header, journal.log.stat().st_size - lost))
        again = grow(path)
        assert again.reached.counts == Counter(written=len(ROWS))
        again.finish()
        assert path.read_bytes() == expected
        assert sorted(one.name for one in Path(folder).iterdir()) == ["rows.jsonl", "whole.jsonl"]


def test_a_death_while_the_header_is_written(tmp_path: Path) -> None:
    expected = whole(tmp_path / "whole.jsonl")
    (tmp_path / "rows.jsonl.part.log").write_bytes(b'{"setti')
    assert whole(tmp_path / "rows.jsonl") == expected


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    one = grow(tmp_path / "rows.jsonl", 1)
    with pytest.raises(StoreError, match="another process"):
        Journal(tmp_path / "rows.jsonl", SETTINGS)
    one.close()
    Journal(tmp_path / "rows.jsonl", SETTINGS).close()


def test_rows_that_the_log_vouches_for_may_not_be_gone(tmp_path: Path) -> None:
    journal = grow(tmp_path / "rows.jsonl", 2)
    journal.close()
    os.truncate(journal.part, 5)
    with pytest.raises(StoreError, match="shorter than .*delete both"):
        Journal(tmp_path / "rows.jsonl", SETTINGS)
