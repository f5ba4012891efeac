from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from knowledge_base import onnx_model
from knowledge_base.encoder import TextEncoder, load_encoder
from knowledge_base.errors import ModelError
from knowledge_base.quantisation import quantise

TEXTS = ["where is my parcel?", "退款多久到账", "can I pay with two gift cards at once, and what if one of them runs out?", "hi"]


def outlying_network(path: Path) -> tuple[Callable[[], onnxruntime.InferenceSession], np.ndarray]:
    """Two products in a row, and inputs of which one channel is a hundred times as large as the others."""
    generator = np.random.default_rng(7)
    weights = [generator.normal(size=size).astype(np.float32) for size in ((16, 32), (32, 8))]
    weights[0][3] /= 100  # the large channel says no more than the others, as in trained networks
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w0"], ["h"], name="first"),
            helper.make_node("Relu", ["h"], ["r"], name="relu"),
            helper.make_node("MatMul", ["r", "w1"], ["y"], name="second"),
        ],
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 8])],
        [numpy_helper.from_array(table, f"w{place}") for place, table in enumerate(weights)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), str(path))
    inputs = generator.normal(size=(64, 16)).astype(np.float32)
    inputs[:, 3] *= 100
    return lambda: onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]), inputs


@pytest.mark.parametrize("seven_bits", [False, True])
def test_a_quantised_model_computes_nearly_the_same_despite_outliers(tmp_path: Path, seven_bits: bool) -> None:
    load, inputs = outlying_network(tmp_path / "model.onnx")
    exact = load().run(None, {"x": inputs})[0]
    quantise(tmp_path / "model.onnx", [{"x": inputs[:8]}], seven_bits=seven_bits)
    kinds = {node.op_type for node in onnx.load(str(tmp_path / "model.onnx")).graph.node}
    assert "MatMulInteger" in kinds
    assert "MatMul" not in kinds
    found = load().run(None, {"x": inputs})[0]
    assert np.abs(found - exact).max() < 0.03 * np.abs(exact).max()
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_what_one_customer_is_told_does_not_depend_on_the_others(encoder: TextEncoder) -> None:
    together = encoder.encode_queries([*TEXTS, *(f"text number {n}" for n in range(80))])
    for text, vector in zip(TEXTS, together, strict=False):
        np.testing.assert_array_equal(encoder.encode_queries([text])[0], vector)


def test_an_export_that_computes_something_else_is_refused(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def spoil(path: Path, _samples: object, *, seven_bits: bool) -> None:
        tried.append(seven_bits)
        model = onnx.load(str(path))
        for tensor in model.graph.initializer:
            if len(tensor.dims) == 2:
                tensor.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(tensor), tensor.name))
        onnx.save(model, str(path))

    monkeypatch.setattr(onnx_model, "quantise", spoil)
    with pytest.raises(ModelError, match=r"does not agree .* --precision fp32"):
        load_encoder(str(tiny_model), tmp_path, "int8")
    assert tried == [False, True]
    assert not list(tmp_path.iterdir())
