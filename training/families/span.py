"""Span: find the answer to a question in a context (SQuAD 1.1 and 2.0, XQuAD, MLQA, TyDiQA).

A long context is read in several windows. Answers are cut out of it by character offsets, so no
language needs word boundaries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedTokenizerBase

from training.families.base import Batch, Feature, Scores, begin, end, inputs, pieces
from training.families.examples import SpanExample
from training.families.squad import rule, summary
from training.families.windows import Range, Window, own_starts, token_span, windows
from training.spec.recipe import Recipe
from training.spec.task import Task

SPECIALS = 4
"""`<s> question </s></s> context </s>`"""
BEST = 20
"""Starts and ends that are combined."""
LONGEST_ANSWER = 30
"""Tokens."""
NULL_THRESHOLD = 0.0
"""SQuAD 2.0: by how much `no answer` has to be better than the best span."""
IMPOSSIBLE = float("-inf")
Read = tuple[list[int], list[Range]]
"""Token ids of a context, and the characters behind each."""


class Found(NamedTuple):
    """The best span of a window (positions in the input), and the score of `no answer`."""

    score: float
    null: float
    start: int
    end: int


class Span:
    """The family of extractive question answering."""

    place: Callable[..., Any] | None = Window
    first = False

    def encode(
        self,
        examples: Sequence[SpanExample],
        tokenizer: PreTrainedTokenizerBase,
        task: Task,
        recipe: Recipe,
        training: bool,
    ) -> list[Feature]:
        """One feature a window; `target` is (start, end) position, (0, 0) where it has no answer.

        In training, examples whose stored answer is not in the context are left out; all windows
        of the others are kept. Raises ValueError where `max_length` leaves the context no room.
        """
        contexts = read(tokenizer, [example.context for example in examples])
        questions = pieces(tokenizer, [example.question for example in examples])
        features: list[Feature] = []
        for index, (example, question) in enumerate(zip(examples, questions, strict=True)):
            context = contexts[example.context]
            answer = located(example, context[1])
            if not training or answer or not example.answers:
                features += _features(index, question, context, answer, tokenizer, recipe)
        return features

    def collate(self, features: Sequence[Feature], pad: int) -> Batch:
        """`starts`, `ends` [N]; `may_start`, `in_context` [N, T] say where a span may lie."""
        batch = inputs(features, pad)
        place = torch.arange(batch["input_ids"].shape[1])[None, :]
        told = [(f.place.first, len(f.place.offsets), *f.place.starts) for f in features]
        first, count, low, high = torch.tensor(told).T[:, :, None]
        batch["in_context"] = (place >= first) & (place < first + count)
        batch["may_start"] = (place >= first + low) & (place < first + high)
        batch["starts"], batch["ends"] = torch.tensor([f.target for f in features]).T
        return batch

    def head(self, hidden: int, task: Task, dropout: float) -> nn.Module:
        """A linear layer to (start, end), without dropout as in jiant and XTREME."""
        layer = nn.Linear(hidden, 2)
        nn.init.normal_(layer.weight, std=0.02)
        nn.init.zeros_(layer.bias)
        return layer

    def logits(self, head: nn.Module, states: Tensor, batch: Batch) -> Tensor:
        """[N, T, H] -> [N, T, 2]; padding gets the lowest float, so no layout changes the loss."""
        made: Tensor = head(states).float()
        padding = batch["attention_mask"] == 0
        return made.masked_fill(padding[:, :, None], torch.finfo(torch.float32).min)

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Mean of the cross-entropies of start and end over the positions, in nats."""
        starts, ends = logits.unbind(-1)
        return (cross_entropy(starts, batch["starts"]) + cross_entropy(ends, batch["ends"])) / 2

    def decode(self, logits: Tensor, batch: Batch) -> list[Found]:
        """The best span of each window, from the 20 best starts and ends that are allowed."""
        starts, ends = logits.float().unbind(-1)
        best = min(BEST, starts.shape[1])
        start, start_at = starts.masked_fill(~batch["may_start"], IMPOSSIBLE).topk(best)
        stop, stop_at = ends.masked_fill(~batch["in_context"], IMPOSSIBLE).topk(best)
        length = stop_at[:, None, :] - start_at[:, :, None] + 1
        total = start[:, :, None] + stop[:, None, :]
        total = total.masked_fill((length < 1) | (length > LONGEST_ANSWER), IMPOSSIBLE)
        score, at = total.flatten(1).max(1, keepdim=True)
        chosen = start_at.gather(1, at // best), stop_at.gather(1, at % best)
        null = starts[:, :1] + ends[:, :1]
        columns = [column[:, 0].tolist() for column in (score, null, *chosen)]
        return [Found(*row) for row in zip(*columns, strict=True)]

    def score(
        self,
        examples: Sequence[SpanExample],
        features: Sequence[Feature],
        outputs: Sequence[Found],
        task: Task,
    ) -> Scores:
        """`em_f1`, `em`, `f1` by the task's own rule; SQuAD 2.0 also by answerable or not."""
        subwords = {feature.example: feature.place.subwords for feature in features}
        return scored(task, examples, predictions(examples, features, outputs, task), subwords)


def read(tokenizer: PreTrainedTokenizerBase, contexts: Sequence[str]) -> dict[str, Read]:
    """Each distinct context as tokens: several questions share one."""
    distinct = list(dict.fromkeys(contexts))
    if not distinct:
        return {}
    made = tokenizer(distinct, add_special_tokens=False, return_offsets_mapping=True)
    pairs = zip(made["input_ids"], made["offset_mapping"], strict=True)
    return dict(zip(distinct, pairs, strict=True))


def located(example: SpanExample, offsets: Sequence[Range]) -> Range | None:
    """First and last context token of the first answer that can be found."""
    for text, start in example.answers:
        if start >= 0 and (hit := token_span(offsets, start, start + len(text))):
            return hit
    return None


def _features(
    index: int,
    question: list[int],
    context: Read,
    answer: Range | None,
    tokenizer: PreTrainedTokenizerBase,
    recipe: Recipe,
) -> list[Feature]:
    """The windows of one example; the question takes half of a short input at most."""
    asked = question[: min(recipe.max_query, recipe.max_length // 2)]
    room = recipe.max_length - len(asked) - SPECIALS
    if room < 1:
        raise ValueError(
            f"recipe.max_length={recipe.max_length} leaves no room for a context: set 16 or more"
        )
    (ids, offsets), first = context, len(asked) + SPECIALS - 1
    s, e = begin(tokenizer), end(tokenizer)
    ranges = windows(len(ids), room, recipe.stride)
    made = []
    for (low, high), starts in zip(ranges, own_starts(ranges, len(ids)), strict=True):
        place = Window(first, tuple(offsets[low:high]), starts, len(question) + len(ids))
        target = (0, 0)
        if answer and low <= answer[0] and answer[1] < high:
            target = (first + answer[0] - low, first + answer[1] - low)
        made.append(Feature(((s, *asked, e, e, *ids[low:high], e),), target, index, place))
    return made


def predictions(
    examples: Sequence[SpanExample],
    features: Sequence[Feature],
    outputs: Sequence[Found],
    task: Task,
) -> list[str]:
    """The answer of each example, best over its windows; "" where none is possible.

    SQuAD 2.0: "" where the lowest `no answer` score of its windows exceeds the best span's.
    """
    best: dict[int, tuple[float, str]] = {}
    null: dict[int, float] = {}
    for feature, found in zip(features, outputs, strict=True):
        index, place = feature.example, feature.place
        null[index] = min(found.null, null.get(index, found.null))
        if found.score > best.get(index, (IMPOSSIBLE, ""))[0]:
            text = place.text(examples[index].context, found.start, found.end)
            best[index] = (found.score, text)
    said = []
    for index in range(len(examples)):
        score, text = best.get(index, (IMPOSSIBLE, ""))
        silent = task.schema == "squad2" and null.get(index, 0.0) - score > NULL_THRESHOLD
        said.append("" if silent else text)
    return said


def scored(
    task: Task, examples: Sequence[SpanExample], said: Sequence[str], subwords: dict[int, int]
) -> Scores:
    """Metrics and items of answers, whoever gave them; `subwords` by position of the example."""
    golds = [[text for text, _ in example.answers] for example in examples]
    pairs = [
        rule(task, example.lang)(text, gold)
        for example, text, gold in zip(examples, said, golds, strict=True)
    ]
    answerable = [bool(gold) for gold in golds] if task.schema == "squad2" else None
    items = [
        _item(example, said[i], pairs[i], subwords.get(i)) for i, example in enumerate(examples)
    ]
    return Scores(summary(pairs, answerable), items)


def _item(
    example: SpanExample, said: str, pair: tuple[float, float], subwords: int | None
) -> dict[str, Any]:
    """One row of items.parquet; `score` is the mean of EM and F1."""
    text = f"{example.question} | {example.context}"
    return {
        "item_id": example.id,
        "cluster_id": example.cluster,
        "lang": example.lang,
        "gold": json.dumps([answer for answer, _ in example.answers], ensure_ascii=False),
        "prediction": said,
        "score": sum(pair) / 2,
        "tp": None,
        "fp": None,
        "fn": None,
        "n_words": len(example.question.split()) + len(example.context.split()),
        "n_subwords": subwords,
        "feats": None,
        "text": text,
    }
