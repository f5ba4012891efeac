"""Text models as ONNX: converted once from torch, then run without it, which is three times as fast on a CPU."""

import json
import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base.errors import ModelError
from knowledge_base.model_folder import write_model_folder
from knowledge_base.quantisation import Precision, quantise

if TYPE_CHECKING:
    import torch

Array = NDArray[np.floating[Any]]
BATCH = 32
SAMPLES = (
    "query: where is my parcel?",
    "query: 退款多久到账",
    "query: Can I pay with two gift cards at once, and what if one runs out?",
    "passage: 8-22",
)
AGREEMENT = 0.97  # cosine; seen were 0.99 and more


def export_onnx(
    module: "torch.nn.Module",
    outputs: Sequence[str],
    tokenizer: Tokenizer,
    settings: dict[str, object],
    folder: Path,
    precision: Precision = "fp32",
) -> Path:
    """Write a torch text model as a folder that `OnnxTextModel` runs.

    Args:
        module: takes ``input_ids`` and ``attention_mask``, both (batch, tokens), and returns one (batch, x) tensor for each output.
        outputs: the outputs' names.
        tokenizer: a fast tokenizer, written beside the model.
        settings: kept in ``settings.json``; ``max_tokens`` is required.
        folder: where the finished folder goes.
        precision: of the weights; what is exported in int8 is compared with torch.

    Raises:
        ModelError: the module is no text encoder, or its int8 export computes something else.
    """
    import torch

    def write(part: Path) -> None:
        """Fill the model folder."""
        ids = torch.ones(2, 8, dtype=torch.int64)
        tokens = {0: "batch", 1: "tokens"}
        axes = {"input_ids": tokens, "attention_mask": tokens, **{name: {0: "batch"} for name in outputs}}
        loggers = logging.getLogger("torch.onnx")
        loggers.setLevel(logging.ERROR)
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # the exporter warns about its own future and about constants it traces
            torch.onnx.export(
                module.eval(),
                (ids, torch.ones_like(ids)),
                str(part / "model.onnx"),
                input_names=["input_ids", "attention_mask"],
                output_names=list(outputs),
                dynamic_axes=axes,
                opset_version=17,
                dynamo=False,
            )
        _take_out_word_embeddings(part)
        if precision == "int8":
            quantise(part / "model.onnx")
        tokenizer.save(str(part / "tokenizer.json"))
        (part / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
        if precision == "int8":
            _check_agreement(part, module)

    return write_model_folder(folder, write)


def _check_agreement(folder: Path, module: "torch.nn.Module") -> None:
    """Raise if an export does not compute what its torch model does."""
    import torch

    model = OnnxTextModel(folder)
    encodings = model.tokenizer.encode_batch(list(SAMPLES))
    ids, mask = (torch.tensor([getattr(e, name) for e in encodings]) for name in ("ids", "attention_mask"))
    with torch.inference_mode():
        wanted = module(ids, mask)
    wanted = (wanted if isinstance(wanted, tuple) else (wanted,))[0].numpy()
    found = model.run(SAMPLES)[0]
    cosines = (found * wanted).sum(axis=1) / np.linalg.norm(found, axis=1) / np.linalg.norm(wanted, axis=1)
    if cosines.min() < AGREEMENT:
        raise ModelError(
            f"The int8 model does not agree with the one it was made of (cosine {cosines.min():.3f}, wanted {AGREEMENT}). "
            "This machine's processor cannot be relied on for it; use a release in fp32 (`python -m training train --precision fp32`)."
        )


def _take_out_word_embeddings(folder: Path) -> None:
    """Move the word embeddings out of the graph into a file that is mapped into memory.

    They are four fifths of a multilingual model and a message needs a dozen rows: outside, loading is
    faster and only the rows that are used take memory.
    """
    import onnx

    path = folder / "model.onnx"
    model = onnx.load(str(path))
    graph = model.graph
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in graph.initializer}
    look_ups = [node for node in graph.node if node.op_type == "Gather" and node.input[1] == "input_ids" and node.input[0] in sizes]
    if not look_ups:
        raise ModelError("The model has no word embeddings to look up, so it is no text encoder.")
    look_up = max(look_ups, key=lambda node: sizes[node.input[0]])
    table = next(tensor for tensor in graph.initializer if tensor.name == look_up.input[0])
    np.save(folder / "word_embeddings.npy", onnx.numpy_helper.to_array(table))
    given = onnx.helper.make_tensor_value_info("word_embeddings", onnx.TensorProto.FLOAT, ["batch", "tokens", table.dims[1]])
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name == look_up.output[0]:
                node.input[place] = "word_embeddings"
    graph.node.remove(look_up)
    graph.initializer.remove(table)
    graph.input.append(given)
    if not any("input_ids" in node.input for node in graph.node):
        graph.input.remove(next(value for value in graph.input if value.name == "input_ids"))
    onnx.save(model, str(path))


class OnnxTextModel:
    """Runs a folder written by `export_onnx` on the CPU.

    Args:
        folder: the folder.

    Raises:
        ModelError: the folder cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.settings: dict[str, object] = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.word_embeddings = np.load(folder / "word_embeddings.npy", mmap_mode="r")
            options = onnxruntime.SessionOptions()
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # several models share the cores
            self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
            self.inputs = [node.name for node in self.session.get_inputs()]
        except Exception as error:  # onnxruntime and tokenizers raise many kinds
            raise ModelError(f"The model folder {folder} cannot be loaded: {error}. Delete it, and it is made anew.") from error
        self.tokenizer.enable_truncation(int(str(self.settings["max_tokens"])))
        self.tokenizer.enable_padding(pad_id=self.tokenizer.token_to_id("<pad>") or 0)

    def run(self, texts: Sequence[str], progress: Callable[[int], object] | None = None) -> list[Array]:
        """Return each output for all texts, (texts, x), in the texts' order.

        Args:
            texts: at least one text.
            progress: called with the number of texts done after each batch.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # little padding within a batch
        rows: list[list[Array]] = [[] for _ in texts]
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            encodings = self.tokenizer.encode_batch([texts[i] for i in batch])
            ids = np.array([e.ids for e in encodings], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
            inputs = {"input_ids": ids, "attention_mask": mask, "word_embeddings": self.word_embeddings[ids]}
            results = self.session.run(None, {name: inputs[name] for name in self.inputs})
            for place, index in enumerate(batch):
                rows[index] = [result[place] for result in results]
            if progress:
                progress(len(batch))
        return [np.stack(column).astype(np.float32) for column in zip(*rows, strict=True)]
