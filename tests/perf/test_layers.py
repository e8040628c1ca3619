"""Layers as text, and their figures from the tools (environment AGC_TOOLS: folder of agcc, agc-run)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf import layer_spec, layers  # noqa: E402

SCRIPT = Path(layers.__file__)
TOOLS = Path(os.environ.get("AGC_TOOLS", "build/release/bin"))


def test_a_layer_is_read():
    layer = layer_spec.parse("5x3s2x1d1x2:12->7@20x31:relu:res")
    assert (layer.kernel, layer.strides, layer.dilations) == ((5, 3), (2, 1), (1, 2))
    assert (layer.inputs, layer.outputs, layer.size, layer.options) == (12, 7, (20, 31), {"relu", "res"})
    assert layer_spec.parse("3:8-8@9") == layer_spec.Layer("3:8-8@9", (3, 3), (1, 1), (1, 1), 8, 8, (9, 9), frozenset())


@pytest.mark.parametrize("text, reason", [("3x3", "is no layer"), ("3x3:8->8", "is no layer"), ("0x3:8->8@4", "at least 1"), ("3x3s0:8->8@4", "at least 1"),
                                          ("3x3:8->8@4x0", "at least 1"), ("3x3:8->8@4:gelu", "unknown option 'gelu'"), ("", "is no layer")])
def test_what_is_no_layer_is_a_sentence(text, reason):
    with pytest.raises(layer_spec.BadSpec, match=reason):
        layer_spec.parse(text)


@pytest.mark.parametrize("text", ["3x3:8->8@6x7:relu", "5x5s2:8->16@9x12:relu", "4x2:8->8@9", "3x3:8->5@4x6:up", "1x1:8->8@5:res", "3x3s3d2:6->9@11:res"])
def test_the_networks_have_the_declared_shapes(text):
    layer = layer_spec.parse(text)
    for net, names in (layer_spec.alone(layer), layer_spec.stack(layer, 5)):
        model = onnx.shape_inference.infer_shapes(net.model(), strict_mode=True, data_prop=True)
        shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in model.graph.value_info}
        outputs = {n.name: n.output[0] for n in model.graph.node}
        assert names
        for name in names:
            assert shapes[outputs[name]] == (1, layer.outputs, *layer.out_size)


def test_a_stack_is_the_layer_repeated_where_it_can_be():
    assert len(layer_spec.stack(layer_spec.parse("3x3:8->8@6"), 6)[1]) == 4
    assert len(layer_spec.stack(layer_spec.parse("3x3s2:8->8@6"), 6)[1]) == 1
    with pytest.raises(layer_spec.BadSpec, match="three convolutions"):
        layer_spec.stack(layer_spec.parse("3x3:8->8@6"), 2)


@pytest.mark.parametrize("network", [0, 4])
def test_figures_are_those_of_the_tools(network):
    layer = layer_spec.parse("3x3:16->16@12x13:relu")
    args = SimpleNamespace(tools=TOOLS, core="tiny", memory="ddr3-z7020", backends=["sim", "verilator"])
    found = layers.measure(layer, network, args)
    assert found["same"] is True
    assert 0.3 < found["utilisation"] <= 1 and 0 < found["bandwidth"] < 1
    assert abs(found["cycles"]["sim"] / found["cycles"]["verilator"] - 1) < 0.01
    core = json.loads((SCRIPT.parents[2] / "isa" / "cores" / "tiny.json").read_text())
    peak = core["pixels"] * core["input_channels"] * core["output_channels"]
    assert found["utilisation"] == pytest.approx(12 * 13 * 16 * 16 * 9 / (peak * found["cycles"]["verilator"]), rel=1e-6)


def test_a_bar_is_met_or_missed():
    found = {"utilisation": 0.95, "bandwidth": None, "same": True}
    bar = layers.Bar("", 0, "utilisation", 0.95)
    assert layers.judge(found, bar) and layers.judge(found, None)
    assert not layers.judge({**found, "utilisation": 0.9499}, bar)
    assert not layers.judge({**found, "same": False}, bar) and not layers.judge({**found, "same": False}, None)
    assert not layers.judge(found, layers.Bar("", 0, "bandwidth", 0.5))


@pytest.mark.parametrize("arguments, code, text", [
    (["1x1:8->8@4"], 0, "1x1:8->8@4"), (["1x1:8"], 1, "is no layer"), (["--network", "2", "1x1:8->8@4"], 1, "three convolutions"),
    (["15x15d15:4->8@230"], 1, "scratchpad"), (["1x1:8->8@4", "--tools", "/nonexistent"], 1, "make tools")])
def test_the_command(arguments, code, text):
    done = subprocess.run([sys.executable, "-B", str(SCRIPT), "--tools", str(TOOLS), "--core", "tiny", "--backends", "sim", *arguments],
                          capture_output=True, text=True)
    assert done.returncode == code and text in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
