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


EACH = """
import os, sys
import torch._dynamo, torch.distributed.fsdp  # the heaviest of what Lightning imports
assert 'torchmetrics' not in sys.modules
for code in sys.argv[1:]:
    child = os.fork()
    if not child:
        exec(code, {})
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(status, flush=True)
"""
WAYS = {"whole": WHOLE, "made otherwise": OTHER}


@pytest.fixture(scope="module")
def said() -> tuple[dict[str, str], str]:
    """How the process of each way ended, and what they wrote."""
    told = [sys.executable, "-c", EACH, *WAYS.values()]
    done = subprocess.run(told, cwd=ROOT, env=environment(), capture_output=True, text=True)
    return dict(zip(WAYS, done.stdout.split(), strict=False)), done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_torchmetrics_is_what_it_was(way: str, said: tuple[dict[str, str], str]) -> None:
    ended, errors = said
    assert ended.get(way) == "0", errors
