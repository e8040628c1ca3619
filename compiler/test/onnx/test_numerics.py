"""The canonical form computes what the file says: random small models against ONNX Runtime, op by op and fused."""
import numpy as np
import pytest
from onnx import TensorProto

from builder import Builder, reference


def agree(ours, expected, step, fraction):
    """Never more than one step apart, and at least `fraction` of the outputs equal (small maps: all but two)."""
    assert ours.shape == expected.shape and ours.dtype == expected.dtype
    assert len(np.unique(expected)) > 3, "the test has no power"
    apart = np.abs(ours.astype(np.float64) - expected.astype(np.float64)) / step
    different = int((apart >= 0.5).sum())
    assert apart.max() < 1.01
    assert different <= max(2, (1 - fraction) * apart.size), (different, apart.size)


# Scales have no simple ratios here: those make ties, which float noise decides in the reference.
def check(importer, model, feeds, fraction=0.999, *arguments):
    graph = importer.graph(model, *arguments)
    ours, scales = graph.run(feeds)
    for name, expected in reference(model, feeds).items():
        agree(ours[name], expected, scales[name] if expected.dtype == np.float32 else 1.0, fraction)
    return graph


def image(rng, *shape):
    return rng.normal(0, 1, shape).astype(np.float32)


CONVS = [
    dict(shape=(5, 3, 3, 3), size=(9, 11), pads=[1, 1, 1, 1]),
    dict(shape=(16, 8, 1, 1), size=(5, 7)),
    dict(shape=(11, 13, 5, 3), size=(12, 9), pads=[2, 0, 1, 1], strides=[2, 3]),
    dict(shape=(8, 9, 7, 7), size=(15, 16), auto_pad="SAME_UPPER", strides=[2, 2]),
    dict(shape=(8, 9, 4, 4), size=(15, 16), auto_pad="SAME_LOWER"),
    dict(shape=(8, 4, 3, 3), size=(15, 16), auto_pad="VALID", dilations=[2, 3]),
    dict(shape=(3, 20, 15, 1), size=(17, 4), pads=[7, 0, 7, 0]),
    dict(shape=(3, 20, 1, 1), size=(4, 4), pads=[1, 2, 0, 3]),
]


@pytest.mark.parametrize("case", range(len(CONVS)))
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_conv(importer, case, dtype):
    config = dict(CONVS[case])
    b = Builder(seed=case)
    shape, size = config.pop("shape"), config.pop("size")
    out, taps = shape[0], int(np.prod(shape[1:]))
    x = b.qdq(b.input("x", [1, shape[1], *size]), 0.021, -7 if dtype is np.int8 else 121, dtype)
    scales = b.rng.uniform(0.5, 1.5, out) * 0.01 / np.sqrt(taps)
    y = b.conv(x, shape, scales, bias=b.rng.normal(0, 0.3, out), **config)
    b.output(b.qdq(y, 0.009, 13, dtype))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, shape[1], *size)})
    assert len(graph.ops) == 1
    assert graph.macs == taps * int(np.prod(graph.ops[0].shape))


def test_bias_forms(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    none = b.conv(x, (6, 4, 3, 3), 0.002)
    exact = b.conv(x, (6, 4, 3, 3), 0.002, bias=b.dequantized(b.rng.integers(-9999, 9999, 6).astype(np.int32), 0.02 * 0.002))
    other = b.conv(x, (6, 4, 3, 3), 0.002, bias=b.dequantized(b.rng.integers(-9999, 9999, 6).astype(np.int32), np.full(6, 7e-5)))
    for value in (none, exact, other):
        b.output(b.qdq(value, 0.03, 0))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 8)})


def test_weights_quantized_in_the_file(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    scales = b.constant(np.linspace(0.004, 0.008, 6, dtype=np.float32))
    zeros = b.constant(np.zeros(6, np.int8))
    real = b.constant(b.rng.uniform(-0.5, 0.5, (6, 4, 3, 3)).astype(np.float32))
    q = b.node("QuantizeLinear", [real, scales, zeros], axis=0)
    w = b.node("DequantizeLinear", [q, scales, zeros], axis=0)
    b.output(b.qdq(b.node("Conv", [x, w]), 0.05, 0))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 8)})


