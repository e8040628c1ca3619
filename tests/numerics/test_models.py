"""Whole models in integers against their reference cases from ONNX Runtime.

Besides the example models, every NAME.onnx with NAME_K.npz in the folders of AGCC_EXTRA_MODELS (separated by
colons) is taken.
"""

import os
from pathlib import Path

import numpy as np
import onnx
import pytest

from .compare import psnr
from .executor import Executor
from .qmodel import Refused

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "lic_plain" / "models"
LEAST_PSNR = 45.0


def find(folder: Path) -> list:
    """(model, reference case) pairs of a folder."""
    return [pytest.param(model, case, id=case.stem) for model in sorted(folder.glob("*_s8.onnx"))
            for case in sorted(folder.glob(f"{model.stem}_*.npz"))]


EXTRA = [pair for folder in os.environ.get("AGCC_EXTRA_MODELS", "").split(":") if folder for pair in find(Path(folder))]


def check(model: Path, case: Path):
    loaded = onnx.load(str(model))
    data = np.load(case)
    outputs = Executor(loaded)({i.name: data[f"in_{i.name}"] for i in loaded.graph.input})
    for name, ours in zip((o.name for o in loaded.graph.output), outputs):
        reference = data[f"out_{name}"]
        assert ours.shape == reference.shape and ours.dtype == reference.dtype
        db = psnr(ours, reference)
        print(f"{case.stem} {name}: {db:.1f} dB")
        assert db >= LEAST_PSNR


def test_examples_have_three_cases_each():
    assert len(find(EXAMPLES)) == 6


@pytest.mark.parametrize("model, case", find(EXAMPLES))
def test_example(model, case):
    check(model, case)


@pytest.mark.skipif(not EXTRA, reason="AGCC_EXTRA_MODELS names no folder with NAME_s8.onnx and NAME_s8_K.npz")
@pytest.mark.parametrize("model, case", EXTRA)
def test_extra(model, case):
    try:
        check(model, case)
    except Refused as refused:
        pytest.skip(f"not for this executor: {refused}")
