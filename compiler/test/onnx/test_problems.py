"""What is wrong with a model is said in sentences that name the node, all of them in one run."""
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from builder import Builder


def simple(**kw):
    """x -> QDQ -> Conv 3x3 (attributes `kw`) -> QDQ -> output."""
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    b.output(b.qdq(b.conv(x, (6, 4, 3, 3), 0.002, name="/m/conv", **kw), 0.03, 0))
    return b


def expect(importer, model, *sentences, arguments=()):
    """The problems are these, each by its fragments, and no others."""
    problems = importer.problems(model, *arguments)
    assert len(problems) == len(sentences), problems
    for problem, fragment in zip(problems, sentences):
        assert fragment in problem, problems


def test_twelve_problems_in_one_run(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    batch = b.input("batch", [2, 4, 8, 8])                                                             # 1
    y = b.conv(x, (8, 4, 3, 3), 0.01, name="grouped", group=3)                                         # 2
    y = b.node("Softmax", [b.qdq(y, 0.01)], name="unknown_op")                                         # 3
    y = b.qdq(b.node("Resize", [b.qdq(y, 0.01), "", b.constant(np.float32([1, 1, 3, 3]))], name="by_three", mode="nearest"), 0.01)
    values = np.full((4, 4, 3, 3), -128, np.int32)
    y = b.node("Conv", [x, b.dequantized(values, 0.01)], name="wide_weights")                          # 4
    y = b.node("Conv", [b.qdq(y, 0.01), b.constant(np.ones((4, 4, 3, 3), np.float32))], name="float_weights")  # 5
    y = b.qdq(b.conv(x, (4, 4, 3, 3), 0.01, name="too_far", strides=[8, 1]), 0.01)                     # 6
    y = b.node("Add", [x, b.constant(np.ones((1, 4, 8, 8), np.float32))], name="add_constant")         # 7
    y = b.node("Add", [x, b.qdq(b.conv(x, (4, 4, 3, 3), 0.01), 0.01)], name="other_shape")             # 8
    y = b.node("QuantizeLinear", [x, b.constant(np.float32(-1)), b.constant(np.int8(0))], name="negative")  # 9
    y = b.node("QuantizeLinear", [x, b.constant(np.float32(1)), b.constant(np.int16(0))], name="int16")  # 10
    y = b.node("Clip", [x, b.constant(np.float32(2)), b.constant(np.float32(1))], name="upside_down")  # 11
    y = b.node("Resize", [x, "", b.constant(np.float32([1, 1, 2, 2]))], name="linear", mode="linear")  # 12
    b.output(b.qdq(x, 0.5))
    fragments = [
        "graph input 'batch' has a batch of 2 and an input before it one of 1",
        "Conv 'grouped' has group = 3 and 8 output channels; groups must divide the channels",
        "Softmax 'unknown_op' is not supported",
        "Conv 'wide_weights' has weights 'dequantizelinear33_out' of type int32; supported are int8 and uint8",
        "Conv 'float_weights' has weights 'c",
        "Conv 'too_far' has strides = 8x1; supported are two numbers in 1..7",
        "Add 'add_constant' has a constant operand",
        "Add 'other_shape' has operands of shapes 1x4x8x8 and 1x4x6x6",
        "QuantizeLinear 'negative' has a scale of -1",
        "QuantizeLinear 'int16' is of type int16",
        "Clip 'upside_down' has a lower bound",
        "Resize 'linear' has mode 'linear'",
    ]
    expect(importer, b.model(), *fragments)


ATTRIBUTES = [
    (dict(dilations=[1, 16]), "has dilations = 1x16; supported are two numbers in 1..15"),
    (dict(dilations=[1]), "has dilations = 1; supported are two numbers"),
    (dict(pads=[1, 1, -1, 1]), "has a padding of -1; supported are 0..127"),
    (dict(pads=[1, 1]), "has 2 pads; a two-dimensional convolution has four"),
    (dict(auto_pad="SAME"), "has an auto_pad of 'SAME'"),
    (dict(kernel_shape=[3, 5]), "has kernel_shape = 3x5 and weights with a kernel of 3x3"),
    (dict(group=3), "has weights of shape 6x4x3x3 in 3 groups for 4 input channels each and an input of shape 1x4x8x8"),
    (dict(group=0), "has group = 0 and 6 output channels; groups must divide the channels"),
    (dict(group="two"), "has an attribute 'group' that is not an integer"),
    (dict(stride=[1, 1]), "has an attribute 'stride', which Conv does not have"),
    (dict(dilations=[5, 5]), "has a kernel that does not fit its input of shape 1x4x8x8; the result would be empty"),
    (dict(bias=np.zeros(5)), "of shape 5 for 6 output channels"),
    (dict(bias=[np.nan] * 6), "with a value that is not finite"),
]


@pytest.mark.parametrize("case", range(len(ATTRIBUTES)))
def test_conv_attributes(importer, case):
    attributes, sentence = ATTRIBUTES[case]
    problems = importer.problems(simple(**attributes).model())
    assert len(problems) == 1 and problems[0].startswith("Conv '/m/conv' ") and sentence in problems[0], problems


WEIGHTS = [
    (np.ones((6, 4), np.int8), 0.1, 0, "of shape 6x4; only one- and two-dimensional convolutions"),
    (np.ones((6, 4, 3), np.int8), 0.1, 0, "has weights of shape 6x4x3 for 4 input channels and an input of shape 1x4x8x8"),
    (np.ones((6, 5, 3, 3), np.int8), 0.1, 0, "has weights of shape 6x5x3x3 for 5 input channels and an input of shape 1x4x8x8"),
    (np.ones((6, 4, 16, 3), np.int8), 0.1, 0, "has a kernel of 16x3; supported are kernels up to 15x15"),
    (np.ones((6, 4, 3, 3), np.int32), 0.1, 0, "of type int32; supported are int8 and uint8"),
    (np.ones((6, 4, 3, 3), np.int8), [0.1] * 4, 1, "with scales along axis 1; supported is one per output channel"),
    (np.ones((0, 4, 3, 3), np.int8), 0.1, 0, "without elements"),
]


@pytest.mark.parametrize("case", range(len(WEIGHTS)))
def test_weights(importer, case):
    values, scales, axis, sentence = WEIGHTS[case]
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    b.output(b.qdq(b.node("Conv", [x, b.dequantized(values, scales, axis)], name="/m/conv"), 0.03, 0))
    problems = importer.problems(b.model())
    assert len(problems) == 1 and "Conv '/m/conv' has" in problems[0] and sentence in problems[0], problems


@pytest.mark.parametrize("scale", [0.0, -0.5, float("nan"), float("inf"), 1e-40])
def test_scales(importer, scale):
    b = Builder()
    b.output(b.qdq(b.quantize(b.input("x", [1, 4, 8, 8]), scale, name="q"), 1.0))
    problems = importer.problems(b.model())
    assert "QuantizeLinear 'q' has a scale of" in problems[0] and "above zero" in problems[0]


def test_quantization_that_does_not_fit(importer):
    b = Builder()
    x = b.input("x", [1, 4, 8, 8])
    q = b.quantize(x, 0.5, 3, name="q")
    b.dequantize(q, 0.25, 3, name="other_scale")
    b.dequantize(q, 0.5, 3, np.uint8, name="other_type")
    b.dequantize(x, 0.5, 3, name="of_float")
    b.quantize(q, 0.5, 3, name="of_integer")
    per_channel = [x, b.constant(np.full(4, 0.5, np.float32)), b.constant(np.zeros(4, np.int8))]
    b.node("QuantizeLinear", per_channel, name="per_channel")
    b.node("QuantizeLinear", [x, x], name="dynamic")
    b.output(b.dequantize(q, 0.5, 3))
    expect(importer, b.model(), "DequantizeLinear 'other_scale' has another scale or zero point than what made 'q_out'",
           "DequantizeLinear 'other_type' has a zero point of type uint8 for an input of type int8",
           "DequantizeLinear 'of_float' reads 'x', which is float32 already",
           "QuantizeLinear 'of_integer' reads 'q_out', which is an integer tensor",
           "QuantizeLinear 'per_channel' has 4 scales; feature maps have one scale",
           "QuantizeLinear 'dynamic' has a scale or zero point that is no constant")


RESIZES = [
    (dict(nearest_mode="ceil"), "coordinate_transformation_mode 'asymmetric' with nearest_mode 'ceil'"),
    (dict(coordinate_transformation_mode="half_pixel", nearest_mode="floor"), "'half_pixel' with nearest_mode 'floor'"),
    (dict(coordinate_transformation_mode="tf_crop_and_resize"), "'tf_crop_and_resize'"),
    (dict(scales=(1, 1, 2, 1)), "resizes height and width differently"),
    (dict(scales=(1, 1, 2.01, 2)), "by 2.01"),
    (dict(scales=(1, 2, 2, 2)), "resizes axis 1"),
    (dict(scales=(2, 2)), "has 2 scales for 4 axes"),
    (dict(mode="cubic"), "has mode 'cubic'"),
]


@pytest.mark.parametrize("case", range(len(RESIZES)))
def test_resize_refused(importer, case):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    b.output(b.qdq(b.resize(x, name="/up", **RESIZES[case][0]), 0.02, 3))
    problems = importer.problems(b.model())
    assert len(problems) == 1 and problems[0].startswith("Resize '/up' ") and RESIZES[case][1] in problems[0], problems


@pytest.mark.parametrize("coordinates", ["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric"])
@pytest.mark.parametrize("rounding", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_resize_modes_mean_what_onnx_says(importer, coordinates, rounding, size):
    """Taken when ONNX Runtime doubles each pixel, refused when it does anything else."""
    from builder import reference

    b = Builder(opset=19)
    x = b.qdq(b.input("x", [1, 1, size, size]), 1.0, 0)
    sizes = b.constant(np.int64([1, 1, 2 * size, 2 * size]))
    y = b.node("Resize", [x, "", "", sizes], mode="nearest", coordinate_transformation_mode=coordinates, nearest_mode=rounding)
    b.output(b.qdq(y, 1.0, 0))
    picture = np.arange(size * size, dtype=np.float32).reshape(1, 1, size, size)
    (expected,) = reference(b.model(), {"x": picture}).values()
    doubled = np.array_equal(expected, picture.repeat(2, 2).repeat(2, 3))
    code, _, errors = importer.run(b.model(), "--canonical")
    assert code == (0 if doubled else 1), errors


def test_gaps_in_the_quantization(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    y = b.conv(x, (4, 4, 3, 3), 0.01, name="first")
    b.output(b.qdq(b.conv(y, (4, 4, 3, 3), 0.01, name="second"), 0.02))
    b.output(b.conv(x, (4, 4, 3, 3), 0.01, name="last"))
    z = b.input("z", [1, 4, 8, 8])
    b.output(b.qdq(b.conv(z, (4, 4, 3, 3), 0.01, name="of_input"), 0.02))
    expect(importer, b.model(), "Conv 'first' hands its result to Conv 'second' in float", "Conv 'last' makes the graph output 'last_out' in float",
           "Conv 'of_input' reads the graph input 'z' in float")


def test_input_quantized_in_two_ways(importer):
    b = Builder()
    x = b.input("x", [1, 4, 8, 8])
    b.output(b.dequantize(b.quantize(x, 0.5, name="q1"), 0.5))
    b.output(b.dequantize(b.quantize(x, 0.25, name="q2"), 0.25))
    (problem,) = importer.problems(b.model())
    assert "graph input 'x' is quantized in two ways" in problem and "'q1'" in problem and "'q2'" in problem


def test_borders(importer):
    b = Builder()
    x = b.input("x", [1, 4, 8, 8])
    b.input("vector", [4])
    b.input("half", [1, 4, 8, 8], TensorProto.FLOAT16)
    b.input("unscaled", [1, 4, 8, 8], TensorProto.INT8)
    b.input("huge", [1, 4, 1 << 40, 8])
    b.input("large", [1, 60000, 60000, 8])
    b.output(b.quantize(x, 0.5, name="q"), dtype=TensorProto.UINT8)
    b.output("nobody")
    b.output(b.constant(np.float32(1)))
    expect(importer, b.model(), "graph input 'vector' has 1 dimensions (4)", "graph input 'half' has type float16",
           "graph input 'unscaled' is int8 and no DequantizeLinear reads it", "graph input 'huge' has shape 1x4x1099511627776x8",
           "graph input 'large' has shape 1x60000x60000x8, more than 2^30 elements",
           "graph output 'q_out' is declared as uint8 and is int8", "graph output 'nobody' is made by no node",
           "is a constant; remove it from the outputs")


def test_declared_shapes(importer):
    b = simple()
    b.infos.append(helper.make_tensor_value_info("/m/conv_out", TensorProto.FLOAT, [1, 6, 6, 7]))
    expect(importer, b.model(), "makes '/m/conv_out' of shape 1x6x6x6, which the file declares as 1x6x6x7")
    code, _, errors = importer.run(b.model(), "--shape", "x=1x4x9x9")  # inner declarations are void then
    assert code == 0, errors


def test_shape_option(importer):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, "h", "w"]), 0.02, 3)
    b.output(b.qdq(b.conv(x, (6, 4, 3, 3), 0.002), 0.03, 0))
    expect(importer, b.model(), "graph input 'x' has dynamic dimensions, 1x4x?x?; give them with --shape x=1xCxHxW")
    expect(importer, b.model(), "--shape names 'y', which is no graph input; the inputs are 'x'",
           arguments=["--shape", "x=1x4x9x9", "--shape", "y=1x1x1x1"][0:2] + ["--shape", "y=1x1x1x1"])
    expect(importer, b.model(), "graph input 'x' has shape 1x4x?x? and --shape gives it 1x4x9", arguments=["--shape", "x=1x4x9"])
    expect(importer, b.model(), "is not NAME=DxDxDxD", arguments=["--shape", "x=1x4x0x9"])


