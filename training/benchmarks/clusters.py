"""How well clusters of utterances agree with intents that people gave them.

The sets are those of DSTC 11 track 2: https://github.com/amazon-science/dstc11-track2-intent-induction (CDLA Permissive 2.0).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from agent.errors import DatasetError
from agent.language import detect_language
from knowledge_base.encoder import TextEncoder
from training.clustering import NOISE, UtteranceClusterer
from training.examples import Example

PARTS = "*/test-utterances.jsonl"


def read_parts(folder: Path) -> dict[str, list[Example]]:
    """Read each part's ``test-utterances.jsonl`` (utterance, intent), by the name of the part's folder.

    Raises:
        DatasetError: there is none, or a file is of another kind.
    """
    parts = {file.parent.name: _read(file) for file in sorted(folder.glob(PARTS))}
    if not parts:
        raise DatasetError(f"{folder} has no {PARTS}. Name the folder with the parts of DSTC 11 track 2.")
    return parts


def measure_clusters(
    encoder: TextEncoder, clusterer: UtteranceClusterer, parts: Mapping[str, Sequence[Example]]
) -> dict[str, dict[str, float]]:
    """Cluster each part without its intents, and compare.

    Args:
        encoder: the encoder.
        clusterer: with a cohort by this encoder.
        parts: utterances and their intents.

    Returns:
        For each part: ``purity``, ``nmi`` and ``ari`` over all utterances, where each that is noise is a cluster of its own;
        ``purity_without_noise`` over the others; the counts ``clusters``, ``intents`` and ``utterances``; ``noise``, the share of
        utterances in no cluster; ``median_size``, of a cluster.
    """
    figures = {}
    for name, examples in parts.items():
        texts = [example.text for example in examples]
        clustering = clusterer.group(encoder.encode_queries(texts), [detect_language(text).code for text in texts])
        figures[name] = compare(clustering.labels, [example.name for example in examples])
    return figures


def compare(labels: NDArray[np.int64], intents: Sequence[str]) -> dict[str, float]:
    """Compare clusters with intents; the figures are those of `measure_clusters`."""
    truth = np.unique(intents, return_inverse=True)[1]
    noise = labels == NOISE
    apart = labels.copy()
    apart[noise] = labels.max(initial=NOISE) + 1 + np.arange(noise.sum())
    sizes = np.unique(labels[~noise], return_counts=True)[1]
    return {
        "purity": _purity(apart, truth),
        "purity_without_noise": _purity(labels[~noise], truth[~noise]),
        "nmi": float(normalized_mutual_info_score(truth, apart)),
        "ari": float(adjusted_rand_score(truth, apart)),
        "clusters": len(sizes),
        "intents": len(set(intents)),
        "utterances": len(labels),
        "noise": float(noise.mean()),
        "median_size": float(np.median(sizes)) if len(sizes) else 0.0,
    }


def _purity(labels: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The share of utterances that have the commonest intent of their cluster; 1 where there is none."""
    commonest = sum(np.bincount(truth[labels == label]).max() for label in np.unique(labels))
    return float(commonest / len(labels)) if len(labels) else 1.0


def _read(file: Path) -> list[Example]:
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [Example(str(row["utterance"]), str(row["intent"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{file} cannot be read as JSON lines with utterance and intent ({type(error).__name__}: {error}).") from error
