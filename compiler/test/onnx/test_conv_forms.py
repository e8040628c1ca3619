"""Convolutions that the machine has not as such: groups, weights beyond -127..127, BatchNormalization, against ONNX Runtime."""
import numpy as np
import pytest
from onnx import TensorProto

from builder import Builder
from test_numerics import check, image
from test_problems import expect

# Groups, channels of one group in and out, kernel; whether it runs by blocks of eight channels.
GROUPS = [
    (16, 1, 1, 3, True),    # depthwise
    (11, 1, 1, 5, True),    # depthwise, a block that is not full
    (4, 2, 2, 3, True),
    (6, 4, 4, 1, True),
    (3, 8, 8, 3, True),
    (8, 4, 1, 3, True),     # several input blocks to one output block
    (2, 16, 8, 3, True),
    (3, 3, 3, 3, False),    # groups across blocks
    (5, 1, 3, 3, False),    # depthwise with a multiplier
    (2, 16, 16, 3, False),
    (2, 5, 7, 3, False),
]


@pytest.mark.parametrize("case", range(len(GROUPS)))
def test_groups(importer, case):
    groups, i, o, kernel, blocks = GROUPS[case]
    b = Builder(seed=case)
    x = b.qdq(b.input("x", [1, groups * i, 19, 18]), 0.0211, -7)
    scales = (b.rng.uniform(0.5, 1.5, groups * o) * 0.02 / np.sqrt(i * kernel * kernel)).astype(np.float32)
    bias = b.dequantized(b.rng.integers(-3000, 3000, groups * o).astype(np.int32), np.float32(0.0211) * scales)
    y = b.conv(x, (groups * o, i, kernel, kernel), scales, bias=bias, group=groups,
               pads=[kernel // 2] * 4, strides=[1 + case % 2, 1], dilations=[1, 1 + case % 3])
    b.output(b.qdq(y, 0.0391, 3))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, groups * i, 19, 18)})
    assert [op.grouped for op in graph.ops] == [blocks]
    assert graph.macs == i * kernel * kernel * int(np.prod(graph.ops[0].shape))


def test_groups_too_large(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 9000, 2, 2]), 0.02)
    b.output(b.qdq(b.conv(x, (9000, 3, 1, 1), 0.01, group=3000, name="wide"), 0.03))
    expect(importer, b.model(), "Conv 'wide' has group = 3000 with 3 input and 3 output channels each")


def test_small_files_stay_small(importer):
    """Copies of 60,000 channels, and the same weights made dense again and again, would fill the memory."""
    b = Builder()
    x = b.qdq(b.input("x", [1, 60000, 1, 1]), 0.02)
    b.conv(x, (1, 60000, 1, 1), 0.01, name="fits")
    w = b.dequantized(np.full((1, 60000, 1, 1), -128, np.int8), 0.01)
    b.node("Conv", [x, w], name="copies")
    y = b.qdq(b.input("y", [1, 3999, 1, 1]), 0.02)
    w = b.dequantized(np.full((3999, 3, 1, 1), 1, np.int8), 0.01)
    for index in range(10):
        b.node("Conv", [y, w], group=1333, name=f"dense{index}")
    b.output(b.node("Identity", [x]))
    b.output(b.node("Identity", [y]))
    expect(importer, b.model(), "Conv 'copies' needs 7200000000 weights beside those of the file", *[f"Conv 'dense{n}' needs 15992001 weights" for n in range(10)])


# Type of the weights, zero point, whether the values must be split into copies of input channels.
WEIGHTS = [(np.int8, 0, True), (np.int8, 5, True), (np.uint8, 128, True), (np.uint8, 0, True), (np.uint8, 255, True), (np.uint8, 97, True)]


@pytest.mark.parametrize("case", range(len(WEIGHTS)))
@pytest.mark.parametrize("groups", [1, 4])
def test_weights_beyond_the_machine(importer, case, groups):
    dtype, zero, split = WEIGHTS[case]
    b = Builder(seed=case)
    x = b.qdq(b.input("x", [1, 8, 7, 6]), 0.0211, -7)
    limits = np.iinfo(dtype)
    values = b.rng.integers(limits.min, limits.max + 1, (6 if groups == 1 else 8, 8 // groups, 3, 3)).astype(dtype)
    values[0, 1, 0, 0], values[1, 0, 2, 1] = limits.min, limits.max
    w = b.dequantize(b.constant(values), 0.0021, zero, dtype)
    b.output(b.qdq(b.node("Conv", [x, w], pads=[1] * 4, group=groups, name="conv"), 0.11 if zero in (0, 255) and dtype is np.uint8 else 0.0507, 3))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 8, 7, 6)})
    assert len(graph.ops) == 2 and all(np.abs(op.weights).max() <= 127 for op in graph.ops)
    assert graph.macs == 8 // groups * 9 * int(np.prod(graph.ops[-1].shape))


def test_only_channels_concerned_are_copied(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 11, 5, 5]), 0.0211, -7)
    values = b.rng.integers(-127, 128, (4, 11, 1, 1)).astype(np.int8)
    values[2, 5] = -128
    b.output(b.qdq(b.node("Conv", [x, b.dequantized(values, np.float32([0.002, 0.003, 0.004, 0.005]))]), 0.0307, 3))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 11, 5, 5)})
    assert graph.ops[0].shape[1] == 12 and np.array_equal(graph.ops[0].weights[:, :, 0, 0].argmax(1), [*range(11), 5])


