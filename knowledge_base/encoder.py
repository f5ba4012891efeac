"""The pretrained text encoder: texts to unit vectors, across languages."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from knowledge_base.errors import ModelError, SettingsError
from knowledge_base.model_folder import is_intact, restored, sha256_of
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array, OnnxTextModel, export_onnx
from knowledge_base.packaged_encoder import SOURCE_FILE, restore_packaged_encoder
from knowledge_base.quantisation import Precision

EXPORT_FORMAT = 3  # raise it when the exported folder changes, so that older caches are made anew


def encoder_folder(name: str | None, cache: Path) -> Path:
    """Return the local sentence-transformers or transformers folder of an encoder.

    Args:
        name: a folder, a name on the model hub, or None for the packaged multilingual-e5-small.
        cache: folder for converted models.

    Raises:
        ModelError: the packaged encoder cannot be restored, or the hub has no such model or is out of reach.
    """
    if name is None:
        return restore_packaged_encoder(cache)
    if Path(name).is_dir():
        return Path(name)
    if name.startswith((".", "/", "~")):
        raise SettingsError(
            f"The encoder folder {name} does not exist. Name a model folder, or leave the setting out for the packaged encoder."
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, ignore_patterns=["onnx/*", "openvino/*", "*.h5", "*.ot", "*.msgpack"]))
    except Exception as error:  # the hub's client raises many kinds, offline and for unknown names
        raise ModelError(f"The encoder {name} could not be fetched from the model hub: {error}") from error


def load_encoder(name: str | None, cache: Path, precision: Precision = "int8") -> "TextEncoder":
    """Load an encoder, exporting it for fast inference at the first call only.

    Args:
        name: a folder, a name on the model hub, or None for the packaged multilingual-e5-small.
        cache: folder for converted models.
        precision: of its weights.

    Raises:
        ModelError: the encoder is missing or is not a text encoder that can be exported.
    """
    source = encoder_folder(name, cache)
    base = folder_fingerprint(source)
    folder = prepared_encoder(fingerprint_in(base, precision), cache)
    return TextEncoder(restored(folder, "text encoder", lambda: _export(source, base, folder, precision)))


def prepared_encoder(fingerprint: str, cache: Path) -> Path:
    """Where an exported encoder lies in a cache, once it was prepared."""
    return cache / f"encoder-{fingerprint[:16]}-v{EXPORT_FORMAT}"


def fingerprint_in(fingerprint: str, precision: Precision) -> str:
    """The fingerprint of an encoder whose weights have this precision: to an index it is another one."""
    return fingerprint if precision == "fp32" else hashlib.sha256(f"{fingerprint} {precision}".encode()).hexdigest()


def folder_fingerprint(folder: Path) -> str:
    """A hash of an encoder's weights, tokenizer and pooling: two folders that agree on it give the same vectors."""
    source = folder / SOURCE_FILE
    if source.exists() and is_intact(folder):
        return sha256_of(source)
    names = ("*.safetensors", "pytorch_model*.bin", "tokenizer.json", "1_Pooling/config.json")
    files = sorted(path for name in names for path in folder.glob(name))
    if not any(path.suffix in {".safetensors", ".bin"} for path in files):
        raise ModelError(f"{folder} holds no model weights (*.safetensors). Name a sentence-transformers or transformers folder.")
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder)}:{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def query_prompt(folder: Path) -> str:
    """What an encoder wants before a question, as its sentence-transformers folder says; empty where it says nothing."""
    try:
        prompts = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8")).get("prompts", {})
    except FileNotFoundError:
        return ""
    return str(prompts.get("query") or "")


class TextEncoder:
    """Embeds questions and answers as unit vectors; a dot product is their cosine.

    Args:
        folder: an exported encoder.

    Attributes:
        base_fingerprint: of the folder that it was made of, see `folder_fingerprint`.
        precision: of its weights.
        fingerprint: of both: indexes of another one do not fit.

    Example:
        >>> encoder = load_encoder(None, Path("data/cache"))
        >>> vectors = encoder.encode_queries(["怎么退货", "how do I return this?"])  # (2, 384)
    """

    def __init__(self, folder: Path) -> None:
        self.model = OnnxTextModel(folder)
        self.base_fingerprint = str(self.model.settings["base"])
        self.precision: Precision = "int8" if self.model.settings["precision"] == "int8" else "fp32"
        self.fingerprint = fingerprint_in(self.base_fingerprint, self.precision)
        self.query_prompt = str(self.model.settings["query_prompt"])
        self.document_prompt = str(self.model.settings["document_prompt"])

    @property
    def dimensions(self) -> int:
        """Of the vectors."""
        return int(self.encode_queries(["?"]).shape[1])

    def encode_queries(self, texts: Sequence[str], progress: Callable[[int], object] | None = None) -> Array:
        """Embed short texts that ask: messages and question variants. Returns (texts, dimensions)."""
        return self.model.run([self.query_prompt + normalise(text) for text in texts], progress)[0]

    def encode_documents(self, texts: Sequence[str], progress: Callable[[int], object] | None = None) -> Array:
        """Embed texts that answer. Returns (texts, dimensions)."""
        return self.model.run([self.document_prompt + normalise(text) for text in texts], progress)[0]


def _export(source: Path, base: str, folder: Path, precision: Precision) -> None:
    """Export any sentence-transformers model (a plain transformers folder gets mean pooling)."""
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    class Embedding(torch.nn.Module):
        """The model as it is exported: pooled and of unit length."""

        def __init__(self, model: SentenceTransformer) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            """Embeddings, (batch, dimensions)."""
            features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call] # its report on unused pooling weights would only worry people
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(str(source), device="cpu")
        settings: dict[str, object] = {
            "base": base,
            "max_tokens": min(model.max_seq_length or 512, 512),
            "query_prompt": model.prompts.get("query") or "",
            "document_prompt": model.prompts.get("document") or model.prompts.get("passage") or "",
        }
        export_onnx(Embedding(model), ["embedding"], model.tokenizer.backend_tokenizer, settings, folder, precision)
    except ModelError:
        raise
    except Exception as error:  # whatever a folder that is no text encoder makes these libraries raise
        raise ModelError(f"{source} could not be prepared as a text encoder: {error}") from error
