"""Linear discriminant analysis with one covariance for all classes: fitted in milliseconds, and well even on few examples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from knowledge_base.onnx_model import Array


@dataclass(frozen=True)
class LinearDiscriminant:
    """Tells classes apart by where their means lie (Hastie et al. 2009, The Elements of Statistical Learning, 4.3).

    scikit-learn's has a covariance of each class, which costs seconds with a hundred of them and which few examples do not give.

    Attributes:
        classes: (classes,), the labels that were there.
        directions: (classes, dimensions).
        offsets: (classes,).
    """

    classes: NDArray[np.int64]
    directions: Array
    offsets: Array

    @classmethod
    def fit(cls, vectors: Array, labels: NDArray[np.int64]) -> "LinearDiscriminant":
        """Fit to vectors (examples, dimensions) with labels (examples,)."""
        classes, places = np.unique(labels, return_inverse=True)
        means = np.stack([vectors[places == place].mean(axis=0) for place in range(len(classes))]).astype(np.float64)
        directions = np.linalg.solve(within_classes(vectors, means[places]), means.T).T
        return cls(classes, directions, -0.5 * (directions * means).sum(axis=1))

    def logits(self, vectors: Array) -> Array:
        """Log-likelihood ratios of the classes, (vectors, classes), all equally frequent."""
        result: Array = vectors @ self.directions.T + self.offsets
        return result


def within_classes(vectors: Array, means: Array) -> Array:
    """The covariance within classes, (dimensions, dimensions), shrunk as far as there are few examples.

    Shrunk after Ledoit & Wolf 2004, https://doi.org/10.1016/S0047-259X(03)00096-4.

    Args:
        vectors: (examples, dimensions).
        means: (examples, dimensions), of each example's class.
    """
    covariance: Array = ledoit_wolf((vectors - means).astype(np.float64), assume_centered=True)[0]
    return covariance + 1e-9 * np.eye(len(covariance))  # where each class has one example, nothing spreads
