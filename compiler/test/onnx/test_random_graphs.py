"""Random graphs with shared values, chains of activations and resizes, and outputs everywhere, against ONNX Runtime.

Roundings that go the other way add up over the layers, so a few values may differ by some steps; what a wrong
rewrite does is far beyond that."""
import numpy as np
import pytest
from onnx import TensorProto

from builder import Builder, reference


class RandomGraph:
    def __init__(self, seed):
        self.b = Builder(seed=seed)
        self.rng = self.b.rng
        # Float values: name, shape, how many convolutions deep, and whether a DequantizeLinear made it.
        x = self.b.input("x", [1, 5, 6, 8])
        if self.rng.integers(2):
            x, size = self.b.resize(x), (12, 16)
        else:
            size = (6, 8)
        self.quantized = [(self.qdq(x, 0.0231), 5, size, 0)]
        for _ in range(self.rng.integers(3, 9)):
            self.layer()
        for value in self.rng.permutation(len(self.quantized))[: self.rng.integers(1, 4)]:
            self.b.output(self.b.node("Identity", [self.quantized[value][0]]))
        if len(self.quantized) > 1:
            self.b.output(self.b.node("Identity", [self.quantized[-1][0]]))

    def qdq(self, x, scale=None):
        scale = scale or self.rng.uniform(0.018, 0.035)
        dtype = [np.int8, np.uint8][self.rng.integers(2)]
        zero = int(self.rng.integers(-40, 40)) + (128 if dtype is np.uint8 else 0)
        return self.b.qdq(x, scale, zero, dtype)

    def pick(self):
        return self.quantized[self.rng.integers(len(self.quantized))]

    def activate(self, y):
        for _ in range(self.rng.integers(0, 3)):
            if self.rng.integers(2):
                y = self.b.node("Relu", [y])
            else:
                low, high = -self.rng.uniform(0, 1), self.rng.uniform(0.5, 2)
                y = self.b.node("Clip", [y, self.b.constant(np.float32(low)), self.b.constant(np.float32(high))])
        return y

    def layer(self):
        b, rng = self.b, self.rng
        x, channels, size, depth = self.pick()
        kind = rng.integers(5)
        if kind == 0 and size[0] <= 12:
            y, size = b.resize(x), (2 * size[0], 2 * size[1])
        elif kind == 1:
            others = [value for value in self.quantized if value[1:3] == (channels, size)]
            other = others[rng.integers(len(others))]
            y, depth = b.node("Add", [x, other[0]]), max(depth, other[3])
        elif kind == 2:
            y = x  # activation or requantization only
        else:
            out, kernel = int(rng.integers(3, 12)), int(rng.choice([1, 3]))
            scales = rng.uniform(0.5, 1.5, out) * 0.01 / np.sqrt(channels) / kernel
            y = b.conv(x, (out, channels, kernel, kernel), scales, bias=rng.normal(0, 0.2, out), pads=[kernel // 2] * 4)
            channels, depth = out, depth + 1
        y = self.activate(y)
        if rng.integers(4) == 0 and size[0] <= 12:
            y, size = b.resize(y), (2 * size[0], 2 * size[1])
        if kind == 1 and rng.integers(2):  # two quantizations of one sum
            self.quantized.append((self.qdq(y), channels, size, depth + 1))
        self.quantized.append((self.qdq(y), channels, size, depth + 1))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("keep", [False, True])
def test_random_graph(importer, seed, keep):
    graph = RandomGraph(seed)
    model = graph.b.model()
    feeds = {"x": graph.rng.normal(0, 1, (1, 5, 6, 8)).astype(np.float32)}
    compiled = importer.graph(model, *(["--keep-intermediates"] if keep else []))
    ours, scales = compiled.run(feeds)
    if not keep:
        # Each convolution that reaches an output counts once, however often it was made.
        convs = {name for op in compiled.ops if op.macs for name in op.names if name.startswith("conv")}
        assert sum(1 for op in compiled.ops if op.macs) == len(convs)
    for name, expected in reference(model, feeds).items():
        step = scales[name]
        apart = np.abs(ours[name] - expected) / step
        assert ours[name].shape == expected.shape
        assert apart.max() < 6 and (apart < 0.5).mean() > 0.98, (name, apart.max(), (apart < 0.5).mean())
    if keep:
        quantizers = {node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}
        assert quantizers <= set(ours)
