"""A lighter start: Lightning has what it needs, and torchmetrics is whole for whoever asks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from commands import ROOT, environment

WHOLE = """
import sys
from training.light import lightly
lightly()
import pytorch_lightning.core.module as module
assert not {'scipy.signal', 'matplotlib', 'torchmetrics.functional'} & set(sys.modules)
import torchmetrics
assert module.Metric is torchmetrics.Metric and torchmetrics.__version__
assert module.MetricCollection is torchmetrics.MetricCollection
assert issubclass(torchmetrics.Accuracy, module.Metric) and 'torchmetrics.audio' in sys.modules
from torchmetrics import functional
assert torchmetrics.Metric is module.Metric, 'classes are made once'
assert torchmetrics.utilities.imports._SCIPY_AVAILABLE
try:
    torchmetrics.nothing
except AttributeError as error:
    assert 'nothing' in str(error)
else:
    raise SystemExit('there is nothing')
was = vars(torchmetrics).copy()
lightly()
assert vars(torchmetrics) == was, 'what is there is let be'
"""
OTHER = """
import sys
from training import light
light.NEEDED = {'Metric': 'where_it_will_be'}
light.lightly()
assert 'torchmetrics' not in sys.modules
import pytorch_lightning.core.module as module
import torchmetrics
assert module.Metric is torchmetrics.Metric and 'torchmetrics.audio' in sys.modules
"""


@pytest.mark.parametrize("code", [WHOLE, OTHER], ids=["whole", "made otherwise"])
def test_torchmetrics_is_what_it_was(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
