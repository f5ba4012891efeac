"""How far a message lies from everything that any intent covers: learned with the classifier, kept in the release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from agent.intents import OUT_OF_SCOPE
from agent.routing_model import logistic
from knowledge_base.errors import ModelError
from knowledge_base.onnx_model import Array

OUT_OF_SCOPE_FILE = "out_of_scope.safetensors"
NEIGHBOURS = 5
SURE = 1e-6  # of probabilities, so that log-odds stay finite


@dataclass(frozen=True)
class OutOfScopeModel:
    """Scores messages by their representation and their logits.

    Attributes:
        centroids: mean representation of each class in scope, unit length, (classes, hidden).
        whitening: turns representations into ones of equal spread in every direction within a class, (hidden, hidden).
        whitened_means: the classes' means after that, (classes, hidden).
        bank: representations of training messages in scope, unit length, (messages, hidden).
        weights: of the score's `features`, and their ``bias``; empty until it is fitted.
    """

    centroids: Array
    whitening: Array
    whitened_means: Array
    bank: Array
    weights: Mapping[str, float]

    @classmethod
    def read(cls, path: Path, weights: Mapping[str, float]) -> "OutOfScopeModel":
        """Read a release's file.

        Raises:
            ModelError: it is missing or damaged.
        """
        try:
            stored = {name: part.astype(np.float32) for name, part in load_file(path).items()}
            return cls(stored["centroids"], stored["whitening"], stored["whitened_means"], stored["bank"], weights)
        except (OSError, SafetensorError, KeyError) as error:
            raise ModelError(f"The out-of-scope model in {path} cannot be read: {error}. Restore the release's folder.") from error

    def write(self, path: Path) -> None:
        """Write the file, in half precision."""
        parts = {"centroids": self.centroids, "whitening": self.whitening, "whitened_means": self.whitened_means, "bank": self.bank}
        save_file({name: np.ascontiguousarray(part, dtype=np.float16) for name, part in parts.items()}, path)

    def scores(self, representations: Array, logits: Array, labels: Sequence[str]) -> Array:
        """The probability of each message that no intent covers it, (texts,); arguments as for `features`."""
        return logistic(self.features(representations, logits, labels), self.weights)

    def features(self, representations: Array, logits: Array, labels: Sequence[str]) -> dict[str, Array]:
        """What the score looks at, each (texts,).

        Args:
            representations: (texts, hidden).
            logits: (texts, labels), already divided by the temperature.
            labels: the classes in the order of the logits.

        Returns:
            ``oos_logit``: log-odds of the class oos, where there is one;
            ``doubt``: log-odds that the likeliest class in scope is not meant (Hendrycks & Gimpel 2017, https://arxiv.org/abs/1610.02136);
            ``energy``: log-sum-exp of the logits in scope (Liu et al. 2020, https://arxiv.org/abs/2010.03759);
            ``distance``: one minus the cosine to the nearest centroid;
            ``mahalanobis``: the distance to the nearest class under the shared covariance (Lee et al. 2018,
            https://arxiv.org/abs/1807.03888), over the root of the dimensions;
            ``neighbours``: one minus the mean cosine to the nearest training messages (Sun et al. 2022, https://arxiv.org/abs/2204.06507).
        """
        is_oos = np.array([label == OUT_OF_SCOPE for label in labels])
        inside = logits[:, ~is_oos]
        top = inside.max(axis=-1, keepdims=True)
        powers = np.exp(inside - top)
        unit = representations / np.linalg.norm(representations, axis=-1, keepdims=True)
        nearest = np.sort(unit @ self.bank.T, axis=-1)[:, -NEIGHBOURS:]
        features = {
            "doubt": -_log_odds(1.0 / powers.sum(axis=-1)),
            "energy": top[:, 0] + np.log(powers.sum(axis=-1)),
            "distance": 1.0 - (unit @ self.centroids.T).max(axis=-1),
            "mahalanobis": _nearest(representations @ self.whitening, self.whitened_means) / np.sqrt(representations.shape[1]),
            "neighbours": 1.0 - nearest.mean(axis=-1),
        }
        if is_oos.any():
            outside = logits[:, is_oos].max(axis=-1)
            features["oos_logit"] = np.clip(outside - features["energy"], -np.log(1 / SURE), np.log(1 / SURE))
        return features


def _nearest(points: Array, means: Array) -> Array:
    """The Euclidean distance of each point to the nearest mean."""
    squared = (points**2).sum(axis=1)[:, None] - 2.0 * points @ means.T + (means**2).sum(axis=1)[None]
    result: Array = np.sqrt(np.maximum(squared.min(axis=1), 0.0))
    return result


def _log_odds(probabilities: Array) -> Array:
    p = np.clip(probabilities, SURE, 1.0 - SURE)
    result: Array = np.log(p / (1.0 - p))
    return result
