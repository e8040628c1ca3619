"""Trained networks end to end: bytes of simulator and Verilog core, distance to ONNX Runtime, determinism.

AGCC_EXTRA_MODELS (folders separated by colons) adds every NAME_s8.onnx with reference cases NAME_s8_K.npz.
"""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests import round_trip  # noqa: E402
from tests.perf import stand_in  # noqa: E402

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "lic_plain" / "models"
EXTRA = [Path(folder) for folder in os.environ.get("AGCC_EXTRA_MODELS", "").split(":") if folder]
LEAST_PSNR = 45.0
VERILOG_MACS = 4e9  # larger networks than this run in the simulator only


def call(tool: str, *arguments):
    done = subprocess.run([os.environ[tool], *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def compile_model(model: Path, folder: Path, core: str) -> Path:
    program = folder / f"{model.stem}_{core}.bin"
    done = call("AGCC", model, "-o", program, "--core", core)
    assert done.stderr == "", "without a terminal nothing but errors and warnings is printed"
    round_trip.check(program)
    return program


def cases(model: Path) -> list[Path]:
    return sorted(model.parent.glob(f"{model.stem}_[0-9].npz"))


def run(program: Path, folder: Path, case: Path, backend: str, seed: int, memory: str = "ddr3-z7020", tool: str = "AGC_RUN") -> tuple[dict, dict]:
    """-> (output arrays by name, statistics)."""
    data = np.load(case)
    arguments, outputs = [], {}
    for key in data.files:
        kind, name = key.split("_", 1)
        path = folder / f"{kind}_{len(arguments)}.npy"
        if kind == "in":
            np.save(path, data[key])
            arguments += ["--input", f"{name}={path}"]
        else:
            outputs[name] = path
            arguments += ["--output", f"{name}={path}"]
    stats = folder / "stats.json"
    call(tool, program, "--backend", backend, "--memory", memory, "--seed", seed, "--stats", stats, *arguments)
    return {name: np.load(path) for name, path in outputs.items()}, json.loads(stats.read_text())


def psnr(ours: np.ndarray, reference: np.ndarray) -> float:
    error = float(np.mean((ours.astype(np.float64) - reference) ** 2))
    peak = 1.0 if reference.min() >= 0 and reference.max() <= 1 else float(np.abs(reference).max())
    return 99.0 if error == 0 else 10 * np.log10(peak * peak / error)


def check(model: Path, folder: Path, core: str, backends: tuple[str, ...]) -> int:
    """All cases of a model, one after the other with other random memory contents -> its multiply-accumulates."""
    program = compile_model(model, folder, core)
    for seed, case in enumerate(cases(model)):
        reference = np.load(case)
        results = {backend: run(program, folder, case, backend, seed) for backend in backends}
        first, stats = results[backends[0]]
        for name, picture in first.items():
            decibel = psnr(picture, reference[f"out_{name}"])
            print(f"{case.stem} {core}: {decibel:.1f} dB, " +
                  ", ".join(f"{b} {s['cycles']} cycles ({s['mac_utilization']:.1%})" for b, (_, s) in results.items()))
            assert picture.dtype == reference[f"out_{name}"].dtype and picture.shape == reference[f"out_{name}"].shape
            assert decibel >= LEAST_PSNR
            for backend, (outputs, _) in results.items():
                assert outputs[name].tobytes() == picture.tobytes(), f"{backend} differs from {backends[0]}"
        for backend, (_, other) in results.items():
            for key in ("macs", "dram_bytes_read", "dram_bytes_written", "instructions"):
                assert other[key] == stats[key], f"{key}: {backend} {other[key]}, {backends[0]} {stats[key]}"
    return stats["macs"]


@pytest.mark.small
def test_the_examples_are_here():
    for name in ("lic_plain_64_s8", "lic_plain_256_s8"):
        assert len(cases(EXAMPLES / f"{name}.onnx")) == 3


@pytest.mark.small
@pytest.mark.parametrize("core", ["tiny", "z7020"])
def test_small_decoder(tmp_path, core):
    check(EXAMPLES / "lic_plain_64_s8.onnx", tmp_path, core, ("sim", "verilator"))


def generate(folder: Path, height: int, width: int) -> Path:
    """Stages of residual blocks behind upsampling convolutions, deeper than the example, with one reference case."""
    model = folder / "body.onnx"
    onnx.save(stand_in.stand_in(height, width), model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feat = stand_in.random_features(1, 64, height, width, seed=5)[0]
    np.savez(folder / "body_0.npz", in_feat=feat, out_image=session.run(["image"], {"feat": feat})[0])
    return model


def check_synthesized(model: Path, folder: Path):
    """The core with and without its simulation-only body: the same bytes and the same cycles, layer by layer, for the first case."""
    program, case = compile_model(model, folder, "tiny"), cases(model)[0]
    results = [run(program, folder, case, "verilator", seed=2, tool=tool) for tool in ("AGC_RUN", "AGC_RUN_SYNTHESIZED")]
    (fast, fast_stats), (synthesized, synthesized_stats) = results
    for stats in (fast_stats, synthesized_stats):
        del stats["host_ns"], stats["host_cpu_ns"]
    assert synthesized_stats == fast_stats
    for name, picture in fast.items():
        assert synthesized[name].tobytes() == picture.tobytes()


@pytest.mark.small
@pytest.mark.parametrize("core, height, width", [("tiny", 24, 16), ("z7020", 32, 48)])
def test_generated_deep_network(tmp_path, core, height, width):
    check(generate(tmp_path, height, width), tmp_path, core, ("sim", "verilator"))


@pytest.mark.small
def test_the_synthesized_source(tmp_path):
    check_synthesized(generate(tmp_path, 24, 16), tmp_path)


@pytest.mark.small
def test_large_decoder_on_the_simulator(tmp_path):
    check(EXAMPLES / "lic_plain_256_s8.onnx", tmp_path, "z7020", ("sim",))


@pytest.mark.small
@pytest.mark.parametrize("memory", ["ideal", "stress"])
def test_bytes_do_not_depend_on_the_memory(tmp_path, memory):
    model = EXAMPLES / "lic_plain_64_s8.onnx"
    program = compile_model(model, tmp_path, "z7020")
    case = cases(model)[1]
    expected, _ = run(program, tmp_path, case, "sim", seed=1)
    outputs, _ = run(program, tmp_path, case, "verilator", seed=7, memory=memory)
    for name, picture in expected.items():
        assert outputs[name].tobytes() == picture.tobytes()


@pytest.mark.small
def test_the_same_program_twice(tmp_path):
    model = EXAMPLES / "lic_plain_256_s8.onnx"
    again = tmp_path / "again"
    again.mkdir()
    renamed = again / "other_name.onnx"
    renamed.write_bytes(model.read_bytes())
    assert compile_model(model, tmp_path, "z7020").read_bytes() == compile_model(renamed, again, "z7020").read_bytes()


def section_bytes(program: Path) -> dict[str, int]:
    data = program.read_bytes()
    count = struct.unpack_from("<H", data, 14)[0]
    sections = (struct.unpack_from("<4sIQQ", data, 32 + 24 * index) for index in range(count))
    return {name.decode(): size for name, _, _, size in sections}


@pytest.mark.small
def test_loops_keep_the_program_small(tmp_path):
    model = EXAMPLES / "lic_plain_256_s8.onnx"
    report = tmp_path / "report.json"
    program = tmp_path / "program.bin"
    call("AGCC", model, "-o", program, "--report", report)
    told = json.loads(report.read_text())
    sizes = section_bytes(program)
    assert program.stat().st_size - sizes["CNST"] <= 64 * 1024
    assert sizes["CODE"] == 32 * told["instructions"] <= 0.9 * 32 * told["instructions_run"], "loops save something"
    _, stats = run(program, tmp_path, cases(model)[0], "sim", seed=0)
    assert stats["instructions"] == told["instructions_run"]


@pytest.mark.full
def test_the_synthesized_source_on_a_trained_network(tmp_path):
    check_synthesized(EXAMPLES / "lic_plain_64_s8.onnx", tmp_path)


@pytest.mark.full
def test_large_decoder_whole_on_verilog(tmp_path):
    check(EXAMPLES / "lic_plain_256_s8.onnx", tmp_path, "z7020", ("sim", "verilator"))


@pytest.mark.full
@pytest.mark.skipif(not EXTRA, reason="AGCC_EXTRA_MODELS names no folder with NAME_s8.onnx and NAME_s8_K.npz")
def test_extra_models(tmp_path):
    for folder in EXTRA:
        for model in filter(cases, sorted(folder.glob("*_s8.onnx"))):
            macs = check(model, tmp_path, "z7020", ("sim",))
            if macs < VERILOG_MACS:
                check(model, tmp_path, "z7020", ("sim", "verilator"))
