"""Ops without weights, MatMul and Gemm at random shapes against ONNX Runtime: never more than a step apart, and nearly all equal."""
import numpy as np
import pytest
from onnx import helper

from builder import Builder, reference
from test_numerics import check, image


def names_of(graph):
    return [op.ops for op in graph.ops]


def run(importer, build, shapes, seed=0, fraction=0.999, opset=17, scale=0.0231):
    """`build(b, *maps)` makes the float result of quantized inputs with these shapes."""
    b = Builder(opset=opset, seed=seed)
    maps = [b.qdq(b.input(f"x{i}", list(shape)), scale * (1 + 0.37 * i), 5 - 9 * i) for i, shape in enumerate(shapes)]
    b.output(b.qdq(build(b, *maps), 0.0173, -3))
    return check(importer, b.model(), {f"x{i}": image(b.rng, *shape) for i, shape in enumerate(shapes)}, fraction)


UNARY = [("LeakyRelu", dict(alpha=0.13)), ("Sigmoid", {}), ("Tanh", {}), ("HardSwish", {}), ("HardSigmoid", dict(alpha=0.3, beta=0.4)), ("Elu", {}),
         ("Selu", {}), ("Softplus", {}), ("Softsign", {}), ("Mish", {}), ("Erf", {}), ("Exp", {}), ("Log", {}), ("Sqrt", {}), ("Reciprocal", {}),
         ("Abs", {}), ("Neg", {}), ("Floor", {}), ("Ceil", {}), ("Round", {}), ("Sign", {}), ("Celu", dict(alpha=0.7)), ("Sin", {}), ("Cos", {}),
         ("ThresholdedRelu", dict(alpha=0.4)), ("Shrink", dict(lambd=0.3, bias=0.1)), ("Gelu", {}), ("Gelu", dict(approximate="tanh"))]


@pytest.mark.parametrize("op,attributes", UNARY)
def test_unary_is_one_table(importer, op, attributes):
    """Every value of int8: a table is exact, apart from the last bit of float functions."""
    b = Builder(opset=20)
    x = b.qdq(b.input("x", [1, 2, 8, 16]), 0.0231, 5)
    b.output(b.qdq(b.node(op, [x], **attributes), 0.0173, -60))
    values = ((np.arange(256) - 128 - 5) * np.float32(0.0231)).astype(np.float32).reshape(1, 2, 8, 16)
    if op in ("Log", "Sqrt", "Reciprocal"):
        values = np.abs(values) + np.float32(0.0231)
    graph = importer.graph(b.model())
    ours, scales = graph.run({"x": values})
    (name, expected), = reference(b.model(), {"x": values}).items()
    assert (np.abs(ours[name] - expected) / scales[name] > 0.5).sum() <= 1
    assert len(graph.ops) == 1 and graph.ops[0].table is not None


def test_nan_is_quantized_as_onnx_runtime_does(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 2, 8, 16]), 0.0231, 5)
    b.output(b.qdq(b.node("Sqrt", [x]), 0.0173, -60))
    values = ((np.arange(256) - 128 - 5) * np.float32(0.0231)).astype(np.float32).reshape(1, 2, 8, 16)
    ours, _ = importer.graph(b.model()).run({"x": values})
    (name, expected), = reference(b.model(), {"x": values}).items()
    assert np.allclose(ours[name], expected)


@pytest.mark.parametrize("inner", [False, True])
def test_a_product_with_its_own_sigmoid_is_a_table_of_the_convolution(importer, inner):
    def build(b, x):
        y = b.qdq(b.conv(x, (12, 12, 3, 3), 0.002, pads=[1] * 4), 0.021, 4)
        s = b.node("Sigmoid", [y])
        return b.node("Mul", [y, b.qdq(s, 0.0041, -128) if inner else s])

    graph = run(importer, build, [(1, 12, 6, 7)], fraction=0.99)
    assert names_of(graph) == [["Conv", "Sigmoid", "Mul"]]


def test_hard_swish_spelled_out(importer):
    def build(b, x):
        c = lambda v: b.constant(np.float32(v))
        return b.node("Div", [b.node("Mul", [x, b.node("Clip", [b.node("Add", [x, c(3)]), c(0), c(6)])]), c(6)])

    graph = run(importer, build, [(1, 5, 6, 7)])
    assert len(graph.ops) == 1 and graph.ops[0].table is not None


