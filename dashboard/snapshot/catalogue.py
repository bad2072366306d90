"""What the catalogue says of languages and tasks, as the tables that pages read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from dashboard.analysis.frames import TASKS, TRAITS


def languages() -> pd.DataFrame:
    from training.catalogue import LANGUAGES

    rows = pd.DataFrame([asdict(one) for one in LANGUAGES.values()])
    return rows.rename(columns={"code": "lang", "name": "language"})[["lang", *TRAITS]]


def tasks(named: Iterable[str] = ()) -> pd.DataFrame:
    """Titles, main metrics and published languages; titles alone of the settings that are named."""
    from training.catalogue import TASKS as CATALOGUE
    from training.catalogue.settings import title

    rows = [(t.name, t.title, t.metric, " ".join(t.languages)) for t in CATALOGUE.values()]
    rows += [(name, title(name), "", "") for name in sorted({*named} - {*CATALOGUE, "none"})]
    return pd.DataFrame(rows, columns=list(TASKS))
