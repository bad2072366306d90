"""Model sizes. A new size is one line here.

`nano` and `micro` speak the miniature's own small vocabulary and are shipped pre-trained on it;
`nano-xl` is XLM-R XL's architecture at that size, for tests, from scratch;
`small` starts from scratch on real text with XLM-R's vocabulary trimmed to the pieces in use; the
ladder base, large, xl, xxl is the published XLM-R. Retrieval reads hidden_states[14] of large
(XTREME's script and jiant agree) and the same relative depth elsewhere; 8 of 12 in base (XTREME).
"""

from __future__ import annotations

from typing import Final

from training.spec.scale import Scale

_R: Final = "xlm-roberta"
_XL: Final = "xlm-roberta-xl"

# fmt: off
_ALL = (
    # name, architecture, hidden, layers, heads, feedforward, vocabulary
    Scale("nano", _R, 112, 3, 4, 448, 2500,
          positions=258, weights="shipped:nano", retrieval_layer=2),
    Scale("micro", _R, 144, 4, 4, 432, 2500,
          positions=258, weights="shipped:micro", retrieval_layer=3),
    Scale("nano-xl", _XL, 112, 3, 4, 448, 2500,
          positions=258, retrieval_layer=2),
    Scale("small", _R, 192, 4, 4, 768, 8000,
          positions=258, retrieval_layer=3),
    Scale("base", _R, 768, 12, 12, 3072, 250002,
          weights="hub:FacebookAI/xlm-roberta-base", retrieval_layer=8),
    Scale("large", _R, 1024, 24, 16, 4096, 250002,
          weights="hub:FacebookAI/xlm-roberta-large", retrieval_layer=14),
    Scale("xl", _XL, 2560, 36, 32, 10240, 250880,
          weights="hub:facebook/xlm-roberta-xl", retrieval_layer=21),
    Scale("xxl", _XL, 4096, 48, 32, 16384, 250880,
          weights="hub:facebook/xlm-roberta-xxl", retrieval_layer=28),
)
# fmt: on

SCALES: dict[str, Scale] = {scale.name: scale for scale in _ALL}