def test_asymmetric_per_channel(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 5, 7, 6]), 0.0211, -7)
    values = b.constant(b.rng.integers(0, 256, (4, 5, 3, 3)).astype(np.uint8))
    scales, zeros = b.constant(np.float32([0.002, 0.003, 0.004, 0.005])), b.constant(np.uint8([100, 128, 140, 160]))
    w = b.node("DequantizeLinear", [values, scales, zeros], axis=0)
    up = b.resize(b.node("Relu", [x]))  # what moves or cuts values keeps them on their grid
    b.output(b.qdq(b.node("Conv", [up, w], pads=[1] * 4), 0.0507, 3))
    check(importer, b.model(), {"x": image(b.rng, 1, 5, 7, 6)})


def test_asymmetric_behind_float(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 7, 6]), 0.02)
    y = b.conv(x, (4, 4, 1, 1), 0.01)
    w = b.dequantize(b.constant(np.full((4, 4, 1, 1), 255, np.uint8)), 0.01, 0, np.uint8)
    b.output(b.qdq(b.node("Conv", [y, w], name="behind"), 0.02))
    expect(importer, b.model(), "Conv 'behind' has weights outside of -127..127")


def normalization(b, y, channels, gain=None, **kw):
    gain = b.rng.uniform(0.4, 1.6, channels) * b.rng.choice([-1, 1], channels) if gain is None else gain
    constants = [gain, b.rng.normal(0, 0.3, channels), b.rng.normal(0, 0.2, channels), b.rng.uniform(0.3, 2, channels)]
    return b.node("BatchNormalization", [y, *(b.constant(np.float32(c)) for c in constants)], **kw)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("group", [1, 9])
def test_batch_normalization_behind_a_convolution(importer, bias, group):
    b = Builder(seed=3)
    x = b.qdq(b.input("x", [1, 9, 8, 7]), 0.0211, -7)
    y = b.conv(x, (9, 9 // group, 3, 3), b.rng.uniform(0.5, 1.5, 9) * 0.01 / np.sqrt(81 / group), pads=[1] * 4, group=group,
               bias=b.rng.normal(0, 0.2, 9) if bias else None)
    y = b.node("Relu", [normalization(b, y, 9, epsilon=1e-3, momentum=0.9)])
    b.output(b.qdq(y, 0.0121, -128))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 9, 8, 7)})
    assert len(graph.ops) == 1 and graph.ops[0].ops == ["Conv", "Relu"]


def test_batch_normalization_alone(importer):
    b = Builder(seed=4)
    x = b.qdq(b.input("x", [1, 21, 18, 27]), 0.0211, -7)
    b.output(b.qdq(normalization(b, x, 21, name="norm"), 0.0193, 3))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 21, 18, 27)})
    assert [op.ops for op in graph.ops] == [["BatchNormalization"]] and graph.ops[0].grouped and graph.macs == 0


def test_batch_normalization_of_a_shared_convolution(importer):
    b = Builder(seed=5)
    x = b.qdq(b.input("x", [1, 4, 8, 7]), 0.0211, -7)
    y = b.conv(x, (5, 4, 3, 3), 0.003)
    b.output(b.qdq(normalization(b, y, 5, gain=[0, 1, -1, 1e-30, 2]), 0.0193, 3))
    b.output(b.qdq(y, 0.0173, 3))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 7)})


def test_batch_normalization_refused(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02)
    c = lambda *values: b.constant(np.float32(values))
    four = c(1, 1, 1, 1)
    b.node("BatchNormalization", [x, four, four, four, four], name="training", training_mode=1)
    b.node("BatchNormalization", [x, four, four, four], name="few")
    b.node("BatchNormalization", [x, four, c(1, 2), four, four], name="short")
    b.node("BatchNormalization", [x, four, four, c(1, 1, np.nan, 1), four], name="nan")
    b.node("BatchNormalization", [x, four, four, four, c(1, -1, 1, 1)], name="negative")
    b.node("BatchNormalization", [x, c(1, 3e38, 1, 1), four, four, c(1, 0, 1, 1)], name="large")
    b.node("BatchNormalization", [x, four, x, four, four], name="not_constant")
    b.output(b.node("Identity", [x]))
    expect(importer, b.model(), "BatchNormalization 'training' is in training mode", "BatchNormalization 'few' has 4 inputs",
           "BatchNormalization 'short' has an input 'c", "BatchNormalization 'nan' has an input 'c",
           "BatchNormalization 'negative' has a variance of -1", "BatchNormalization 'large' has factors that no float32 can hold",
           "BatchNormalization 'not_constant' has an input 'dequantizelinear")


@pytest.mark.parametrize("taps", [1, 4])
def test_float_bias_where_few_products_make_large_factors(importer, taps):
    """A bias rounded to the accumulator's unit would show here: one product, and a factor of about a half."""
    b = Builder(seed=taps)
    x = b.qdq(b.input("x", [1, taps, 60, 60]), 0.0311, 3)
    values = b.rng.integers(-3, 4, (6, taps, 1, 1)).astype(np.int8)
    values[3] = 0
    bias = b.constant(b.rng.normal(0, 0.7, 6).astype(np.float32))
    b.output(b.qdq(b.node("Conv", [x, b.dequantized(values, 0.3), bias]), 0.0217, 0))
    check(importer, b.model(), {"x": image(b.rng, 1, taps, 60, 60)})
