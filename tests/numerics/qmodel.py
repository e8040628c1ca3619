"""Integer arithmetic of the core, in numpy: docs/machine.md, section "Numerics", and nothing else.

Feature maps are int64 arrays N x C x H x W that hold int8 values (wide storage keeps intermediate
sums exact); weights are O x C/groups x kh x kw.  A uint8 tensor is held as q - 128.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

# Widths of the core, sign included: requantization multiplier, and the two of the residual add.
MULTIPLIER_BITS = 25
ADD_BITS = 22
MAX_SHIFT = 63


class Refused(ValueError):
    """Something the machine cannot compute; the sentence says what and why."""


@dataclass(frozen=True)
class Multiplier:
    """The factor m / 2^shift, with 2^(bits-2) <= m < 2^(bits-1), or 0."""

    m: int
    shift: int


def normalize(factor: Fraction, bits: int = MULTIPLIER_BITS) -> Multiplier:
    """Rounds a non-negative real factor once, to nearest (ties to even), to a multiplier of `bits` bits with sign."""
    if factor < 0:
        raise Refused(f"the factor {float(factor)} is negative; scales are positive")
    if factor == 0:
        return Multiplier(0, 0)
    top = bits - 1
    # The exponent that brings the factor into [2^(top-1), 2^top).
    shift = top - (factor.numerator.bit_length() - factor.denominator.bit_length())
    while factor * Fraction(2) ** shift >= 1 << top:
        shift -= 1
    while factor * Fraction(2) ** shift < 1 << (top - 1):
        shift += 1
    m = round(factor * Fraction(2) ** shift)
    if m == 1 << top:  # rounded up to the next power of two
        m, shift = m >> 1, shift - 1
    if not 0 <= shift <= MAX_SHIFT:
        raise Refused(f"the factor {float(factor):g} needs a shift of {shift}, outside 0..{MAX_SHIFT}; "
                      "quantize the tensors with scales closer to each other")
    return Multiplier(m, shift)


def normalize_pair(first: Fraction, second: Fraction, bits: int = ADD_BITS) -> tuple[int, int, int]:
    """Two factors over one shift, the larger in 2^(bits-2) .. 2^(bits-1)-1 -> (a, b, shift)."""
    shift = normalize(max(first, second), bits).shift
    a, b = (round(f * Fraction(2) ** shift) for f in (first, second))
    return a, b, shift


def round_half_even_shift(value: np.ndarray, shift: np.ndarray | int) -> np.ndarray:
    """value / 2^shift rounded to nearest, ties to even; int64, shift 0..63 (broadcast)."""
    value, shift = np.broadcast_arrays(np.asarray(value, np.int64), np.asarray(shift, np.int64))
    quotient = value >> shift
    remainder = value - (quotient << shift)
    half = np.int64(1) << np.maximum(shift - 1, 0)
    up = (remainder > half) | ((remainder == half) & (quotient & 1 == 1))
    return quotient + (up & (shift > 0))


def convolve(x: np.ndarray, weights: np.ndarray, zero_point: int, pads=(0, 0, 0, 0), strides=(1, 1),
             dilations=(1, 1), groups: int = 1) -> np.ndarray:
    """sum w * (q - z) -> int64 accumulators N x O x H' x W'.

    `pads` are top, left, bottom, right as in ONNX; padding reads the zero point.  The core accumulates w * q
    and has -z * sum(w) in its bias; the two are the same integer.  An accumulator outside int32 is refused.
    """
    top, left, bottom, right = pads
    centred = np.pad(x - zero_point, ((0, 0), (0, 0), (top, bottom), (left, right))).astype(np.float64)
    kernel_h, kernel_w = weights.shape[2:]
    height = (centred.shape[2] - (kernel_h - 1) * dilations[0] - 1) // strides[0] + 1
    width = (centred.shape[3] - (kernel_w - 1) * dilations[1] - 1) // strides[1] + 1
    batch, channels = x.shape[:2]
    grouped_weights = weights.astype(np.float64).reshape(groups, -1, channels // groups, kernel_h, kernel_w)
    total = np.zeros((batch, groups, grouped_weights.shape[1], height * width))
    # In float64 for the sake of BLAS; every product and sum is an integer below 2^53, so nothing is rounded.
    for ky in range(kernel_h):
        for kx in range(kernel_w):
            y, h = ky * dilations[0], kx * dilations[1]
            taps = centred[:, :, y:y + (height - 1) * strides[0] + 1:strides[0], h:h + (width - 1) * strides[1] + 1:strides[1]]
            total += grouped_weights[None, :, :, :, ky, kx] @ taps.reshape(batch, groups, channels // groups, height * width)
    total = total.astype(np.int64).reshape(batch, -1, height, width)
    check_int32(total)
    return total


def check_int32(accumulators: np.ndarray):
    if accumulators.size and (accumulators.max() > 2**31 - 1 or accumulators.min() < -2**31):
        raise Refused("an accumulator leaves int32; split the reduction")


def requantize(accumulators: np.ndarray, bias: np.ndarray, multipliers: list[Multiplier], zero_point: int,
               low: int, high: int) -> np.ndarray:
    """clamp(rhe((acc + bias) * m / 2^shift) + z, low, high), multiplier and bias per channel."""
    m = np.array([k.m for k in multipliers], np.int64)[:, None, None]
    shift = np.array([k.shift for k in multipliers], np.int64)[:, None, None]
    total = accumulators + bias.astype(np.int64)[:, None, None]
    check_int32(total)
    return np.clip(round_half_even_shift(total * m, shift) + zero_point, low, high)


def add(x1: np.ndarray, zero1: int, a: int, x2: np.ndarray, zero2: int, b: int, shift: int, zero_point: int,
        low: int, high: int) -> np.ndarray:
    """clamp(rhe(((q1-z1)*a + (q2-z2)*b) / 2^shift) + z, low, high)."""
    total = (x1 - zero1) * a + (x2 - zero2) * b
    return np.clip(round_half_even_shift(total, shift) + zero_point, low, high)


def upsample(x: np.ndarray, factor_h: int, factor_w: int) -> np.ndarray:
    """Nearest, by whole factors."""
    return x.repeat(factor_h, axis=2).repeat(factor_w, axis=3)
