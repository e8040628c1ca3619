"""A convolution as a circuit that NNgen makes, beside this core, in the same memory profile.

    python tests/perf/nngen_compare.py [--layer '3x3:64->64@32x32:relu'] [--parallel 1,4] [--bits 64,128] [--python INTERPRETER]

NNgen makes a circuit of its own for each model. Its Verilog is simulated by Verilator in ddr3-z7020 (tests/perf/nngen_bench.cpp):
cycles from its start register to the interrupt or the last write response, program and data in DRAM; the output must be what NNgen's own evaluation gives.
PARALLEL input by PARALLEL output channels at a time make kernel x PARALLEL^2 multipliers; 1 is NNgen's default. BITS is the width of its AXI master; its bursts have up to 256 beats,
which the Zynq-7000 would cut. Without --python, NNgen is installed with pinned packages into build/nngen.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.perf import layer_spec, layers  # noqa: E402
from tests.perf.toolchain import ToolError, call, table  # noqa: E402

PINS = ["nngen==1.3.4", "veriloggen==2.3.0", "pyverilog==1.3.0", "numpy==2.4.6"]
HEAD = ["layer", "circuit", "multipliers", "AXI bits", "cycles", "utilisation", "DRAM kB", "right"]


def interpreter() -> Path:
    """An interpreter that has NNgen, installed when it is not there."""
    folder = Path("build/nngen")
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(PINS):
        call("/usr/bin/python3", "-m", "venv", folder)
        call(python, "-m", "pip", "--disable-pip-version-check", "-q", "install", *PINS)
        stamp.write_text("\n".join(PINS))
    return python


def circuit(layer: layer_spec.Layer, parallel: int, bits: int, python: Path) -> list:
    """Makes, builds and runs one circuit -> its row of the table. Throws ToolError."""
    macs = layer.out_size[0] * layer.out_size[1] * layer.inputs * layer.outputs * layer.kernel[0] * layer.kernel[1]
    multipliers = layer.kernel[0] * layer.kernel[1] * parallel * parallel
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        call(python, "-B", HERE / "nngen_layer.py", folder, *layer.kernel, layer.strides[0], layer.inputs, layer.outputs, *layer.size,
             int("relu" in layer.options), parallel, bits)
        call("verilator", "--cc", "--exe", "--build", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert", "-Wno-fatal", "-Wno-lint", "-Wno-style",
             "--prefix", "VNngenTop", "--top-module", "NngenTop", "-Mdir", folder / "obj", "-CFLAGS", f"-O2 -DDATA_BITS={bits}",
             "-o", "nngen_bench", folder / "NngenTop.v", HERE / "nngen_bench.cpp")
        cycles, read, written = map(int, call(folder / "obj" / "nngen_bench", folder / "memory.bin", folder / "after.bin").split())
        address, size = json.loads((folder / "layer.json").read_text())["output"]
        after, expected = ((folder / f).read_bytes()[address:address + size] for f in ("after.bin", "expected.bin"))
    return [layer.text, f"NNgen, {parallel} x {parallel} channels", multipliers, bits, f"{cycles:,}", f"{macs / (cycles * multipliers):.1%}",
            f"{(read + written) / 1e3:.1f}", "yes" if after == expected else "NO"]


def ours(layer: layer_spec.Layer, args) -> list:
    found = layers.measure(layer, 0, SimpleNamespace(tools=args.tools, core=args.core, memory="ddr3-z7020", backends=["sim", "verilator"]))
    core = json.loads((HERE.parents[1] / "isa" / "cores" / f"{args.core}.json").read_text())
    return [layer.text, f"this core, {args.core}", core["pixels"] * core["input_channels"] * core["output_channels"], f"{core['axi_ports']} x 64",
            f"{found['cycles']['verilator']:,}", f"{found['utilisation']:.1%}", f"{found['bytes'] / 1e3:.1f}", "yes" if found["same"] else "NO"]


def main():
    numbers = lambda text: [int(n) for n in text.split(",")]  # noqa: E731
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--layer", default="3x3:64->64@32x32:relu")
    p.add_argument("--parallel", type=numbers, default=[1, 4])
    p.add_argument("--bits", type=numbers, default=[64, 128])
    p.add_argument("--python", type=Path)
    p.add_argument("--tools", type=Path, default=Path("build/release/bin"))
    p.add_argument("--core", choices=["z7020", "tiny"], default="z7020")
    args = p.parse_args()
    rows, failed = [], False
    try:
        layer = layer_spec.parse(args.layer)
        if layer.options - {"relu"} or layer.dilations != (1, 1) or layer.strides[0] != layer.strides[1]:
            raise layer_spec.BadSpec(f"'{layer.text}': NNgen's convolution has a stride for both sides, no dilation, no upsampling and no residual")
        rows.append(ours(layer, args))
        python = args.python or interpreter()
    except (ToolError, layer_spec.BadSpec) as error:
        sys.exit(f"nngen_compare: {error}")
    for parallel in args.parallel:
        for bits in args.bits:
            try:
                rows.append(circuit(layer, parallel, bits, python))
            except ToolError as error:
                failed = True
                print(f"nngen_compare: {parallel} x {parallel} channels, {bits} bits: {str(error).splitlines()[-1]}", file=sys.stderr)
    print(table(HEAD, rows))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
