"""A cohort of messages of all kinds, with which it is told how near is near."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from knowledge_base.errors import ModelError
from knowledge_base.onnx_model import Array

NEAREST = 10


class Cohort:
    """Messages of all kinds, by language: some a shop could answer, some none could.

    An encoder puts any two texts of one language nearer to each other than two of different languages, and short ones
    nearer than long ones. So a cosine alone says little: it counts by how much it exceeds the message's cosines to its
    nearest neighbours in the cohort (as in CSLS, Conneau et al. 2018, https://arxiv.org/abs/1710.04087, equation 5).

    Args:
        vectors: by language, (texts, dimensions), unit length.
    """

    def __init__(self, vectors: Mapping[str, Array]) -> None:
        self.vectors = {language: rows.astype(np.float32) for language, rows in vectors.items()}

    @classmethod
    def read(cls, path: Path) -> "Cohort":
        """Read a cohort's file.

        Raises:
            ModelError: it is missing or damaged.
        """
        try:
            return cls(load_file(path))
        except (OSError, SafetensorError) as error:
            raise ModelError(f"The cohort in {path} cannot be read: {error}. Restore the release's folder.") from error

    def write(self, path: Path) -> None:
        """Write the file that `read` reads, at half precision."""
        save_file({language: rows.astype(np.float16) for language, rows in self.vectors.items()}, path)

    def nearness(self, message: Array) -> dict[str, float]:
        """Return, by language, the mean cosine of a message, (dimensions,), to its nearest texts of the cohort."""
        return {language: float(np.sort(rows @ message)[-NEAREST:].mean()) for language, rows in self.vectors.items()}
