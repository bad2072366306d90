"""Several records are sent at once, and each is accounted for alone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from training.engine.outbox import SENDERS, Outbox
from training.engine.refusals import Refused, Unfit
from training.engine.rivals import Contested
from training.engine.runtime import Runtime


class Desk(Outbox):
    """Sends to nobody; `trouble` says what becomes of a record."""

    def __init__(self, work: Path, many: bool, trouble: dict[str, Exception]) -> None:
        super().__init__(Runtime(work))
        self.several, self.trouble = many, trouble
        self.meeting = threading.Barrier(SENDERS)
        self.seen: list[tuple[str, int]] = []

    @property
    def many(self) -> bool:
        return self.several

    def send(self, kind: str, name: str, value: Any) -> None:
        if self.several and kind == "record":
            self.meeting.wait(30)  # broken unless SENDERS of them are here at once
        self.seen.append((name, threading.get_ident()))
        if name in self.trouble:
            raise self.trouble[name]


def desk(tmp_path: Path, count: int, many: bool = True, **trouble: Exception) -> Desk:
    one = Desk(tmp_path, many, trouble)
    one.pending |= {("record", f"r{at}"): "done" for at in range(count)}
    return one


def test_records_go_at_once_and_studies_alone(tmp_path: Path) -> None:
    one = desk(tmp_path, 2 * SENDERS)
    one.pending = {("study", "s"): None, **one.pending}
    one.send_pending()
    assert not one.pending and one.sent == 2 * SENDERS
    assert sorted(name for name, _ in one.seen) == sorted(
        ["s", *(f"r{i}" for i in range(2 * SENDERS))]
    )


def test_a_file_has_one_writer(tmp_path: Path) -> None:
    one = desk(tmp_path, 3, many=False)
    one.send_pending()
    assert one.sent == 3
    assert {thread for _, thread in one.seen} == {threading.get_ident()}


def test_trouble_of_one_is_not_that_of_those_beside_it(tmp_path: Path) -> None:
    one = desk(tmp_path, SENDERS, r1=Refused("away"), r2=Unfit("odd"))
    with pytest.raises(Refused, match="away"):
        one.send_pending()
    assert list(one.pending) == [("record", "r1")] and one.unfit == {"r2": "odd"}
    assert one.sent == SENDERS - 2


def test_a_rival_s_record_is_looked_at_again(tmp_path: Path) -> None:
    one = desk(tmp_path, SENDERS, r0=Contested("another store"))
    one.send_pending()
    assert list(one.pending) == [("record", "r0")] and one.sent == SENDERS - 1
