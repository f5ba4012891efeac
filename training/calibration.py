"""Turns logits and representations into calibrated probabilities, on validation data."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from agent.intent import IntentCalibration, IntentClassifier, out_of_scope_features, raw_outputs, softmax
from agent.intents import OUT_OF_SCOPE, Intent, intent_of
from agent.release import ClassifierSettings
from knowledge_base.onnx_model import Array, OnnxTextModel
from training.examples import Example

FOR_A_CENTROID = 60  # examples of a class; more do not move its mean

logger = logging.getLogger(__name__)


def calibrate(
    model: OnnxTextModel,
    prompt: str,
    names: Sequence[str],
    intents: Sequence[Intent],
    training: Sequence[Example],
    validation: Sequence[Example],
    max_tokens: int,
) -> tuple[IntentClassifier, dict[str, Any]]:
    """Fit everything between logits and probabilities on validation examples.

    Args:
        model: the exported classifier.
        prompt: put before every message.
        names: the classes in the order of the logits.
        intents: the catalogue.
        training: where the classes lie.
        validation: what the probabilities must be right on.
        max_tokens: longer messages are cut here.

    Returns:
        The classifier as it serves, and its metrics on the validation examples.
    """
    logger.info("Calibrating on %d validation messages ...", len(validation))
    known_examples = _some_of_each(training)
    known, _ = raw_outputs(model, prompt, [example.text for example in known_examples])
    representations, logits = raw_outputs(model, prompt, [example.text for example in validation])
    targets = places_of(names, [example.name for example in validation])
    temperature = fit_temperature(logits, targets)
    centroids = class_centroids(known, places_of(names, [example.name for example in known_examples]), names)
    is_out = np.array([example.name == OUT_OF_SCOPE for example in validation])
    weights, auroc = fit_out_of_scope(representations, logits / temperature, names, centroids, is_out)
    settings = ClassifierSettings(prompt, max_tokens, temperature, weights)
    calibration = IntentCalibration(settings, names, {intent.id: intent.act for intent in intents}, centroids)
    predictions = calibration.predictions(representations, logits)
    right = np.array([p.label == intent_of(example.name) for p, example in zip(predictions, validation, strict=True)])
    return IntentClassifier(model, prompt, calibration), {
        "intent_accuracy": float(right.mean()),
        "expected_calibration_error": expected_calibration_error(np.array([p.confidence for p in predictions]), right),
        "out_of_scope_auroc": auroc,
    }


def _some_of_each(examples: Sequence[Example]) -> list[Example]:
    """As many examples of each class as its centroid needs."""
    seen: Counter[str] = Counter()
    kept = []
    for example in examples:
        seen[example.name] += 1
        if seen[example.name] <= FOR_A_CENTROID:
            kept.append(example)
    return kept


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


def expected_calibration_error(confidence: Array, right: Array, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of confidence (Naeini et al. 2015); both (texts,)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs(confidence[place == b].sum() - right[place == b].sum()) for b in range(bins)) / len(right))


def places_of(labels: Sequence[str], names: Sequence[str]) -> Array:
    """Each name's place among the labels."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places[name] for name in names])
