"""Text models as ONNX: converted once from torch, then run without it, which is three times as fast on a CPU."""

import json
import logging
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base.errors import ModelError
from knowledge_base.model_folder import link_to_twin, sha256_of, write_model_folder
from knowledge_base.onnx_shapes import freeze_shapes
from knowledge_base.quantisation import Precision, quantise

if TYPE_CHECKING:
    import torch


def available_cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Array = NDArray[np.floating[Any]]
THREADS = max(available_cores() // 2, 1)  # of a model: encoder and classifier run side by side
BATCH = 32
MANY = 64  # texts; with fewer, starting threads is not worth it
WORD_EMBEDDINGS = "word_embeddings.npy"
SAMPLES = (  # as they come: questions and answers, short and long, in both languages
    "query: where is my parcel?",
    "query: 退款多久到账",
    "query: Can I pay with two gift cards at once, and what if one runs out?",
    "query: hi",
    "query: 你们几点关门啊,周末也开吗?",
    "query: I ordered a kettle last Tuesday, [order], and it arrived with a dent in the lid. What now?",
    "query: 我上周买的吹风机用了两次就不转了，保修期内可以直接换新的吗？运费谁出？",
    "query: THIS IS THE THIRD TIME I ask!!! refund. now.",
    "query: whats ur returns policy pls",
    "query: 包邮吗",
    "query: tell me a joke",
    "query: 想问下发票能不能开公司抬头，另外积分怎么用",
    "passage: 8-22",
    "passage: Standard delivery takes 3 to 5 business days and costs 4.90 USD; from 50 USD it is free.",
    "passage: 订单签收后 30 天内可以申请退货，商品需保持完好，退款会在 5 个工作日内原路退回。",
    "passage: To change your password, open *Account*, choose **Security**, and follow the link in the e-mail (valid for 24 hours).",
)
AGREEMENT = 0.99  # cosine; seen were 0.999 and more


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
        tokenizer.save(str(part / "tokenizer.json"))
        (part / "settings.json").write_text(json.dumps({**settings, "precision": precision}, indent=1), encoding="utf-8")
        exact = OnnxTextModel(part)
        freeze_shapes(part / "model.onnx", [exact.graph_inputs(texts) for texts in (SAMPLES[:1], SAMPLES[2:4], SAMPLES[5:8])])
        if precision == "int8":
            _quantise(part, module)

    return write_model_folder(folder, write)


def _quantise(folder: Path, module: "torch.nn.Module") -> None:
    """Make an export eight bits wide, in place; seven where this processor does not compute with eight what torch does.

    Raises:
        ModelError: neither agrees with torch.
    """
    exact = OnnxTextModel(folder)
    samples = [exact.inputs([text]) for text in SAMPLES]
    full = (folder / "model.onnx").read_bytes()
    agreements = []
    for seven_bits in (False, True):
        (folder / "model.onnx").write_bytes(full)
        quantise(folder / "model.onnx", samples, seven_bits=seven_bits)
        agreements.append(_agreement(folder, module))
        if agreements[-1] >= AGREEMENT:
            return
    raise ModelError(
        f"The int8 model does not agree with the one it was made of (cosine {max(agreements):.3f}, wanted {AGREEMENT}). "
        "Use a release in fp32 (`python -m training train --precision fp32`)."
    )


def _agreement(folder: Path, module: "torch.nn.Module") -> float:
    """The least cosine between what an export and its torch model compute for the samples."""
    import torch

    model = OnnxTextModel(folder)
    cosines = []
    for text in SAMPLES:
        ids, mask = (torch.from_numpy(model.inputs([text])[name]) for name in ("input_ids", "attention_mask"))
        with torch.inference_mode():
            wanted = module(ids, mask)
        one, other = model.run([text])[0][0], (wanted if isinstance(wanted, tuple) else (wanted,))[0][0].numpy()
        cosines.append(float(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))
    return min(cosines)


def _take_out_word_embeddings(folder: Path) -> None:
    """Move the word embeddings out of the graph into a file that is mapped into memory.

    They are four fifths of a multilingual model and a message needs a dozen rows: outside, loading is
    faster and only the rows that are used take memory. In half precision, and shared with other exports of the same encoder,
    because training leaves them as they are.
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
    np.save(folder / WORD_EMBEDDINGS, onnx.numpy_helper.to_array(table).astype(np.float16))
    link_to_twin(folder / WORD_EMBEDDINGS, folder.parent)
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

    In int8 each text is run for itself: activations that are quantised together lose precision, and what a customer is told must not
    depend on who else writes at that moment. It takes 2.4 ms a text instead of 1.8.

    Args:
        folder: the folder.

    Raises:
        ModelError: the folder cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.settings: dict[str, object] = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
            file = (folder / "tokenizer.json").resolve()
            self.tokenizer = _tokenizer(file, sha256_of(file), int(str(self.settings["max_tokens"])))
            self.word_embeddings = np.load(folder / WORD_EMBEDDINGS, mmap_mode="r")
            options = onnxruntime.SessionOptions()
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            options.intra_op_num_threads = THREADS
            self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
            self.taken = [node.name for node in self.session.get_inputs()]
        except Exception as error:  # onnxruntime and tokenizers raise many kinds
            raise ModelError(f"The model folder {folder} cannot be loaded: {error}. Delete it, and it is made anew.") from error
        self.batch = 1 if self.settings["precision"] == "int8" else BATCH

    def inputs(self, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
        """A batch as the graph may take it: input_ids and attention_mask, (texts, tokens), word_embeddings, (texts, tokens, hidden)."""
        encodings = self.tokenizer.encode_batch(list(texts))
        ids = np.array([e.ids for e in encodings], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
        return {"input_ids": ids, "attention_mask": mask, "word_embeddings": self.word_embeddings[ids].astype(np.float32)}

    def graph_inputs(self, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
        """A batch as this graph takes it."""
        inputs = self.inputs(texts)
        return {name: inputs[name] for name in self.taken}

    def run(self, texts: Sequence[str], progress: Callable[[int], object] | None = None) -> list[Array]:
        """Return each output for all texts, (texts, x), in the texts' order.

        Args:
            texts: at least one text.
            progress: called with the number of texts done after each batch.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # little padding within a batch
        batches = [order[start : start + self.batch] for start in range(0, len(order), self.batch)]
        rows: list[list[Array]] = [[] for _ in texts]
        with ExitStack() as stack:
            many = len(texts) >= MANY
            run = stack.enter_context(ThreadPoolExecutor(available_cores() // THREADS)).map if many else map
            for batch, results in zip(batches, run(lambda batch: self._run([texts[i] for i in batch]), batches), strict=True):
                for place, index in enumerate(batch):
                    rows[index] = [result[place] for result in results]
                if progress:
                    progress(len(batch))
        return [np.stack(column).astype(np.float32) for column in zip(*rows, strict=True)]

    def _run(self, texts: Sequence[str]) -> list[Array]:
        results: list[Array] = self.session.run(None, self.graph_inputs(texts))
        return results


@lru_cache(maxsize=8)
def _tokenizer(file: Path, _sha256: str, max_tokens: int) -> Tokenizer:
    """A tokenizer that pads and truncates; it takes most of a second to load, and serves every model that has the same."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("<pad>") or 0)
    return tokenizer
