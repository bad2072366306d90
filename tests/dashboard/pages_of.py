"""What a page says and draws, for tests without a browser."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest
from worlds import World, publish

Open = Callable[..., AppTest]


def figure(page: AppTest) -> dict:
    return json.loads(page.get("plotly_chart")[0].proto.spec)


def words(page: AppTest) -> str:
    parts = [*page.title, *page.markdown, *page.caption, *page.info, *page.error, *page.warning]
    told = "\n".join(str(part.value) for part in parts).replace("\u00a0", " ")
    assert "could not be drawn" not in told
    return re.sub(r"\\(.)", r"\1", told.replace("**", "")).replace("`", "")


def made(migrated: Path, folder: Path, world: World) -> Path:
    """A work directory that holds one study."""
    work = folder / "work"
    work.mkdir()
    shutil.copy(migrated, work / "mlflow.db")
    publish(f"sqlite:///{work / 'mlflow.db'}", work, world)
    return work


def array(value: Any) -> list[Any]:
    """A list, also of what plotly packs."""
    if isinstance(value, dict):
        return list(np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]))
    return list(value)
