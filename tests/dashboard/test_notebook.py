"""`from dashboard.analysis import ...` needs pandas, numpy and scipy, and no more."""

from __future__ import annotations

import subprocess
import sys

import dashboard.analysis as analysis

HEAVY = ("streamlit", "mlflow", "torch", "plotly", "training", "pytorch_lightning")


def test_every_public_name_loads_without_streamlit_mlflow_and_torch():
    code = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
from dashboard.analysis import *
from dashboard.analysis import __all__ as names, gain_table, cell_table, verdicts, read_contrasts
assert all(callable(globals()[name]) for name in names), names
print(len(read_contrasts().pairs), len(names))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["130", str(len(analysis.__all__))]


def test_modules_keep_their_names():
    from dashboard.analysis import gains, rollup

    assert callable(gains.gains) and callable(rollup.mean_gain)
    assert analysis.gain_table is gains.gains
