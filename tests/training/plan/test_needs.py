"""What a job asks of a machine, by the size of its model."""

from __future__ import annotations

import pytest

from training.catalogue import SCALES, UnknownName
from training.plan.errors import MatrixError
from training.plan.needs import needs, told


def test_small_models_share_a_gpu_and_the_largest_is_divided() -> None:
    gpus = {name: needs(scale, trains=True).gpus for name, scale in SCALES.items()}
    assert gpus["nano"] < 0.2 and gpus["base"] == 0.5
    assert gpus["large"] == gpus["xl"] == 1 and gpus["xxl"] == 4
    assert needs(SCALES["xxl"], trains=True).devices == 4
    assert needs(SCALES["xxl"], trains=False).gpus == 1
    assert needs(SCALES["nano"], trains=True).devices == 1


def test_larger_models_never_ask_for_less() -> None:
    for trains in (True, False):
        asked = [needs(s, trains) for s in sorted(SCALES.values(), key=lambda s: s.parameters)]
        for small, large in zip(asked, asked[1:], strict=False):
            assert small.gpus <= large.gpus and small.hours <= large.hours
            assert small.memory_gb <= large.memory_gb


def test_the_training_state_fits_the_gpus_of_80_gb() -> None:
    for scale in SCALES.values():
        assert 18 * scale.parameters < needs(scale, trains=True).gpus * 80e9


def test_the_user_decides() -> None:
    asked = told(["xxl=8", "nano=0", "base=0.25"])
    assert asked == {"xxl": 8, "nano": 0, "base": 0.25}
    assert needs(SCALES["xxl"], True, asked).devices == 8
    assert needs(SCALES["nano"], True, asked).gpus == 0
    assert needs(SCALES["large"], True, asked).gpus == 1


@pytest.mark.parametrize("wrong", ["xxl=many", "xxl", "xxl=1.5", "xxl=-1", "xxl=inf", "xxl=nan"])
def test_a_wrong_number_is_refused(wrong: str) -> None:
    with pytest.raises(MatrixError, match="say SCALE=N"):
        told([wrong])


def test_a_wrong_scale_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'xxl'"):
        told(["xxll=1"])
