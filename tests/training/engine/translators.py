"""Tiny randomly initialised translation models with sentencepiece tokenizers of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    NllbTokenizer,
)
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

from training.miniature.write import lines

TEXT = 400
PIECES = 300
SIZES: dict[str, Any] = {
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 128,
    "init_std": 0.4,
}
"""Weights so large that the output depends on the input; small ones repeat one word."""


def pieces(folder: Path, name: str, kind: str, *langs: str) -> list[str]:
    """Train `<folder>/<name>` on the miniature's text; its vocabulary."""
    told = lines(5, TEXT)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([str(one) for lang in langs for one in told[lang]]),
        model_prefix=str(folder / name),
        vocab_size=PIECES,
        model_type=kind,
        minloglevel=2,
    )
    (folder / f"{name}.vocab").unlink()
    (folder / f"{name}.model").rename(folder / name)
    made = sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
    return [made.id_to_piece(i) for i in range(made.get_piece_size())]


def marian(folder: Path, target: str = "deu", codes: tuple[str, ...] = ()) -> Path:
    """English into one language, or into several that `codes` (`>>fin<<`) tell apart."""
    folder.mkdir(parents=True)
    known = ["</s>", "<unk>", *codes]
    sides = [
        pieces(folder, f"{n}.spm", "unigram", c) for n, c in (("source", "eng"), ("target", target))
    ]
    known += [one for one in dict.fromkeys(sides[0] + sides[1]) if one not in (*known, "<s>")]
    vocabulary = {piece: i for i, piece in enumerate([*known, "<pad>"])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    told = {"tokenizer_class": "MarianTokenizer", "source_lang": "eng", "target_lang": target}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    pad = vocabulary["<pad>"]
    torch.manual_seed(0)
    ids = {"pad_token_id": pad, "decoder_start_token_id": pad, "eos_token_id": 0}
    config = MarianConfig(vocab_size=len(vocabulary), forced_eos_token_id=0, **ids, **SIZES)
    return saved(MarianMTModel(config), folder)


def nllb(folder: Path) -> Path:
    """All of NLLB's language codes, few pieces."""
    folder.mkdir(parents=True)
    pieces(folder, "sentencepiece.bpe.model", "bpe", "eng", "deu", "fin")
    told = {"tokenizer_class": "NllbTokenizer", "additional_special_tokens": FAIRSEQ_LANGUAGE_CODES}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    tokenizer = NllbTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = M2M100Config(vocab_size=len(tokenizer), decoder_start_token_id=2, **SIZES)
    model = M2M100ForConditionalGeneration(config)
    words = tokenizer.get_vocab().items()
    model.generation_config.bad_words_ids = [
        [i] for word, i in words if word in FAIRSEQ_LANGUAGE_CODES or word in ("<s>", "<pad>")
    ]
    return saved(model, folder)


def saved(model: Any, folder: Path) -> Path:
    """Random weights end no sentence: what is published with a model bounds them."""
    model.generation_config.max_length = 8
    model.save_pretrained(folder)
    return folder
