"""Single quantized ops against ONNX Runtime: never more than a step apart, at least 99.9% equal outside ties."""

import pytest

from . import cases
from .compare import compare

SINGLE_OP_EQUAL = 0.999


def check(case: cases.Case, equal: float = SINGLE_OP_EQUAL):
    result = compare(case)
    assert result.distinct >= 100 and result.saturated <= 0.05, f"poor data, {result}: {case.description}"
    assert result.max_difference <= 1, f"{result}: {case.description}"
    assert result.fraction >= equal, f"{result}: {case.description}"


@pytest.mark.parametrize("seed", range(120))
def test_conv(seed):
    check(cases.conv(seed))


@pytest.mark.parametrize("seed", range(20))
def test_conv_with_asymmetric_weights(seed):
    check(cases.asymmetric(seed))


@pytest.mark.parametrize("bias", cases.BIASES[2:])
@pytest.mark.parametrize("seed", range(30))
def test_conv_with_a_bias_that_is_no_whole_accumulator_unit(seed, bias):
    """Rounding the bias costs up to half the requantization factor, in steps: see docs/numerics.md."""
    case = cases.conv(seed, bias)
    check(case, min(SINGLE_OP_EQUAL, 1 - compare(case).factor / 2))


@pytest.mark.parametrize("seed", range(80))
def test_add(seed):
    check(cases.add(seed))


@pytest.mark.parametrize("seed", range(40))
def test_resize(seed):
    check(cases.resize(seed))
