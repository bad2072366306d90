"""What a page says and draws, for tests without a browser."""

from __future__ import annotations

import json
import re

from streamlit.testing.v1 import AppTest


def figure(page: AppTest) -> dict:
    return json.loads(page.get("plotly_chart")[0].proto.spec)


def words(page: AppTest) -> str:
    parts = [*page.title, *page.markdown, *page.caption, *page.info, *page.error, *page.warning]
    told = "\n".join(str(part.value) for part in parts).replace("\u00a0", " ")
    assert "could not be drawn" not in told
    return re.sub(r"\\(.)", r"\1", told.replace("**", "")).replace("`", "")
