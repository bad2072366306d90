"""The miniature's tokenizer: a Unigram model with XLM-R's conventions, trained on its own text."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer
from transformers import PreTrainedTokenizerFast

from training.miniature.languages import CODES
from training.miniature.tasks.items import text
from training.miniature.world import stories

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def wrapped(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """A transformers tokenizer with XLM-R's special tokens and pair layout."""
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, ids[token]) for token in ("<s>", "</s>")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_input_names=["input_ids", "attention_mask"],
    )


def sentencepiece_like(model: Unigram) -> Tokenizer:
    """A tokenizer that treats text as SentencePiece does: NFKC, one space, `▁` before words."""
    made = Tokenizer(model)
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    return made


def train(seed: int, sentences: int, vocabulary: int) -> PreTrainedTokenizerFast:
    """A tokenizer of `vocabulary` pieces from `sentences` lines in every language."""
    made = sentencepiece_like(Unigram())
    trainer = UnigramTrainer(
        vocab_size=vocabulary, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
    )
    lines = (text(story, code) for story in stories(seed, sentences) for code in CODES)
    made.train_from_iterator(lines, trainer)
    return wrapped(made)


def write(directory: Path, seed: int, sentences: int = 12000, vocabulary: int = 2500) -> None:
    """Train and save; `directory` then loads with AutoTokenizer."""
    train(seed, sentences, vocabulary).save_pretrained(directory)
