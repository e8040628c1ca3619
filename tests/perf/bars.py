"""Every figure that has a bar, measured anew, in one run.

    python tests/perf/bars.py                            layers, the example decoder, a generated network in the shape of tae_body_256
    python tests/perf/bars.py MODEL.onnx ...             layers, and these models instead (utilisation has no bar then)
    python tests/perf/bars.py --quick                    small pictures, no layers: to see that it works
    python tests/perf/bars.py --resources                also the resources of the core by Yosys (minutes)

Cycles are counted in Verilog, memory ddr3-z7020, core z7020. Times are those of this machine under its load, one thread each; Verilog's is also given
as cycles a second. Compiling is timed from the start of the process to its end, on a copy with another name and in another height and width. The
exit code is 1 when a bar is missed.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import onnx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.perf import measure, stand_in  # noqa: E402
from tests.perf.toolchain import ToolError, call, table  # noqa: E402

EXAMPLE = HERE.parents[1] / "examples" / "lic_plain" / "models"
VERILOG_CYCLES_PER_SECOND = 45e6 / 180  # 45 million cycles in three minutes
COMPILE_SECONDS = 1.0


def other_shape(model: Path) -> list[str]:
    """--shape of the first input with other height and width, for a model whose first input has four dimensions; else nothing."""
    tensor = onnx.load(str(model), load_external_data=False).graph.input[0]
    shape = [d.dim_value or 1 for d in tensor.type.tensor_type.shape.dim]
    if len(shape) != 4 or min(shape[2:]) < 2:
        return []
    return [f"{tensor.name}={shape[0]}x{shape[1]}x{max(1, shape[2] * 7 // 8)}x{shape[3] * 5 // 4}"]


def compile_seconds(model: Path, args) -> float:
    """Median of three of agcc on a renamed copy in another shape."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "renamed.onnx"
        shutil.copy(model, copy)
        options = sum((["--shape", s] for s in other_shape(model)), [])
        times = []
        for _ in range(3):
            start = time.monotonic()
            call(args.tools / "agcc", copy, "-o", Path(folder) / "prog.bin", "--core", args.core, *options)
            times.append(time.monotonic() - start)
    return statistics.median(times)


class Results:
    """Rows of figure, value, bar."""

    def __init__(self):
        self.rows, self.good = [], True

    def add(self, what: str, figure: str, text: str, bar: str = "-", met=None):
        self.rows.append([what, figure, text, bar, {None: "-", True: "yes", False: "NO"}[met]])
        self.good &= met is not False


def network(model: Path, least, args, results: Results):
    """All figures of one model; `least`: bar of the utilisation or None."""
    row = measure.measure(model, SimpleNamespace(tools=args.tools, core=args.core, backends=["sim", "verilator"], memory="ddr3-z7020", shape=[]))
    sim, verilog = row["stats"]["sim"], row["stats"]["verilator"]
    name, utilisation = row["model"], verilog["mac_utilization"]
    traffic = (verilog["dram_bytes_read"] + verilog["dram_bytes_written"]) / verilog["dram_bytes_compulsory"]
    error = abs(sim["cycles"] / verilog["cycles"] - 1)
    seconds = verilog["host_ns"] / 1e9
    speed = verilog["cycles"] / seconds
    results.add(name, "cycles, Verilog", f"{verilog['cycles']:,}")
    results.add(name, "MAC utilisation", f"{utilisation:.1%}", f">= {least:.0%}" if least else "-", utilisation >= least if least else None)
    results.add(name, "DRAM of compulsory", f"{traffic:.2f} x", "<= 1.3 x", traffic <= 1.3)
    results.add(name, "program without weights", f"{row['code_bytes']:,} bytes", "<= 65,536", row["code_bytes"] <= 65536)
    results.add(name, "cycle model", f"{error:.3%} off", "<= 2%", error <= 0.02)
    results.add(name, "same bytes, simulator and Verilog", "yes" if row["same"] else "NO", "yes", row["same"])
    if row["psnr"] is not None:
        results.add(name, "PSNR against the reference", f"{row['psnr']:.1f} dB")
    results.add(name, "Verilog simulation", f"{seconds:.1f} s, {speed / 1e3:,.0f} k cycles/s", f">= {VERILOG_CYCLES_PER_SECOND / 1e3:.0f} k",
                speed >= VERILOG_CYCLES_PER_SECOND)
    seconds = compile_seconds(model, args)
    results.add(name, "compile, renamed, " + (" ".join(other_shape(model)) or "same shape"), f"{seconds:.2f} s", f"<= {COMPILE_SECONDS:.0f} s",
                seconds <= COMPILE_SECONDS)


def run_script(title: str, *command) -> bool:
    print(f"\n## {title}", flush=True)
    return subprocess.run([sys.executable, "-B", *map(str, command)]).returncode == 0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", type=Path, nargs="*")
    p.add_argument("--tools", type=Path, default=Path("build/release/bin"))
    p.add_argument("--core", default="z7020")
    p.add_argument("--quick", action="store_true")
    p.add_argument("--resources", action="store_true")
    args = p.parse_args()
    good = True
    if not args.quick:
        good &= run_script("Layers", HERE / "layers.py", "--tools", args.tools, "--core", args.core)
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        models = [(model, None) for model in args.models]
        if not models:
            size = 32 if args.quick else 256
            generated = Path(folder) / f"stand_in_{size}_s8.onnx"
            onnx.save(stand_in.stand_in(size, size), generated)
            models = [(generated, None if args.quick else 0.95)] + ([] if args.quick else [(EXAMPLE / "lic_plain_256_s8.onnx", 0.92)])
        try:
            for model, least in models:
                network(model, least, args, results)
        except ToolError as error:
            sys.exit(f"bars: {error}")
        print(f"\n## Networks, core {args.core}\n" + table(["model", "figure", "measured", "bar", "met"], results.rows), flush=True)
        if (HERE / "simspeed.py").exists():
            good &= run_script("Simulator against ONNX Runtime", HERE / "simspeed.py", "--tools", args.tools, "--core", args.core, "--limit", 2.5,
                               *(model for model, _ in models))
    if args.resources:
        good &= run_script("Resources", HERE.parents[1] / "rtl" / "synth" / "synth.py", "--core", args.core, "--limits")
    sys.exit(0 if good and results.good else 1)


if __name__ == "__main__":
    main()
