"""Fits what tells messages in scope from those that no intent covers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from agent.intents import OUT_OF_SCOPE
from agent.out_of_scope import OutOfScopeModel
from knowledge_base.onnx_model import Array

IN_BANK = 25  # messages of each class
ENOUGH = 20  # validation messages of an intent for a threshold of its own
FLOOR = 1e-12


def describe_scope(representations: Array, targets: Array, labels: Sequence[str]) -> OutOfScopeModel:
    """Describe where the classes lie; the score's weights are still to be fitted.

    Args:
        representations: of training messages, (messages, hidden).
        targets: each message's class as a place among the labels, (messages,).
        labels: the classes.
    """
    inside = [place for place, label in enumerate(labels) if label != OUT_OF_SCOPE]
    unit = representations / np.linalg.norm(representations, axis=-1, keepdims=True)
    means = np.stack([representations[targets == place].mean(axis=0) for place in inside])
    centroids = np.stack([unit[targets == place].mean(axis=0) for place in inside])
    within = np.concatenate([representations[targets == place] - mean for place, mean in zip(inside, means, strict=True)])
    covariance, _ = ledoit_wolf(within)  # shrunk, because there may be fewer messages than dimensions
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors / np.sqrt(np.maximum(values, FLOOR))
    bank = np.concatenate([unit[targets == place][:IN_BANK] for place in inside])
    return OutOfScopeModel(centroids / np.linalg.norm(centroids, axis=-1, keepdims=True), whitening, means @ whitening, bank, weights={})


def fit_score(
    model: OutOfScopeModel, representations: Array, logits: Array, labels: Sequence[str], is_out: Array
) -> tuple[OutOfScopeModel, float]:
    """Fit the score, a logistic model over the features.

    Args:
        model: of the training part.
        representations: of validation messages, (messages, hidden).
        logits: (messages, labels), divided by the temperature.
        labels: the classes in the order of the logits.
        is_out: whether a message is out of scope, (messages,); both occur.

    Returns:
        The model with its weights, and the area under the ROC curve on the same messages.
    """
    features = model.features(representations, logits, labels)
    names = sorted(features)
    table = np.stack([features[name] for name in names], axis=1)
    mean, spread = table.mean(axis=0), table.std(axis=0) + FLOOR
    fitted = LogisticRegression(max_iter=2000).fit((table - mean) / spread, is_out)
    weights = fitted.coef_[0] / spread
    known: Mapping[str, float] = {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    known = {**known, "bias": float(fitted.intercept_[0] - weights @ mean)}
    return replace(model, weights=known), float(roc_auc_score(is_out, fitted.decision_function((table - mean) / spread)))


def score_by_doubt(model: OutOfScopeModel, labels: Sequence[str]) -> OutOfScopeModel:
    """The model where there are no messages out of scope to fit its score on: it is the doubt about the likeliest class.

    Args:
        model: of the training part.
        labels: the classes.
    """
    hidden, known = model.centroids.shape[1], len(labels)
    names = model.features(np.ones((1, hidden)), np.zeros((1, known)), labels)
    return replace(model, weights={**dict.fromkeys(names, 0.0), "doubt": 1.0, "bias": 0.0})


def rejection_thresholds(
    scores: Array, predicted: Sequence[str], right: Array, is_out: Array, false_answer: float = 1.0
) -> dict[str, float]:
    """Choose from which score on a message is rejected, for each predicted intent that shows enough of them.

    A rejected message that was understood rightly costs one, an accepted one that is out of scope `false_answer`.

    Args:
        scores: out of scope, (messages,).
        predicted: each message's intent in scope.
        right: whether that is its intent, (messages,).
        is_out: whether it is out of scope, (messages,).
        false_answer: cost of an accepted message that is out of scope.

    Returns:
        Thresholds by intent; under "" the one for all others.
    """
    chosen = {"": _best_threshold(scores, right, is_out, false_answer)}
    names = np.array(predicted)
    for intent in sorted(set(predicted)):
        own = names == intent
        if own.sum() >= ENOUGH and is_out[own].any() and right[own].any():
            best = _best_threshold(scores[own], right[own], is_out[own], false_answer)
            share = own.sum() / (own.sum() + ENOUGH)  # few messages say little: they move the common threshold a part of the way
            chosen[intent] = float(share * best + (1.0 - share) * chosen[""])
    return chosen


def _best_threshold(scores: Array, right: Array, is_out: Array, false_answer: float) -> float:
    """The threshold that costs least, in the middle of the gap where it lies."""
    order = np.argsort(scores)
    ranked = scores[order]
    # rejecting everything from a place on costs the right ones there, and the wrong ones before it
    lost = np.concatenate([np.cumsum(right[order][::-1])[::-1], [0.0]])
    passed = np.concatenate([[0.0], np.cumsum(is_out[order] * false_answer)])
    place = int(np.argmin(lost + passed))
    below = ranked[place - 1] if place else 0.0
    above = ranked[place] if place < len(ranked) else 1.0
    return float((below + above) / 2)
