"""The generated network: the same file every time, the same weights at every size, and values that neither saturate nor die out."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf import stand_in  # noqa: E402


@pytest.fixture(scope="module")
def model():
    return stand_in.stand_in(40, 72)


def test_the_same_every_time(model):
    assert model.SerializeToString(deterministic=True) == stand_in.stand_in(40, 72).SerializeToString(deterministic=True)


def test_sizes_share_weights_and_scales(model):
    other = stand_in.stand_in(64, 16)
    assert [t.SerializeToString() for t in model.graph.initializer] == [t.SerializeToString() for t in other.graph.initializer]
    for graph, sizes in ((model.graph, [(64, 5, 9), (3, 40, 72)]), (other.graph, [(64, 8, 2), (3, 64, 16)])):
        assert [tuple(d.dim_value for d in t.type.tensor_type.shape.dim)[1:] for t in (*graph.input, *graph.output)] == sizes


def test_structure(model):
    count = {op: sum(n.op_type == op for n in model.graph.node) for op in ("Conv", "Add", "Resize")}
    assert count == {"Conv": 3 + 3 * sum(stand_in.BLOCKS) + 1, "Add": sum(stand_in.BLOCKS), "Resize": 3}


def test_values_are_lively(model):
    names = [n.output[0] for n in model.graph.node if n.op_type == "QuantizeLinear"]
    model = onnx.ModelProto.FromString(model.SerializeToString())
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    values = session.run(names, {"feat": stand_in.random_features(1, 64, 40, 72, seed=9)[0]})
    assert len(names) > 30
    for name, value in zip(names, values):
        assert np.mean(value == 127) < 0.01, f"{name} saturates"
        assert value.std() > 10 and len(np.unique(value)) > 100, f"{name} is dead"


@pytest.mark.parametrize("arguments", [["--height", "60"], ["--width", "0"], ["--channels", "0"], ["--height", "-8"]])
def test_an_impossible_size_is_a_sentence(arguments, tmp_path):
    done = subprocess.run([sys.executable, "-B", stand_in.__file__, *arguments, "-o", str(tmp_path / "m.onnx")], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("stand_in: ") and done.stderr.count("\n") == 1
    assert not (tmp_path / "m.onnx").exists()
