"""Random one-op QDQ models with inputs, for tests of arithmetic.

Every case comes from a seed alone.  The data fill the output range (standard deviation about 40 steps), so that
few outputs saturate and nearly all of the 256 values occur.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
TYPES = {"int8": (np.int8, TensorProto.INT8), "uint8": (np.uint8, TensorProto.UINT8)}
BIASES = ("none", "int32", "int32 of another scale", "float")


@dataclass
class Case:
    description: str
    model: onnx.ModelProto
    feeds: dict[str, np.ndarray]


class Builder:
    """Collects nodes and constants of a graph; every tensor name is derived from its producer."""

    def __init__(self):
        self.nodes, self.constants, self.inputs, self.feeds = [], [], [], {}

    def constant(self, name: str, value) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op: str, inputs, name: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"/{name}", **attributes))
        return name

    def requantized(self, x: str, scale: float, zero: int, dtype: str) -> str:
        """x -> QuantizeLinear -> DequantizeLinear."""
        params = [self.constant(f"{x}_scale", np.float32(scale)), self.constant(f"{x}_zero", TYPES[dtype][0](zero))]
        return self.node("DequantizeLinear", [self.node("QuantizeLinear", [x] + params, f"{x}_q")] + params, f"{x}_dq")

    def input(self, name: str, q: np.ndarray, scale: float, zero: int, dtype: str) -> str:
        """A float graph input whose quantized values are exactly q."""
        self.feeds[name] = ((q - zero) * np.float32(scale)).astype(np.float32)
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, q.shape))
        return self.requantized(name, scale, zero, dtype)

    def case(self, description: str, output: str) -> Case:
        value = helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * 4)
        graph = helper.make_graph(self.nodes, "case", self.inputs, [value], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model)
        return Case(description, model, self.feeds)


def _values(rng, shape, deviation: float, dtype: str, zero: int) -> np.ndarray:
    """Quantized values around the zero point, clipped to the type."""
    limits = np.iinfo(TYPES[dtype][0])
    return np.clip(np.rint(rng.normal(zero, deviation, shape)), limits.min, limits.max).astype(np.int64)


def _quantization(rng, offset_range: int = 60) -> tuple[str, float, int]:
    """Type, scale and zero point of an activation."""
    dtype = "int8" if rng.random() < 0.75 else "uint8"
    zero = int(rng.integers(-offset_range, offset_range + 1)) + (128 if dtype == "uint8" else 0)
    return dtype, float(np.float32(2.0 ** rng.uniform(-10, 1))), zero


def _activation(rng, g: Builder, x: str, scale: float) -> tuple[str, str]:
    """Perhaps a Relu or a Clip whose bounds cut off some values -> tensor name, what was added."""
    kind = rng.choice(["", "Relu", "Clip"])
    if kind == "Relu":
        return g.node("Relu", [x], "relu"), kind
    if kind == "Clip":
        bounds = sorted(float(b) * scale for b in (rng.uniform(-100, -60), rng.uniform(60, 100)))
        return g.node("Clip", [x, g.constant("low", np.float32(bounds[0])), g.constant("high", np.float32(bounds[1]))], "clip"), kind
    return x, "no activation"


def conv(seed: int, bias: str | None = None) -> Case:
    """A convolution with a requantization factor drawn from 1e-4 .. 1; `bias` is one of BIASES or drawn."""
    rng = np.random.default_rng([1, seed])
    bias = bias or str(rng.choice(BIASES[:2]))
    dtype, sx, zx = _quantization(rng)
    factor = 10 ** rng.uniform(-4, 0)
    deviation = rng.uniform(30, 45)
    # sqrt(products per output) * deviation of the weights, for outputs of 40 steps' deviation.
    spread = 40 / (factor * deviation)
    kernel = tuple(int(k) for k in rng.integers(1, 8, 2))
    fewest = np.clip((spread / 70) ** 2, 4, 6000)
    most = np.clip((spread / 0.8) ** 2, 2 * fewest, 8000)
    products = np.exp(rng.uniform(np.log(fewest), np.log(most)))
    channels = max(1, round(products / (kernel[0] * kernel[1])))
    if channels == 1:
        kernel = tuple(min(k, max(1, round(products ** 0.5))) for k in kernel)
    groups = int(rng.choice([1, 1, 1, 2])) if channels > 1 else 1
    outputs = groups * int(rng.integers(2, 20))
    amplitude = int(np.clip(round(3 ** 0.5 * spread / (channels * kernel[0] * kernel[1]) ** 0.5), 2, 127))
    weights = rng.integers(-amplitude, amplitude + 1, (outputs, channels, *kernel)).astype(np.int8)
    sw = np.float32(2.0 ** rng.uniform(-12, -4) * rng.uniform(0.5, 1, outputs))
    if rng.random() < 0.2:
        sw = sw[:1]
    pads = [int(p) for p in rng.integers(0, 4, 4)]
    strides = [int(s) for s in rng.integers(1, 4, 2)]
    dilations = [1, 1] if rng.random() < 0.8 else [2, 2]
    side = round((16000 / outputs) ** 0.5)
    size = [max(side * s, (k - 1) * d + 1) for s, k, d in zip(strides, kernel, dilations)]
    # The deviation that came out, so that rounding of sizes above does not matter.
    got = deviation * float(weights.astype(np.float64).std() or 1) * (channels * kernel[0] * kernel[1]) ** 0.5
    sy = float(np.float32(sx * sw.max() * got / 40))
    dtype_y, _, zy = _quantization(rng, 20)

    g = Builder()
    x = g.input("x", _values(rng, (1, channels * groups, *size), deviation, dtype, zx), sx, zx, dtype)
    w = g.node("DequantizeLinear", [g.constant("w_q", weights), g.constant("w_scale", sw if sw.size > 1 else sw[0]),
                                    g.constant("w_zero", np.zeros(sw.size if sw.size > 1 else (), np.int8))], "w",
               **({"axis": 0} if sw.size > 1 else {}))
    inputs = [x, w]
    real_bias = rng.normal(0, 15 * sy, outputs)
    scale_b = (np.float32(sx) * sw * np.ones(outputs, np.float32)).astype(np.float32)
    if bias == "int32 of another scale":
        scale_b = scale_b * np.float32(rng.uniform(0.01, 0.3))
    if bias.startswith("int32"):
        q = np.rint(real_bias / scale_b).astype(np.int32)
        inputs.append(g.node("DequantizeLinear", [g.constant("b_q", q), g.constant("b_scale", scale_b)], "b", axis=0))
    elif bias == "float":
        inputs.append(g.constant("b", real_bias.astype(np.float32)))
    y = g.node("Conv", inputs, "conv", kernel_shape=kernel, pads=pads, strides=strides, dilations=dilations, group=groups)
    y, activation = _activation(rng, g, y, sy)
    y = g.requantized(y, sy, zy, dtype_y)
    return g.case(f"conv seed {seed}: {channels * groups}->{outputs} kernel {kernel} strides {strides} pads {pads} "
                  f"dilations {dilations} groups {groups} bias {bias} {activation} {dtype}->{dtype_y} "
                  f"factor {sx * float(sw.max()) / sy:.2g}", y)


def asymmetric(seed: int) -> Case:
    """The convolution of `conv` with uint8 weights that have a zero point, one for all or one per output channel."""
    case, rng = conv(seed), np.random.default_rng([4, seed])
    constants = {c.name: c for c in case.model.graph.initializer}
    weights = numpy_helper.to_array(constants["w_q"]).astype(np.int64)
    zeros = numpy_helper.to_array(constants["w_zero"])
    moved = rng.integers(-weights.min(), 256 - weights.max(), zeros.shape)
    shaped = np.reshape(moved, (-1, 1, 1, 1)) if zeros.ndim else moved
    constants["w_q"].CopyFrom(numpy_helper.from_array((weights + shaped).astype(np.uint8), "w_q"))
    constants["w_zero"].CopyFrom(numpy_helper.from_array(np.asarray(moved, np.uint8), "w_zero"))
    onnx.checker.check_model(case.model)
    return Case(f"{case.description}, weights of zero point {np.ravel(moved)[:3]}", case.model, case.feeds)


def add(seed: int) -> Case:
    """The sum of two tensors whose scales differ by up to 100."""
    rng = np.random.default_rng([2, seed])
    shape = (1, int(rng.integers(1, 40)), int(rng.integers(20, 40)), int(rng.integers(20, 40)))
    g = Builder()
    names, power = [], 0.0
    dtype, s1, z1 = _quantization(rng)
    for name, scale in (("a", s1), ("b", float(np.float32(s1 * 10 ** rng.uniform(-2, 2))))):
        deviation = rng.uniform(15, 45)
        zero = z1 if name == "a" else z1 + int(rng.integers(-30, 30))
        names.append(g.input(name, _values(rng, shape, deviation, dtype, zero), scale, zero, dtype))
        power += (deviation * scale) ** 2
    sy = float(np.float32(power ** 0.5 / rng.uniform(30, 50)))
    dtype_y, _, zy = _quantization(rng, 20)
    y, activation = _activation(rng, g, g.node("Add", names, "sum"), sy)
    y = g.requantized(y, sy, zy, dtype_y)
    return g.case(f"add seed {seed}: {shape} {activation} {dtype}->{dtype_y} factors {s1 / sy:.3g}", y)


def resize(seed: int) -> Case:
    """Nearest upsampling of the exporters' kind, to a tensor of the same or another scale."""
    rng = np.random.default_rng([3, seed])
    shape = (1, int(rng.integers(8, 20)), int(rng.integers(12, 30)), int(rng.integers(12, 30)))
    dtype, sx, zx = _quantization(rng)
    g = Builder()
    x = g.input("x", _values(rng, shape, 40, dtype, zx), sx, zx, dtype)
    factors = np.float32([1, 1, 2, 2] if rng.random() < 0.7 else [1, 1, rng.integers(1, 5), rng.integers(1, 5)])
    mode = [("asymmetric", "floor"), ("half_pixel", "round_prefer_floor"), ("pytorch_half_pixel", "round_prefer_ceil")]
    coordinates, rounding = mode[rng.integers(3)]
    y = g.node("Resize", [x, "", g.constant("factors", factors)], "resize", mode="nearest",
               coordinate_transformation_mode=coordinates, nearest_mode=rounding)
    same = rng.random() < 0.5
    sy = sx if same else float(np.float32(sx * rng.uniform(0.9, 1.4)))
    zy = zx if same else int(np.clip(zx + rng.integers(-9, 10), *((0, 255) if dtype == "uint8" else (-128, 127))))
    y = g.requantized(y, sy, zy, dtype)
    return g.case(f"resize seed {seed}: {shape} x{factors[2:]} {coordinates} {dtype} {'same scale' if same else 'rescaled'}", y)
