"""XLM-R's vocabulary trimmed to the text: the same pieces, fewer of them."""

from __future__ import annotations

import gzip
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from training.data.errors import DataError, MissingData
from training.data.tokenizer import SPECIAL
from training.data.vocabulary import model, trimmed
from training.phases.encoder import tokenizer_of

TEXTS = {
    "fin": ["Opettaja antoi uuden kirjan naapurille.", "Sillan yli kuljettiin kävellen."],
    "hun": ["A tanító új könyvet adott a szomszédnak.", "Gyalog mentek át a hídon."],
    "eng": ["The teacher gave a new book to the neighbour.", "They crossed the bridge on foot."],
}


@pytest.fixture
def folder(data_dir: Path, tmp_path: Path) -> Path:
    """The real SentencePiece model beside three languages of a few lines."""
    shutil.copytree(data_dir / "tokenizer", tmp_path / "data" / "tokenizer")
    for lang, lines in TEXTS.items():
        path = tmp_path / "data" / "parallel" / "ntrex" / f"newstest2019-ref.{lang}.txt.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    return tmp_path / "data"


def test_with_room_for_all_pieces_the_text_is_cut_as_by_the_whole_model(
    folder: Path, tmp_path: Path
) -> None:
    full, made = model(folder), tokenizer_of(trimmed(folder, 8000, tmp_path / "cache" / "t"))
    assert len(made) < 400, "only what the text uses"
    for line in (line for lines in TEXTS.values() for line in lines):
        assert made.tokenize(line) == full.encode(line, out_type=str)
        ids = made(line)["input_ids"]
        assert (ids[0], ids[-1]) == (made.bos_token_id, made.eos_token_id)
        assert made.unk_token_id not in ids


def test_specials_stand_where_xlm_r_has_them(folder: Path, tmp_path: Path) -> None:
    made = tokenizer_of(trimmed(folder, 100, tmp_path / "cache" / "t"))
    assert [made.convert_tokens_to_ids(token) for token in SPECIAL] == list(range(len(SPECIAL)))
    assert (made.bos_token_id, made.pad_token_id, made.eos_token_id) == (0, 1, 2)
    pair = made("Opettaja", "A tanító")["input_ids"]
    first, second = (
        made(text, add_special_tokens=False)["input_ids"] for text in ("Opettaja", "A tanító")
    )
    assert pair == [0, *first, 2, 2, *second, 2]


def test_a_small_vocabulary_keeps_letters_first(folder: Path, tmp_path: Path) -> None:
    made = tokenizer_of(trimmed(folder, 100, tmp_path / "cache" / "t"))
    assert len(made) <= 100
    assert {"▁", "a", "e", "t"} <= set(made.get_vocab())


def test_two_workers_may_ask_at_once(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "cache" / "t"
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: trimmed(folder, 200, target), range(4)))
    assert set(found) == {target} and [p.name for p in target.parent.iterdir()] == ["t"]
    assert len(tokenizer_of(target)) <= 200


def test_it_is_made_once(folder: Path, tmp_path: Path) -> None:
    path = trimmed(folder, 200, tmp_path / "cache" / "t") / "tokenizer.json"
    before = path.stat().st_mtime_ns
    shutil.rmtree(folder)
    trimmed(folder, 200, tmp_path / "cache" / "t")
    assert path.stat().st_mtime_ns == before


def test_a_missing_or_broken_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"sentencepiece\.bpe\.model"):
        model(tmp_path)
    broken = tmp_path / "tokenizer" / "sentencepiece.bpe.model.gz"
    broken.parent.mkdir()
    broken.write_bytes(b"no gzip")
    with pytest.raises(DataError, match="is no SentencePiece model"):
        model(tmp_path)
    broken.write_bytes(gzip.compress(b"no model"))
    with pytest.raises(DataError, match="is no SentencePiece model"):
        model(tmp_path)
