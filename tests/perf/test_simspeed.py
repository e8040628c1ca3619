"""The script that times the simulator against ONNX Runtime: its table, its limit, its refusals; nothing about speed itself."""

import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf import layer_spec, simspeed  # noqa: E402

TOOLS = Path(os.environ.get("AGC_TOOLS", "build/release/bin"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "layer.onnx"
    onnx.save(layer_spec.alone(layer_spec.parse("3x3:8->8@12x10:relu"))[0].model(), str(path))
    return path


def run(*arguments):
    return subprocess.run([sys.executable, "-B", simspeed.__file__, "--tools", TOOLS, *map(str, arguments)], capture_output=True, text=True)


def test_one_row_a_model(model):
    done = run(model, model, "--runs", 1, "--core", "tiny", "--limit", 1e9)
    assert done.returncode == 0, done.stderr
    head, rule, *rows = done.stdout.splitlines()
    assert head.count("|") == rule.count("|") == 10
    assert len(rows) == 2 and all(row.startswith("| `layer` ") and row.count(" x ") == 2 for row in rows)


def test_a_missed_limit_is_the_exit_code(model):
    done = run(model, "--runs", 1, "--attempts", 2, "--limit", 1e-9)
    assert done.returncode == 1 and "layer takes" in done.stderr and "`layer`" in done.stdout


@pytest.mark.parametrize("arguments, reason", [(["nothing.onnx"], "nothing.onnx"), (["x.onnx", "--runs", 0], "at least 1"), (["x.onnx", "--attempts", 0], "at least 1")])
def test_refusals_are_sentences(arguments, reason):
    done = run(*arguments)
    assert done.returncode != 0 and reason in done.stderr and "Traceback" not in done.stderr
