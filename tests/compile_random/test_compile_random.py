"""agcc, program verifier and simulator on networks that nobody tuned for: every output byte must be that of the integer model
(tests/numerics), on both cores."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests import round_trip  # noqa: E402
from tests.compile_random import networks  # noqa: E402
from tests.numerics.executor import Executor  # noqa: E402

TOOLS = {name: os.environ.get(name) for name in ("AGCC", "AGC_RUN", "AGC_OBJDUMP", "AGC_AS")}
CORES = ("z7020", "tiny")
COUNT = int(os.environ.get("AGCC_RANDOM_COUNT", "25"))
FIRST = int(os.environ.get("AGCC_RANDOM_FIRST", "0"))


def run(*command):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert result.returncode == 0, f"{command[0]}: exit code {result.returncode}\n{result.stderr}"
    return result.stdout


def check(net: networks.Net, core: str, folder: Path, *options: str):
    missing = [name for name, path in TOOLS.items() if not path]
    assert not missing, f"set {', '.join(missing)} to the tools' paths (ctest does)"
    model = net.model()
    onnx.save(model, folder / "model.onnx")
    run(TOOLS["AGCC"], folder / "model.onnx", "-o", folder / "prog.bin", "--core", core, *options)
    run(TOOLS["AGC_OBJDUMP"], "--verify", folder / "prog.bin")
    round_trip.check(folder / "prog.bin")
    arguments = []
    for name, value in net.feeds.items():
        np.save(folder / f"{name}.npy", value)
        arguments += ["--input", f"{name}={folder}/{name}.npy"]
    for output in model.graph.output:
        arguments += ["--output", f"{output.name}={folder}/{output.name}.npy"]
    run(TOOLS["AGC_RUN"], folder / "prog.bin", *arguments)
    for output, expected in zip(model.graph.output, Executor(model)(net.feeds)):
        got = np.load(folder / f"{output.name}.npy")
        assert got.shape == expected.shape
        wrong = np.argwhere(got != expected)
        assert not len(wrong), f"{len(wrong)} of {got.size} values of {output.name} differ, first at {wrong[0]}, last at {wrong[-1]}"
        assert expected.size < 64 or np.unique(expected).size > 1, "the network says nothing: all outputs are equal"


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_random(seed, core, tmp_path):
    check(networks.random_net(seed), core, tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(1000 + FIRST, 1000 + FIRST + max(1, COUNT // 4)))
def test_random_large(seed, core, tmp_path):
    check(networks.random_net(seed, 4), core, tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", networks.HARD)
def test_hard_shape(name, core, tmp_path):
    check(networks.HARD[name](), core, tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", networks.FUSED)
def test_fused_groups(name, core, tmp_path):
    check(networks.FUSED[name](), core, tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(2000 + FIRST, 2000 + FIRST + max(1, COUNT // 6)))
def test_batch_is_image_by_image(seed, core, tmp_path):
    """A program for N images computes what N runs of the program for one do."""
    net, images = networks.random_net(seed), 2 + seed % 3
    model = net.model()
    onnx.save(model, tmp_path / "model.onnx")
    feeds = {name: np.concatenate([np.roll(value, n, axis=-1) for n in range(images)]) for name, value in net.feeds.items()}

    def outputs(count, first):
        shapes = [f"{name}={'x'.join(map(str, (count, *value.shape[1:])))}" for name, value in net.feeds.items()]
        program = tmp_path / f"batch{count}.bin"
        run(TOOLS["AGCC"], tmp_path / "model.onnx", "-o", program, "--core", core, *(word for shape in shapes for word in ("--shape", shape)))
        run(TOOLS["AGC_OBJDUMP"], "--verify", program)
        arguments = []
        for name, value in feeds.items():
            np.save(tmp_path / f"{name}.npy", value[first:first + count])
            arguments += ["--input", f"{name}={tmp_path}/{name}.npy"]
        for output in model.graph.output:
            arguments += ["--output", f"{output.name}={tmp_path}/{output.name}.npy"]
        run(TOOLS["AGC_RUN"], program, *arguments)
        return [np.load(tmp_path / f"{output.name}.npy") for output in model.graph.output]

    singles = [outputs(1, n) for n in range(images)]
    for index, together in enumerate(outputs(images, 0)):
        assert np.array_equal(together, np.concatenate([single[index] for single in singles]))


@pytest.mark.parametrize("name", ["1x1 chain", "1x1 chain, wide channels", "many weights", "residual blocks", "two readers"])
def test_fused_groups_keep_their_maps_on_chip(name, tmp_path):
    """Compulsory traffic is that of layers one by one: each large map written once and read once by each layer."""
    net = networks.FUSED[name]()
    check(net, "z7020", tmp_path, "--report", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["dram_bytes_read"] + report["dram_bytes_written"] < 0.5 * report["dram_bytes_compulsory"]
    assert len(report["layers"]) == 1
    row = report["layers"][0]
    assert row["names"] == [name for layer in row["fused"] for name in layer["names"]]
    assert row["macs"] == sum(layer["macs"] for layer in row["fused"]) == report["macs"]
    # The same network with every map an output has nothing to fuse, and takes no less time.
    run(TOOLS["AGCC"], tmp_path / "model.onnx", "-o", tmp_path / "apart.bin", "--keep-intermediates", "--report", tmp_path / "apart.json")
    apart = json.loads((tmp_path / "apart.json").read_text())
    assert not any("fused" in layer for layer in apart["layers"])
    assert report["predicted_cycles"] < apart["predicted_cycles"]


def test_text_of_the_compiler_is_the_program(tmp_path):
    model = networks.random_net(3).model()
    for node in model.graph.node:
        node.name += "\nJUMP # \x07"
    onnx.save(model, tmp_path / "model.onnx")
    run(TOOLS["AGCC"], tmp_path / "model.onnx", "-o", tmp_path / "prog.bin")
    text = run(TOOLS["AGCC"], tmp_path / "model.onnx", "--emit=asm")
    assert not [c for c in text if c != "\n" and not c.isprintable()]
    assert round_trip.assemble(text, tmp_path / "prog.bin") == (tmp_path / "prog.bin").read_bytes()


@pytest.mark.parametrize("core", CORES)
def test_what_cannot_fit_is_a_sentence_with_the_node(core, tmp_path):
    onnx.save(networks.too_large().model(), tmp_path / "model.onnx")
    result = subprocess.run([TOOLS["AGCC"], tmp_path / "model.onnx", "-o", tmp_path / "prog.bin", "--core", core],
                            capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith("agcc: error: '/conv_") and "scratchpad" in result.stderr
    assert not (tmp_path / "prog.bin").exists()
