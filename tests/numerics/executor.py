"""Runs a QDQ ONNX graph in the integers of `qmodel`, so that it can be held against ONNX Runtime.

Taken are Conv (2-D), Add, Relu, Clip and Resize (nearest, whole factors) between DequantizeLinear and
QuantizeLinear, with int8 or uint8 activations per tensor and 8-bit weights of any zero point; anything else is `Refused` by
name.  A tensor between two such ops is kept as an exact description of a real number (`Sum`), and the one
rounding happens where the file has its QuantizeLinear.

For each QuantizeLinear, by the name of its output, `Executor.real` keeps the real-valued input in steps as float64 (what
tells a rounding tie from an error), `Executor.steps` the integers, and `Executor.factor` the largest requantization factor.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import onnx
from onnx import numpy_helper

from . import qmodel
from .qmodel import Refused


@dataclass(frozen=True)
class Quantized:
    """int8 values (uint8 ones moved by -128) with scale and zero point, one each for the tensor."""

    q: np.ndarray
    scale: Fraction
    zero: int


@dataclass(frozen=True)
class Accumulated:
    """A convolution's exact result: acc * scale[o] + bias[o]."""

    acc: np.ndarray
    scale: list[Fraction]
    bias: list[Fraction]


@dataclass(frozen=True)
class Sum:
    """One convolution, or one or two quantized tensors added, then clamped to [low, high] in real numbers."""

    terms: tuple
    low: float = -np.inf
    high: float = np.inf


@dataclass
class Constant:
    """A weight or bias: values and the scale(s) they are to be multiplied with (1 for floats)."""

    values: np.ndarray
    scale: list[Fraction] = field(default_factory=lambda: [Fraction(1)])


def _attributes(node) -> dict:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


