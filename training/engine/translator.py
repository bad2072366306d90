"""A translation model of transformers: Marian (one pair or several) or NLLB and M2M-100."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.catalogue.classification import SIB_CODES
from training.catalogue.languages import LANGUAGES, language
from training.catalogue.names import UnknownName
from training.data.errors import MissingData
from training.engine.runtime import Runtime
from training.engine.weights import local_model, missing_model
from training.plan.errors import MatrixError

KINDS = {"marian": "MarianMTModel", "m2m_100": "M2M100ForConditionalGeneration"}
"""model_type in config.json -> class; NLLB's is m2m_100 too."""
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
GROWTH, MORE = 3, 20
"""A translation has at most three tokens for each of the longest source of its batch, and 20."""


def device_of(given: str) -> str:
    """The device that is asked for; where none is, a GPU if there is one."""
    return given or ("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class Model:
    """A loaded model and its tokenizer."""

    name: str
    model: Any
    tokenizer: Any
    revision: str
    """The hub's commit, or for a folder a digest of its files."""

    @property
    def kind(self) -> str:
        return str(self.model.config.model_type)

    @property
    def longest(self) -> int:
        """Tokens that fit into the model."""
        told = getattr(self.model.config, "max_position_embeddings", 512)
        return min(int(told), int(min(self.tokenizer.model_max_length, 10**6)))

    @property
    def most(self) -> int:
        """Tokens that it may write: what was published with it, where something was."""
        return min(self.longest, self.model.generation_config.max_length or self.longest) - 1


def load(name: str, runtime: Runtime, dtype: str = "fp32", device: str = "cpu") -> Model:
    """A folder, a hub id (a copy under `<data>/models/` comes first).

    Raises MissingData where it is not there, MatrixError where it is no translation model.
    """
    from transformers import AutoConfig, AutoTokenizer
    from transformers.utils import logging as told

    told.set_verbosity_error()
    told.disable_progress_bar()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    folder = Path(name) if Path(name).is_dir() else local_model(name, runtime)
    try:
        config = AutoConfig.from_pretrained(str(folder or name))
        if config.model_type not in KINDS:
            raise MatrixError(
                f"{name} is a {config.model_type} model: name a Marian (Helsinki-NLP/opus-mt-...) "
                "or an NLLB or M2M-100 model (facebook/nllb-200-...)"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sacremoses, which Marian's tokenizer does not use
            tokenizer = AutoTokenizer.from_pretrained(str(folder or name))
        model = _class(config.model_type).from_pretrained(
            str(folder or name), dtype=DTYPES[dtype], attn_implementation="eager"
        )
    except MatrixError:
        raise
    except Exception as error:  # what transformers raises for a file that is not there or broken
        raise _missing(name, folder, runtime, error) from error
    revision = _digest(folder) if folder else str(getattr(config, "_commit_hash", None) or "")
    return Model(name, model.to(device).eval(), tokenizer, revision)


def _class(kind: str) -> Any:
    import transformers

    return getattr(transformers, KINDS[kind])


def _missing(
    name: str, folder: Path | None, runtime: Runtime, error: Exception
) -> MissingData | MatrixError:
    if folder is None and ("\\" in name or name.count("/") != 1 or name.startswith((".", "/"))):
        return MissingData(
            f"the model {name}",
            "a folder of that name (it is no hub id of the form owner/name either)",
            "name a folder that holds config.json, the weights and the tokenizer's files",
        )
    if folder is None:
        return missing_model(name, runtime)
    why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return MissingData(
        f"a whole translation model in {folder}",
        f"config.json, the weights and the tokenizer's files ({why})",
        "download all files of the model into this folder again",
    )


def _digest(folder: Path) -> str:
    """16 hexadecimal digits over names and contents of a model's files."""
    seen = hashlib.sha256()
    for path in sorted(one for one in folder.iterdir() if one.is_file()):
        with path.open("rb") as file:
            seen.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return seen.hexdigest()[:16]


@dataclass(frozen=True)
class Way:
    """How a model is told its target language: a prefix of the text, or the first token."""

    prefix: str = ""
    first: int | None = None


def way(model: Model, lang: str) -> Way:
    """The way from English into a language. Raises MatrixError where the model does not know it."""
    return _marian(model, lang) if model.kind == "marian" else _multilingual(model, lang)


def _marian(model: Model, lang: str) -> Way:
    one = LANGUAGES[lang]
    codes = list(getattr(model.tokenizer, "supported_language_codes", ()))
    for code in (lang, SIB_CODES[lang], f"{lang}_{one.script}", one.short):
        if f">>{code}<<" in codes:
            return Way(prefix=f">>{code}<< ")
    source, target = (
        _code(getattr(model.tokenizer, f"{s}_lang", None)) for s in ("source", "target")
    )
    if source not in (None, "eng"):
        raise MatrixError(f"{model.name} translates from {source}, and English is to be translated")
    if codes:
        raise MatrixError(
            f"{model.name} does not translate into {one.name}: it has {', '.join(codes)}"
        )
    if target != lang:
        told = f"translates into {target}" if target else "does not say which language it writes"
        raise MatrixError(
            f"{model.name} {told}, not {one.name} ({lang}): name a model for this pair, for "
            f"instance Helsinki-NLP/opus-mt-en-{one.short} (tokenizer_config.json: target_lang)"
        )
    return Way()


def _code(given: str | None) -> str | None:
    """A language in our code; what the catalogue does not hold stays as it is."""
    try:
        return language(given).code if given else None
    except UnknownName:
        return given


def _multilingual(model: Model, lang: str) -> Way:
    """NLLB writes `deu_Latn` (FLORES-200), M2M-100 `__de__`."""
    tokenizer, one = model.tokenizer, LANGUAGES[lang]
    vocabulary = set(tokenizer.get_vocab()) | set(tokenizer.all_special_tokens)
    vocabulary |= set(getattr(tokenizer, "lang_token_to_id", ()))
    styles = ((SIB_CODES[lang], SIB_CODES["eng"]), (f"__{one.short}__", "__en__"))
    for target, source in styles:
        if target in vocabulary and source in vocabulary:
            tokenizer.src_lang = source.strip("_")
            return Way(first=int(tokenizer.convert_tokens_to_ids(target)))
    raise MatrixError(
        f"{model.name} has no language code {' or '.join(t for t, _ in styles)}: it does not "
        f"translate into {one.name}"
    )


@dataclass
class Translator:
    """Texts into one language. Which texts meet in a batch is a function of the list alone."""

    model: Model
    way: Way
    batch: int = 32
    beams: int = 1
    longest: int = 256
    """Tokens of a source; what is longer is cut, and counted."""
    cut: int = 0

    def __call__(self, texts: Sequence[str]) -> dict[str, str]:
        """Each text's translation. What has no letter stays as it is."""
        distinct = list(dict.fromkeys(texts))
        known = {text: text for text in distinct if not any(map(str.isalpha, text))}
        encoded = {text: self._encoded(text) for text in distinct if text not in known}
        order = sorted(encoded, key=lambda text: len(encoded[text]))
        for at in range(0, len(order), self.batch):
            chosen = order[at : at + self.batch]
            made = self._generated([encoded[text] for text in chosen])
            known |= zip(chosen, made, strict=True)
        return known

    def _encoded(self, text: str) -> list[int]:
        ids: list[int] = self.model.tokenizer(self.way.prefix + text)["input_ids"]
        most = min(self.longest, self.model.longest)
        if len(ids) <= most:
            return ids
        self.cut += 1
        return list(
            self.model.tokenizer(self.way.prefix + text, truncation=True, max_length=most)[
                "input_ids"
            ]
        )

    def _generated(self, ids: Sequence[list[int]]) -> Iterator[str]:
        device, width = self.model.model.device, max(map(len, ids))
        pad = int(self.model.tokenizer.pad_token_id)
        padded = torch.tensor([[*one, *[pad] * (width - len(one))] for one in ids])
        mask = torch.tensor([[1] * len(one) + [0] * (width - len(one)) for one in ids])
        first = {} if self.way.first is None else {"forced_bos_token_id": self.way.first}
        with torch.inference_mode():
            made = self.model.model.generate(
                input_ids=padded.to(device),
                attention_mask=mask.to(device),
                num_beams=self.beams,
                do_sample=False,
                max_length=None,
                max_new_tokens=min(self.model.most, GROWTH * width + MORE),
                **first,
            )
        told = [[i for i in one if i != self.way.first] for one in made.tolist()]
        for text in self.model.tokenizer.batch_decode(told, skip_special_tokens=True):
            yield " ".join(text.split())
