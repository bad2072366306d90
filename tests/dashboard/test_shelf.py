"""The snapshot's files: whole or not at all; items are fetched once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from worlds import DEMO

from dashboard import shelf
from dashboard import snapshot as module
from dashboard.place import Place


def test_a_reader_meets_one_moment_or_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The writer dies after the files and before the meta: the old moment stands."""
    one = {"a": pd.DataFrame({"x": [1]}), "b": pd.DataFrame({"y": [1]})}
    two = {"a": pd.DataFrame({"x": [2]}), "b": pd.DataFrame({"y": [2]})}
    shelf.store(tmp_path, {"schema": shelf.SCHEMA}, one)

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(shelf.os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        shelf.store(tmp_path, {"schema": shelf.SCHEMA}, two)
    monkeypatch.undo()
    found = shelf.fetch(tmp_path)
    assert found is not None
    assert (found[1]["a"]["x"].item(), found[1]["b"]["y"].item()) == (1, 1)
    monkeypatch.setattr(shelf, "GRACE", -1)
    shelf.store(tmp_path, {"schema": shelf.SCHEMA}, two)
    assert len(list(tmp_path.glob("*.parquet"))) == 2


def test_items_are_fetched_once_and_offline_reads_what_is_kept(place: Place):
    frame = module.snapshot(place.tracking_uri, place.directory)
    name = "evaluation-xnli-nano-none-1"
    offline = module.items(place.tracking_uri, place.directory, frame, offline=True)
    assert offline(name).empty
    table = module.items(place.tracking_uri, place.directory, frame)(name)
    assert len(table) == 2 * 60 * len(DEMO.languages)
    assert "item_id" not in table  # only what intervals need
    assert len(offline(name)) == len(table)
    assert module.items(place.tracking_uri, place.directory, frame)("evaluation-unknown").empty