def test_table_before_a_residual_add(importer):
    def build(b, x):
        y = b.qdq(b.conv(x, (12, 12, 3, 3), 0.002, pads=[1] * 4), 0.021, 4)
        y = b.qdq(b.node("Sigmoid", [y]), 0.0041, -128)
        return b.node("Relu", [b.node("Add", [y, x])])

    graph = run(importer, build, [(1, 12, 6, 7)], fraction=0.99)
    assert len(graph.ops) == 1 and graph.ops[0].table_first


@pytest.mark.parametrize("slopes", ["below", "above", "mixed", "negative", "one"])
def test_prelu(importer, slopes):
    values = {"below": [-0.5, 1], "above": [1, 2], "mixed": [0, 2], "negative": [-1, 0], "one": [0.2, 0.2]}[slopes]
    build = lambda b, x: b.node("PRelu", [x, b.constant(b.rng.uniform(*values, (11, 1, 1) if slopes != "one" else (1, 1, 1)).astype(np.float32))])
    graph = run(importer, build, [(1, 11, 9, 8)])
    assert len(graph.ops) == (2 if slopes == "mixed" else 1)


def test_prelu_without_an_exact_form(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 2, 4, 4]), 0.02)
    b.output(b.qdq(b.node("PRelu", [x, b.constant(np.float32([-1, 2]).reshape(2, 1, 1))], name="p"), 0.02))
    (problem,) = importer.problems(b.model())
    assert problem.startswith("PRelu 'p' has slopes below 0 and slopes above 1")


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Max", "Min"])
@pytest.mark.parametrize("a,b", [((1, 11, 5, 6), (1, 11, 5, 6)), ((1, 11, 5, 6), (1, 11, 1, 1)), ((1, 1, 5, 6), (1, 11, 1, 6)), ((1, 11, 5, 1), (1, 11, 1, 6)),
                                 ((1, 1, 5, 6), (1, 11, 5, 6)), ((1, 9, 1, 1), (1, 9, 5, 1))])
def test_binary_with_broadcast(importer, op, a, b):
    run(importer, lambda g, x, y: g.node(op, [x, y]), [a, b])


@pytest.mark.parametrize("op", ["Sub", "Mul"])
@pytest.mark.parametrize("left", [True, False])
def test_binary_takes_the_convolution_in(importer, op, left):
    def build(b, x):
        y = b.qdq(b.conv(x, (12, 12, 3, 3), 0.002, pads=[1] * 4), 0.021, 4)
        return b.node(op, [y, x] if left else [x, y])

    graph = run(importer, build, [(1, 12, 6, 7)])
    assert names_of(graph) == [["Conv", op]]


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("quantized", [True, False])
@pytest.mark.parametrize("swapped", [True, False])
def test_constant_per_channel(importer, op, quantized, swapped):
    if op == "Div" and swapped:
        pytest.skip("a quotient with a map below is a table of its own per channel")

    def build(b, x):
        values = b.rng.uniform(0.3, 1.2, (13, 1, 1)).astype(np.float32)
        c = b.dequantized(b.rng.integers(20, 127, (13, 1, 1)).astype(np.int8), 0.0113) if quantized else b.constant(values)
        return b.node(op, [c, x] if swapped else [x, c])

    graph = run(importer, build, [(1, 13, 16, 18)])
    assert len(graph.ops) == 1


def test_constant_number_is_a_table(importer):
    graph = run(importer, lambda b, x: b.node("Pow", [b.node("Mul", [x, b.constant(np.float32(0.7))]), b.constant(np.float32(2))]), [(1, 5, 6, 7)])
    assert len(graph.ops) == 1 and graph.ops[0].table is not None


def test_maximum_of_several(importer):
    run(importer, lambda b, x, y, z: b.node("Max", [x, y, z]), [(1, 5, 6, 7)] * 3)
    run(importer, lambda b, x: b.node("Min", [b.conv(x, (5, 5, 1, 1), 0.01), b.conv(x, (5, 5, 1, 1), 0.011)]), [(1, 5, 6, 7)])


@pytest.mark.parametrize("op", ["LeakyRelu", "PRelu"])
def test_leaky_relu_of_a_convolution_in_float(importer, op):
    def build(b, x):
        y = b.conv(x, (11, 8, 3, 3), 0.004, bias=b.rng.normal(0, 0.3, 11))
        return b.node("LeakyRelu", [y], alpha=0.17) if op == "LeakyRelu" else b.node("PRelu", [y, b.constant(b.rng.uniform(0, 1, (11, 1, 1)).astype(np.float32))])

    graph = run(importer, build, [(1, 8, 9, 9)])
    assert len(graph.ops) == 2 and graph.macs == 11 * 49 * 72


