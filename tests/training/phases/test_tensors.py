"""Published weights: converted once, read one by one, and never in memory twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import XLMRobertaXLConfig, XLMRobertaXLForMaskedLM

from training.phases.encoder import load, save, tokenizer_of
from training.phases.tensors import INDEX, converted, pickled

TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 60}


def publish(folder: Path, zipped: bool = True, **sizes: int) -> nn.Module:
    """A language model as XL is published: one pickled file, the encoder under `roberta.`."""
    torch.manual_seed(0)
    told = TINY | {"intermediate_size": 32, "max_position_embeddings": 40} | sizes
    model = XLMRobertaXLForMaskedLM(XLMRobertaXLConfig(**told)).eval()
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    state = model.state_dict()
    state["roberta.embeddings.position_ids"] = torch.arange(40).expand(1, -1)  # as old ones have
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    return model.roberta


def same(one: nn.Module, other: nn.Module) -> None:
    """Weights to the bit, and what is computed with them."""
    assert one.state_dict().keys() == other.state_dict().keys()
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name
    ids = torch.tensor([[0, 9, 8, 2, 1]])
    with torch.no_grad():
        told = [m.eval()(input_ids=ids, attention_mask=(ids != 1).long()) for m in (one, other)]
    assert torch.equal(told[0].last_hidden_state, told[1].last_hidden_state)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before torch 1.6"])
def test_a_published_bin_becomes_safetensors_once(zipped: bool, tmp_path: Path) -> None:
    model = publish(tmp_path / "hub", zipped)
    target = converted(tmp_path / "hub", tmp_path / "cache" / "xl", part=4000)
    files = sorted(target.glob("model-*.safetensors"))
    assert len(files) > 3, "in several files"
    places = json.loads((target / INDEX).read_text())["weight_map"]
    assert set(places) == set(model.state_dict()), "no head, no buffers"
    same(load(target), model)
    stamps = [one.stat().st_mtime_ns for one in files]
    (tmp_path / "hub" / "pytorch_model.bin").unlink()
    assert converted(tmp_path / "hub", target) == target
    assert [one.stat().st_mtime_ns for one in files] == stamps
    assert [one.name for one in target.parent.iterdir()] == ["xl"], "nothing half-made is left"


def test_transformers_reads_the_same_out_of_it(tmp_path: Path) -> None:
    """The converted folder is an ordinary one: sharded safetensors with their index."""
    from transformers import XLMRobertaXLModel

    publish(tmp_path / "hub")
    target = converted(tmp_path / "hub", tmp_path / "xl", part=4000)
    theirs = XLMRobertaXLModel.from_pretrained(target, add_pooling_layer=False)
    same(load(target), theirs)


def test_a_conversion_that_dies_leaves_nothing_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path / "hub")
    whole = (tmp_path / "hub" / "pytorch_model.bin").read_bytes()
    (tmp_path / "hub" / "pytorch_model.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Exception, match="."):
        converted(tmp_path / "hub", tmp_path / "cache" / "xl")
    assert not list((tmp_path / "cache").iterdir())


def test_code_in_a_pickle_is_not_run(tmp_path: Path) -> None:
    torch.save({"roberta.x": Path}, tmp_path / "pytorch_model.bin")
    with pytest.raises(Exception, match="[Ww]eights.only"):
        list(pickled(tmp_path))


def test_a_weight_of_another_shape_is_refused(tmp_path: Path) -> None:
    publish(tmp_path / "hub")
    target = converted(tmp_path / "hub", tmp_path / "xl")
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps(config | {"vocab_size": 61}))
    with pytest.raises(RuntimeError, match="word_embeddings.weight has the shape"):
        load(target)


MEASURE = """
import os, sys, threading, time
from pathlib import Path
import torch
torch.set_num_threads(1)
from training.phases.encoder import load, CLASSES
from training.phases.tensors import converted

def anonymous():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))

def way(name, hub):
    if name == "plain":
        state = torch.load(hub / "pytorch_model.bin", weights_only=True)
        made = CLASSES["xlm-roberta-xl"]
        model = made[1](made[0].from_pretrained(hub), add_pooling_layer=False)
        state = {key.removeprefix("roberta."): value for key, value in state.items()}
        model.load_state_dict(state, strict=False)
        return model
    return load(converted(hub, hub.parent / "xl", 8 * 2**20), getattr(torch, name))

def measure(name, hub):
    before, most, over = anonymous(), [0], threading.Event()
    def watch():
        while not over.is_set():
            most[0] = max(most[0], anonymous())
            time.sleep(0.001)
    thread = threading.Thread(target=watch); thread.start()
    model = way(name, hub)
    over.set(); thread.join()
    print(max(most[0], anonymous()) - before, flush=True)

for name in sys.argv[2:]:  # each in a process of its own, which has imported what it needs
    child = os.fork()
    if not child:
        measure(name, Path(sys.argv[1]))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, name
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A published model of about 100 MB, and the bytes of its encoder."""
    hub = tmp_path_factory.mktemp("large") / "hub"
    sizes = {"hidden_size": 256, "num_hidden_layers": 24, "intermediate_size": 1024}
    model = publish(hub, **sizes, vocab_size=24_000)
    return hub, sum(one.nbytes for one in model.parameters())


def test_reading_never_holds_two_copies(large: tuple[Path, int], root: Path) -> None:
    """Peak of the process's own memory beside the encoder's fp32 size, conversion included."""
    hub, size = large
    told = [sys.executable, "-c", MEASURE, str(hub), "float32", "bfloat16", "plain"]
    done = subprocess.run(told, cwd=root, capture_output=True, text=True, check=True)
    whole, half, plain = (int(peak) / size for peak in done.stdout.split())
    print(f"peak beside the size: fp32 {whole:.2f}, bf16 {half:.2f}, a plain reading {plain:.2f}")
    assert whole < 1.4 and half < 0.9, "the encoder and a part or tensor at a time"
    assert plain > 1.8, "what this test is there to notice"


def test_an_own_directory_is_read_the_same_way(tmp_path: Path, words: Callable[[], Path]) -> None:
    hub = tmp_path / "hub"
    model = publish(hub)
    save(model, tokenizer_of(words()), tmp_path / "own", torch.bfloat16)
    again = load(tmp_path / "own")
    same(again, model.bfloat16().float())
    again.embeddings.word_embeddings.weight.data.zero_()
    assert load(tmp_path / "own").embeddings.word_embeddings.weight.any(), "the file is not written"


@pytest.fixture
def words() -> Callable[[], Path]:
    from training.engine.weights import SHIPPED

    return lambda: SHIPPED / "tokenizer"
