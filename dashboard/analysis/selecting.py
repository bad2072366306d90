"""What of everything that is known is one study's: its plan, its evaluations, its scores."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.keeping import Keeping
from dashboard.analysis.scores import Keep, Scores

EVERYTHING = "all evaluations"
"""Stands in for a study where none was published: every evaluation of the server."""


class Selecting(Keeping):
    """The part of a `ScoreFrame` that knows studies."""

    held: Scores
    evaluations: pd.DataFrame
    plan: pd.DataFrame

    def studies(self) -> list[str]:
        """Names of the studies, the latest published first; else a stand-in for all there is."""
        names = list(self.once(("studies",), self.plan["study"].unique))
        return names or ([EVERYTHING] if len(self.evaluations) else [])

    def planned(self, study: str) -> pd.DataFrame:
        """The plan of one study; it may name evaluations that nobody ran."""
        found: pd.DataFrame = self.once(("planned", study), self._planned, study)
        return found

    def _planned(self, study: str) -> pd.DataFrame:
        if study == EVERYTHING:
            return self.evaluations.assign(study=study)[list(self.plan.columns)]
        return self.plan[self.plan["study"] == study]

    @property
    def scores(self) -> pd.DataFrame:
        """All of them, of whatever study."""
        return self.held.all()

    def scored(self, study: str, keep: Keep | None = None) -> pd.DataFrame:
        """The scores of one study, or those that `keep` leaves of each target's, so that the rest
        of many need not be in memory."""
        some = self.within(study)
        return some.where(keep).all() if keep else some.all()

    def kinds(self, study: str, *columns: str) -> pd.DataFrame:
        """One of the scores of each target that are alike in these columns."""

        def keep(rows: pd.DataFrame) -> pd.DataFrame:
            return rows.drop_duplicates(list(columns))

        found: pd.DataFrame = self.once(("kinds", study, *columns), self.scored, study, keep)
        return found

    def target(self, study: str, target: str) -> pd.DataFrame:
        """The scores of one target in a study: what most pages and pictures start from."""
        asked = ("target", study, target)
        found: pd.DataFrame = self.once(asked, self.within(study).target, target)
        return found

    def within(self, study: str) -> Scores:
        """A study's scores, target by target."""
        if study == EVERYTHING:
            return self.held
        found: Scores = self.once(("within", study), self._within, study)
        return found

    def _within(self, study: str) -> Scores:
        mine = self.planned(study)["evaluation"]

        def keep(rows: pd.DataFrame) -> pd.DataFrame:
            some = rows["evaluation"].isin(mine)
            return rows if some.all() else rows[some]

        return self.held.where(keep)

    def measured(self, study: str) -> pd.DataFrame:
        """The evaluations of a study: one row each, where `scores` has hundreds."""
        found: pd.DataFrame = self.once(("measured", study), self._measured, study)
        return found

    def _measured(self, study: str) -> pd.DataFrame:
        if study == EVERYTHING:
            return self.evaluations
        plan = self.plan[self.plan["study"] == study]
        return self.evaluations[self.evaluations["evaluation"].isin(plan["evaluation"])]
