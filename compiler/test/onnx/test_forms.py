"""The forms in which a quantized model comes: operator-oriented, of any opset, with constants computed in the file."""
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from builder import Builder, reference
from qoperator import to_qoperator
from test_numerics import check, image
from test_problems import expect


# ONNX Runtime's own kernels for uint8 activations and int8 weights saturate their sums of two products at 16 bits on
# processors without VNNI; below this no pair reaches that.
SAFE = 63


def codec(opset=17, dtype=np.int8, seed=0):
    """Conv, Conv with a residual, Conv of stride 2: what QDQ and operator form have in common."""
    zero = 0 if dtype is np.int8 else 128
    b = Builder(opset=opset, seed=seed)
    x = b.qdq(b.input("x", [1, 5, 9, 7]), 0.0311, zero - 5, dtype)

    def conv(x, shape, out_scale, **kw):
        fan = np.sqrt(np.prod(shape[1:]))
        scales = (b.rng.uniform(0.5, 1.5, shape[0]) * 0.01 / fan).astype(np.float32)
        in_scale = np.float32(0.0311 if x == first else 0.0207)
        bias = b.dequantized(b.rng.integers(-3000, 3000, shape[0]).astype(np.int32), in_scale * 2 * scales)
        values = b.rng.integers(-SAFE, SAFE + 1, shape).astype(np.int8)
        y = b.node("Conv", [x, b.dequantized(values, 2 * scales), bias], pads=[1] * 4, **kw)
        return b.qdq(y, out_scale, zero + 3, dtype)

    first = x
    y = conv(x, (8, 5, 3, 3), 0.0207)
    z = conv(y, (8, 8, 3, 3), 0.0207)
    s = b.qdq(b.node("Add", [y, z]), 0.0207, zero + 3, dtype)
    b.output(conv(s, (3, 8, 3, 3), 0.0193, strides=[2, 2]))
    return b.model(), {"x": image(b.rng, 1, 5, 9, 7)}


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_both_forms_are_one_program(importer, dtype):
    qdq, feeds = codec(dtype=dtype)
    operator = to_qoperator(qdq)
    assert [node.op_type for node in operator.graph.node] == ["QuantizeLinear", "QLinearConv", "QLinearConv", "QLinearAdd", "QLinearConv", "DequantizeLinear"]
    texts = [importer.run(model, "--canonical") for model in (qdq, operator)]
    assert texts[0] == texts[1] and texts[0][0] == 0, texts[1][2]
    check(importer, operator, feeds, 0.99)


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("activation", ["QInt8", "QUInt8"])
@pytest.mark.parametrize("weight", ["QInt8", "QUInt8"])
def test_what_the_quantizer_writes(importer, tmp_path, per_channel, activation, weight):
    """quantize_static itself, both formats: the same integers behind them, and both agree with ONNX Runtime."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    rng = np.random.default_rng(5)
    b = Builder(opset=17)
    x = b.input("x", [1, 5, 9, 7])

    def conv(x, o, i, k):
        w = rng.normal(0, 1 / np.sqrt(i * k * k), (o, i, k, k)).astype(np.float32)
        return b.node("Conv", [x, b.constant(w), b.constant(rng.normal(0, 0.3, o).astype(np.float32))], pads=[k // 2] * 4)

    y = b.node("Relu", [conv(x, 8, 5, 3)])
    z = b.node("Add", [y, conv(y, 8, 8, 3)])
    b.output(conv(b.resize(z), 3, 8, 3), [1, 3, 18, 14])
    source = tmp_path / "float.onnx"
    onnx.save(b.model(), source)

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.data = iter([{"x": image(rng, 1, 5, 9, 7)} for _ in range(4)])

        def get_next(self):
            return next(self.data, None)

    if weight == "QUInt8" and (per_channel or activation == "QInt8"):
        pytest.skip("the quantizer does not write that")
    models, feeds = {}, {"x": image(rng, 1, 5, 9, 7)}
    for form in (QuantFormat.QOperator, QuantFormat.QDQ):
        target = tmp_path / f"{form.name}.onnx"
        quantize_static(str(source), str(target), Reader(), quant_format=form, per_channel=per_channel,
                        activation_type=QuantType[activation], weight_type=QuantType[weight], reduce_range=activation != weight,
                        extra_options={"WeightSymmetric": True, "ActivationSymmetric": False})
        models[form.name] = onnx.load(target)
        check(importer, models[form.name], feeds, 0.97)
    assert any(node.op_type == "QLinearConv" for node in models["QOperator"].graph.node)


def test_integer_inputs_of_operator_form(importer):
    b = Builder()
    x = b.input("x", [1, 8, 6, 6], TensorProto.UINT8)
    scale = [b.constant(np.float32(0.021)), b.constant(np.uint8(120))]
    up = b.resize(x)  # on the integers themselves
    w, sw, zw = b.constant(b.rng.integers(-SAFE, SAFE + 1, (4, 8, 3, 3)).astype(np.int8)), b.constant(np.float32(0.004)), b.constant(np.int8(0))
    out = [b.constant(np.float32(0.017)), b.constant(np.uint8(131))]
    y = b.node("QLinearConv", [up, *scale, w, sw, zw, *out], name="first", pads=[1] * 4)
    b.output(y, dtype=TensorProto.UINT8)
    feeds = {"x": b.rng.integers(0, 256, (1, 8, 6, 6)).astype(np.uint8)}
    graph = check(importer, b.model(), feeds)
    assert [op.ops for op in graph.ops] == [["Resize", "Conv"]] and graph.ops[0].names[-1] == "first"


def test_operator_form_refused_in_words(importer):
    b = Builder()
    q = b.quantize(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    scale, zero, w = b.constant(np.float32(0.02)), b.constant(np.int8(3)), b.constant(np.ones((4, 4, 1, 1), np.int8))
    other, sw, zw = b.constant(np.float32(0.03)), b.constant(np.float32(0.01)), b.constant(np.int8(0))
    conv = [q, scale, zero, w, sw, zw, scale, zero]
    microsoft = dict(domain="com.microsoft")
    b.node("QLinearConv", [q, other, zero, *conv[3:]], name="other_scale")
    b.node("QLinearConv", [*conv, b.constant(np.zeros(4, np.float32))], name="float_bias")
    b.node("QLinearConv", [*conv, b.constant(np.zeros(3, np.int32))], name="short_bias")
    b.node("QLinearConv", conv[:5], name="few")
    b.node("QLinearConv", conv, name="layout", channels_last=1, **microsoft)
    b.node("QLinearConv", conv, name="attribute", stride=[1, 1])
    b.node("QLinearConv", [*conv[:6], b.constant(np.float32(-1)), zero], name="negative")
    b.node("QLinearAdd", [q, scale, zero, q, scale, zero, "", ""], name="unscaled", **microsoft)
    b.node("QLinearSoftmax", [q, scale, zero, scale, zero], name="unknown", **microsoft)
    b.node("DynamicQuantizeLinear", ["x"], name="dynamic")
    b.node("ConvInteger", [q, w], name="integer")
    b.output(b.dequantize(q, 0.02, 3))
    model = b.model()
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    expect(importer, model, "QLinearConv 'other_scale' has another scale or zero point than what made 'quantizelinear",
           "QLinearConv 'float_bias' has a bias 'c", "QLinearConv 'short_bias' has a bias", "QLinearConv 'few' has 5 inputs",
           "QLinearConv 'layout' has channels_last = 1", "QLinearConv 'attribute' has an attribute 'stride'",
           "QLinearConv 'negative' has a scale of -1", "QLinearAdd 'unscaled' lacks the scale of its result",
           "QLinearSoftmax 'unknown' of domain 'com.microsoft' is not supported",
           "DynamicQuantizeLinear 'dynamic' is not supported, it belongs to dynamic quantization",
           "ConvInteger 'integer' is not supported, it belongs to dynamic quantization")


@pytest.mark.parametrize("opset", [13, 15, 19, 21, 22, 23])
@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
def test_opsets(importer, opset, form):
    model, feeds = codec(opset=opset)
    check(importer, model if form == "QDQ" else to_qoperator(model), feeds, 0.99)


def test_attributes_of_later_opsets(importer):
    """axis, block_size, saturate, output_dtype and precision where they change nothing."""
    b = Builder(opset=23)
    s = b.constant(np.float32(0.0311))
    q = b.node("QuantizeLinear", [b.input("x", [1, 4, 8, 8]), s], output_dtype=TensorProto.INT8, saturate=0, block_size=0,
               axis=3, precision=TensorProto.FLOAT)
    x = b.node("DequantizeLinear", [q, s], output_dtype=TensorProto.FLOAT, block_size=0, axis=0)
    b.output(b.qdq(b.conv(x, (4, 4, 3, 3), 0.004), 0.0207, 0))
    graph = check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 8)})
    assert graph.inputs[0][1].endswith("0.031099999323487282>>")


def test_attributes_that_change_the_numbers(importer):
    b = Builder(opset=23)
    x, s, z = b.input("x", [1, 4, 8, 8]), b.constant(np.float32(0.02)), b.constant(np.int8(0))
    b.node("QuantizeLinear", [x, s, z], name="half", precision=TensorProto.FLOAT16)
    b.node("QuantizeLinear", [x, s, z], name="types", output_dtype=TensorProto.UINT8)
    b.node("QuantizeLinear", [x, s], name="wide", output_dtype=TensorProto.INT16)
    b.node("QuantizeLinear", [x, s, z], name="blocks", block_size=2)
    q = b.quantize(x, 0.02)
    b.node("DequantizeLinear", [q, s, z], name="to_half", output_dtype=TensorProto.FLOAT16)
    b.node("DequantizeLinear", [q, s, z], name="saturates", saturate=1)
    b.output(b.dequantize(q, 0.02))
    expect(importer, b.model(), "QuantizeLinear 'half' computes in float16 (precision)",
           "QuantizeLinear 'types' has output_dtype uint8 and a zero point of type int8", "QuantizeLinear 'wide' is of type int16",
           "QuantizeLinear 'blocks' has block-wise scales", "DequantizeLinear 'to_half' computes in float16 (output_dtype)",
           "DequantizeLinear 'saturates' has an attribute 'saturate'")


def test_names_for_other_things(importer):
    """Constants as nodes, initializers listed as inputs, Identity, Dropout, Cast to the same type, domains nobody uses."""
    b = Builder()
    x = b.node("Dropout", [b.node("Identity", [b.input("x", [1, 4, 8, 8])]), b.constant(np.float32(0.5)), b.constant(np.bool_(False))])
    x = b.node("Cast", [b.qdq(x, 0.0311, 3)], to=TensorProto.FLOAT)
    b.nodes.append(helper.make_node("Dropout", [x], ["dropped", "mask"], name="dropout"))
    scale = b.node("Constant", [], value_float=0.0041)
    w = b.node("Constant", [], value=onnx.numpy_helper.from_array(b.rng.integers(-127, 128, (4, 4, 3, 3)).astype(np.int8)))
    zero = b.node("Identity", [b.constant(np.int8(0))])
    b.output(b.qdq(b.node("Conv", ["dropped", b.node("DequantizeLinear", [w, scale, zero])]), 0.0207, 0))
    model = b.model()
    for tensor in list(model.graph.initializer)[:3]:
        model.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    model.opset_import.append(helper.make_opsetid("my.own", 1))
    check(importer, model, {"x": image(b.rng, 1, 4, 8, 8)})


def test_casts_and_masks_refused(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02)
    b.node("Cast", [x], name="half", to=TensorProto.FLOAT16)
    b.node("Dropout", [x, b.constant(np.float32(0.5)), b.constant(np.bool_(True))], name="training")
    b.nodes.append(helper.make_node("Dropout", [x], ["kept", "mask"], name="masked"))
    b.node("Not", ["mask"], name="reader")
    b.output(b.node("Identity", [x]))
    expect(importer, b.model(), "Cast 'half' casts float32 to float16", "Dropout 'training' may be in training mode",
           "Dropout 'masked' has a mask 'mask' that is read", "Not 'reader' is not supported")


def test_sizes_computed_from_shapes(importer):
    """What PyTorch exports for interpolate(size=2*h): Shape, Gather, Mul, Slice, Concat, Cast."""
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 6, 5]), 0.0311, 3)
    shape = b.node("Shape", [x])
    c = lambda *values: b.constant(np.int64(values))
    height = b.node("Unsqueeze", [b.node("Gather", [shape, b.constant(np.int64(2))]), c(0)])
    width = b.node("Slice", [shape, c(3), c(9), c(0)])
    half = b.node("Concat", [height, width], axis=0)
    real = b.node("Mul", [b.node("Cast", [half], to=TensorProto.FLOAT), b.constant(np.float32(2))])
    target = b.node("Cast", [b.node("Floor", [real])], to=TensorProto.INT64)
    sizes = b.node("Concat", [b.node("Shape", [x], start=0, end=2) if b.opset >= 15 else None, target], axis=0)
    y = b.node("Resize", [x, "", "", sizes], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    b.output(b.qdq(y, 0.0311, 3))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 6, 5)})


def test_weights_computed_from_constants(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.0311, 3)
    real = b.constant(b.rng.normal(0, 1, (3, 3, 4, 6)).astype(np.float32))
    w = b.node("Transpose", [real], perm=[3, 2, 0, 1])
    w = b.node("Mul", [w, b.node("Reshape", [b.constant(np.linspace(0.5, 2, 6, dtype=np.float32)), b.constant(np.int64([-1, 1, 1, 1]))])])
    w = b.qdq(b.node("Sub", [w, b.node("ConstantOfShape", [b.constant(np.int64([6, 4, 3, 3]))], value=helper.make_tensor("v", 1, [1], [0.25]))]), 0.05, 0)
    b.output(b.qdq(b.node("Conv", [x, w]), 0.2, 0))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 8)})


def test_dequantized_constants_compute(importer):
    """A quantizer that puts pairs around everything: constants between them are float values."""
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.0311, 3)
    w = b.dequantized(b.rng.integers(-127, 128, (6, 4, 9)).astype(np.int8), 0.004)
    w = b.qdq(b.node("Reshape", [w, b.constant(np.int64([6, 4, 3, 3]))]), 0.004)
    shift = b.node("Mul", [b.dequantized(np.int8([1, 2, 3, 4, 5, 6]), 0.1), b.dequantized(np.int8([-5]), 0.1)])
    b.output(b.qdq(b.node("Conv", [x, w, b.qdq(shift, 0.01)]), 0.0307, 0))
    check(importer, b.model(), {"x": image(b.rng, 1, 4, 8, 8)})


FOLDS = [
    ("Gather", [np.arange(6).reshape(2, 3), np.int64([[1, -1], [0, 0]])], dict(axis=1)),
    ("Slice", [np.arange(24).reshape(4, 6), np.int64([-1, 1]), np.int64([-99, 5]), np.int64([0, -1]), np.int64([-2, 3])], {}),
    ("Slice", [np.arange(9), np.int64([2]), np.int64([1 << 62])], {}),
    ("Slice", [np.arange(9), np.int64([5]), np.int64([2])], {}),
    ("Concat", [np.arange(6).reshape(2, 3), np.arange(4).reshape(2, 2)], dict(axis=-1)),
    ("Transpose", [np.arange(24).reshape(2, 3, 4)], dict(perm=[2, 0, 1])),
    ("Transpose", [np.arange(6).reshape(2, 3)], {}),
    ("Unsqueeze", [np.arange(3), np.int64([-1, 0])], {}),
    ("Squeeze", [np.arange(3).reshape(1, 3, 1), np.int64([-1])], {}),
    ("Squeeze", [np.arange(3).reshape(1, 3, 1)], {}),
    ("Reshape", [np.arange(24).reshape(2, 3, 4), np.int64([0, -1, 2])], {}),
    ("Add", [np.arange(6).reshape(2, 3), np.arange(2).reshape(2, 1)], {}),
    ("Sub", [np.arange(3), np.arange(6).reshape(2, 3)], {}),
    ("Div", [np.int64([7, -7, 9]), np.int64(2)], {}),
    ("Max", [np.arange(6).reshape(2, 3), np.int64(2)], {}),
    ("Neg", [np.arange(6)], {}),
    ("Shape", [np.arange(24).reshape(2, 3, 4)], dict(start=-2)),
    ("Size", [np.arange(24).reshape(2, 3, 4)], {}),
]


@pytest.mark.parametrize("case", range(len(FOLDS)))
def test_constant_arithmetic(importer, case):
    """The folded constant, spread over the bias of a convolution, is what ONNX Runtime computes."""
    op, inputs, attributes = FOLDS[case]
    b = Builder()
    value = b.node(op, [b.constant(np.asarray(array)) for array in inputs], result="folded", **attributes)
    alone = b.model()
    alone.graph.output.append(helper.make_tensor_value_info("folded", TensorProto.INT64, None))
    expected = reference(alone, {})["folded"]
    x = b.qdq(b.input("x", [1, 1, 4, 4]), 0.0311, 0)
    flat = b.node("Reshape", [value, b.constant(np.int64([-1]))])
    shape = b.node("Concat", [b.node("Shape", [flat]), b.constant(np.int64([1, 1, 1]))], axis=0)
    w = b.qdq(b.node("ConstantOfShape", [shape], value=helper.make_tensor("v", 1, [1], [0.5])), 0.01, 0) if expected.size else None
    if w is None:
        code, text, errors = importer.run(b.model())
        assert code == 1
        return
    y = b.node("Conv", [x, w, b.node("Cast", [flat], to=TensorProto.FLOAT)])
    b.output(b.qdq(y, 0.3, 0))
    graph = check(importer, b.model(), {"x": 3 * image(b.rng, 1, 1, 4, 4)})
    assert graph.ops[0].bias.size == expected.size


def test_constants_refused_in_words(importer):
    b = Builder()
    c = lambda *values: b.constant(np.int64(values))
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02)
    b.node("ConstantOfShape", [c(1 << 40, 1 << 40)], name="huge")
    b.node("ConstantOfShape", [c(-1)], name="negative")
    b.node("Gather", [c(1, 2), c(5)], name="beyond")
    b.node("Div", [c(1), c(0)], name="zero")
    b.node("Mul", [c(1 << 62), c(4)], name="overflow")
    b.node("Add", [c(1, 2), c(1, 2, 3)], name="shapes")
    b.node("Slice", [c(1, 2), c(0), c(2), c(0), c(0)], name="stands")
    b.node("Reshape", [c(1, 2), c(3)], name="counts")
    b.node("Transpose", [c(1, 2)], name="perm", perm=[1, 0])
    b.node("Concat", [c(1), b.constant(np.float32([1]))], name="types", axis=0)
    b.node("Cast", [b.constant(np.float32([np.inf]))], name="infinite", to=TensorProto.INT64)
    b.node("Unsqueeze", [b.node("Gather", [c(1), c(1)], name="unknown"), c(0)], name="silent")
    b.output(b.node("Identity", [x]))
    expect(importer, b.model(), "ConstantOfShape 'huge' makes a constant of shape", "ConstantOfShape 'negative' makes a constant of shape ?",
           "Gather 'beyond' gathers element 5 of 2", "Div 'zero' divides by zero or overflows", "Mul 'overflow' divides by zero or overflows",
           "Add 'shapes' computes on constants of shapes 2 and 3", "Slice 'stands' has axes or steps", "Reshape 'counts' makes shape 3",
           "Transpose 'perm' has perm", "Concat 'types' concatenates constants of types", "Cast 'infinite' casts a number",
           "Gather 'unknown' gathers element 1 of 1")


def test_many_made_constants_stay_cheap(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02)
    for _ in range(30):
        b.node("ConstantOfShape", [b.constant(np.int64([1 << 20]))])
    b.output(b.node("Identity", [x]))
    problems = importer.problems(b.model())
    assert len(problems) == 14 and "constants that are computed may have 0 elements here" in problems[0]


@pytest.mark.parametrize("images", [1, 2, 5])
def test_batch(importer, images):
    """Every op on N images: each is computed alone."""
    b = Builder(seed=images)
    x = b.qdq(b.input("x", [images, 5, 9, 7]), 0.0311, 3)
    other = b.dequantize(b.input("other", [images, 8, 9, 7], TensorProto.UINT8), 0.0173, 120, np.uint8)
    y = b.qdq(b.node("Relu", [b.conv(x, (8, 5, 3, 3), 0.004, pads=[1] * 4)]), 0.0207, -128)
    y = b.qdq(b.node("Add", [y, other]), 0.0293, -10)
    y = b.conv(b.resize(y), (8, 1, 3, 3), 0.004, group=8, auto_pad="SAME_UPPER")
    b.output(b.qdq(y, 0.0251, 0), [images, 8, 18, 14])
    sizes = b.node("Mul", [b.node("Shape", [other]), b.constant(np.int64([1, 1, 2, 2]))])
    b.output(b.quantize(b.node("Resize", [other, "", "", sizes], mode="nearest", coordinate_transformation_mode="asymmetric",
                               nearest_mode="floor"), 0.0293, 0), [images, 8, 18, 14], TensorProto.INT8)
    feeds = {"x": image(b.rng, images, 5, 9, 7), "other": b.rng.integers(0, 256, (images, 8, 9, 7)).astype(np.uint8)}
    graph = check(importer, b.model(), feeds, 0.99)
    assert [bool(shape) for *_, shape in graph.inputs + graph.outputs] == [images != 1] * 4


def test_batch_from_the_command_line(importer):
    b = Builder()
    x = b.qdq(b.input("x", ["n", 8, 6, 6]), 0.03, -5)
    b.output(b.qdq(b.conv(x, (8, 8, 3, 3), 0.004), 0.02, 0), ["n", 8, 4, 4])
    check(importer, b.model(), {"x": image(b.rng, 3, 8, 6, 6)}, 0.999, "--shape", "x=3x8x6x6")


def test_batches_that_differ(importer):
    b = Builder()
    b.output(b.qdq(b.input("x", [2, 4, 8, 8]), 0.02))
    b.output(b.qdq(b.input("y", [3, 4, 8, 8]), 0.02))
    b.output(b.qdq(b.input("none", [0, 4, 8, 8]), 0.02))
    b.output(b.qdq(b.input("many", [2, 4096, 512, 512]), 0.02))
    expect(importer, b.model(), "graph input 'y' has a batch of 3 and an input before it one of 2", "graph input 'none' has shape 0x4x8x8",
           "graph input 'many' has shape 1x4096x512x512, more than 2^30 elements")


@pytest.mark.parametrize("images", [1, 3])
@pytest.mark.parametrize("padding", [dict(pads=[2, 1]), dict(auto_pad="SAME_LOWER"), dict(auto_pad="VALID"), {}])
def test_one_dimension(importer, images, padding):
    """Conv, BatchNormalization, Relu and Add on N, C, L."""
    b = Builder(seed=7)
    x = b.qdq(b.input("x", [images, 6, 40]), 0.0311, 3)
    values = b.rng.integers(-127, 128, (9, 6, 4)).astype(np.int8)
    y = b.node("Conv", [x, b.dequantized(values, np.full(9, 0.003))], strides=[2], dilations=[2] if "auto_pad" not in padding else [1],
               kernel_shape=[4], **padding)
    y = b.node("BatchNormalization", [y, *(b.constant(np.float32(b.rng.uniform(0.5, 1.5, 9))) for _ in range(4))])
    y = b.qdq(y, 0.0207, 0)
    z = b.qdq(b.conv(y, (9, 3, 1), 0.006, group=3), 0.0193, 0)
    b.output(b.qdq(b.node("Relu", [b.node("Add", [y, z])]), 0.0231, -128))
    graph = check(importer, b.model(), {"x": image(b.rng, images, 6, 40)}, 0.99)
    assert graph.inputs[0][4] and graph.outputs[0][3].count(",") == 2


def test_one_dimension_refused(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 20]), 0.02)
    y = b.qdq(b.input("y", [1, 4, 1, 20]), 0.02)
    b.conv(x, (4, 4, 3), 0.01, name="strides", strides=[1, 1])
    b.conv(x, (4, 4, 3), 0.01, name="pads", pads=[1, 1, 1, 1])
    b.conv(x, (4, 4, 1, 3), 0.01, name="rank")
    b.node("Resize", [x, "", b.constant(np.float32([1, 1, 2]))], name="up", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    b.output(b.node("Identity", [x]))
    b.output(b.node("Identity", [y]))
    expect(importer, b.model(), "Conv 'strides' has strides = 1x1; supported is one number in 1..7",
           "Conv 'pads' has 4 pads; a one-dimensional convolution has two", "Conv 'rank' has weights of shape 4x4x1x3 for 4 input channels",
           "Resize 'up' resizes axis 2 of shape 1x4x20")
