"""The gains for terminals, papers and other programs: a table, or a folder that tells it all."""

from dashboard.analysis.results import NoSuch, Results, gathered
from dashboard.report.terminal import beforehand, markdown

__all__ = ["NoSuch", "Results", "beforehand", "gathered", "markdown"]
