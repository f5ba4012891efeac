"""Takes out of vectors what all texts of a language have in common, so that texts of two languages meet, and meaning decides."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from knowledge_base.errors import ModelError
from knowledge_base.model_folder import sha256_of
from knowledge_base.onnx_model import Array
from knowledge_base.pinyin import HAN

CENTRES = Path(__file__).parent / "centres.safetensors"
SHARE = 0.9  # of the centre that is taken out; chosen on the demonstration shop's validation messages
Kind = Literal["query", "document"]


class Centring:
    """Subtracts from each vector most of its language's centre, as "all but the top" does for words.

    Two texts of one language have a cosine above 0.75 in a model such as e5, whatever they say; what a language's vectors have in common
    hides what they do not (Mu and Viswanath 2018, https://arxiv.org/abs/1702.01417).

    Args:
        centres: by language and kind, e.g. ``en query``, (dimensions,); without any, vectors stay as they are.
        fingerprint: of the centres: vectors of another one do not fit.

    Example:
        >>> centring = Centring.of(encoder.base_fingerprint)
        >>> centring.apply(encoder.encode_queries(["怎么退货"]), ["怎么退货"], "query").shape
        (1, 384)
    """

    def __init__(self, centres: Mapping[str, Array], fingerprint: str = "") -> None:
        self.centres, self.fingerprint = centres, fingerprint

    @classmethod
    def of(cls, base_fingerprint: str, path: Path = CENTRES) -> "Centring":
        """The centring for an encoder: the one in a file if it was made for that encoder, none at all otherwise.

        Raises:
            ModelError: the file cannot be read.
        """
        try:
            with safe_open(path, "numpy") as file:
                if (file.metadata() or {}).get("base") != base_fingerprint:
                    return cls({})
                centres = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118 - no mapping
        except (OSError, SafetensorError) as error:
            raise ModelError(f"The centres in {path} cannot be read: {error}. Install Frontdesk anew.") from error
        return cls(centres, sha256_of(path))

    def write(self, path: Path, base_fingerprint: str) -> None:
        """Write the file that `of` reads, at half precision."""
        save_file({name: centre.astype(np.float16) for name, centre in self.centres.items()}, path, {"base": base_fingerprint})

    def apply(self, vectors: Array, texts: Sequence[str], kind: Kind) -> Array:
        """Centre the vectors of texts.

        Args:
            vectors: (texts, dimensions), unit length.
            texts: what they are of: Chinese characters tell the language.
            kind: how they were embedded.

        Returns:
            (texts, dimensions), unit length.
        """
        return self.apply_in(vectors, [language_of(text) for text in texts], kind)

    def apply_in(self, vectors: Array, languages: Sequence[str], kind: Kind) -> Array:
        """Centre vectors whose languages are known; arguments as above."""
        if not self.centres or not len(vectors):
            return vectors
        # Other languages of the Latin script are nearer to English than to nothing.
        centres = np.stack([self.centres[f"{'zh' if language == 'zh' else 'en'} {kind}"] for language in languages])
        moved = vectors - SHARE * centres
        result: Array = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
        return result


def language_of(text: str) -> str:
    """Whose centre a text is moved by: ``zh`` where it has Chinese characters, else ``en``."""
    return "zh" if HAN.search(text) else "en"
