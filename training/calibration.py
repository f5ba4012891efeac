"""Turns logits and representations into calibrated probabilities, on validation data."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from agent.intent import out_of_scope_features, softmax
from agent.intents import OUT_OF_SCOPE
from knowledge_base.onnx_model import Array


def fit_temperature(logits: Array, targets: Array) -> float:
    """Return the temperature with the least validation cross entropy (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

    Args:
        logits: (texts, labels).
        targets: each text's label as a place in the logits, (texts,).
    """

    def cross_entropy(log_temperature: float) -> float:
        """Of the targets, at a temperature."""
        probabilities = softmax(logits / np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(targets)), targets] + 1e-12).mean())

    return float(np.exp(minimize_scalar(cross_entropy, bounds=(-3.0, 3.0), method="bounded").x))


def class_centroids(representations: Array, targets: Array, labels: Sequence[str]) -> Array:
    """Return each class's mean representation at unit length, (labels, hidden)."""
    unit = representations / np.linalg.norm(representations, axis=-1, keepdims=True)
    means = np.stack([unit[targets == place].mean(axis=0) for place in range(len(labels))])
    centroids: Array = (means / np.linalg.norm(means, axis=-1, keepdims=True)).astype(np.float32)
    return centroids


def fit_out_of_scope(
    representations: Array, logits: Array, labels: Sequence[str], centroids: Array, is_out: Array
) -> tuple[dict[str, float], float]:
    """Fit the out-of-scope score, a logistic model over `out_of_scope_features`.

    Args:
        representations: (texts, hidden).
        logits: (texts, labels), divided by the temperature.
        labels: the classes in the order of the logits.
        centroids: of the training part, (labels, hidden).
        is_out: whether a text is out of scope, (texts,).

    Returns:
        Weights by feature with ``bias``, and the area under the ROC curve on the same texts.
    """
    features = out_of_scope_features(representations, logits, labels, centroids)
    names = sorted(features)
    table = np.stack([features[name] for name in names], axis=1)
    model = LogisticRegression(max_iter=2000).fit(table, is_out)
    weights = {name: float(weight) for name, weight in zip(names, model.coef_[0], strict=True)}
    return weights | {"bias": float(model.intercept_[0])}, float(roc_auc_score(is_out, model.predict_proba(table)[:, 1]))


def expected_calibration_error(probabilities: Array, targets: Array, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of confidence (Naeini et al. 2015)."""
    confidence, right = probabilities.max(axis=-1), probabilities.argmax(axis=-1) == targets
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs(confidence[place == b].sum() - right[place == b].sum()) for b in range(bins)) / len(targets))


def places_of(labels: Sequence[str], names: Sequence[str]) -> Array:
    """Each name's place among the labels."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places[name] for name in names])


def is_out_of_scope(names: Sequence[str]) -> Array:
    """Which of the labels are out of scope."""
    return np.array([name == OUT_OF_SCOPE for name in names])
