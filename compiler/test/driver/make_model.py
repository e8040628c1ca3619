"""Writes the small QDQ model of the driver's tests: make_model.py FILE [height width]; 'dyn' leaves the sizes open."""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

path = sys.argv[1]
sizes = [s if s == "dyn" else int(s) for s in sys.argv[2:]] or [12, 20]
sizes = [f"size{i}" if s == "dyn" else s for i, s in enumerate(sizes)]
rng = np.random.default_rng(1)
constants, nodes = [], []


def constant(name, value):
    constants.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def qdq(x, scale, zero):
    params = [constant(f"{x}_scale", np.float32(scale)), constant(f"{x}_zero", np.int8(zero))]
    nodes.append(helper.make_node("QuantizeLinear", [x] + params, [f"{x}_q"], name=f"/{x}/Q"))
    nodes.append(helper.make_node("DequantizeLinear", [f"{x}_q"] + params, [f"{x}_dq"], name=f"/{x}/DQ"))
    return f"{x}_dq"


def conv(x, name, channels, outputs):
    w = constant(f"{name}_w", rng.integers(-127, 128, (outputs, channels, 3, 3)).astype(np.int8))
    s, z = constant(f"{name}_ws", np.full(outputs, 1e-3, np.float32)), constant(f"{name}_wz", np.zeros(outputs, np.int8))
    nodes.append(helper.make_node("DequantizeLinear", [w, s, z], [f"{name}_wdq"], name=f"/{name}/W", axis=0))
    nodes.append(helper.make_node("Conv", [x, f"{name}_wdq"], [name], name=f"/{name}", kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    return qdq(name, 0.05, 0)


y = conv(conv(qdq("x", 0.05, 3), "first", 5, 20), "second", 20, 3)
shape = [1, 5, *sizes]
graph = helper.make_graph(nodes, "small", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                          [helper.make_tensor_value_info(y, TensorProto.FLOAT, [1, 3, *sizes])], constants)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