@pytest.mark.parametrize("opset", [13, 17, 19, 21, 23])
def test_activations_and_resize(importer, opset):
    b = Builder(opset=opset)
    x = b.input("x", [1, 3, 6, 5])
    x = b.qdq(b.resize(x), 0.02, 3)  # data movement in front of the first QuantizeLinear
    y = b.node("Relu", [b.conv(x, (9, 3, 3, 3), 0.01, pads=[1] * 4)])
    y = b.qdq(y, 0.03, -128)
    y = b.resize(y)
    y = b.conv(b.qdq(y, 0.03, -128), (9, 9, 3, 3), 0.002, pads=[1] * 4)
    low, high = b.constant(np.float32(-0.5)), b.constant(np.float32(1.25))
    b.output(b.qdq(b.node("Clip", [y, low, high]), 0.015, 7))
    # Two layers: a rounding that went the other way in the first one reaches many outputs of the second.
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 3, 6, 5)}, 0.99)
    assert [op.ops for op in graph.ops] == [["Resize", "Conv", "Relu"], ["Resize", "Conv", "Clip"]]


def residual(b, relu=True):
    x = b.qdq(b.input("x", [1, 12, 8, 8]), 0.03, -5)
    y = b.qdq(b.conv(x, (12, 12, 3, 3), 0.002, pads=[1] * 4), 0.011, 9)
    total = b.node("Add", [x, y] if b.rng.integers(2) else [y, x])
    return b.qdq(b.node("Relu", [total]) if relu else total, 0.027, -100)


@pytest.mark.parametrize("seed", range(4))
def test_residual_requantizes_twice(importer, seed):
    b = Builder(seed=seed)
    b.output(residual(b, relu=seed % 2 == 0))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 12, 8, 8)})
    assert len(graph.ops) == 1 and graph.ops[0].residual == "%arg0"


def test_standalone_ops(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 11, 6, 6]), 0.0311, -5)
    y = b.qdq(b.input("y", [1, 11, 6, 6]), 0.0523, 8)
    b.output(b.qdq(b.node("Add", [x, y]), 0.0617, 1))
    b.output(b.qdq(b.node("Add", [x, x]), 0.0617, 1))
    b.output(b.qdq(b.node("Relu", [x]), 0.0311, -5))
    b.output(b.node("Relu", [y]))  # no QuantizeLinear behind it: exact all the same
    b.output(b.qdq(b.resize(x), 0.0409, 2))
    b.output(b.resize(b.resize(y)))
    b.output(b.qdq(x, 0.1973, 0))
    b.output(b.node("Identity", [x]))
    b.output(b.qdq(b.node("Add", [b.resize(x), b.resize(y)]), 0.0617, 1))
    rng = b.rng
    graph = check(importer, b.model(), {"x": image(rng, 1, 11, 6, 6), "y": image(rng, 1, 11, 6, 6)})
    assert graph.macs == 0


def test_several_consumers(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 8, 6, 6]), 0.0311, -5)
    y = b.conv(x, (8, 8, 3, 3), 0.004, pads=[1] * 4)  # one that rounds the other way here reaches many outputs below
    first, second = b.qdq(y, 0.0207, 0), b.qdq(b.node("Relu", [y]), 0.0113, -128)  # one conv quantized in two ways
    up = b.resize(first)
    b.output(b.qdq(b.conv(up, (5, 8, 3, 3), 0.004, pads=[1] * 4), 0.0207, 0))
    b.output(b.qdq(b.conv(up, (5, 8, 3, 3), 0.004, strides=[2, 2]), 0.0207, 0))  # cannot read upsampled
    b.output(b.qdq(b.node("Add", [first, second]), 0.0309, 0))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 8, 6, 6)}, 0.99)
    assert graph.macs == 8 * 36 * 72 + 5 * 144 * 72 + 5 * 25 * 72


