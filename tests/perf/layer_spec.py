"""A layer as text, and the quantized ONNX networks that measure it.

    3x3:64->64@32x32:relu      kernel rows x columns, channels in -> out, @ rows x columns of the input
    5x5s2:128->128@64x64       s2 or s2x1: stride in y and x
    3x3d2:64->64@32x32         d2 or d2x1: dilation
    3x3:64->64@16x16:up        options behind: relu; up (nearest x2 in front); res (a residual of the output's shape is added);
                               dw (depthwise: a group for each input channel)

A shell wants it in quotes because of the '>', or with 64-64, which means the same. Padding keeps rows and columns (`same`, rounded up at strides).
"""

import re
from dataclasses import dataclass

from tests.compile_random.networks import Net

PATTERN = re.compile(r"(\d+)(?:x(\d+))?(?:s(\d+)(?:x(\d+))?)?(?:d(\d+)(?:x(\d+))?)?:(\d+)->?(\d+)@(\d+)(?:x(\d+))?((?::[a-z]+)*)")
OPTIONS = {"relu", "up", "res", "dw"}


class BadSpec(ValueError):
    """A text that is no layer; the sentence says why."""


@dataclass(frozen=True)
class Layer:
    text: str
    kernel: tuple
    strides: tuple
    dilations: tuple
    inputs: int
    outputs: int
    size: tuple           # rows, columns of the input, in front of the upsampling
    options: frozenset

    @property
    def pads(self) -> tuple:
        """Top, left, bottom, right."""
        reach = [d * (k - 1) for k, d in zip(self.kernel, self.dilations)]
        return (reach[0] // 2, reach[1] // 2, reach[0] - reach[0] // 2, reach[1] - reach[1] // 2)

    @property
    def out_size(self) -> tuple:
        factor = 2 if "up" in self.options else 1
        return tuple((factor * n - 1) // s + 1 for n, s in zip(self.size, self.strides))

    @property
    def keeps_shape(self) -> bool:
        return self.inputs == self.outputs and self.size == self.out_size

    def add_to(self, net: Net, value, residual=None):
        return net.conv(value, self.outputs, self.kernel, self.strides, self.pads, self.dilations, residual=residual,
                        relu="relu" in self.options, upsample="up" in self.options, groups=self.inputs if "dw" in self.options else 1)


def parse(text: str) -> Layer:
    """Throws BadSpec."""
    match = PATTERN.fullmatch(text)
    if not match:
        raise BadSpec(f"'{text}' is no layer: write it as 3x3:64->64@32x32:relu (kernel, s2 and d2 for stride and dilation, channels, input size), in quotes in a shell")
    numbers, options = [int(n) if n else None for n in match.groups()[:-1]], match.groups()[-1].split(":")[1:]
    if 0 in numbers:
        raise BadSpec(f"'{text}': kernel, stride, dilation, channels and size are at least 1")
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        raise BadSpec(f"'{text}': unknown option '{unknown[0]}'; there are {', '.join(sorted(OPTIONS))}")
    ky, kx, sy, sx, dy, dx, inputs, outputs, h, w = numbers
    ky, kx, sy, sx, dy, dx, w = ky, kx or ky, sy or 1, sx or sy or 1, dy or 1, dx or dy or 1, w or h
    if "dw" in options and outputs % inputs:
        raise BadSpec(f"'{text}': a depthwise layer has a multiple of its input channels as outputs")
    return Layer(text, (ky, kx), (sy, sx), (dy, dx), inputs, outputs, (h, w), frozenset(options))


def alone(layer: Layer, seed: int = 1) -> tuple[Net, list[str]]:
    """The layer as a whole network -> (network, ONNX name of its convolution, in a list)."""
    net = Net(seed)
    x = net.input((layer.inputs, *layer.size))
    residual = net.input((layer.outputs, *layer.out_size)) if "res" in layer.options else None
    net.output(layer.add_to(net, x, residual))
    return net, _convolutions(net)


def stack(layer: Layer, count: int, seed: int = 1) -> tuple[Net, list[str]]:
    """The layer inside a network of `count` convolutions -> (network, ONNX names of those whose rows count).

    One that keeps its shape is repeated, and all but the first and the last count; a residual is the input of the layer before. Another one
    stands in the middle of 3x3 convolutions with Relu that keep the shape of its input in front of it and of its output behind.
    """
    if count < 3:
        raise BadSpec("a layer inside a network needs at least three convolutions")
    net = Net(seed)
    x = net.input((layer.inputs, *layer.size))
    same = dict(kernel=(3, 3), pads=(1, 1, 1, 1), relu=True)
    if layer.keeps_shape:
        previous = x
        for _ in range(count):
            previous, x = x, layer.add_to(net, x, previous if "res" in layer.options else None)
        net.output(x)
        return net, _convolutions(net)[1:-1]
    for _ in range(count // 2):
        x = net.conv(x, layer.inputs, **same)
    residual = net.input((layer.outputs, *layer.out_size)) if "res" in layer.options else None
    x = layer.add_to(net, x, residual)
    for _ in range(count - count // 2 - 1):
        x = net.conv(x, layer.outputs, **same)
    net.output(x)
    return net, [_convolutions(net)[count // 2]]


def _convolutions(net: Net) -> list[str]:
    return [node.name for node in net.nodes if node.op_type == "Conv"]
