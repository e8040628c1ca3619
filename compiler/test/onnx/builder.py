"""Small QDQ models made in a few lines. Each call adds nodes and returns the name of the result."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    def __init__(self, opset=17, seed=0):
        self.nodes, self.initializers, self.inputs, self.outputs, self.infos = [], [], [], [], []
        self.opset, self.rng, self.count = opset, np.random.default_rng(seed), 0

    def name(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def constant(self, array, name=None):
        name = name or self.name("c")
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def input(self, name, shape, dtype=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, value, shape=None, dtype=TensorProto.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(value, dtype, shape))
        return value

    def node(self, op, inputs, name=None, result=None, **attributes):
        name = name or self.name(op.lower())
        result = result or name + "_out"
        self.nodes.append(helper.make_node(op, inputs, [result], name=name, **attributes))
        return result

    def quantize(self, x, scale, zero=0, dtype=np.int8, **kw):
        s, z = self.constant(np.float32(scale)), self.constant(dtype(zero))
        return self.node("QuantizeLinear", [x, s, z], **kw)

    def dequantize(self, x, scale, zero=0, dtype=np.int8, **kw):
        s, z = self.constant(np.float32(scale)), self.constant(dtype(zero))
        return self.node("DequantizeLinear", [x, s, z], **kw)

    def qdq(self, x, scale, zero=0, dtype=np.int8, result=None):
        return self.dequantize(self.quantize(x, scale, zero, dtype), scale, zero, dtype, result=result)

    def weights(self, shape, scales):
        """int8 weights behind DequantizeLinear; `scales` a number or one per output channel."""
        values = self.rng.integers(-127, 128, shape).astype(np.int8)
        return self.dequantized(values, scales)

    def dequantized(self, values, scales, axis=0):
        scales = np.asarray(scales, np.float32)
        extra = {"axis": axis} if scales.ndim else {}
        q, s = self.constant(values), self.constant(scales)
        z = self.constant(np.zeros(scales.shape, values.dtype))
        return self.node("DequantizeLinear", [q, s, z], **extra)

    def conv(self, x, shape, scales=0.01, bias=None, **kw):
        inputs = [x, self.weights(shape, scales)]
        if bias is not None:
            inputs.append(bias if isinstance(bias, str) else self.constant(np.asarray(bias, np.float32)))
        return self.node("Conv", inputs, **kw)

    def resize(self, x, scales=(1, 1, 2, 2), **kw):
        attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} | kw
        return self.node("Resize", [x, "", self.constant(np.float32(scales))], **attributes)

    def model(self):
        graph = helper.make_graph(self.nodes, "g", self.inputs, self.outputs, self.initializers, value_info=self.infos)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 9
        return model


def reference(model, feeds):
    """ONNX Runtime with graph optimisation disabled: the literal meaning of the file. By output name."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds)))