def test_a_pair_per_consumer(importer):
    """Some quantizers write QuantizeLinear and DequantizeLinear once per consumer; the convolution stays one."""
    b = Builder()
    x = b.qdq(b.input("x", [1, 8, 6, 6]), 0.0311, -5)
    y = b.node("Relu", [b.conv(x, (8, 8, 3, 3), 0.004, pads=[1] * 4)])
    b.output(b.qdq(b.conv(b.qdq(y, 0.02), (5, 8, 3, 3), 0.004), 0.023))
    b.output(b.qdq(b.conv(b.resize(b.qdq(b.resize(y), 0.02)), (5, 8, 1, 1), 0.004), 0.019))
    b.output(b.qdq(b.node("Add", [b.qdq(y, 0.02), x]), 0.0307))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 8, 6, 6)}, 0.99)
    assert graph.macs == 8 * 36 * 72 + 5 * 16 * 72 + 5 * 24 * 24 * 8
    assert sum("Conv" in op.ops for op in graph.ops) == 3


def test_integer_borders(importer):
    b = Builder()
    x = b.dequantize(b.input("x", [1, 8, 6, 6], TensorProto.UINT8), 0.02, 128, np.uint8)
    y = b.quantize(b.conv(x, (8, 8, 3, 3), 0.004), 0.02, 0)
    b.output(y, dtype=TensorProto.INT8)
    z = b.dequantize(b.node("Resize", [y, "", b.constant(np.float32([1, 1, 2, 2]))], mode="nearest"), 0.02, 0)
    b.output(b.quantize(b.conv(z, (8, 8, 1, 1), 0.004), 0.02, 100, np.uint8), dtype=TensorProto.UINT8)
    feeds = {"x": b.rng.integers(0, 256, (1, 8, 6, 6)).astype(np.uint8)}
    check(importer, b.model(), feeds)


def test_keep_intermediates(importer):
    import onnx

    b = Builder()
    x = b.qdq(b.input("x", [1, 12, 8, 8]), 0.03, -5)
    y = b.qdq(b.node("Relu", [b.conv(x, (12, 12, 3, 3), 0.002, pads=[1] * 4)]), 0.011, 9)
    b.output(b.qdq(b.node("Add", [x, y]), 0.027, -100))
    model = b.model()
    quantized = [node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"]
    everything = onnx.ModelProto.FromString(model.SerializeToString())
    for name in quantized:
        everything.graph.output.append(onnx.helper.make_tensor_value_info(name, TensorProto.INT8, None))
    feeds = {"x": image(b.rng, 1, 12, 8, 8)}
    ours, _ = importer.graph(model, "--keep-intermediates").run(feeds)
    expected = reference(everything, feeds)
    assert set(ours) == set(expected)
    for name in quantized:
        agree(ours[name], expected[name], 1.0, 0.999)


def test_shape_option(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 8, "h", "w"]), 0.03, -5)
    b.output(b.qdq(b.conv(b.resize(x), (8, 8, 3, 3), 0.004), 0.02, 0), [1, 8, "H", "W"])
    feeds = {"x": image(b.rng, 1, 8, 4, 7)}
    check(importer, b.model(), feeds, 0.999, "--shape", "x=1x8x4x7")


def test_dead_channels_with_a_bias(importer):
    """Pruned channels, with weights of zero and with weights that weight decay has made tiny."""
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    values = b.rng.integers(-127, 128, (6, 4, 3, 3)).astype(np.int8)
    values[2] = 0
    scales = np.full(6, 0.002, np.float32)
    scales[2:4] = 1e-20
    w = b.dequantized(values, scales)
    y = b.node("Conv", [x, w, b.constant(np.linspace(-1, 1, 6).astype(np.float32))])
    b.output(b.qdq(y, 0.03, 0))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 8)})
