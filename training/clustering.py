"""Groups utterances that mean the same, whatever their languages; the number of groups is not given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from knowledge_base.cohort import Cohort
from knowledge_base.onnx_model import Array

NOISE = -1
# Chosen on samples of 20 to 1,100 utterances of BANKING77's training part and of the demonstration shop's.
NEIGHBOURS, ROUNDS = 3, 2  # of each language; how often utterances move
FLOOR = 0.2  # the cosine above which neighbours draw each other nearer; of unrelated utterances it is about 0
FARTHEST = 0.45  # the mean distance, 1 - cosine, up to which two clusters are one
BLOCK = 1024  # rows compared with all others at once


@dataclass(frozen=True)
class Clustering:
    """What belongs together.

    Attributes:
        labels: (utterances,), each one's cluster from 0, -1 for those that are like no other.
        members: each cluster's utterances by place, most central first; the largest cluster comes first.
    """

    labels: NDArray[np.int64]
    members: Sequence[Sequence[int]]


class UtteranceClusterer:
    """Finds clusters of utterances by average linkage.

    Two things make the encoder's vectors comparable. What all texts of a language have in common is taken out: their mean, over the
    cohort, too, so that a few messages on one topic do not count as what is common. Then each utterance moves towards its nearest
    neighbours of each language, which brings the same question in two languages together.

    Time and memory grow with the square of the utterances: 10,000 take a gigabyte.

    Args:
        cohort: messages of all kinds, by the encoder that makes the vectors.

    Example:
        >>> vectors = encoder.encode_queries(["do you wrap gifts?", "gift wrapping", "能包装成礼物吗", "where is my parcel?"])
        >>> UtteranceClusterer(release.cohort()).group(vectors, ["en", "en", "zh", "en"]).labels
        array([ 0,  0,  0, -1])
    """

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort

    def group(self, vectors: Array, languages: Sequence[str]) -> Clustering:
        """Group utterances; the same ones are always grouped alike.

        Args:
            vectors: (utterances, dimensions), unit length.
            languages: of each utterance.
        """
        centred = self.centred(vectors, languages)
        labels = _labels(_drawn_together(centred, np.array(languages)))
        members = [_most_central_first(np.flatnonzero(labels == label), centred) for label in range(labels.max(initial=NOISE) + 1)]
        return Clustering(labels, members)

    def centred(self, vectors: Array, languages: Sequence[str]) -> Array:
        """The vectors without what all texts of their language have in common, unit length; arguments as in `group`."""
        spoken, centred = np.array(languages), vectors.astype(np.float32)
        everything = np.concatenate(list(self.cohort.vectors.values()))
        for language in np.unique(spoken):
            own = spoken == language
            centred[own] -= np.concatenate([centred[own], self.cohort.vectors.get(language, everything)]).mean(axis=0)
        return _unit(centred)


def _drawn_together(points: Array, languages: NDArray[np.str_]) -> Array:
    """The utterances, each moved towards those that are like it."""
    by_language = [np.flatnonzero(languages == language) for language in np.unique(languages)]
    for _ in range(ROUNDS):
        moved = points.copy()
        for columns in by_language:
            others = points[columns]
            count = min(NEIGHBOURS, len(columns))
            for start in range(0, len(points), BLOCK):
                rows = np.arange(start, min(start + BLOCK, len(points)))
                similar = points[rows] @ others.T
                similar[rows[:, None] == columns] = 0.0  # none is its own neighbour
                nearest = np.argpartition(similar, -count, axis=1)[:, -count:]
                weights = (np.take_along_axis(similar, nearest, axis=1) - FLOOR).clip(0.0)
                moved[rows] += np.einsum("rk,rkd->rd", weights, others[nearest])
        points = _unit(moved)
    return points


def _labels(points: Array) -> NDArray[np.int64]:
    """Each point's cluster, the largest first, -1 where it would be the only one."""
    if len(points) < 2:
        return np.full(len(points), NOISE)
    found = fcluster(linkage(_distances(points), "average"), FARTHEST, "distance")
    names, first, places, sizes = np.unique(found, return_index=True, return_inverse=True, return_counts=True)
    ranks = np.full(len(names), NOISE)
    order = np.lexsort((first, -sizes))
    ranks[order] = np.arange(len(names))
    ranks[sizes < 2] = NOISE
    labels: NDArray[np.int64] = ranks[places]
    return labels


def _distances(points: Array) -> NDArray[np.float64]:
    """1 - cosine of every pair, in the order that scipy wants."""
    count = len(points)
    distances = np.empty(count * (count - 1) // 2)
    done = 0
    for start in range(0, count, BLOCK):
        block = 1.0 - points[start : start + BLOCK] @ points[start:].T
        for row, values in enumerate(block):
            beyond = values[row + 1 :]
            distances[done : done + len(beyond)] = beyond.clip(0.0)
            done += len(beyond)
    return distances


def _most_central_first(places: NDArray[np.int64], points: Array) -> list[int]:
    nearness = points[places] @ points[places].mean(axis=0)
    return [int(place) for place in places[np.argsort(-nearness, kind="stable")]]


def _unit(vectors: Array) -> Array:
    result: Array = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return result