class Executor:
    """Computes the outputs of a QDQ model, in integers with multipliers of the given widths."""

    def __init__(self, model: onnx.ModelProto, bits: int = qmodel.MULTIPLIER_BITS, add_bits: int = qmodel.ADD_BITS):
        self._graph = model.graph
        self._bits, self._add_bits = bits, add_bits
        self._constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.real: dict[str, np.ndarray] = {}
        self.steps: dict[str, np.ndarray] = {}
        self.factor: dict[str, float] = {}

    def __call__(self, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        values = dict(feeds)
        for node in self._graph.node:
            run = getattr(self, "_" + node.op_type.lower(), None)
            if run is None:
                raise Refused(f"node '{node.name}': {node.op_type} is not one of the ops taken here")
            inputs = [None if i == "" else values.get(i, self._constants.get(i)) for i in node.input]
            values[node.output[0]] = run(node, inputs, _attributes(node))
        outputs = []
        for output in self._graph.output:
            value = values[output.name]
            if isinstance(value, Sum) and len(value.terms) == 1 and isinstance(value.terms[0], Quantized):
                term = value.terms[0]
                value = (term.q - term.zero).astype(np.float32) * np.float32(term.scale)
            if not isinstance(value, np.ndarray):
                raise Refused(f"output '{output.name}' is not a dequantized tensor")
            outputs.append(value)
        return outputs

    # The two borders -------------------------------------------------------------------------

    def _dequantizelinear(self, node, inputs, attributes):
        x, scale = inputs[0], np.atleast_1d(inputs[1])
        zero = np.atleast_1d(inputs[2]) if len(inputs) > 2 and inputs[2] is not None else np.zeros(1, np.int64)
        if isinstance(x, Quantized):
            return Sum((x,))
        if node.input[0] in self._constants:
            if scale.size > 1 and attributes.get("axis", 1) != 0:
                raise Refused(f"node '{node.name}': scales per axis {attributes.get('axis', 1)} of a constant, not 0")
            zero = zero.astype(np.int64).reshape(-1, *[1] * (x.ndim - 1)) if zero.size > 1 else int(zero[0])
            return Constant(x.astype(np.int64) - zero, [Fraction(float(s)) for s in scale])
        return Sum((self._hold(x, scale, zero),))  # an integer graph input

    @staticmethod
    def _hold(x, scale, zero) -> Quantized:
        if scale.size != 1:
            raise Refused("an activation has one scale per tensor")
        move = 128 if x.dtype == np.uint8 else 0
        return Quantized(x.astype(np.int64) - move, Fraction(float(scale[0])), int(zero[0]) - move)

    def _quantizelinear(self, node, inputs, attributes):
        x, scale = inputs[0], np.atleast_1d(inputs[1])
        zero = np.atleast_1d(inputs[2]) if len(inputs) > 2 and inputs[2] is not None else np.zeros(1, np.uint8)
        limits = np.iinfo(zero.dtype)
        if isinstance(x, np.ndarray):  # a float graph input: as ONNX says, in float32
            q = np.clip(np.rint(x / np.float32(scale[0])) + int(zero[0]), limits.min, limits.max)
            return self._hold(q.astype(zero.dtype), scale, zero)
        step = Fraction(float(scale[0]))
        move = 128 if zero.dtype == np.uint8 else 0
        zero_held = int(zero[0]) - move
        # Rounding is monotone, so a clamp before it is a clamp of its rounded bounds behind it.
        low, high = (int(np.clip(b if np.isinf(b) else round(Fraction(float(b)) / step) + zero_held, -128, 127))
                     for b in (x.low, x.high))
        q, real = self._round(node, x, step, zero_held, low, high)
        self.real[node.output[0]] = real
        self.steps[node.output[0]] = q
        return Quantized(q, step, zero_held)

    def _round(self, node, x: Sum, step: Fraction, zero: int, low: int, high: int):
        """-> the integers, and the real values in steps (zero point included, not clamped)."""
        first = x.terms[0]
        if isinstance(first, Accumulated):
            factors = [s / step for s in first.scale]
            multipliers = [qmodel.normalize(f, self._bits) for f in factors]
            bias = np.array([round(b / s) for b, s in zip(first.bias, first.scale)], np.int64)
            self.factor[node.output[0]] = float(max(factors))
            q = qmodel.requantize(first.acc, bias, multipliers, zero, low, high)
            real = (first.acc * np.array([float(f) for f in factors])[:, None, None]
                    + np.array([float(b / step) for b in first.bias])[:, None, None] + zero)
            return q, real
        second = x.terms[1] if len(x.terms) > 1 else replace(first, q=np.zeros_like(first.q), zero=0)
        f1, f2 = first.scale / step, (second.scale / step if len(x.terms) > 1 else Fraction(0))
        self.factor[node.output[0]] = float(max(f1, f2))
        real = (first.q - first.zero) * float(f1) + (second.q - second.zero) * float(f2) + zero
        if len(x.terms) == 1 and f1 == 1:  # the same scale on both sides: nothing to multiply
            return np.clip(first.q - first.zero + zero, low, high), real
        a, b, shift = qmodel.normalize_pair(f1, f2, self._add_bits)
        return qmodel.add(first.q, first.zero, a, second.q, second.zero, b, shift, zero, low, high), real

    # Ops in between --------------------------------------------------------------------------

    @staticmethod
    def _tensor(node, value) -> Quantized:
        if not isinstance(value, Sum) or len(value.terms) != 1 or not isinstance(value.terms[0], Quantized) \
                or value.low != -np.inf or value.high != np.inf:
            raise Refused(f"node '{node.name}': {node.op_type} reads something other than a dequantized tensor")
        return value.terms[0]

    def _conv(self, node, inputs, attributes):
        x = self._tensor(node, inputs[0])
        weights = inputs[1]
        if not isinstance(weights, Constant) or weights.values.ndim != 4 or np.abs(weights.values).max() > 255:
            raise Refused(f"node '{node.name}': weights are taken as constant 2-D kernels of 8 bits")
        if attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
            raise Refused(f"node '{node.name}': auto_pad is not taken here")
        outputs = weights.values.shape[0]
        scale = [x.scale * s for s in (weights.scale * outputs)[:outputs]]
        bias = [Fraction(0)] * outputs
        if len(inputs) > 2 and inputs[2] is not None:
            given = inputs[2] if isinstance(inputs[2], Constant) else Constant(inputs[2])
            bias = [Fraction(float(v)) * s for v, s in zip(given.values, (given.scale * outputs)[:outputs])]
        kernel = weights.values
        if any(abs(b / s - round(b / s)) > Fraction(1, 16) for b, s in zip(bias, scale)):
            # The core's bias is a whole number of accumulator units.  Where this one is not (but for the rounding
            # of an int32 bias' float32 scale), exact integer multiples of the weights make the unit, and so the
            # error of rounding it, as small as int8 allows.
            times = [max(int(k), 1) for k in 127 // np.maximum(np.abs(kernel).max(axis=(1, 2, 3)), 1)]
            kernel = kernel * np.array(times)[:, None, None, None]
            scale = [s / k for s, k in zip(scale, times)]
        acc = qmodel.convolve(x.q, kernel, x.zero, attributes.get("pads", (0, 0, 0, 0)),
                              attributes.get("strides", (1, 1)), attributes.get("dilations", (1, 1)),
                              attributes.get("group", 1))
        return Sum((Accumulated(acc, scale, bias),))

    def _add(self, node, inputs, attributes):
        first, second = (self._tensor(node, i) for i in inputs)
        if first.q.shape != second.q.shape:
            raise Refused(f"node '{node.name}': Add of shapes {first.q.shape} and {second.q.shape}")
        return Sum((first, second))

    def _relu(self, node, inputs, attributes):
        return self._clamped(node, inputs[0], 0.0, np.inf)

    def _clip(self, node, inputs, attributes):
        low, high = (float(i) if i is not None else default
                     for i, default in zip(inputs[1:] + [None, None], (-np.inf, np.inf)))
        return self._clamped(node, inputs[0], low, high)

    @staticmethod
    def _clamped(node, x, low, high):
        if not isinstance(x, Sum):
            raise Refused(f"node '{node.name}': {node.op_type} reads a tensor that was never quantized")
        return replace(x, low=min(max(x.low, low), high), high=max(min(x.high, high), low))

    def _resize(self, node, inputs, attributes):
        x = inputs[0]
        if not isinstance(x, np.ndarray):  # a float graph input commutes with what follows
            x = self._tensor(node, x)
        shape = x.shape if isinstance(x, np.ndarray) else x.q.shape
        scales = inputs[2] if len(inputs) > 2 and inputs[2] is not None and len(inputs[2]) else None
        if scales is None:
            scales = inputs[3] / np.array(shape)
        factors = [int(s) for s in scales]
        # With these coordinates and any whole factor, output i reads input floor(i / factor).
        coordinates = attributes.get("coordinate_transformation_mode", b"half_pixel")
        rounding = attributes.get("nearest_mode", b"round_prefer_floor")
        exact = (coordinates, rounding) == (b"asymmetric", b"floor") or (
            coordinates in (b"half_pixel", b"pytorch_half_pixel") and rounding.startswith(b"round_prefer"))
        if attributes.get("mode", b"nearest") != b"nearest" or factors != list(scales) or factors[:2] != [1, 1] or not exact:
            raise Refused(f"node '{node.name}': Resize is taken as nearest by whole factors of height and width")
        if isinstance(x, np.ndarray):
            return qmodel.upsample(x, factors[2], factors[3])
        return Sum((replace(x, q=qmodel.upsample(x.q, factors[2], factors[3])),))

    def _constant(self, node, inputs, attributes):
        return numpy_helper.to_array(attributes["value"])
