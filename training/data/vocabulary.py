"""XLM-R's real vocabulary, trimmed to the pieces that the corpora use, for models from scratch."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import sentencepiece as spm
from tokenizers.models import Unigram
from transformers import PreTrainedTokenizerBase

from training.data import corpora
from training.data.errors import DataError, MissingData
from training.data.opening import BROKEN
from training.data.tokenizer import SPECIAL, sentencepiece_like, wrapped
from training.folders import appearing

MODEL = "tokenizer/*.model*"


def model(data: Path) -> spm.SentencePieceProcessor:
    """The published SentencePiece model under `data` (plain or gzipped)."""
    for path in sorted(data.glob(MODEL)):
        packed = path.read_bytes()
        try:
            proto = gzip.decompress(packed) if path.suffix == ".gz" else packed
            return spm.SentencePieceProcessor(model_proto=proto)
        except (*BROKEN, RuntimeError) as error:
            wrong = f"is no SentencePiece model ({error})"
            raise DataError(str(path), None, wrong, "fetch the file again") from error
    raise MissingData(
        "XLM-R's SentencePiece model",
        str(data / MODEL),
        "download sentencepiece.bpe.model of FacebookAI/xlm-roberta-base into DATA/tokenizer",
    )


def trimmed(data: Path, size: int, directory: Path) -> Path:
    """A tokenizer of at most `size` pieces in `directory`: the most frequent ones of the text.

    Single characters of the text are kept first, so that few words are unknown.
    """
    if not (directory / "tokenizer.json").exists():
        with appearing(directory) as folder:
            made(data, size).save_pretrained(folder)
    return directory


def made(data: Path, size: int) -> PreTrainedTokenizerBase:
    """The trimmed tokenizer: pieces keep their scores, ids are numbered anew."""
    full = model(data)
    texts = corpora.text(corpora.languages(data), data)
    lines = [line for found in texts.values() for line in found]
    used: Counter[int] = Counter()
    letters: Counter[str] = Counter()
    for line in lines:
        used.update(full.encode(line))
        letters.update(line)
    count = len(SPECIAL)
    single = [full.piece_to_id(letter) for letter, _ in letters.most_common(size // 3)]
    chosen = dict.fromkeys([full.piece_to_id("▁"), *single])
    for piece, _ in used.most_common():
        if len(chosen) >= size - count:
            break
        chosen.setdefault(piece)
    known = [piece for piece in chosen if piece > full.unk_id()]
    entries = [(token, 0.0) for token in SPECIAL]
    entries += [(full.id_to_piece(piece), full.get_score(piece)) for piece in known]
    return wrapped(sentencepiece_like(Unigram(entries, unk_id=SPECIAL.index("<unk>"))))
