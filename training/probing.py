"""Sets the head to what a linear classifier learns on representations that do not change."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from agent.intent_model import IntentModel
from knowledge_base.onnx_model import Array
from training.tokens import Collator, bf16_pays, outputs

STRENGTH = 0.03  # inverse regularisation where the layers below go on learning
EACH = 60  # examples of a class, where it is only the beginning
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)  # tried where they do not

logger = logging.getLogger(__name__)


def probe(model: IntentModel, examples: Sequence[dict[str, Any]], judged: Sequence[dict[str, Any]] | None, collator: Collator) -> None:
    """Fit a logistic regression on the representations as they are, and make it the head.

    A random head would first distort them (Kumar et al. 2022, https://arxiv.org/abs/2202.10054).

    Args:
        model: its head is set.
        examples: to learn from, as `training.tokens.encode` makes them.
        judged: choose how strongly to regularise, where the head is all that is learned; None for the usual strength.
        collator: makes batches.
    """
    if not judged:
        examples = _some_of_each(examples)
    logger.info("Probing the representations of %d examples ...", len(examples))
    known, targets = representations(model, examples, collator)
    mean, spread = known.mean(axis=0), known.std(axis=0) + 1e-6
    best = None
    if judged:
        unseen, wanted = representations(model, judged, collator)
        scaled = (unseen - mean) / spread
        tried = [LogisticRegression(C=strength, max_iter=300).fit((known - mean) / spread, targets) for strength in STRENGTHS]
        best = max(tried, key=lambda one: float(one.score(scaled, wanted)))
    best = best or LogisticRegression(C=STRENGTH, max_iter=300).fit((known - mean) / spread, targets)
    weight, bias = best.coef_ / spread, best.intercept_
    if len(best.classes_) == 2:  # sklearn keeps one row for two classes
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    with torch.no_grad():
        model.head.weight[best.classes_] = torch.from_numpy(weight).float()
        model.head.bias[best.classes_] = torch.from_numpy(bias - weight @ mean).float()


def _some_of_each(examples: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: Counter[int] = Counter()
    kept = []
    for example in examples:
        seen[example["labels"]] += 1
        if seen[example["labels"]] <= EACH:
            kept.append(example)
    return kept


def representations(model: IntentModel, examples: Sequence[dict[str, Any]], collator: Collator) -> tuple[Array, Array]:
    """Return the representations (examples, hidden) and the labels (examples,) of `training.tokens.encode`'s rows, in their order."""
    _, known = outputs(model, examples, collator, bf16=bf16_pays())
    model.train()
    return known, np.array([example["labels"] for example in examples])
