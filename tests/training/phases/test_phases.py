"""The three LightningModules: the optimiser, the masked head, fresh heads, frozen parts."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from training.catalogue import SCALES, TASKS
from training.data.masking import MaskedText
from training.engine.weights import SHIPPED
from training.families.registry import FAMILIES
from training.miniature.write import lines
from training.phases.base import Phase, seeded
from training.phases.encoder import fresh, tokenizer_of
from training.phases.intermediate import Intermediate
from training.phases.mlm import MaskedLanguageModel
from training.phases.supervised import Learnt
from training.phases.target import Target
from training.spec.recipe import Recipe

TOKENIZER = tokenizer_of(SHIPPED / "tokenizer")
RECIPE = Recipe(batch=4, steps=10, dropout=0.0, max_length=64)
TINY = replace(SCALES["nano"], hidden=16, heads=2, feedforward=32, layers=2)


def encoder(seed: int = 1, scale: str = "nano") -> nn.Module:
    architecture = SCALES[scale].architecture
    return fresh(replace(TINY, architecture=architecture), len(TOKENIZER), seed)


def learnt(name: str) -> Learnt:
    return Learnt(TASKS[name], FAMILIES[TASKS[name].family])


def supervised(recipe: Recipe = RECIPE, seed: int = 1) -> Intermediate:
    tasks = {name: learnt(name) for name in ("mnli", "csqa")}
    return Intermediate(encoder(), tasks, recipe, seed, 10)


@pytest.mark.parametrize("scale", ["nano", "nano-xl"])
def test_the_masked_head_on_gathered_rows_equals_the_whole_computation(scale: str) -> None:
    """Loss and every gradient, against logits of all positions and ignored labels."""
    told = {lang: lines(3, 60)[lang] for lang in ("eng", "fin")}
    batch = MaskedText(told, TOKENIZER, RECIPE, 1, 3)[2]

    def module() -> MaskedLanguageModel:
        return MaskedLanguageModel(encoder(1, scale), RECIPE, 1, 10)

    gathered, whole = module(), module()
    loss = gathered.training_step(batch, 0)
    loss.backward()
    states = whole.states(batch)
    logits = whole.head(states, whole.words).view(-1, len(TOKENIZER))
    labels = torch.full((logits.shape[0],), -100)
    labels[batch["positions"]] = batch["labels"]
    expected = nn.functional.cross_entropy(logits, labels, ignore_index=-100)
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert loss.item() == pytest.approx(math.log(len(TOKENIZER)), rel=0.1), "it knows nothing yet"
    for (name, mine), theirs in zip(gathered.named_parameters(), whole.parameters(), strict=True):
        if mine.grad is None:
            assert theirs.grad is None, name
            continue
        assert torch.allclose(mine.grad, theirs.grad, atol=1e-5), name
    assert gathered.words.weight.grad is not None, "the embeddings are tied"


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "own weights"])
def test_rows_without_a_piece_are_neither_predicted_nor_learnt(tied: bool) -> None:
    """XL has 250,880 rows for 250,002 pieces: the others take no part in the softmax."""
    told = {lang: lines(3, 60)[lang] for lang in ("eng", "fin")}
    batch = MaskedText(told, TOKENIZER, RECIPE, 1, 3)[2]
    recipe, rows = replace(RECIPE, tied=tied), len(TOKENIZER) + 78
    one = replace(TINY, architecture=SCALES["nano-xl"].architecture)
    padded, plain = (
        MaskedLanguageModel(fresh(one, count, 1), recipe, 1, 10, len(TOKENIZER))
        for count in (rows, len(TOKENIZER))
    )
    weights = plain.state_dict()
    words = "encoder.embeddings.word_embeddings.weight"
    unused = torch.full((78, one.hidden), 50.0)  # were they scored, they would win
    padded.load_state_dict(weights | {words: torch.cat([weights[words], unused])})
    losses = [module.training_step(batch, 0) for module in (padded, plain)]
    assert torch.equal(*losses)
    losses[0].backward()
    assert not padded.words.weight.grad[len(TOKENIZER) :].any()
    assert padded.head.bias.shape == (len(TOKENIZER),)


@pytest.mark.parametrize(("warmup", "steps"), [(0.1, 100), (0.0, 10), (0.5, 7), (1.0, 5), (0.1, 1)])
def test_the_rate_rises_then_falls_to_nothing(warmup: float, steps: int) -> None:
    module = Phase(encoder(), replace(RECIPE, warmup=warmup), 1, steps)
    rates = [module.rate(step) for step in range(steps)]
    peak = rates.index(max(rates))
    assert all(0 < rate <= 1 for rate in rates), "no step is wasted"
    assert max(rates) == pytest.approx(1.0)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert module.rate(steps) == 0.0 or warmup == 1.0


def test_biases_and_norms_have_no_weight_decay() -> None:
    module = supervised(replace(RECIPE, weight_decay=0.3, lr=2e-3, adam_eps=1e-6))
    optimiser = module.configure_optimizers()["optimizer"]
    decayed, spared, words = optimiser.param_groups
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.3, 0.0)
    assert optimiser.defaults["lr"] == 2e-3 and optimiser.defaults["eps"] == 1e-6
    names = {id(value): name for name, value in module.named_parameters()}
    assert sum(len(one["params"]) for one in (decayed, spared, words)) == len(names)
    assert [names[id(value)] for value in words["params"]] == [
        "encoder.embeddings.word_embeddings.weight"
    ]
    assert words["weight_decay"] == 0.3
    plain = {names[id(value)] for value in spared["params"]}
    assert plain == {n for n in names.values() if n.endswith("bias") or "LayerNorm.weight" in n}


def test_word_embeddings_have_a_rate_of_their_own() -> None:
    module = supervised(replace(RECIPE, lr=2e-3, embeddings_rate=0.1))
    rates = [
        group["initial_lr"] for group in module.configure_optimizers()["optimizer"].param_groups
    ]
    assert rates == pytest.approx([2e-3, 2e-3, 2e-4])
    fixed = supervised(replace(RECIPE, embeddings_rate=0.0))
    assert len(fixed.configure_optimizers()["optimizer"].param_groups) == 2
    assert not fixed.words.weight.requires_grad


def test_a_frozen_part_gets_no_gradient() -> None:
    module = supervised(replace(RECIPE, freeze=r"^encoder\.embeddings\."))
    module.configure_optimizers()
    fixed = {name for name, value in module.named_parameters() if not value.requires_grad}
    named = {name for name, _ in module.named_parameters()}
    assert fixed == {name for name in named if name.startswith("encoder.embeddings.")} and fixed


def test_heads_start_fresh_from_the_seed_and_have_the_recipes_dropout() -> None:
    one, same = supervised(replace(RECIPE, dropout=0.2)), supervised()
    other = supervised(seed=2)
    for name in ("mnli", "csqa"):
        mine, again, apart = (m.heads[name].state_dict() for m in (one, same, other))
        assert all(torch.equal(mine[key], again[key]) for key in mine)
        assert any(not torch.equal(mine[key], apart[key]) for key in mine)
    assert {m.p for m in one.modules() if isinstance(m, nn.Dropout)} == {0.2}


def test_dropout_depends_on_the_step_and_not_on_what_ran_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = supervised(replace(RECIPE, dropout=0.5)).train()
    monkeypatch.setattr(type(module), "global_step", 5)
    ids = torch.tensor([[0, 9, 8, 7, 2]])
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}

    def states(burn: int) -> torch.Tensor:
        torch.rand(burn)
        module.on_train_batch_start(batch, 0)
        return module.states(batch)

    assert torch.equal(states(0), states(17))
    first = states(0)
    monkeypatch.setattr(type(module), "global_step", 6)
    assert not torch.equal(first, states(0))


def test_seeding_is_torchs_own_and_keeps_nothing() -> None:
    """torch notes a traceback at each seeding for devices that are not there yet."""
    torch.manual_seed(2**40 + 7)
    expected = torch.rand(3)
    waiting = len(torch.cuda._queued_calls)
    seeded(2**40 + 7, torch.device("cpu"))
    assert torch.equal(torch.rand(3), expected)
    assert len(torch.cuda._queued_calls) == waiting


def test_the_last_loss_of_every_kind_is_known() -> None:
    module = Phase(encoder(), RECIPE, 1, 10)
    first, second = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0)
    module.tell({"train/loss": first})
    module.tell({"train/mlm": second})
    assert module.known == {"train/loss": 2.0, "train/mlm": 3.0}
    assert module.last == 3.0 and not module.known["train/loss"].requires_grad


def test_a_targets_head_is_kept(tmp_path: Path) -> None:
    def target(seed: int) -> Target:
        return Target(encoder(), {"mnli": learnt("mnli")}, RECIPE, seed, 1)

    one, other = target(1), target(2)
    one.save_head(tmp_path)
    other.load_head(tmp_path)
    for key, value in one.heads["mnli"].state_dict().items():
        assert torch.equal(value, other.heads["mnli"].state_dict()[key])