def test_constants_behind_a_convolution(importer):
    def build(b, x):
        y = b.conv(x, (11, 8, 3, 3), 0.004, bias=b.rng.normal(0, 0.3, 11))
        y = b.node("Mul", [y, b.constant(b.rng.uniform(-1, 1, (11, 1, 1)).astype(np.float32))])
        return b.node("Add", [y, b.constant(np.float32(0.3))])

    assert len(run(importer, build, [(1, 8, 9, 9)]).ops) == 1


POOLS = [
    ("MaxPool", dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
    ("MaxPool", dict(kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)),
    ("MaxPool", dict(kernel_shape=[5, 4], dilations=[2, 1], pads=[4, 1, 3, 2])),
    ("MaxPool", dict(kernel_shape=[5, 4], auto_pad="SAME_UPPER")),
    ("MaxPool", dict(kernel_shape=[3, 2], auto_pad="SAME_LOWER", strides=[2, 1])),
    ("AveragePool", dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
    ("AveragePool", dict(kernel_shape=[3, 3], strides=[1, 2], pads=[1, 1, 1, 0], count_include_pad=1)),
    ("AveragePool", dict(kernel_shape=[4, 3], strides=[3, 2], pads=[2, 1, 1, 1], ceil_mode=1)),
    ("AveragePool", dict(kernel_shape=[4, 3], strides=[3, 2], pads=[2, 1, 1, 1], ceil_mode=1, count_include_pad=1)),
    ("AveragePool", dict(kernel_shape=[2, 2], strides=[2, 2])),
    ("AveragePool", dict(kernel_shape=[3, 2], auto_pad="SAME_UPPER", strides=[2, 2])),
    ("GlobalAveragePool", {}),
    ("GlobalMaxPool", {}),
]


@pytest.mark.parametrize("case", range(len(POOLS)))
def test_pool(importer, case):
    op, attributes = POOLS[case]
    run(importer, lambda b, x: b.node(op, [x], **attributes), [(1, 43, 13, 14)], seed=case)


@pytest.mark.parametrize("op", ["ReduceMean", "ReduceSum", "ReduceMax"])
@pytest.mark.parametrize("axes", [[2, 3], [-1], [2]])
@pytest.mark.parametrize("keep", [0, 1])
def test_reduce(importer, op, axes, keep):
    if not keep and axes == [-1]:
        pytest.skip("N, C, H without W is a transposition")
    build = lambda b, x: b.node(op, [x, b.constant(np.int64(axes))] if op == "ReduceSum" else [x], keepdims=keep, **({} if op == "ReduceSum" else {"axes": axes}))
    run(importer, build, [(1, 43, 6, 7)], scale=0.0231 / (42 if op == "ReduceSum" else 1) * 5)


def test_reduce_channels(importer):
    run(importer, lambda b, x: b.node("ReduceMean", [x], axes=[1]), [(1, 13, 9, 8)])


@pytest.mark.parametrize("sizes", [(8, 16, 3), (3, 5, 7, 1, 12), (12, 12), (44, 108, 11), (1, 1, 1, 1)])
def test_concat_channels(importer, sizes):
    run(importer, lambda b, *maps: b.node("Concat", maps, axis=1), [(1, size, 5, 6) for size in sizes])


@pytest.mark.parametrize("axis", [2, 3, -1])
def test_concat_pixels(importer, axis):
    graph = run(importer, lambda b, x, y: b.node("Concat", [x, b.qdq(y, 0.03, 1), x], axis=axis), [(1, 11, 5, 6)] * 2)
    assert len(graph.steps) == len(graph.ops) + 1


def test_concat_of_concats_and_twice_used_parts(importer):
    def build(b, x):
        y = b.qdq(b.conv(x, (8, 8, 1, 1), 0.01), 0.02, 1)
        inner = b.node("Concat", [x, y], axis=1)
        return b.node("Concat", [inner, y, x], axis=1)

    run(importer, build, [(1, 8, 5, 6)])


SLICES = [dict(starts=[0], ends=[8], axes=[1]), dict(starts=[8], ends=[20], axes=[1]), dict(starts=[3], ends=[99], axes=[1]), dict(starts=[1, 2], ends=[-1, 9], axes=[2, 3]),
          dict(starts=[0, 1], ends=[9, 9], axes=[2, 3], steps=[2, 3]), dict(starts=[1], ends=[20], axes=[1], steps=[4]), dict(starts=[-9], ends=[-2], axes=[-3])]


@pytest.mark.parametrize("case", range(len(SLICES)))
@pytest.mark.parametrize("behind", [False, True])
def test_slice(importer, case, behind):
    def build(b, x):
        inputs = [x] + [b.constant(np.int64(SLICES[case][key])) for key in ("starts", "ends", "axes", "steps") if key in SLICES[case]]
        y = b.node("Slice", inputs)
        return b.node("Sigmoid", [y]) if behind else y

    run(importer, build, [(1, 21, 9, 10)])


@pytest.mark.parametrize("sizes", [(8, 13), (5, 9, 7), (21,)])
def test_split(importer, sizes):
    b = Builder()
    x = b.qdq(b.input("x", [1, 21, 4, 5]), 0.02, 3)
    parts = [b.name("part") for _ in sizes]
    b.nodes.append(helper.make_node("Split", [x, b.constant(np.int64(sizes))], parts, name="split", axis=1))
    for part in parts:
        b.output(b.qdq(b.node("Tanh", [part]), 0.009))
    check(importer, b.model(), {"x": image(b.rng, 1, 21, 4, 5)}, 0.99)


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
def test_pad(importer, mode):
    def build(b, x):
        inputs = [x, b.constant(np.int64([0, 0, 1, 2, 0, 0, 3, 1]))] + ([b.constant(np.float32(0.37))] if mode == "constant" else [])
        return b.node("Pad", inputs, mode=mode)

    run(importer, build, [(1, 11, 7, 6)], opset=19)


@pytest.mark.parametrize("op", ["Conv", "MaxPool", "AveragePool"])
def test_pad_goes_into_what_reads_it(importer, op):
    def build(b, x):
        y = b.node("Pad", [x, b.constant(np.int64([0, 0, 1, 1, 0, 0, 1, 1]))])
        return b.conv(y, (8, 8, 3, 3), 0.004) if op == "Conv" else b.node(op, [y], kernel_shape=[3, 3], strides=[2, 2])

    graph = run(importer, build, [(1, 8, 7, 7)])
    assert op == "MaxPool" or len(graph.ops) == 1


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
@pytest.mark.parametrize("block", [2, 3])
def test_depth_to_space(importer, mode, block):
    run(importer, lambda b, x: b.node("DepthToSpace", [x], blocksize=block, mode=mode), [(1, 5 * block * block, 4, 6)])


@pytest.mark.parametrize("block", [2, 3])
def test_space_to_depth(importer, block):
    run(importer, lambda b, x: b.node("SpaceToDepth", [x], blocksize=block), [(1, 5, 6, 12)])


@pytest.mark.parametrize("quantized", [False, True])
def test_channel_shuffle(importer, quantized):
    def build(b, x):
        keep = (lambda y: b.qdq(y, 0.0231, 5)) if quantized else (lambda y: y)
        y = keep(b.node("Reshape", [x, b.constant(np.int64([0, 3, 4, 5, 6]))]))
        y = keep(b.node("Transpose", [y], perm=[0, 2, 1, 3, 4]))
        return keep(b.node("Reshape", [y, b.constant(np.int64([1, 12, 5, -1]))]))

    assert len(run(importer, build, [(1, 12, 5, 6)]).ops) <= 2
    behind = run(importer, lambda b, x: b.conv(build(b, x), (9, 12, 1, 1), 0.004), [(1, 12, 5, 6)])
    assert len(behind.ops) == 1


def test_pixel_shuffle_spelled_out(importer):
    def build(b, x):
        y = b.node("Reshape", [x, b.constant(np.int64([1, 3, 2, 2, 4, 5]))])
        y = b.node("Transpose", [y], perm=[0, 1, 4, 2, 5, 3])
        return b.node("Reshape", [y, b.constant(np.int64([1, 3, 8, 10]))])

    assert len(run(importer, build, [(1, 12, 4, 5)]).ops) <= 2


@pytest.mark.parametrize("transposed", [0, 1])
def test_flatten_and_gemm(importer, transposed):
    def build(b, x):
        w = b.weights((17, 12 * 30) if transposed else (12 * 30, 17), 0.001)
        return b.node("Gemm", [b.node("Flatten", [x]), w, b.constant(b.rng.normal(0, 0.3, 17).astype(np.float32))], transB=transposed)

    graph = run(importer, build, [(1, 12, 5, 6)])
    assert len(graph.ops) == 1 and graph.macs == 17 * 360


def test_classifier_head(importer):
    def build(b, x):
        y = b.qdq(b.node("GlobalAveragePool", [x]), 0.003, 2)
        y = b.node("Gemm", [b.qdq(b.node("Flatten", [y]), 0.003, 2), b.weights((19, 43), 0.01)], transB=1)
        return y

    run(importer, build, [(1, 43, 7, 7)])


def test_matmul_of_pixels(importer):
    def build(b, x):
        rows = b.node("Transpose", [b.node("Reshape", [x, b.constant(np.int64([1, 12, 30]))])], perm=[0, 2, 1])
        y = b.node("MatMul", [rows, b.weights((12, 7), 0.005)])
        y = b.node("Transpose", [b.qdq(y, 0.02, 1)], perm=[0, 2, 1])
        return b.node("Reshape", [y, b.constant(np.int64([1, 7, 5, 6]))])

    graph = run(importer, build, [(1, 12, 5, 6)])
    assert graph.ops[0].ops == ["MatMul"] or graph.ops[0].ops == ["Conv"]


@pytest.mark.parametrize("shape", [(1, 19), (3, 19), (1, 12, 9), (2, 12, 9)])
def test_other_ranks_and_batches(importer, shape):
    run(importer, lambda b, x: b.node("Mul", [x, b.node("Sigmoid", [x])]), [shape], fraction=0.99)


def test_islands_of_two_tensors_name_what_to_quantize(importer):
    b = Builder()
    x, y = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02), b.qdq(b.input("y", [1, 4, 8, 8]), 0.03)
    b.output(b.qdq(b.node("Mul", [x, b.node("Sigmoid", [y], name="gate")], name="m"), 0.02))
    (problem,) = importer.problems(b.model())
    assert problem == "Sigmoid 'gate' hands its result to Mul 'm' in float; put a QuantizeLinear and DequantizeLinear pair between"


@pytest.mark.parametrize("form,sentence", [
    (lambda b, x, y: b.node("Div", [x, y], name="n"), "Div 'n' divides"),
    (lambda b, x, y: b.node("Sum", [x, y, x], name="n"), "Sum 'n' adds 3 tensors"),
    (lambda b, x, y: b.node("Pow", [x, y], name="n"), "Pow 'n' has an exponent that is no constant"),
    (lambda b, x, y: b.node("Add", [b.node("Add", [x, y], name="n"), x], name="m"), "Add 'n' hands its result to Add 'm' in float"),
    (lambda b, x, y: b.node("Sigmoid", [b.node("Mul", [x, b.constant(np.ones((4, 1, 1), np.float32) * np.arange(1, 5).reshape(4, 1, 1).astype(np.float32))])], name="n"),
     "Sigmoid 'n'"),
    (lambda b, x, y: b.node("Transpose", [b.node("Reshape", [x, b.constant(np.int64([1, 1, 16, 16]))])], perm=[0, 1, 3, 2], name="n"), "in an order"),
    (lambda b, x, y: b.node("Mul", [x, b.constant(np.ones((4, 8, 8), np.float32))], name="n"), "Mul 'n' has a constant operand"),
    (lambda b, x, y: b.node("Slice", [x] + [b.constant(np.int64(v)) for v in ([7], [0], [2], [-1])], name="n"), "Slice 'n' has a step of -1"),
    (lambda b, x, y: b.node("MatMul", [x, y], name="n"), "MatMul 'n' multiplies by"),
])
def test_refusals(importer, form, sentence):
    b = Builder()
    x, y = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02), b.qdq(b.input("y", [1, 4, 8, 8]), 0.03)
    b.output(b.qdq(form(b, x, y), 0.02))
    b.output(b.qdq(b.node("Add", [x, y]), 0.05))
    problems = importer.problems(b.model())
    assert len(problems) == 1 and sentence in problems[0], problems


def test_a_dimension_that_a_small_file_can_not_have_for_free(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 16384, 64, 64]), 0.02)
    flat = b.node("Reshape", [x, b.constant(np.int64([1, -1]))])
    b.output(b.qdq(b.node("Slice", [flat] + [b.constant(np.int64(v)) for v in ([0], [8], [1])], name="s"), 0.02))
    (problem,) = importer.problems(b.model())
    assert problem.startswith("Slice 's' reorders a tensor of shape 1x67108864")
