"""How well a release's classifier tells intents apart, on labelled messages."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from agent.conversation import IntentPrediction
from agent.errors import DatasetError
from agent.intent import IntentClassifier
from agent.intents import OUT_OF_SCOPE, intent_of
from agent.release import Release
from agent.utterances import Utterance
from knowledge_base.onnx_model import Array
from training.calibration import expected_calibration_error
from training.dataset import read_dataset
from training.examples import stands_alone

RESAMPLES = 2000
BATCH = 256  # messages between two steps of the progress
MOST = 20  # confusions and mistakes that are named
EXAMPLES = 3  # texts of each confusion


@dataclass(frozen=True)
class Judged:
    """A labelled message and what the classifier made of it."""

    row: Utterance
    prediction: IntentPrediction

    @property
    def is_right(self) -> bool:
        """Whether the most probable intent is the labelled one."""
        return self.prediction.label == self.row.intent

    @property
    def in_scope(self) -> bool:
        """Whether some intent covers the message."""
        return self.row.intent != OUT_OF_SCOPE


def read_judgeable(paths: Sequence[Path], release: Release) -> tuple[list[Utterance], int]:
    """Read the messages that can be judged for themselves: no turns that need their dialogue, no two questions at once.

    Args:
        paths: files as `read_dataset` takes them, or folders of them.
        release: whose intents the labels must be.

    Returns:
        The messages, and how many others were left out.

    Raises:
        DatasetError: a file breaks a rule, a label is none of the release's, or there is nothing to judge.
    """
    rows = read_dataset(paths)
    known = {intent_of(label) for label in release.labels} | {OUT_OF_SCOPE}
    for row in rows:
        if unknown := [intent for intent in row.intent.split() if intent not in known]:
            place = next(path for path in paths if row in read_dataset([path]))
            raise DatasetError(
                f"{place}: {row.text!r} has the intent {unknown[0]}, which release {release.id} does not know. "
                f"It knows {', '.join(sorted(known))}."
            )
    judgeable = [row for row in rows if has_one_label(row)]
    if not judgeable:
        raise DatasetError("Every row is a turn that needs its dialogue, or asks two questions. Name messages that stand alone.")
    return judgeable, len(rows) - len(judgeable)


def has_one_label(row: Utterance) -> bool:
    """Whether a message is understood for itself and asks one question."""
    return stands_alone(row) and len(row.faqs) < 2 and len(row.intent.split()) == 1


def judge(classifier: IntentClassifier, rows: Sequence[Utterance], progress: Callable[[int], object] = lambda _done: None) -> list[Judged]:
    """Return the classifier's prediction for each message, beside its label.

    Args:
        classifier: of the release.
        rows: with one intent each.
        progress: called with the number of messages done after each batch.
    """
    judged = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        predictions = classifier.predict([row.text for row in batch])
        judged += [Judged(row, prediction) for row, prediction in zip(batch, predictions, strict=True)]
        progress(len(batch))
    return judged


def measure(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return all figures, rates as fractions.

    Macro-F1 is the mean over the intents that the messages are labelled with. The intervals hold what 95 of 100 draws of as many
    messages would give (percentile bootstrap: Efron & Tibshirani 1993).

    Args:
        judged: at least one message.

    Returns:
        ``n``, ``accuracy``, ``accuracy_interval``, ``macro_f1``, ``macro_f1_interval``, ``by_language``, ``by_intent``,
        ``expected_calibration_error``, ``out_of_scope`` (None without such messages), ``confusions`` (the most frequent first) and
        ``mistakes`` (the most confident first).
    """
    labels = labels_of(judged)
    counts = confusion_counts(judged, labels)
    draws = np.random.default_rng(7).multinomial(len(judged), counts.ravel() / len(judged), RESAMPLES)  # rows drawn with replacement
    resampled: Array = draws.reshape(RESAMPLES, *counts.shape).astype(np.float64)
    right = np.array([one.is_right for one in judged])
    confidence = np.array([one.prediction.confidence for one in judged])
    return {
        "n": len(judged),
        "accuracy": _rounded(_accuracy(counts)),
        "accuracy_interval": _interval(_accuracy(resampled)),
        "macro_f1": _rounded(_macro_f1(counts)),
        "macro_f1_interval": _interval(_macro_f1(resampled)),
        "by_language": _by_language(judged),
        "by_intent": _by_intent(counts, labels),
        "expected_calibration_error": _rounded(expected_calibration_error(confidence, right)),
        "out_of_scope": _out_of_scope(judged),
        "confusions": _confusions(judged),
        "mistakes": [_mistake(one) for one in _surest_first(judged) if not one.is_right][:MOST],
    }


