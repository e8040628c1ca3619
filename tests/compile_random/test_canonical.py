"""The back end, program verifier and simulator on graphs of the canonical form: every byte must be that of the integers of
docs/machine.md, on both cores."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.compile_random import canonical_graph, canonical_hard  # noqa: E402

TOOLS = {name: os.environ.get(name) for name in ("AGC_EMIT", "AGC_RUN", "AGC_OBJDUMP")}
CORES = ("z7020", "tiny")
COUNT = int(os.environ.get("AGCC_RANDOM_COUNT", "25"))
FIRST = int(os.environ.get("AGCC_RANDOM_FIRST", "0"))


def run(*command):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert result.returncode == 0, f"{command[0]}: exit code {result.returncode}\n{result.stderr[-3000:]}"
    return result.stdout


def check(graph, core, folder, *options, backend="sim"):
    missing = [name for name, path in TOOLS.items() if not path]
    assert not missing, f"set {', '.join(missing)} to the tools' paths (ctest does)"
    (folder / "graph.mlir").write_text(graph.text())
    run(TOOLS["AGC_EMIT"], folder / "graph.mlir", "-o", folder / "prog.bin", "--core", core, *options)
    run(TOOLS["AGC_OBJDUMP"], "--verify", folder / "prog.bin")
    arguments = []
    for index, value in enumerate(graph.inputs):
        np.save(folder / f"in{index}.npy", value.data)
        arguments += ["--input", f"in{index}={folder}/in{index}.npy"]
    for index in range(len(graph.outputs)):
        arguments += ["--output", f"out{index}={folder}/out{index}.npy"]
    run(TOOLS["AGC_RUN"], folder / "prog.bin", "--backend", backend, *arguments)
    for index, value in enumerate(graph.outputs):
        got = np.load(folder / f"out{index}.npy")
        assert got.shape == value.shape
        wrong = np.argwhere(got != value.data)
        assert not len(wrong), f"{len(wrong)} of {got.size} values of {value.name} differ, first at {wrong[0]}, last at {wrong[-1]}"


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_random(seed, core, tmp_path):
    check(canonical_graph.random_graph(seed), core, tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(1000 + FIRST, 1000 + FIRST + max(1, COUNT // 4)))
def test_random_large(seed, core, tmp_path):
    check(canonical_graph.random_graph(seed, 3), core, tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", canonical_hard.HARD)
def test_hard(name, core, tmp_path):
    check(canonical_hard.HARD[name](), core, tmp_path)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, COUNT // 5)))
def test_random_on_the_verilog_core(seed, tmp_path):
    check(canonical_graph.random_graph(seed), "z7020", tmp_path, backend="verilator")


@pytest.mark.parametrize("name", ["pool 2x2", "interleave 2x2 of groups", "one table for two layers", "squeeze and excite", "nine boxes"])
def test_hard_on_the_verilog_core(name, tmp_path):
    check(canonical_hard.HARD[name](), "z7020", tmp_path, backend="verilator")


def test_equal_weights_are_stored_once(tmp_path):
    sizes = []
    for images in (1, 4):
        check(canonical_hard.batch(21, images), "z7020", tmp_path, "--report", tmp_path / "report.json")
        sizes.append(json.loads((tmp_path / "report.json").read_text())["segments"]["constants"])
    assert sizes[0] == sizes[1]


def test_parts_of_a_map_are_not_copied(tmp_path):
    """The concatenated map of a dense block is written once, by those who make it, and nothing else is."""
    check(canonical_hard.HARD["dense block, large"](), "z7020", tmp_path, "--report", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["dram_bytes_written"] <= 4 * 16 * 90 * 95 + 2 * 16 * 90 * 95
