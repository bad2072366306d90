"""An intermediate setting: what is learnt in phase 2, and how it is written.

mnli            a task
mnli+squad      a mixture, in any order: one task a batch, a head each
mixture         the mixture of the paper's nine
mnli+mlm        masked language modelling beside it, and so beside any mixture: mixture+mlm
mnli@deu        the task machine-translated; a part of a mixture like any other
mnli~shuffled   control: labels dealt out anew over the training examples
mlm             control: masked language modelling alone, for `recipe.steps`
mlm~mnli        control: the same, for as many steps and tokens as mnli takes

`name` is the one canonical spelling, which runs, ids, evaluations, MLflow and pages hold.
"""

from __future__ import annotations

from dataclasses import dataclass

ENGLISH = "eng"
MLM = "mlm"
SHUFFLED = "shuffled"
TOGETHER, TRANSLATED, CONTROL = "+", "@", "~"
"""The signs of the grammar: none of them has a meaning for YAML or a shell inside a word."""


@dataclass(frozen=True)
class Part:
    """One task of a setting."""

    task: str
    lang: str = ENGLISH
    """ISO 639-3, of the training data; English is what was published."""
    shuffled: bool = False

    @property
    def name(self) -> str:
        """`mnli@deu~shuffled`: names the part's head, scores and data."""
        lang = f"{TRANSLATED}{self.lang}" if self.lang != ENGLISH else ""
        return f"{self.task}{lang}{CONTROL + SHUFFLED if self.shuffled else ''}"


@dataclass(frozen=True)
class Setting:
    """Parts in the order of their names, perhaps with MLM beside them, or MLM alone."""

    parts: tuple[Part, ...] = ()
    mlm: bool = False
    mixture: str = ""
    """The name of the mixture that the parts make up, where it has one."""
    matched: str = ""
    """MLM alone: the task or named mixture whose steps and tokens it takes."""

    @property
    def name(self) -> str:
        """The canonical spelling."""
        if self.matched:
            return f"{MLM}{CONTROL}{self.matched}"
        parts = (self.mixture,) if self.mixture else tuple(part.name for part in self.parts)
        return TOGETHER.join((*parts, MLM) if self.mlm else parts)

    @property
    def like(self) -> str:
        """The setting whose recipe it follows: the same tasks as published, in English, alone."""
        tasks = sorted({part.task for part in self.parts})
        return self.matched or self.mixture or TOGETHER.join(tasks) or MLM

    @property
    def beside(self) -> bool:
        """Whether MLM is learnt beside tasks."""
        return self.mlm and bool(self.parts)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What sets it apart from a task as published; `task` where nothing does."""
        found = {
            "mixture": len(self.parts) > 1,
            "mlm-joint": self.beside,
            "translated": any(part.lang != ENGLISH for part in self.parts),
            "shuffled": any(part.shuffled for part in self.parts),
            "mlm": not self.parts,
        }
        return tuple(kind for kind, holds in found.items() if holds) or ("task",)
