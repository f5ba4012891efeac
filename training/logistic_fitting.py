"""Fits the logistic models of a release: weights by feature name, as `agent.routing_model.logistic` reads them."""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from knowledge_base.onnx_model import Array


def fit_logistic(
    rows: Sequence[Mapping[str, float]], targets: Sequence[bool], sample_weights: Array | Sequence[float] | None = None
) -> dict[str, float]:
    """Fit a model to examples.

    Args:
        rows: the features of each example, the same ones for all.
        targets: what is to be told from them; both answers occur.
        sample_weights: how much each example counts.

    Returns:
        Weights by feature, and ``bias``.
    """
    names = sorted(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    fitted = LogisticRegression(max_iter=5000).fit(table, targets, sample_weight=sample_weights)
    return {name: float(weight) for name, weight in zip(names, fitted.coef_[0], strict=True)} | {"bias": float(fitted.intercept_[0])}
