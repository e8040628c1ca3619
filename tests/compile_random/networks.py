"""Quantized ONNX networks built for the compiler: any shape, weights and values that keep every layer lively."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Net:
    """A QDQ graph under construction. A value is `(dequantized name, shape, scale, zero point)`."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng([7, seed])
        self.nodes, self.constants, self.inputs, self.outputs, self.feeds = [], [], [], [], {}
        self.count = 0

    def _name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}_{self.count}"

    def _constant(self, stem: str, value) -> str:
        name = self._name(stem)
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def _node(self, op: str, inputs, **attributes) -> str:
        name = self._name(op.lower())
        self.nodes.append(helper.make_node(op, inputs, [name], name="/" + name, **attributes))
        return name

    def _requantize(self, x: str, shape, scale: float, zero: int):
        scale = np.float32(scale)
        params = [self._constant("scale", scale), self._constant("zero", np.int8(zero))]
        quantized = self._node("QuantizeLinear", [x] + params)
        return self._node("DequantizeLinear", [quantized] + params), tuple(shape), float(scale), zero

    def input(self, shape):
        """A float graph input with values that are exact steps of its quantization."""
        name = self._name("in")
        scale, zero = float(np.float32(self.rng.uniform(0.01, 0.1))), int(self.rng.integers(-40, 41))
        q = np.clip(np.rint(self.rng.normal(zero, 45, (1, *shape))), -128, 127)
        self.feeds[name] = ((q - zero) * np.float32(scale)).astype(np.float32)
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, *shape]))
        return self._requantize(name, shape, scale, zero)

    def conv(self, value, outputs: int, kernel, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), residual=None, relu=False,
             upsample=False, bias=True, groups=1, weight_zero=None):
        """Convolution (perhaps of the upsampled input), perhaps with a residual add and a Relu behind it. `weight_zero`: for uint8
        weights; None is int8 without -128, as a symmetric quantizer writes them."""
        x, (channels, height, width), scale, _ = value
        if upsample:
            x = self.resize(value)[0]
            height, width = 2 * height, 2 * width
        channels //= groups
        low, weight_type = (-127, np.int8) if weight_zero is None else (0, np.uint8)
        weights = self.rng.integers(low, low + 255 + (low == 0), (outputs, channels, *kernel)).astype(weight_type)
        weight_scale = self.rng.uniform(0.5e-3, 1e-3, outputs).astype(np.float32)
        w = self._node("DequantizeLinear", [self._constant("w", weights), self._constant("w_scale", weight_scale),
                                            self._constant("w_zero", np.full(outputs, weight_zero or 0, weight_type))], axis=0)
        inputs = [x, w]
        spread = scale * 1e-3 * 45 * 73 * (channels * kernel[0] * kernel[1]) ** 0.5 / 40  # one output step
        if bias:
            bias_scale = (np.float32(scale) * weight_scale).astype(np.float32)
            b = np.rint(self.rng.normal(0, 15 * spread, outputs) / bias_scale).astype(np.int32)
            inputs.append(self._node("DequantizeLinear", [self._constant("b", b), self._constant("b_scale", bias_scale)], axis=0))
        y = self._node("Conv", inputs, kernel_shape=kernel, strides=strides, pads=pads, dilations=dilations, group=groups)
        shape = [outputs] + [(size + pads[i] + pads[i + 2] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1
                             for i, size in enumerate((height, width))]
        if residual is None:
            if relu:
                y = self._node("Relu", [y])
            return self._requantize(y, shape, spread, -100 if relu else int(self.rng.integers(-30, 31)))
        first = self._requantize(y, shape, spread, int(self.rng.integers(-30, 31)))
        return self.add(first, residual, relu)

    def add(self, first, second, relu=False):
        y = self._node("Add", [first[0], second[0]])
        if relu:
            y = self._node("Relu", [y])
        return self._requantize(y, first[1], max(first[2], second[2]) * 1.4, -90 if relu else int(self.rng.integers(-30, 31)))

    def relu(self, value):
        return self._requantize(self._node("Relu", [value[0]]), value[1], value[2] * 0.7, -128)

    def clip(self, value):
        bounds = [self._constant("bound", np.float32(b * value[2])) for b in (-35, 50)]
        return self._requantize(self._node("Clip", [value[0], *bounds]), value[1], value[2] * 0.6, int(self.rng.integers(-30, 31)))

    def resize(self, value):
        scales = self._constant("scales", np.array([1, 1, 2, 2], np.float32))
        y = self._node("Resize", [value[0], "", scales], mode="nearest", coordinate_transformation_mode="asymmetric",
                       nearest_mode="floor")
        channels, height, width = value[1]
        return self._requantize(y, (channels, 2 * height, 2 * width), value[2], value[3])

    def output(self, value):
        self.outputs.append(helper.make_tensor_value_info(value[0], TensorProto.FLOAT, [1, *value[1]]))

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "net", self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def random_net(seed: int, scale: int = 1) -> Net:
    """A few layers of random kinds and shapes; `scale` makes the maps larger."""
    net = Net(seed)
    rng = net.rng
    shape = (int(rng.integers(1, 70)), int(rng.integers(1, 26 * scale)), int(rng.integers(1, 40 * scale)))
    values = [net.input(shape)]
    if rng.random() < 0.3:
        values.append(net.input(shape))
    for _ in range(int(rng.integers(1, 7))):
        value = values[int(rng.integers(max(0, len(values) - 2), len(values)))]
        channels, height, width = value[1]
        same = [v for v in values if v[1] == value[1] and v is not value]
        kind = rng.choice(["conv", "conv", "conv", "residual", "add", "relu", "clip", "resize", "up"])
        if kind == "add" and same:
            values.append(net.add(value, same[-1], bool(rng.random() < 0.5)))
        elif kind == "relu":
            values.append(net.relu(value))
        elif kind == "clip":
            values.append(net.clip(value))
        elif kind == "resize" and height * width < 800 * scale * scale:
            values.append(net.resize(value))
        elif kind == "residual":
            kernel = (int(rng.choice([1, 3, 5])), int(rng.choice([1, 3, 5])))
            pads = (kernel[0] // 2, kernel[1] // 2) * 2
            values.append(net.conv(value, channels, kernel, pads=pads, residual=(same or [value])[-1], relu=bool(rng.random() < 0.5)))
        else:
            upsample = bool(kind == "up" and height * width < 800 * scale * scale)
            factor = 2 if upsample else 1
            kernel, strides, dilations, pads = [], [], [], []
            for size in (height * factor, width * factor):
                d = int(rng.choice([1, 1, 1, 2, 3]))
                k = int(rng.choice([1, 2, 3, 3, 5, 7]))
                p = [int(v) for v in rng.integers(0, max(1, (k - 1) * d) + 1, 2)]
                if size + sum(p) < (k - 1) * d + 1:
                    k, p = 1, [0, 0]
                kernel.append(k)
                dilations.append(d)
                strides.append(1 if upsample else int(rng.choice([1, 1, 1, 2, 3])))
                pads.append(p)
            outputs = int(rng.integers(1, 5) if rng.random() < 0.15 else rng.integers(1, 90))
            values.append(net.conv(value, outputs, kernel, strides, [pads[0][0], pads[1][0], pads[0][1], pads[1][1]],
                                   dilations, relu=bool(rng.random() < 0.4), upsample=upsample, bias=bool(rng.random() < 0.8)))
    read = {name for node in net.nodes for name in node.input}
    inputs = {v[0] for v in values[: len(net.inputs)]}
    for value in values:
        # Nothing may dangle; now and then a value is an output although others read it as well.
        if value[0] not in read or (value[0] not in inputs and rng.random() < 0.1):
            net.output(net.relu(value) if value[0] in inputs else value)
    return net


def _single(seed: int, shape, outputs: int, kernel, **options) -> Net:
    net = Net(seed)
    net.output(net.conv(net.input(shape), outputs, kernel, **options))
    return net


def _wide_residual(seed: int) -> Net:
    net = Net(seed)
    x = net.input((24, 40, 200))
    h = net.conv(x, 24, (3, 3), pads=(1, 1, 1, 1), relu=True)
    net.output(net.conv(h, 24, (3, 3), pads=(1, 1, 1, 1), residual=x, relu=True))
    return net


def _odd_upsampled(seed: int) -> Net:
    net = Net(seed)
    x = net.input((40, 37, 53))
    net.output(net.conv(x, 33, (3, 3), pads=(1, 1, 1, 1), upsample=True))
    return net


def _deep_bottleneck(seed: int) -> Net:
    net = Net(seed)
    x = net.input((520, 2, 2))
    h = net.conv(x, 1032, (3, 3), pads=(1, 1, 1, 1), relu=True)
    net.output(net.conv(h, 520, (3, 3), pads=(1, 1, 1, 1), residual=x))
    return net


def _chain(seed: int, shape, *layers) -> Net:
    """Convolutions one behind the other: (outputs, kernel) or (outputs, kernel, stride or "up")."""
    net = Net(seed)
    value = net.input(shape)
    for index, (outputs, kernel, *kind) in enumerate(layers):
        stride = kind[0] if kind and kind[0] != "up" else 1
        value = net.conv(value, outputs, (kernel, kernel), (stride, stride), (kernel // 2,) * 4, relu=index % 2 == 1 and index + 1 < len(layers),
                         upsample="up" in kind)
    net.output(value)
    return net


def _fused_residuals(seed: int) -> Net:
    """Residual blocks of few channels: the block's input is read with a halo and, by the last layer, without one."""
    net = Net(seed)
    x = net.conv(net.input((3, 150, 170)), 8, (3, 3), pads=(1, 1, 1, 1), relu=True)
    for _ in range(2):
        h = net.conv(x, 8, (3, 3), pads=(1, 1, 1, 1), relu=True)
        x = net.conv(h, 8, (1, 1), residual=x, relu=True)
    net.output(x)
    return net


def _fused_branches(seed: int) -> Net:
    """A map that two layers of a group read, at different regions, and a sum inside the group."""
    net = Net(seed)
    x = net.conv(net.input((8, 200, 136)), 8, (1, 1), relu=True)
    wide = net.conv(x, 8, (5, 3), pads=(2, 1, 2, 1), relu=True)
    skip = net.conv(x, 8, (1, 1))
    net.output(net.conv(net.add(wide, skip, relu=True), 4, (1, 1)))
    return net


def _fused_strided_branches(seed: int) -> Net:
    """Two strided layers read one map from columns that differ by one."""
    net = Net(seed)
    x = net.conv(net.input((8, 180, 230)), 8, (1, 1), relu=True)
    wide = net.conv(x, 8, (5, 5), (2, 2), (2, 2, 2, 2))
    narrow = net.conv(x, 8, (3, 3), (2, 2), (1, 1, 1, 1))
    net.output(net.add(wide, narrow))
    return net


def _fused_outputs(seed: int) -> Net:
    """An output in the middle ends a group; its map goes on into the next one."""
    net = Net(seed)
    x = net.conv(net.input((8, 160, 160)), 8, (1, 1), relu=True)
    x = net.conv(x, 8, (3, 3), pads=(1, 1, 1, 1))
    net.output(x)
    y = net.conv(x, 8, (1, 1), relu=True)
    net.output(net.conv(y, 8, (1, 1)))
    return net


def _fused_square(seed: int) -> Net:
    """A layer that adds its own input, in a group."""
    net = Net(seed)
    x = net.conv(net.input((8, 130, 200)), 8, (1, 1), relu=True)
    x = net.conv(x, 8, (1, 1), residual=x)
    net.output(net.conv(x, 8, (1, 1), residual=x))
    return net


# Chains whose maps between layers need not go through DRAM: name, network.
FUSED = {
    "1x1 chain": lambda: _chain(40, (8, 180, 180), (8, 1), (8, 1), (8, 1), (8, 1)),
    "1x1 chain, wide channels": lambda: _chain(41, (24, 120, 200), (32, 1), (64, 1), (24, 1)),
    "3x3 chain, few channels": lambda: _chain(42, (3, 170, 190), (8, 3), (8, 3), (3, 3)),
    "stride 2 inside": lambda: _chain(43, (8, 201, 211), (8, 1), (8, 3, 2), (8, 1), (16, 3, 2), (8, 1)),
    "upsampling inside": lambda: _chain(44, (8, 71, 83), (8, 1), (8, 3, "up"), (8, 1), (8, 3, "up"), (3, 1)),
    "rows folded at the end": lambda: _chain(45, (8, 150, 160), (8, 1), (8, 1), (3, 5)),
    "rows folded inside": lambda: _chain(46, (8, 150, 160), (3, 5), (8, 1), (8, 1)),
    "many weights": lambda: _chain(47, (16, 100, 140), (256, 1), (16, 1), (256, 1), (16, 1)),
    "very wide": lambda: _chain(48, (3, 20, 3000), (8, 1), (8, 3), (8, 1)),
    "residual blocks": lambda: _fused_residuals(50),
    "two readers": lambda: _fused_branches(51),
    "two strided readers": lambda: _fused_strided_branches(54),
    "strided input": lambda: _chain(55, (8, 260, 250), (8, 3, 2), (8, 1), (8, 1)),
    "columns folded at the beginning": lambda: _chain(56, (3, 200, 220), (8, 3), (8, 1), (8, 1)),
    "columns folded, strided": lambda: _chain(57, (3, 300, 320), (8, 5, 2), (8, 1), (8, 1)),
    "output in the middle": lambda: _fused_outputs(52),
    "a layer adds its input": lambda: _fused_square(53),
}


# Shapes at the edges of what the memories hold: name, network.
HARD = {
    "depthwise": lambda: _single(20, (29, 40, 50), 29, (3, 3), pads=(1, 1, 1, 1), groups=29),
    "depthwise, stride 2, up to the edge": lambda: _single(21, (64, 33, 41), 64, (5, 5), strides=(2, 2), pads=(2, 2, 2, 2), groups=64),
    "depthwise, upsampled": lambda: _single(22, (16, 20, 24), 16, (3, 3), pads=(1, 1, 1, 1), groups=16, upsample=True),
    "groups of four": lambda: _single(23, (24, 30, 31), 24, (3, 3), pads=(1, 1, 1, 1), dilations=(2, 1), groups=6),
    "groups with more inputs": lambda: _single(24, (64, 17, 19), 16, (3, 3), groups=16),
    "groups across blocks": lambda: _single(25, (15, 30, 31), 21, (3, 3), pads=(1, 1, 1, 1), groups=3),
    "uint8 weights, lowest -128": lambda: _single(26, (20, 30, 31), 12, (3, 3), pads=(1, 1, 1, 1), weight_zero=128),
    "uint8 weights, asymmetric": lambda: _single(27, (20, 30, 31), 12, (3, 3), pads=(1, 1, 1, 1), weight_zero=90),
    "one pixel": lambda: _single(1, (5, 1, 1), 7, (1, 1)),
    "one pixel, 4096 channels": lambda: _single(2, (4096, 1, 1), 24, (1, 1)),
    "4096 channels out": lambda: _single(3, (16, 2, 3), 4096, (1, 1)),
    "4096 channels, 3x3": lambda: _single(4, (4096, 3, 3), 16, (3, 3), pads=(1, 1, 1, 1)),
    "1920 wide": lambda: _single(5, (16, 12, 1920), 16, (3, 3), pads=(1, 1, 1, 1)),
    "1920 high": lambda: _single(6, (16, 1920, 5), 16, (3, 3), pads=(1, 1, 1, 1)),
    "three channels, 7x7": lambda: _single(7, (3, 96, 96), 64, (7, 7), pads=(3, 3, 3, 3)),
    "7x7 to three channels": lambda: _single(8, (64, 64, 64), 3, (7, 7), pads=(3, 3, 3, 3)),
    "15x15": lambda: _single(9, (24, 40, 40), 24, (15, 15), pads=(7, 7, 7, 7)),
    "9x9, dilated by 3": lambda: _single(10, (4, 60, 60), 8, (9, 9), dilations=(3, 3), pads=(7, 7, 7, 7)),
    "stride 7": lambda: _single(11, (20, 100, 100), 12, (3, 3), strides=(7, 7)),
    "stride 2, odd": lambda: _single(12, (40, 63, 65), 48, (5, 5), strides=(2, 2), pads=(2, 1, 2, 1)),
    "padding wider than the kernel": lambda: _single(13, (8, 4, 4), 8, (3, 3), pads=(9, 8, 7, 6)),
    "padding only in the corner tiles": lambda: _single(14, (64, 50, 50), 40, (3, 3), pads=(40, 40, 40, 40)),
    "residual that streams": lambda: _wide_residual(15),
    "upsampled, odd tiles": lambda: _odd_upsampled(16),
    "reduction in parts with a residual": lambda: _deep_bottleneck(17),
    "rows folded, odd height": lambda: _single(20, (24, 37, 50), 3, (5, 5), pads=(2, 2, 2, 2), relu=True),
    "rows folded, four at once, strided": lambda: _single(21, (16, 70, 90), 2, (5, 3), strides=(1, 2), pads=(0, 1, 3, 1)),
    "rows folded, one channel": lambda: _single(22, (8, 23, 31), 1, (7, 7), strides=(2, 1), pads=(3, 3, 3, 3)),
    "one row": lambda: _single(18, (30, 1, 700), 30, (1, 9), pads=(0, 4, 0, 4)),
    "one column": lambda: _single(19, (30, 700, 1), 30, (9, 1), pads=(4, 0, 4, 0)),
}


def too_large() -> Net:
    """A kernel that reads more at once than any of the cores holds."""
    return _single(10, (4, 230, 230), 8, (15, 15), dilations=(15, 15), pads=(7, 7, 7, 7))
