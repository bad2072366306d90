"""One MLflow run an id, also where several stores publish it to one server at once.

MLflow's REST interface has neither a lock nor a unique tag, but what was created is seen by whoever
asks afterwards. From that, three rules:

1. Of several runs of one id one stays, and whoever sees the others deletes them: a finished one
   goes first, then the first by (start, MLflow's id). Who creates a run looks before it writes,
   and again when all is written, unless there was no other at the first look.
2. Only the store that made a run writes to it. Another store leaves it as it is, or puts a run of
   its own in its place, so the points of two stores never meet in one run.
3. What another store is sending is left to it until it has stood still for GRACE seconds.

A write to a run that was deleted meanwhile is refused, the one that ends it too, or is found to be
lost by the last look; either way it is `Contested`, and the record is sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from training.engine.ownership import Busy
from training.spec import record

GRACE = 20.0
"""Seconds without a change after which another store's sending counts as dead."""


class Contested(Busy):
    """Another store is at this record; it has to be looked at again."""


def rank(run: Any) -> tuple[bool, int, str]:
    """The order in which runs of one id go before each other."""
    return run.info.status != "FINISHED", run.info.start_time, run.info.run_id


class Rivals:
    """The runs of an experiment, as one store (`owner`) that is not alone with them sees them."""

    def __init__(self, client: Any, experiment: str, owner: str) -> None:
        self.client, self.experiment, self.owner = client, experiment, owner
        self.seen: dict[str, tuple[object, float]] = {}
        """What another store is sending: how far it was, and since when (monotonic clock)."""

    def find(self, id: str) -> Any | None:
        """The one run of an id; what was created beside it is deleted."""
        query, order = f"tags.`{record.ID}` = '{id}'", ["attributes.start_time ASC"]
        found = self.client.search_runs([self.experiment], query, max_results=100, order_by=order)
        runs = sorted(found, key=rank)
        for double in runs[1:]:
            self.client.delete_run(double.info.run_id)
        return runs[0] if runs else None

    def first(self, id: str, run: Any) -> Any:
        """A run just created or written, if it is the one that stays. Raises Contested."""
        if self.beside(id, run):
            found = self.find(id)
            if found is None or found.info.run_id != run.info.run_id:
                raise Contested(f"{id} was begun by another store at the same moment")
        return run

    def beside(self, id: str, run: Any) -> bool:
        """Whether there are other runs of an id. Only they are asked for: the server would answer
        with all that was just sent."""
        others = f"tags.`{record.ID}` = '{id}' and attributes.run_id != '{run.info.run_id}'"
        return bool(self.client.search_runs([self.experiment], others, max_results=1))

    @contextmanager
    def sending(self, id: str, run: Any, alone: bool = False) -> Iterator[None]:
        """Write to a run. Raises Contested where it was not the one that stayed. `alone`: there was
        no other once it was begun. Who comes later sees it, and gives way or deletes it, which its
        next write, or its end, is refused for."""
        try:
            yield
        except Exception as error:
            if self.deleted(run):
                raise Contested(f"{id} was put in another store's place") from error
            raise
        if not alone:
            self.first(id, run)

    def deleted(self, run: Any) -> bool:
        """Whether a run is in the trash, as far as the server can be asked."""
        try:
            return str(self.client.get_run(run.info.run_id).info.lifecycle_stage) == "deleted"
        except Exception:  # the server is away: that is the first error's trouble
            return False

    def foreign(self, run: Any) -> bool:
        """Whether another store made a run."""
        return bool(run.data.tags.get(record.STORE, self.owner) != self.owner)

    def stays(self, run: Any, state: str, whole: Callable[[], bool]) -> bool:
        """Whether another store's run is left as it is by a store that has the record in `state`.

        `whole` compares a run with this store's record. Raises Contested while it is being sent.
        """
        if run.info.status == "RUNNING":
            if state == "done" and run.data.tags.get(record.STATE) == "done":
                self.wait(run)
                return False
            return state != "done"  # a result goes before a curve under way
        return (run.info.status == "FINISHED" and state != "done") or whole()

    def wait(self, run: Any) -> None:
        """Raise Contested until a run has not changed for GRACE seconds."""
        data, now = run.data, time.monotonic()
        far = (run.info.run_id, len(data.params), len(data.tags), sorted(data.metrics.items()))
        id = data.tags[record.ID]
        if self.seen.get(id, (None, 0.0))[0] != far:
            self.seen[id] = far, now
        if now - self.seen[id][1] < GRACE:
            raise Contested(f"{id} is being sent by another store")
