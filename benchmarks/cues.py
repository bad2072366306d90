"""Simple models of the miniature's tasks, which see surface cues and nothing else.

Logistic regression on (a) the second segment's words, (b) the words of both, (c) counts of shared
words and pairs and of lengths, in four folds over English items. For choices, the option with the
highest score counts as the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

FOLDS = 4


@dataclass
class Items:
    """Pairs of segments: `options` of them an item, of which `gold` is the label or the answer."""

    first: list[str]
    second: list[str]
    gold: np.ndarray
    options: int = 1


def pairs(task: str, rows: list[Any]) -> Items:
    """Rows of a task as pairs of segments; a choice is a pair for each of its options."""
    if task in {"mnli", "anli", "xnli", "qqp", "pawsx"}:
        one, two = [c for c in rows[0] if c[:4] in {"prem", "hypo", "ques", "sent"}]
        gold = np.array([row["label"] for row in rows])
        return Items([row[one] for row in rows], [row[two] for row in rows], gold)
    told = [choice(task, row) for row in rows]
    first = [prompt for prompt, options, _ in told for _ in options]
    second = [option for _, options, _ in told for option in options]
    return Items(first, second, np.array([gold for *_, gold in told]), len(told[0][1]))


def choice(task: str, row: Any) -> tuple[str, list[str], int]:
    """Prompt, options and the right one's position."""
    if task == "hellaswag":
        return row["ctx"], row["endings"], int(row["label"])
    if task == "csqa":
        return row["question"], row["choices"]["text"], "ABCDE".index(row["answerKey"])
    prompt = f"{row['context']} {row['question']}"
    return prompt, [row[f"answer{i}"] for i in range(4)], row["label"]


def words(text: str) -> list[str]:
    return text.lower().replace(".", " ").replace("?", " ").split()


def bag(texts: list[str]) -> csr_matrix:
    return CountVectorizer(tokenizer=words, token_pattern=None, lowercase=False).fit_transform(
        texts
    )


def counts(first: str, second: str) -> list[float]:
    a, b = words(first), words(second)
    shared, either = set(a) & set(b), set(a) | set(b)
    met = set(pairwise(a)) & set(pairwise(b))
    told = [len(shared), len(shared) / len(either), len(a), len(b), len(b) - len(a), len(met)]
    return [float(one) for one in [*told, len(set(b) - set(a))]]


def features(items: Items) -> dict[str, csr_matrix]:
    two = bag(items.second)
    shared = np.array([counts(a, b) for a, b in zip(items.first, items.second, strict=True)])
    shared = (shared - shared.mean(0)) / (shared.std(0) + 1e-9)
    both = hstack([bag(items.first), two]).tocsr()
    return {"second": two, "both": both, "counts": csr_matrix(shared)}


def accuracy(matrix: csr_matrix, items: Items) -> float:
    """Mean over folds of whole items; ties between options are broken at random."""
    chance = np.random.default_rng(0)
    size, right = items.options, 0
    for fold in range(FOLDS):
        held = np.arange(len(items.gold)) % FOLDS == fold
        rows = np.repeat(held, size)
        labels = items.gold
        if size > 1:
            labels = (np.arange(size)[None, :] == items.gold[:, None]).reshape(-1).astype(int)
        model = LogisticRegression(max_iter=300, C=0.3).fit(matrix[~rows], labels[~rows])
        if size == 1:
            right += int((model.predict(matrix[rows]) == labels[rows]).sum())
            continue
        scores = model.decision_function(matrix[rows]).reshape(-1, size)
        scores = scores + 1e-6 * chance.random(scores.shape)
        right += int((scores.argmax(1) == items.gold[held]).sum())
    return right / len(items.gold)


def baseline(items: Items) -> float:
    """The majority class, or chance where the options are shuffled anyway."""
    share = np.bincount(items.gold).max() / len(items.gold)
    return max(float(share), 1 / items.options if items.options > 1 else 0.0)


def cues(items: Items) -> dict[str, float]:
    """Accuracy of each simple model, a share of the items."""
    return {name: accuracy(matrix, items) for name, matrix in features(items).items()}
