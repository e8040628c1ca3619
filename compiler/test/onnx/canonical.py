"""Evaluates the canonical form (text of qnn.fused_conv, window and assemble) with the integers of docs/machine.md, in numpy."""
import re

import numpy as np


def _integers(text, name, default=None):
    found = re.search(rf"\b{name} = (-?\d+) : i64", text)
    return int(found.group(1)) if found else default


def _array(text, name):
    found = re.search(rf"\b{name} = array<i\d+(?:: ([^>]*))?>", text)
    return np.array([int(v) for v in found.group(1).split(",")], dtype=np.int64)


def _optional(text, name):
    return _array(text, name) if re.search(rf"\b{name} = array<", text) else None


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
        self.ops, self.names = _strings(plain, "ops"), _strings(plain, "names")
        plain = re.sub(r'"[^"]*"', "", re.sub(r'res_op = "(\w+)"', r"res_op_\1", plain))
        self.bias, self.multiplier, self.shift = (_array(plain, n) for n in ("bias", "multiplier", "shift"))
        self.strides, self.dilations, self.pads = (_array(plain, n) for n in ("strides", "dilations", "pads"))
        self.upsample, self.grouped, self.shared = ("upsample" in plain, "block_grouped" in plain, "shared" in plain)
        for key in ("pad_value", "z1", "lo1", "hi1", "zr", "a", "b", "sh2", "zo", "lo", "hi", "macs"):
            setattr(self, key, _integers(plain, key))
        self.zq = _integers(plain, "zq", self.z1)
        self.res_op = next((op for op in ("mul", "max", "min") if f"res_op_{op}" in plain), "add")
        self.table, self.table_first = _optional(plain, "table"), "table_first" in plain
        self.max_window = _optional(plain, "max_window")
        interleave = _optional(plain, "interleave")
        self.interleave = (1, 1) if interleave is None else tuple(int(v) for v in interleave)
        if self.shared:  # the same for every output block
            repeats = -(-self.shape[1] // 8)
            self.weights = np.tile(self.weights, (repeats, 1, 1, 1))
            self.bias, self.multiplier, self.shift = (np.tile(v, repeats) for v in (self.bias, self.multiplier, self.shift))

    def _accumulate(self, data):
        """Sums [O][H][W] of one phase after another; with max_window [O][H][W] for each place of the window."""
        if self.upsample:
            data = data.repeat(2, axis=1).repeat(2, axis=2)
        top, left, bottom, right = self.pads
        padded = np.pad(data, ((0, 0), (top, bottom), (left, right)), constant_values=self.pad_value).astype(np.float64)
        (out, _, kh, kw), (sy, sx), (dy, dx) = self.weights.shape, self.strides, self.dilations
        height, width = self.shape[2] // self.interleave[0], self.shape[3] // self.interleave[1]
        view = lambda ky, kx: padded[:, ky * dy:ky * dy + (height - 1) * sy + 1:sy, kx * dx:kx * dx + (width - 1) * sx + 1:sx]
        if self.max_window is not None:
            weights = self.weights[:, :, 0, 0].astype(np.float64)
            return [self._reduce(weights, view(ky, kx)).astype(np.int64)
                    for ky in range(self.max_window[0]) for kx in range(self.max_window[1])]
        acc = np.zeros((out, height, width))
        for ky in range(kh):
            for kx in range(kw):
                acc += self._reduce(self.weights[:, :, ky, kx].astype(np.float64), view(ky, kx))
        return [acc.astype(np.int64)]

    def _reduce(self, weights, view):
        if not self.grouped:
            return np.tensordot(weights, view, 1)
        out = np.zeros((weights.shape[0],) + view.shape[1:])
        width = weights.shape[1]
        for o in range(weights.shape[0]):
            block = view[o // 8 * width:(o // 8 + 1) * width]
            out[o] = np.tensordot(weights[o, :block.shape[0]], block, 1)
        return out

    def _requantize(self, acc):
        per_channel = (-1, 1, 1)
        acc = acc + self.bias.reshape(per_channel)
        assert np.abs(acc).max() < 2**31, self.names
        q = round_half_even(acc * self.multiplier.reshape(per_channel), self.shift.reshape(per_channel)) + self.z1
        return q.clip(self.lo1, self.hi1)

    def _combine(self, q, r):
        q, r = q - self.zq, r.astype(np.int64) - self.zr
        total = {"add": q * self.a + r * self.b, "mul": q * r * self.a, "max": np.maximum(q * self.a, r * self.b),
                 "min": np.minimum(q * self.a, r * self.b)}[self.res_op]
        return (round_half_even(total, np.int64(self.sh2)) + self.zo).clip(self.lo, self.hi)

    def run(self, data, residual=None):
        q = np.maximum.reduce([self._requantize(acc) for acc in self._accumulate(data.astype(np.int64))])
        if self.table is not None and self.table_first:
            q = self.table[q + 128]
        py, px = self.interleave
        if py * px > 1:
            phases = q.reshape(py, px, -1, q.shape[1], q.shape[2])
            q = phases.transpose(2, 3, 0, 4, 1).reshape(-1, q.shape[1] * py, q.shape[2] * px)
        q = q[:self.shape[1]]
        if residual is not None:
            q = self._combine(q, residual)
        if self.table is not None and not self.table_first:
            q = self.table[q + 128]
        assert q.shape == tuple(self.shape[1:]), (q.shape, self.shape)
        return q.astype(np.int8)


class Window:
    ops, names, macs = [], [], 0

    def __init__(self, text):
        head = re.match(r"\s*(%\w+) = qnn\.window (%\w+) \{(.*)\} : \((.*)\) -> (.*)$", text)
        self.name, self.source, attributes, _, result = head.groups()
        self.shape = _type(result)[0]
        self.offsets = _array(attributes, "offsets")

    def run(self, values):
        (_, c, y, x), (_, channels, height, width) = self.offsets, self.shape
        assert c % 8 == 0
        part = values[self.source][c:c + channels, y:y + height, x:x + width]
        assert part.shape == (channels, height, width)
        return part


class Assemble:
    ops, names, macs = [], [], 0

    def __init__(self, text):
        head = re.match(r"\s*(%\w+) = qnn\.assemble (.*?) \{(.*)\} : \((.*)\) -> (.*)$", text)
        self.name, sources, attributes, _, result = head.groups()
        self.sources = sources.split(", ")
        self.shape = _type(result)[0]
        self.offsets = _array(attributes, "offsets").reshape(-1, 4)

    def run(self, values):
        result = np.full(self.shape[1:], 1000, np.int64)
        for source, (_, c, y, x) in zip(self.sources, self.offsets):
            part = values[source]
            box = result[c:c + part.shape[0], y:y + part.shape[1], x:x + part.shape[2]]
            assert c % 8 == 0 and box.shape == part.shape and (box == 1000).all()
            box[:] = part
        assert (result < 1000).all(), "there is a gap"
        return result.astype(np.int8)


class Graph:
    def __init__(self, text):
        head = re.search(r"func\.func @main\((.*?)\) -> \(?(.*?)\)? \{\n", text)
        border = r'(tensor<[^>]*>>) \{qnn\.border = "(\w+)", qnn\.name = "([^"]*)"(?:, qnn\.shape = array<i64: ([^>]*)>)?\}'
        self.inputs = [(f"%arg{i}", *item) for i, item in enumerate(re.findall(border, head.group(1)))]
        self.outputs = re.findall(border, head.group(2))
        kinds = {"qnn.fused_conv": FusedConv, "qnn.window": Window, "qnn.assemble": Assemble}
        # Views included, in order; `ops` are those that compute.
        self.steps = [kind(line) for line in text.splitlines() for name, kind in kinds.items() if f"= {name} " in line]
        self.ops = [step for step in self.steps if isinstance(step, FusedConv)]
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
        for op in self.steps:
            if isinstance(op, FusedConv):
                residual = values[op.residual] if op.residual else None
                values[op.name] = op.run(values[op.source], residual)
            else:
                values[op.name] = op.run(values)
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
