"""The run of all bars, on a small generated network."""

import os
import subprocess
import sys
from pathlib import Path

import onnx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf import bars, stand_in  # noqa: E402

TOOLS = os.environ.get("AGC_TOOLS", "build/release/bin")


def test_quick_run_prints_every_figure():
    done = subprocess.run([sys.executable, "-B", bars.__file__, "--quick", "--tools", TOOLS, "--core", "tiny"], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    for figure in ("cycles, Verilog", "MAC utilisation", "DRAM of compulsory", "program without weights", "cycle model", "Verilog simulation", "compile, renamed"):
        assert figure in done.stdout, done.stdout + done.stderr
    assert "| same bytes, simulator and Verilog" in done.stdout and "feat=1x64x3x5" in done.stdout


def test_a_missed_bar_is_a_missed_bar():
    results = bars.Results()
    results.add("m", "f", "1")
    results.add("m", "f", "1", "<= 1", True)
    assert results.good
    results.add("m", "f", "2", "<= 1", False)
    assert not results.good and results.rows[-1][-1] == "NO"


def test_another_shape_is_another_shape(tmp_path):
    onnx.save(stand_in.stand_in(128, 64), tmp_path / "m.onnx")
    assert bars.other_shape(tmp_path / "m.onnx") == ["feat=1x64x14x10"]


def test_the_comparison_refuses_what_nngen_has_not():
    script = Path(bars.__file__).with_name("nngen_compare.py")
    for layer, reason in (("3x3d2:8->8@8", "no dilation"), ("3x3:8->8@8:res", "no residual"), ("3x3", "is no layer")):
        done = subprocess.run([sys.executable, "-B", str(script), "--layer", layer], capture_output=True, text=True)
        assert done.returncode == 1 and done.stderr.startswith("nngen_compare: ") and reason in done.stderr
