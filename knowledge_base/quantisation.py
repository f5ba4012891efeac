"""Eight-bit models for the CPU: a quarter of the time and of the weights for a little noise."""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Precision = Literal["int8", "fp32"]
PRECISIONS: tuple[Precision, ...] = ("int8", "fp32")
SHIFT = 0.75  # how much of the activations' spread goes over to the weights; of 0.6 to 1.0, this kept the vectors nearest
LEAST = 1e-5

Inputs = Mapping[str, NDArray[Any]]


def quantise(path: Path, samples: Sequence[Inputs], *, seven_bits: bool) -> None:
    """Turn an ONNX model's weights into 8-bit integers, in place; activations are quantised as they come (per batch).

    Activations have channels that are a hundred times as large as others, which leaves these few steps of 256. So each channel is
    divided by a constant first, and the weights that it meets are multiplied by it (SmoothQuant, Xiao et al. 2022,
    https://arxiv.org/abs/2211.10438, equation 4). That took three quarters of the noise away, at no cost in time.

    Args:
        path: the model file.
        samples: inputs like those that will come, from which the channels' sizes are taken.
        seven_bits: leave one bit of the weights unused. CPUs without VNNI add products of eight bits in 16, which may overflow.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(str(path))
    _smooth(model, samples)
    root = logging.getLogger()
    root.addFilter(_silent)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as part:
            smooth, done = Path(part) / "smooth.onnx", Path(part) / path.name
            onnx.save(model, str(smooth))
            quantize_dynamic(
                str(smooth),
                str(done),
                per_channel=True,
                reduce_range=seven_bits,
                weight_type=QuantType.QInt8,
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
            done.replace(path)
    finally:
        root.removeFilter(_silent)


def _silent(_record: logging.LogRecord) -> bool:
    """The quantiser tells the root logger about every tensor, and advises a pre-processing that this export does not need."""
    return False


def _smooth(model: Any, samples: Sequence[Inputs]) -> None:
    """Even out the channels that meet weights, by constants that cancel."""
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    meeting: dict[str, list[Any]] = {}  # products by the activation that they take
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            meeting.setdefault(node.input[0], []).append(node)
    sizes = _channel_sizes(model, list(meeting), samples)
    for name, products in meeting.items():
        tables = [numpy_helper.to_array(weights[node.input[1]]) for node in products]
        largest = np.maximum(np.max([np.abs(table).max(axis=1) for table in tables], axis=0), LEAST)
        scale = np.maximum(sizes[name], LEAST) ** SHIFT / largest ** (1 - SHIFT)
        graph.initializer.append(numpy_helper.from_array((1.0 / scale).astype(np.float32), f"{name}.scale"))
        even = helper.make_node("Mul", [name, f"{name}.scale"], [f"{name}.even"], name=f"{name}.smooth")
        graph.node.insert(next(place for place, node in enumerate(graph.node) if node.name == products[0].name), even)
        for node, table in zip(products, tables, strict=True):
            scaled = numpy_helper.from_array((table * scale[:, None]).astype(np.float32), f"{node.input[1]}.scaled")
            graph.initializer.append(scaled)
            node.input[0], node.input[1] = f"{name}.even", scaled.name
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(tensor)


def _channel_sizes(model: Any, names: Sequence[str], samples: Sequence[Inputs]) -> dict[str, NDArray[Any]]:
    """The largest value of each channel of these activations, (channels,) each, over all samples."""
    import onnx

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    sizes: dict[str, NDArray[Any]] = {}
    for inputs in samples:
        for name, values in zip(names, session.run(list(names), dict(inputs)), strict=True):
            largest = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            sizes[name] = np.maximum(sizes.get(name, largest), largest)
    return sizes
