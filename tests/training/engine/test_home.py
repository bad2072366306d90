"""Whether a server's database is the one that was connected to: asked by one for all."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from training.engine import home
from training.engine.home import Home
from training.engine.refusals import Lost


class Server:
    """A client that counts how often it is asked for the experiment."""

    def __init__(self, uri: str = "http://127.0.0.1:1") -> None:
        self.tracking_uri, self.asked, self.made = uri, 0, 1

    def get_experiment_by_name(self, name: str) -> SimpleNamespace:
        self.asked += 1
        return SimpleNamespace(experiment_id="1", creation_time=self.made)


def at_once(one: Home, count: int) -> None:
    """Many threads look."""
    threads = [threading.Thread(target=one.still) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_threads_ask_a_server_once() -> None:
    server = Server()
    one = Home(server, None)
    one.seen -= 2 * home.FRESH  # connected a while ago
    at_once(one, 8)
    assert (server.asked, one.id, one.name) == (2, "1", "1/1")


def test_a_file_is_looked_at_each_time() -> None:
    server = Server("sqlite:///mlflow.db")
    at_once(Home(server, None), 8)
    assert server.asked == 9


def test_another_database_is_noticed_once_a_look_is_old() -> None:
    server = Server()
    one = Home(server, None)
    server.made = 2
    one.still()  # just connected
    one.seen -= 2 * home.FRESH
    for _ in range(2):  # and is not forgotten
        with pytest.raises(Lost, match="its database was replaced"):
            one.still()
