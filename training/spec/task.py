"""A task: what is learnt from, what is measured, and where its published data lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Family = Literal["classification", "tagging", "span", "choice", "retrieval", "text", "mixture"]
Phase = Literal["mlm", "intermediate", "target"]
Split = Literal["train", "dev", "test"]
PHASES: tuple[Phase, ...] = ("mlm", "intermediate", "target")
PARQUET = "refs/convert/parquet"
"""The branch of a hub repository that holds converted parquet files."""


@dataclass(frozen=True)
class Hub:
    """A data set on the hub, parquet only. `{lang}` in `config` is `codes[language]`."""

    id: str
    config: str = ""
    splits: dict[str, str] = field(default_factory=dict)
    """Our split -> theirs ("train_r1+train_r2" concatenates); an absent split does not exist."""
    revision: str | None = None
    """Tried in order: this revision, the default branch, PARQUET."""
    codes: dict[str, str] = field(default_factory=dict)
    """ISO 639-3 -> the spelling in this data set; others use the language's short code."""
    languages: tuple[str, ...] = ()
    """Those it holds, where that is not all of the task's."""


@dataclass(frozen=True)
class Task:
    """One declaration of `catalogue/`: data. Behaviour is per family and per schema."""

    name: str
    title: str
    family: Family
    schema: str
    """Names the row reader in `data/rows.py`: the published columns this task arrives in."""
    metrics: tuple[str, ...]
    """The first is the main one."""
    labels: tuple[str, ...] = ()
    disputed: bool = False
    """Whether rows without a gold label (-1, -) are dropped and counted; elsewhere they are
    malformed."""
    ids_repeat: bool = False
    """Whether rows on the hub may share an id; elsewhere a repeated one is malformed."""
    outside: tuple[str, ...] = ()
    """Published entity types that are not measured: their tags are read as O."""
    roles: tuple[Phase, ...] = ("target",)
    languages: tuple[str, ...] = ("eng",)
    """ISO 639-3 codes of the published test sets; the miniature offers its own languages."""
    no_dev: tuple[str, ...] = ()
    """Languages whose published data have no dev split."""
    trains_on: str | None = None
    """The task whose English training data a target learns from; None: nothing is trained."""
    reuses: tuple[str, ...] = ()
    """Intermediate tasks that hold this target's own training data: their cells are marked."""
    members: tuple[str, ...] = ()
    """Of a mixture: the tasks it is mixed from."""
    made_from: str = ""
    """Of a synthetic task: the task whose English texts it is computed from."""
    hub: tuple[Hub, ...] = ()
    hub_differs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Why a hub copy is not comparable with what the benchmark measured -> in which languages."""
    files: str = ""
    """Where the original files lie under `--data`, for messages and for the readers of `data/`."""
    recipe: dict[str, object] = field(default_factory=dict)
    """What the task's published recipe sets differently from the defaults of `Recipe`."""
    benchmark: str = "xtreme"
    """xtreme, or the benchmark beyond it that the task comes from."""
    licence: str = ""
    redistribute: bool = True
    """False: item text stays in the store and goes to no server, page or report."""
    group: str = ""
    """XTREME's group for the official average: classification, tagging, qa or retrieval."""
    version: int = 1
    """Bumped when code changes what is learnt from the same data."""

    @property
    def metric(self) -> str:
        """The main metric."""
        return self.metrics[0]
