"""Fuses what vectors and keywords say about entries into one score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.onnx_model import Array

LOW = 10.0  # a BM25 score; chosen on validation messages, like the weights


@dataclass(frozen=True)
class Fusion:
    """A weighted sum of the evidence, with weights that were learned on validation messages.

    Attributes:
        question: weight of the cosine to the nearest question.
        answer: of the cosine to the nearest answer.
        keywords: of the BM25 score, as a share of the best one: its scale differs from FAQ to FAQ.

    Example:
        >>> Fusion(0.6, 0.3, 0.1).scores([0.8, 0.5], [0.4, 0.5], [2.0, 10.0]).round(3)
        array([0.61, 0.5 ])
    """

    question: float
    answer: float
    keywords: float

    def scores(self, question: Sequence[float] | Array, answer: Sequence[float] | Array, keywords: Sequence[float] | Array) -> Array:
        """The fused scores of entries, (entries,), of which each argument has one value."""
        result: Array = (
            self.question * np.asarray(question) + self.answer * np.asarray(answer) + self.keywords * shares(np.asarray(keywords))
        )
        return result


def shares(keywords: Array) -> Array:
    """BM25 scores as shares of the best one, which is less than a whole where it is low itself: a common word says little."""
    result: Array = keywords / (keywords.max(initial=0.0) + LOW)
    return result