def test_float_model(importer):
    b = Builder()
    x = b.input("x", [1, 4, 8, 8])
    w = b.constant(np.ones((4, 4, 3, 3), np.float32))
    b.output(b.node("Softmax", [b.node("Conv", [x, w])]))
    expect(importer, b.model(), "the model is not quantized", "the model uses Softmax, which is not supported")


def test_operator_format_and_domains(importer):
    b = simple()
    b.node("QLinearReduceMean", ["x"], name="qop", domain="com.microsoft")
    b.node("Conv", ["x"], name="custom", domain="my.ops")
    model = b.model()
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    expect(importer, model, "QLinearReduceMean 'qop' of domain 'com.microsoft' is not supported in this version",
           "Conv 'custom' of domain 'my.ops' is not supported")


@pytest.mark.parametrize("opset", [9, 12, 99])
def test_opset(importer, opset):
    b = simple()
    b.opset = opset
    expect(importer, b.model(), f"the model uses ONNX operator set {opset}; supported are 13 to 23")


def test_structure(importer):
    b = simple()
    b.node("Relu", ["nowhere"], name="dangling")
    b.node("Relu", ["cycle2_out"], name="cycle1")
    b.node("Relu", ["cycle1_out"], name="cycle2")
    b.node("Relu", ["x"], name="twice", result="same")
    b.node("Relu", ["x"], name="again", result="same")
    b.node("Relu", ["x"], name="overwrites", result="c1")
    b.initializers.append(onnx.numpy_helper.from_array(np.float32(1), "c1"))
    expect(importer, b.model(), "initializer 'c1' is there twice", "tensor 'same' is made twice, by Relu 'twice' and by Relu 'again'",
           "Relu 'overwrites' makes 'c1', which is a graph input or an initializer",
           "Relu 'dangling' reads 'nowhere', which no node, input or initializer provides",
           "the graph has a cycle: Relu 'cycle2', Relu 'cycle1'")


def test_unordered_nodes_are_sorted(importer):
    model = simple().model()
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))
    assert len(importer.graph(model).ops) == 1
