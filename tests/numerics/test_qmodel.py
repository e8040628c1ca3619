"""The integer primitives against exact rational arithmetic."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from . import qmodel


def test_shift_rounds_half_to_even_like_exact_arithmetic():
    rng = np.random.default_rng(1)
    for shift in (0, 1, 2, 17, 31, 47, 62, 63):
        values = np.concatenate([rng.integers(-2**49, 2**49, 500), np.arange(-9, 10)])
        if 0 < shift < 48:  # exact ties and their neighbours
            ties = (2 * rng.integers(-2**(48 - shift), 2**(48 - shift), 200) + 1) << (shift - 1)
            values = np.concatenate([values, ties, ties + 1, ties - 1])
        expected = [round(Fraction(int(v), 2**shift)) for v in values]
        assert qmodel.round_half_even_shift(values, shift).tolist() == expected


def test_ties_go_to_even():
    assert qmodel.round_half_even_shift(np.array([-6, -2, 2, 6, 10]), 2).tolist() == [-2, 0, 0, 2, 2]


@pytest.mark.parametrize("bits", [16, 17, 18, 24])
def test_normalized_factor_is_the_nearest(bits):
    rng = np.random.default_rng(2)
    for exponent in rng.uniform(-30, 10, 300):
        factor = Fraction(float(2.0**exponent))
        k = qmodel.normalize(factor, bits)
        assert 1 << (bits - 2) <= k.m < 1 << (bits - 1)
        assert abs(Fraction(k.m, 2**k.shift) - factor) <= Fraction(1, 2 ** (k.shift + 1))


TOP = qmodel.MULTIPLIER_BITS - 1  # magnitude bits of a multiplier, whose highest bit is set
ADD_TOP = qmodel.ADD_BITS - 1


def test_the_widths_are_those_of_the_machine():
    """isa.json has the fields; the model must not drift from them."""
    isa = json.loads((Path(__file__).resolve().parents[2] / "isa" / "isa.json").read_text())
    width = {field["name"]: field["width"] for field in isa["parameter"]}
    assert width["m"] == qmodel.MULTIPLIER_BITS and width["sh"] == 6
    epilogue = next(item for item in isa["instructions"] if item["mnemonic"] == "CONV_EPI")
    assert {field["width"] for field in epilogue["fields"] if field["name"] in ("a", "b")} == {qmodel.ADD_BITS}


def test_factor_that_rounds_up_to_a_power_of_two_stays_in_range():
    assert qmodel.normalize(1 - Fraction(1, 2**40)) == qmodel.Multiplier(2 ** (TOP - 1), TOP - 1)


def test_factors_at_and_beyond_the_limits():
    assert qmodel.normalize(Fraction(0)) == qmodel.Multiplier(0, 0)
    assert qmodel.normalize(Fraction(2**TOP - 1)) == qmodel.Multiplier(2**TOP - 1, 0)
    assert qmodel.normalize(Fraction(1, 2 ** (64 - TOP))) == qmodel.Multiplier(2 ** (TOP - 1), 63)
    for factor in (Fraction(2**TOP), Fraction(1, 2 ** (65 - TOP)), Fraction(-1)):
        with pytest.raises(qmodel.Refused):
            qmodel.normalize(factor)


def test_pair_shares_a_shift_and_its_larger_member_is_normalized():
    rng = np.random.default_rng(3)
    for first, second in 2.0 ** rng.uniform(-12, 3, (300, 2)):
        a, b, shift = qmodel.normalize_pair(Fraction(float(first)), Fraction(float(second)))
        assert 2 ** (ADD_TOP - 1) <= max(a, b) < 2**ADD_TOP
        for rounded, factor in ((a, first), (b, second)):
            assert abs(rounded / 2.0**shift - factor) <= 2.0 ** -(shift + 1)


def test_convolution_by_definition():
    """Against the loops of docs/machine.md: raw products, zero point as padding, its share in the bias."""
    rng = np.random.default_rng(4)
    x, w, zero = rng.integers(-128, 128, (1, 4, 6, 7)), rng.integers(-127, 128, (6, 2, 3, 2)), -37
    pads, strides, dilations = (1, 0, 2, 1), (2, 1), (1, 2)
    got = qmodel.convolve(x, w, zero, pads, strides, dilations, groups=2)
    padded = np.full((4, 6 + 3, 7 + 1), zero)
    padded[:, 1:7, 0:7] = x[0]
    for o in range(6):
        for oy in range(got.shape[2]):
            for ox in range(got.shape[3]):
                raw = sum(int(w[o, c, ky, kx]) * int(padded[c + o // 3 * 2, oy * 2 + ky, ox + kx * 2])
                          for c in range(2) for ky in range(3) for kx in range(2))
                assert got[0, o, oy, ox] == raw - zero * int(w[o].sum())


def test_accumulator_beyond_int32_is_refused():
    x = np.full((1, 140000, 1, 1), 127)
    with pytest.raises(qmodel.Refused, match="int32"):
        qmodel.convolve(x, np.full((1, 140000, 1, 1), 127), zero_point=0)
