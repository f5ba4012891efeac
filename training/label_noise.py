"""Finds labels that are probably wrong, and texts that are nearly the same but labelled differently."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.count import num_label_issues
from cleanlab.filter import find_label_issues
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from agent.errors import DatasetError
from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder
from knowledge_base.onnx_model import Array

FOLDS = 5  # an intent with fewer examples is too rare to judge: some fold would have none
NEAR = 0.97  # the cosine from which two texts count as the same
REGULARISATION = 0.03
BLOCK = 1024  # rows compared with all others at once

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Issue:
    """A label that may be wrong.

    Attributes:
        text: the message.
        language: its language.
        intent: the label it has.
        suggested: the label it looks like.
        confidence: probability of the suggested label, 0 to 1, by a classifier that has not seen the message.
    """

    text: str
    language: str
    intent: str
    suggested: str
    confidence: float


@dataclass(frozen=True)
class Conflict:
    """Two texts that are nearly the same and have different labels.

    Attributes:
        similarity: their cosine.
        texts: both.
        intents: the label of each.
    """

    similarity: float
    texts: tuple[str, str]
    intents: tuple[str, str]


@dataclass(frozen=True)
class Audit:
    """What was found among labelled messages.

    Attributes:
        n: messages looked at.
        estimated_wrong: how many of their labels are probably wrong.
        issues: the labels that a classifier disagrees with, the least credible first; about so many from the top are worth a look.
        conflicts: the most similar pair first.
        too_rare: the intents that have too few messages to judge their labels.
    """

    n: int
    estimated_wrong: int
    issues: tuple[Issue, ...]
    conflicts: tuple[Conflict, ...]
    too_rare: tuple[str, ...]


def audit_labels(encoder: TextEncoder, rows: Sequence[Utterance], progress: Callable[[int], object] | None = None) -> Audit:
    """Look for label noise.

    Each message gets its probabilities from a classifier on frozen vectors that has not seen it. Labels are ranked by their own
    probability, and how many are wrong is estimated by confident learning (Northcutt et al. 2021,
    https://arxiv.org/abs/1911.00068), which gives each intent a threshold of its own.

    Args:
        encoder: makes the vectors.
        rows: messages with one label each.
        progress: called with the number of messages embedded after each batch.

    Raises:
        DatasetError: fewer than two intents have enough messages.
    """
    counts = Counter(row.intent for row in rows)
    too_rare = tuple(intent for intent, n in sorted(counts.items()) if n < FOLDS)
    if len(counts) - len(too_rare) < 2:
        raise DatasetError(f"Labels are judged by how intents differ: at least two intents need {FOLDS} messages or more.")
    vectors = encoder.encode_queries([row.text for row in rows], progress)
    judged = [place for place, row in enumerate(rows) if row.intent not in too_rare]
    logger.info("Doubting the labels of %d messages ...", len(judged))
    wrong, issues = _issues([rows[place] for place in judged], vectors[judged])
    return Audit(len(rows), wrong, tuple(issues), tuple(_conflicts(rows, vectors)), too_rare)


def _issues(rows: Sequence[Utterance], vectors: Array) -> tuple[int, list[Issue]]:
    """How many labels are probably wrong, and those that are doubted."""
    names = sorted({row.intent for row in rows})
    labels = np.array([names.index(row.intent) for row in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=REGULARISATION, max_iter=300))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=7)
    probabilities = cross_val_predict(model, vectors, labels, cv=folds, method="predict_proba")
    # All that it disagrees with, in order: cleanlab's stricter filters missed up to six of ten flipped labels, this one two at most.
    ranked = find_label_issues(labels, probabilities, filter_by="predicted_neq_given", return_indices_ranked_by="self_confidence", n_jobs=1)
    suggested = probabilities.argmax(axis=1)
    issues = [
        Issue(
            rows[place].text, rows[place].language, rows[place].intent, names[suggested[place]], round(float(probabilities[place].max()), 4)
        )
        for place in ranked
    ]
    return int(num_label_issues(labels, probabilities)), issues


def _conflicts(rows: Sequence[Utterance], vectors: Array) -> list[Conflict]:
    intents = np.array([row.intent for row in rows])
    found = []
    for start in range(0, len(rows), BLOCK):
        similar = vectors[start : start + BLOCK] @ vectors.T
        differ = intents[start : start + BLOCK, None] != intents[None, :]
        for one, other in np.argwhere((similar >= NEAR) & differ):
            first, second = rows[start + one], rows[other]
            if start + one < other:
                similarity = round(float(similar[one, other]), 4)
                found.append(Conflict(similarity, (first.text, second.text), (first.intent, second.intent)))
    return sorted(found, key=lambda conflict: -conflict.similarity)
