"""Which messages are worth a person's minute."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.onnx_model import Array

# What speaks for a message beside the classifier's doubt, as a share of what doubt at its greatest does.
NEAR_SCOPE, DISAGREES, NEGATIVE = 0.3, 0.3, 0.5


@dataclass(frozen=True)
class Evidence:
    """What is known of n messages before anybody looks at them.

    Attributes:
        probabilities: (n, classes), calibrated, out of scope among the classes.
        out_of_scope: (n,), the probability that no intent covers a message.
        disagrees: (n,), whether intent and retrieval, or two releases, mean something else.
        negative: (n,), how many signs there are that the customer was not helped.
    """

    probabilities: Array
    out_of_scope: Array
    disagrees: NDArray[np.bool_]
    negative: NDArray[np.integer[Any]]


def worth(evidence: Evidence) -> Array:
    """How much each message is worth looking at, (n,), 0 to 1.

    Doubt is one less the margin between the two likeliest classes (Scheffer et al. 2001, https://doi.org/10.1007/3-540-44816-0_31).
    Each other sign takes its share of what is left to certainty, so that several signs add up and none counts twice.
    """
    ordered = np.sort(evidence.probabilities, axis=1)
    runner_up = ordered[:, -2] if ordered.shape[1] > 1 else np.zeros(len(ordered))
    doubt = 1.0 - (ordered[:, -1] - runner_up)
    near_scope = 4.0 * evidence.out_of_scope * (1.0 - evidence.out_of_scope)
    left = (1.0 - NEAR_SCOPE * near_scope) * (1.0 - DISAGREES * evidence.disagrees) * (1.0 - NEGATIVE) ** evidence.negative
    result: Array = 1.0 - (1.0 - doubt) * left
    return result


def select(values: Array, vectors: Array, count: int, reviewed: Array | None = None) -> list[int]:
    """Choose messages one after the other: the one that is worth most, less what one like it has told already.

    A message loses the share of its worth that is its cosine to the nearest one that is chosen or reviewed. What all texts have in common
    stays in the vectors: only the ratio of what is left counts, and taken out where most ask the same it would make these seem to differ.

    Args:
        values: (n,), what each message is worth.
        vectors: (n, dimensions), unit length.
        count: how many.
        reviewed: (m, dimensions), of messages that people looked at before.

    Returns:
        Their places, in the order of the choice.
    """
    if not len(values):
        return []
    near = np.zeros(len(vectors))
    if reviewed is not None and len(reviewed):
        near = (vectors @ reviewed.T).max(axis=1).clip(0.0)
    is_open = np.ones(len(vectors), dtype=bool)
    chosen: list[int] = []
    for _ in range(min(count, len(vectors))):
        best = int(np.where(is_open, values * (1.0 - near), -np.inf).argmax())
        is_open[best] = False
        chosen.append(best)
        near = np.maximum(near, vectors @ vectors[best])
    return chosen
