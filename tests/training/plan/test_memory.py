"""What a run needs of memory, by hand; what cannot fit, and the advice."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args, get_type_hints

import pytest

from training.catalogue import SCALES
from training.catalogue.devices import CPU, DEVICES, device, named
from training.catalogue.names import UnknownName
from training.plan.errors import MatrixError
from training.plan.fit import enough, refused
from training.plan.memory import METHODS, activations, learnt, least, memory, parts, states
from training.plan.single import single
from training.spec.recipe import Recipe
from training.spec.run import Run


def run(scale: str, task: str = "xnli", **recipe: object) -> Run:
    return single("target", scale, task, "hub", 1, None, recipe)


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_the_parts_are_all_there_is(scale: str) -> None:
    assert sum(parts(SCALES[scale]).values()) == SCALES[scale].parameters


def test_states_are_sixteen_bytes_a_parameter() -> None:
    assert states(run("xxl")) / 1e9 == pytest.approx(171, abs=0.5)
    assert states(run("xl")) / 1e9 == pytest.approx(55.7, abs=0.2)


def test_what_is_frozen_has_no_gradient_and_no_moments() -> None:
    one, words = SCALES["large"], SCALES["large"].vocabulary * 1024
    assert states(run("large", embeddings_rate=0)) == pytest.approx(
        16 * one.parameters - 12 * words
    )
    few = run("large", freeze="embeddings|layer\\.0$")
    assert learnt("large", few.recipe.freeze, 1.0) < one.parameters - words
    assert learnt("large", "encoder", 1.0) == 0
    assert states(run("large", freeze="encoder")) == pytest.approx(4 * one.parameters)


def test_adapters_leave_the_weights_and_add_their_own() -> None:
    one, lora = run("xl"), run("xl", method="lora", precision="bf16")
    adapters = 18 * 16 * 2560 * 36
    assert adapters == pytest.approx(26.5e6, rel=0.01)  # as counted on the layer
    assert states(lora) == pytest.approx(2 * SCALES["xl"].parameters + 16 * adapters)
    assert least(lora) < least(one) / 4
    thin = run("xl", method="lora", rank=4)
    assert states(thin) == pytest.approx(4 * SCALES["xl"].parameters + 16 * adapters / 4)


def test_precisions_take_sixteen_ten_or_eight_bytes_a_parameter() -> None:
    """XXL with moments in 8 bits, or with bf16 moments and no masters, fits one H200."""
    parameters = SCALES["xxl"].parameters
    assert states(run("xxl", precision="bf16")) == 16 * parameters
    assert states(run("xxl", precision="bf16-8bit")) == 10 * parameters
    assert states(run("xxl", precision="bf16-stochastic")) == 8 * parameters
    assert refused([run("xxl", precision="bf16-8bit")], device("h200")) == []
    assert refused([run("xxl", precision="bf16-stochastic")], device("h200")) == []
    assert refused([run("xxl", precision="bf16")], device("h200"))


def test_every_method_and_precision_that_a_recipe_may_name_is_reckoned() -> None:
    told = get_type_hints(Recipe)
    named = product(get_args(told["method"]), get_args(told["precision"]))
    senseless = ("bf16-stochastic", "bf16-8bit")
    assert set(named) - set(METHODS) == {("lora", one) for one in senseless}
    for one in senseless:
        with pytest.raises(MatrixError, match="adapters and their moments are fp32"):
            run("xl", method="lora", precision=one)


def test_masked_language_modelling_keeps_its_logits() -> None:
    text = single("mlm", "base", "text", "hub", 0, None, {"steps": 10})
    plain = run("base")
    more = activations(text, 1000) - activations(plain, 1000)
    assert more == pytest.approx(12 * 250_002 * 0.15 * 1000)


def test_sharing_splits_the_states_and_not_the_activations() -> None:
    one = run("xl")
    assert least(one) - least(one, shared=2) == pytest.approx(8 * SCALES["xl"].parameters)
    assert least(one) < memory(one)


def test_what_cannot_fit_is_refused_with_numbers_and_advice() -> None:
    told = refused([run("xxl"), run("xxl", "tydiqa"), run("large")], device("h200"))
    assert [one.scale for one in told] == ["xxl"]
    text = told[0].message
    assert "XXL full fine-tuning needs about 171 GB for weights, gradients and optimizer" in text
    assert "tydiqa" in text  # the neediest run of the scale
    assert "FSDP over 2 GPUs" in text and told[0].devices == 2
    assert refused([run("xxl")], replace(device("h200"), count=2)) == []
    assert enough(run("xxl"), device("h100")) == 4


def test_advice_names_only_what_would_fit() -> None:
    on = device("h100")
    lora = "use --method lora with recipe.precision=bf16, or FSDP over 4 GPUs"
    assert lora in refused([run("xxl")], on)[0].message
    assert "bf16-stochastic" in refused([run("xxl")], device("h200"))[0].message
    tiny = replace(on, memory_gb=1.0)
    assert "--method" not in refused([run("xxl")], tiny)[0].message
    assert "leave xxl out of the matrix" in refused([run("xxl")], tiny)[0].message


def test_on_a_processor_the_machines_memory_counts() -> None:
    (one,) = refused([run("xl"), run("base")], replace(device(CPU), memory_gb=25.3))
    assert one.scale == "xl" and one.devices is None
    assert "this machine has 25.3 GB; use --method lora" in one.message
    assert "or a machine with GPUs" in one.message
    assert "FSDP" not in one.message


def test_devices_have_sources_and_are_found_by_name() -> None:
    for one in DEVICES.values():
        assert one.source and one.memory_gb > 0 < one.tflops
    assert named("NVIDIA H200") == "h200" and named("NVIDIA H100 80GB HBM3") == "h100"
    assert named("NVIDIA A100-SXM4-40GB") == "a100-40"
    assert named("NVIDIA A100-SXM4-80GB") == "a100-80" and named("NVIDIA L40S") == "l40s"
    assert named("GeForce") is None
    with pytest.raises(UnknownName, match="did you mean 'h100'"):
        device("h10")
