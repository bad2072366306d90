"""A run in MLflow: a link to a server's pages, or the command that opens a database."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, urlsplit, urlunsplit

from dashboard import shelf
from dashboard.place import PAGES, Place, masked


def experiment(where: Place) -> str:
    """The experiment's number on the server, as the last snapshot found it; empty: unknown."""
    told = shelf.meta(where.directory) or {}
    return str(told.get("experiment", "")).partition("/")[0].replace("none", "")


def run_page(where: Place, run_id: str, experiment: str = "") -> str:
    """The address of a run in the server's own pages; empty where it has none.

    Only a server reached by http has pages. A password in its address goes into no link, and an id
    that is none of MLflow's makes no link.
    """
    parts = urlsplit(os.environ.get(PAGES) or where.tracking_uri)
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[0-9a-f]{32}", run_id):
        return ""
    host = parts.netloc.rpartition("@")[2]
    base = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    inside = f"/experiments/{quote(experiment, safe='')}" if experiment else ""
    return f"{base}/#{inside}/runs/{run_id}"


def command(where: Place) -> str:
    """What to type to see a database in MLflow's pages; empty for a server, which has its own."""
    if urlsplit(where.tracking_uri).scheme in {"http", "https"}:
        return ""
    return f"mlflow server --backend-store-uri '{masked(where.tracking_uri)}'"
