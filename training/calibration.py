"""Turns logits and representations into calibrated probabilities, on validation data."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from agent.intent import IntentCalibration, IntentClassifier, raw_outputs, softmax
from agent.intents import OUT_OF_SCOPE, Intent, intent_of
from agent.release import ClassifierSettings
from knowledge_base.onnx_model import Array, OnnxTextModel
from knowledge_base.quantisation import Precision
from training.examples import Example
from training.out_of_scope_fitting import describe_scope, fit_score, rejection_thresholds, score_by_doubt

OF_A_CLASS = 60  # training examples; more do not move its mean

logger = logging.getLogger(__name__)


def calibrate(
    model: OnnxTextModel,
    prompt: str,
    names: Sequence[str],
    intents: Sequence[Intent],
    training: Sequence[Example],
    validation: Sequence[Example],
    max_tokens: int,
    precision: Precision,
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
        precision: of the model's weights.

    Returns:
        The classifier as it serves, and its metrics on the validation examples.
    """
    logger.info("Calibrating on %d validation messages ...", len(validation))
    known_examples = _some_of_each(training)
    known, _ = raw_outputs(model, prompt, [example.text for example in known_examples])
    representations, logits = raw_outputs(model, prompt, [example.text for example in validation])
    targets = places_of(names, [example.name for example in validation])
    temperature = fit_temperature(logits, targets)
    scaled = logits / temperature
    scope = describe_scope(known, places_of(names, [example.name for example in known_examples]), names)
    is_out = np.array([example.name == OUT_OF_SCOPE for example in validation])
    if 0 < is_out.sum() < len(is_out):
        scope, auroc = fit_score(scope, representations, scaled, names, is_out)
    else:
        scope, auroc = score_by_doubt(scope, names), None
    inside = _without_out_of_scope(names, scaled)
    right = np.array([intent == intent_of(example.name) for intent, example in zip(inside, validation, strict=True)])
    rejects = rejection_thresholds(scope.scores(representations, scaled, names), inside, right, is_out)
    settings = ClassifierSettings(prompt, max_tokens, precision, temperature, scope.weights, rejects)
    calibration = IntentCalibration(settings, names, {intent.id: intent.act for intent in intents}, scope)
    predictions = calibration.predictions(representations, logits)
    right = np.array([p.label == intent_of(example.name) for p, example in zip(predictions, validation, strict=True)])
    return IntentClassifier(model, prompt, calibration), {
        "intent_accuracy": float(right.mean()),
        "expected_calibration_error": expected_calibration_error(np.array([p.confidence for p in predictions]), right),
        "out_of_scope_auroc": auroc,
    }


def _without_out_of_scope(names: Sequence[str], logits: Array) -> list[str]:
    """The intent that each message would have if some intent covered it, by logits (messages, labels)."""
    inside = [place for place, name in enumerate(names) if name != OUT_OF_SCOPE]
    intents = [intent_of(names[place]) for place in inside]
    members = np.array([[float(intent == other) for other in sorted(set(intents))] for intent in intents])
    best = (softmax(logits[:, inside]) @ members).argmax(axis=1)
    return [sorted(set(intents))[place] for place in best]


def _some_of_each(examples: Sequence[Example]) -> list[Example]:
    """As many examples of each class as its centroid needs."""
    seen: Counter[str] = Counter()
    kept = []
    for example in examples:
        seen[example.name] += 1
        if seen[example.name] <= OF_A_CLASS:
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


def expected_calibration_error(confidence: Array, right: Array, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of confidence (Naeini et al. 2015); both (texts,)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs(confidence[place == b].sum() - right[place == b].sum()) for b in range(bins)) / len(right))


def places_of(labels: Sequence[str], names: Sequence[str]) -> Array:
    """Each name's place among the labels."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places[name] for name in names])
