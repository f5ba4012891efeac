"""Refuses a batch of labels of which too many cannot be right, before anything is learned from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from agent.intent import softmax
from agent.utterances import Utterance
from knowledge_base.onnx_model import Array
from training.calibration import fit_temperature
from training.discriminant import LinearDiscriminant
from training.label_noise import Issue

FOLDS = 10
TOLERATED = 0.03  # share of the labels that may be wrong: people err
FEWEST = 5.0  # so many may be implausible in any batch, as the first messages of a new intent are
SIGMAS = 2.33  # of what chance adds: one batch in a hundred


@dataclass(frozen=True)
class BatchAudit:
    """What was found among the labels of a batch.

    Attributes:
        n: labels that could be judged: those of intents that other messages have, too.
        implausible: how many of them a classifier that has not seen them finds less probable than chance would.
        expected: how many would be, were all of them right: chosen messages are hard ones.
        limit: how many are too many.
        passed: whether the batch may be learned from.
        issues: the implausible labels, the least probable first.
    """

    n: int
    implausible: int
    expected: float
    limit: float
    passed: bool
    issues: tuple[Issue, ...]


def audit_batch(encode: Callable[[Sequence[str]], Array], trusted: Sequence[Utterance], batch: Sequence[Utterance]) -> BatchAudit:
    """Hold the labels of a batch against what is known.

    Every message gets its probabilities from a classifier on frozen vectors that has not seen it (out of fold). A label is implausible
    if it is less probable than a guess: of a message that is hard to tell, several labels are plausible. How often right labels are
    implausible all the same is learned on the trusted messages. What exceeds that by more than people may err, and chance may add, is
    refused.

    Args:
        encode: gives texts' vectors, (texts, dimensions).
        trusted: messages whose labels are believed, of at least two intents.
        batch: the messages in question.

    Example:
        >>> audit = audit_batch(encoder.encode_queries, trusted, batch)
        >>> audit.passed, audit.implausible, audit.limit
        (False, 71, 38.2)
    """
    rows = [*trusted, *batch]
    names = sorted({row.intent for row in rows})
    labels = np.array([names.index(row.intent) for row in rows])
    logits = _unseen_logits(encode([row.text for row in rows]), labels)
    seen = np.isfinite(logits[np.arange(len(rows)), labels])
    known = np.flatnonzero(seen[: len(trusted)])
    new = len(trusted) + np.flatnonzero(seen[len(trusted) :])
    scale = logits[np.isfinite(logits)].std()
    probabilities = softmax(logits / scale / fit_temperature(logits[known] / scale, labels[known]))
    implausible = probabilities[np.arange(len(rows)), labels] < 1.0 / len(names)
    rate = float(implausible[known].mean())
    expected, chance = rate * len(new), np.sqrt(rate * (1.0 - rate) * len(new))
    limit = max(expected + TOLERATED * len(new) + SIGMAS * chance, FEWEST)
    doubtful = sorted(new[implausible[new]].tolist(), key=lambda place: float(probabilities[place, labels[place]]))
    issues = tuple(_issue(rows[place], names, probabilities[place]) for place in doubtful)
    return BatchAudit(len(new), len(issues), round(expected, 1), round(float(limit), 1), bool(len(issues) <= limit), issues)


def _unseen_logits(vectors: Array, labels: NDArray[np.int64]) -> Array:
    """What classifiers that have not seen them say of messages, (messages, classes); minus infinity for classes that they do not know.

    Args:
        vectors: (messages, dimensions).
        labels: (messages,), from 0.
    """
    logits = np.full((len(labels), int(labels.max()) + 1), -np.inf)
    for learned, asked in KFold(min(FOLDS, len(labels)), shuffle=True, random_state=7).split(labels):
        model = LinearDiscriminant.fit(vectors[learned], labels[learned])
        logits[np.ix_(asked, model.classes)] = model.logits(vectors[asked])
    return logits


def _issue(row: Utterance, names: Sequence[str], probabilities: Array) -> Issue:
    best = int(probabilities.argmax())
    return Issue(row.text, row.language, row.intent, names[best], round(float(probabilities[best]), 4))
