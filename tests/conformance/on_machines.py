"""pytest plugin: what compiler/test/onnx holds against ONNX Runtime as integers, compiled and run on the machines instead.

`check` of those tests compares the canonical integers of a model with ONNX Runtime. With this plugin it compiles the model with agcc and compares
every output byte of agc-run with the canonical integers: the simulator on core z7020, the simulator and the Verilog on core tiny. A model that tiny has
no room for is left out there, with agcc's sentence in the summary.

    AGC_IMPORT=... AGCC=... AGC_RUN=... pytest -p on_machines compiler/test/onnx/test_vector_ops.py      (this folder on PYTHONPATH)
"""
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "compiler/test/onnx"))
import test_numerics  # noqa: E402

MACHINES = [("z7020", ["sim"]), ("tiny", ["sim", "verilator"])]
SECONDS = 120  # for one tool
# What agcc says when a core is too small for a layer; any other refusal is a failure.
TOO_SMALL = ("take a core with a larger", "take a larger core")

ran, left_out = Counter(), []


def run_tool(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=SECONDS)


def on_machines(importer, model, feeds, fraction=0.999, *arguments):
    """In place of test_numerics.check; `fraction` is about ONNX Runtime and not looked at: bytes are equal."""
    graph = importer.graph(model, *arguments)
    expected, _ = graph.run(feeds)
    folder = importer.folder
    inputs, outputs = [], {}
    for index, (name, values) in enumerate(feeds.items()):
        np.save(folder / f"in{index}.npy", values)
        inputs += ["--input", f"{name}={folder}/in{index}.npy"]
    for index, name in enumerate(expected):
        outputs[name] = folder / f"out{index}.npy"
        inputs += ["--output", f"{name}={outputs[name]}"]
    path = folder / "machine.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    for core, backends in MACHINES:
        done = run_tool(os.environ["AGCC"], path, "-o", folder / "machine.bin", "--core", core, "--quiet", *arguments)
        if done.returncode != 0 and core == "tiny" and any(text in done.stderr for text in TOO_SMALL):
            left_out.append(done.stderr.strip())
            continue
        assert done.returncode == 0, done.stderr
        for backend in backends:
            done = run_tool(os.environ["AGC_RUN"], folder / "machine.bin", "--backend", backend, "--memory", "stress", *inputs)
            assert done.returncode == 0, (core, backend, done.stderr)
            for name, file in outputs.items():
                got = np.load(file)
                assert np.array_equal(got, expected[name]), f"{core}, {backend}: '{name}' differs in {np.count_nonzero(got != expected[name])} of {got.size}"
            ran[f"{core} {backend}"] += 1
    return graph


test_numerics.check = on_machines


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line("models run, all bytes equal: " + ", ".join(f"{count} on {what}" for what, count in sorted(ran.items())) +
                                f"; {len(left_out)} too large for tiny")