def labels_of(judged: Iterable[Judged]) -> list[str]:
    """The intents that occur as label or prediction; out of scope is the last."""
    names = {name for one in judged for name in (one.row.intent, one.prediction.label)}
    return sorted(names, key=lambda name: (name == OUT_OF_SCOPE, name))


def confusion_counts(judged: Iterable[Judged], labels: Sequence[str]) -> Array:
    """How often each label (row) was taken for each (column), (labels, labels)."""
    places = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))
    for one in judged:
        counts[places[one.row.intent], places[one.prediction.label]] += 1
    return counts


def _accuracy(counts: Array) -> Array:
    """Of confusion counts (..., labels, labels)."""
    share: Array = np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))
    return share


def _macro_f1(counts: Array) -> Array:
    """Mean F1 of the labels that there are messages of, for confusion counts (..., labels, labels)."""
    support, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    f1 = 2 * np.diagonal(counts, axis1=-2, axis2=-1) / np.maximum(support + predicted, 1)
    mean: Array = (f1 * (support > 0)).sum(axis=-1) / (support > 0).sum(axis=-1)
    return mean


def _interval(values: Array) -> list[float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return [_rounded(low), _rounded(high)]


def _by_language(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    counts = Counter(one.row.language for one in judged)
    right = Counter(one.row.language for one in judged if one.is_right)
    return {language: {"n": n, "accuracy": _rounded(right[language] / n)} for language, n in sorted(counts.items())}


def _by_intent(counts: Array, labels: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Figures of each intent; None where a rate has nothing to count: no message of the intent, or none taken for it."""
    figures = {}
    for place, label in enumerate(labels):
        hits, support, predicted = counts[place, place], counts[place].sum(), counts[:, place].sum()
        figures[label] = {
            "precision": _rounded(hits / predicted) if predicted else None,
            "recall": _rounded(hits / support) if support else None,
            "f1": _rounded(2 * hits / (support + predicted)) if support else None,
            "support": int(support),
        }
    return figures


def _out_of_scope(judged: Sequence[Judged]) -> dict[str, float | None] | None:
    inside, outside = ([one for one in judged if one.in_scope is scope] for scope in (True, False))
    if not outside:
        return None
    recall = sum(one.prediction.is_rejected for one in outside) / len(outside)
    if not inside:
        return {"auroc": None, "recall": _rounded(recall), "false_rejections": None, "in_scope_accuracy": None}
    auroc = roc_auc_score([not one.in_scope for one in judged], [one.prediction.out_of_scope for one in judged])
    return {
        "auroc": _rounded(auroc),
        "recall": _rounded(recall),
        "false_rejections": _rounded(sum(one.prediction.is_rejected for one in inside) / len(inside)),
        "in_scope_accuracy": _rounded(sum(one.is_right for one in inside) / len(inside)),
    }


def _confusions(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    texts = defaultdict(list)
    for one in _surest_first(judged):
        if not one.is_right:
            texts[one.row.intent, one.prediction.label].append(one.row.text)
    worst = sorted(texts, key=lambda pair: (-len(texts[pair]), pair))[:MOST]
    return [
        {"intent": intent, "predicted": predicted, "n": len(texts[intent, predicted]), "examples": texts[intent, predicted][:EXAMPLES]}
        for intent, predicted in worst
    ]


def _surest_first(judged: Iterable[Judged]) -> list[Judged]:
    return sorted(judged, key=lambda one: -one.prediction.confidence)


def _mistake(one: Judged) -> dict[str, Any]:
    row, prediction = one.row, one.prediction
    return {
        "text": row.text,
        "language": row.language,
        "intent": row.intent,
        "predicted": prediction.label,
        "confidence": _rounded(prediction.confidence),
    }


def _rounded(rate: Any) -> float:
    return round(float(rate), 4)
