"""Evaluates the canonical form (text of qnn.fused_conv) with the integers of docs/machine.md, in numpy."""
import re

import numpy as np


def _integers(text, name, default=None):
    found = re.search(rf"\b{name} = (-?\d+) : i64", text)
    return int(found.group(1)) if found else default


def _array(text, name):
    found = re.search(rf"\b{name} = array<i\d+(?:: ([^>]*))?>", text)
    return np.array([int(v) for v in found.group(1).split(",")], dtype=np.int64)


def _strings(text, name):
    return re.findall(r'"([^"]*)"', re.search(rf"\b{name} = \[([^\]]*)\]", text).group(1))


def _weights(text):
    found = re.search(r"weights = dense<(.*?)> : tensor<((?:\d+x)+)i8>", text)
    shape = [int(v) for v in found.group(2).strip("x").split("x")]
    body = found.group(1)
    if body.startswith('"0x'):
        values = np.frombuffer(bytes.fromhex(body.strip('"')[2:]), dtype=np.int8)
    else:
        values = np.array([int(v) for v in re.findall(r"-?\d+", body)], dtype=np.int8)
        if values.size == 1:
            values = np.full(int(np.prod(shape)), values[0], dtype=np.int8)
    return values.reshape(shape).astype(np.int64)


def _type(text):
    """Shape, scale, zero point of tensor<1x3x4x4x!quant.uniform<i8:f32, s:z>>."""
    found = re.match(r"tensor<((?:\d+x)+)!quant\.uniform<i8:f32, ([^:>]+)(?::(-?\d+))?>>", text)
    shape = [int(v) for v in found.group(1).strip("x").split("x")]
    return shape, float(found.group(2)), int(found.group(3) or 0)


def round_half_even(value, shift):
    value, shift = np.broadcast_arrays(value, shift)
    half = np.where(shift > 0, np.int64(1) << np.maximum(shift - 1, 0), 0)
    floor = value >> shift
    rest = value - (floor << shift)
    up = (rest > half) | ((rest == half) & (shift > 0) & (floor & 1 == 1))
    return floor + up


class FusedConv:
    """One op: attributes as numpy arrays and integers, `run` on int8 arrays [C][H][W]."""

    def __init__(self, text):
        head = re.match(r"\s*(%\w+) = qnn\.fused_conv (%\w+)(?: residual (%\w+))? \{(.*)\} : \((.*)\) -> (.*)$", text)
        self.name, self.source, self.residual, attributes, _, result = head.groups()
        self.shape, self.scale, self.zero = _type(result)
        self.weights = _weights(attributes)
        plain = re.sub(r"weights = dense<.*?> : tensor<[^>]*>", "", attributes)
        self.bias, self.multiplier, self.shift = (_array(plain, n) for n in ("bias", "multiplier", "shift"))
        self.strides, self.dilations, self.pads = (_array(plain, n) for n in ("strides", "dilations", "pads"))
        self.upsample, self.grouped = "upsample" in plain, "block_grouped" in plain
        for key in ("pad_value", "z1", "lo1", "hi1", "zr", "a", "b", "sh2", "zo", "lo", "hi", "macs"):
            setattr(self, key, _integers(plain, key))
        self.ops, self.names = _strings(plain, "ops"), _strings(plain, "names")

    def _accumulate(self, data):
        if self.upsample:
            data = data.repeat(2, axis=1).repeat(2, axis=2)
        top, left, bottom, right = self.pads
        padded = np.pad(data, ((0, 0), (top, bottom), (left, right)), constant_values=self.pad_value).astype(np.float64)
        (out, _, kh, kw), (sy, sx), (dy, dx) = self.weights.shape, self.strides, self.dilations
        height, width = self.shape[2:]
        acc = np.zeros((out, height, width))
        for ky in range(kh):
            for kx in range(kw):
                view = padded[:, ky * dy:ky * dy + (height - 1) * sy + 1:sy, kx * dx:kx * dx + (width - 1) * sx + 1:sx]
                acc += self._reduce(self.weights[:, :, ky, kx].astype(np.float64), view)
        return acc.astype(np.int64)

    def _reduce(self, weights, view):
        if not self.grouped:
            return np.tensordot(weights, view, 1)
        out = np.zeros((weights.shape[0],) + view.shape[1:])
        width = weights.shape[1]
        for o in range(weights.shape[0]):
            block = view[o // 8 * width:(o // 8 + 1) * width]
            out[o] = np.tensordot(weights[o, :block.shape[0]], block, 1)
        return out

    def run(self, data, residual=None):
        per_channel = (-1, 1, 1)
        acc = self._accumulate(data.astype(np.int64)) + self.bias.reshape(per_channel)
        assert np.abs(acc).max() < 2**31, self.names
        q = round_half_even(acc * self.multiplier.reshape(per_channel), self.shift.reshape(per_channel)) + self.z1
        q = q.clip(self.lo1, self.hi1)
        if residual is not None:
            total = (q - self.z1) * self.a + (residual.astype(np.int64) - self.zr) * self.b
            q = (round_half_even(total, np.int64(self.sh2)) + self.zo).clip(self.lo, self.hi)
        return q.astype(np.int8)


class Graph:
    def __init__(self, text):
        head = re.search(r"func\.func @main\((.*?)\) -> \(?(.*?)\)? \{\n", text)
        border = r'(tensor<[^>]*>>) \{qnn\.border = "(\w+)", qnn\.name = "([^"]*)"(?:, qnn\.shape = array<i64: ([^>]*)>)?\}'
        self.inputs = [(f"%arg{i}", *item) for i, item in enumerate(re.findall(border, head.group(1)))]
        self.outputs = re.findall(border, head.group(2))
        self.ops = [FusedConv(line) for line in text.splitlines() if "qnn.fused_conv" in line]
        self.returned = re.findall(r"%\w+", re.search(r"return (.*?) :", text).group(1))

    @property
    def macs(self):
        return sum(op.macs for op in self.ops)

    def run(self, feeds):
        """Outputs by name, and their scales. A batch is run image by image, as the program does."""
        shapes = {name: shape for *_, name, shape in self.inputs}
        images = [self._image({name: data[n:n + 1] for name, data in feeds.items()}) for n in range(len(next(iter(feeds.values()))))]
        for name, shape in shapes.items():
            assert not shape or [int(v) for v in shape.split(",")] == list(feeds[name].shape)
        results = {name: np.concatenate([image[name] for image in images]) for name in images[0]}
        for *_, name, shape in self.outputs:
            if shape:
                results[name] = results[name].reshape([int(v) for v in shape.split(",")])
        return results, {n: _type(t)[1] for t, b, n, s in self.outputs}

    def _image(self, feeds):
        values = {}
        for name, tensor, border, onnx_name, _ in self.inputs:
            shape, scale, zero = _type(tensor)
            data = feeds[onnx_name].reshape(shape)[0]
            if border == "float32":
                data = (np.rint(data / np.float32(scale)) + zero).clip(-128, 127)
            elif border == "uint8":
                data = data.astype(np.int64) - 128
            values[name] = data.astype(np.int8)
        for op in self.ops:
            values[op.name] = op.run(values[op.source], values[op.residual] if op.residual else None)
        results = {}
        for value, (tensor, border, onnx_name, _) in zip(self.returned, self.outputs):
            _, scale, zero = _type(tensor)
            data = values[value][None]
            if border == "float32":
                data = (data.astype(np.float32) - np.float32(zero)) * np.float32(scale)
            elif border == "uint8":
                data = (data.astype(np.int64) + 128).astype(np.uint8)
            results[onnx_name] = data
        return results
