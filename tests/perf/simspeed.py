"""The simulator's time beside ONNX Runtime's.

    python tests/perf/simspeed.py [--tools build/release/bin] [--core z7020] [--shape NAME=DxDxDxD] [--runs 7] [--limit 2.5 [--attempts 3]] MODEL.onnx ...

Prints one row a model: the time of ONNX Runtime's int8 execution by default (all threads, graph optimisation on), the time of
`agc-run --backend sim` on its one thread and the ratio; then the processor time of ONNX Runtime with one thread, that of the simulator and their ratio.
The three take turns, so that whatever else the machine does meets all of them, and the best of each counts. Times are those of a run
alone: a session's `run`, and `host_ns` and `host_cpu_ns` of `agc-run --stats` (instructions, their effects and the cycle model; not
reading, checking and placing the program, as ONNX Runtime's loading does not count either).
With --limit the exit code is 1 when the simulator takes more than that many times ONNX Runtime's default time on any model, in every one of
--attempts measurements; the last is printed. Times by the clock are to be quoted from an idle machine only: ONNX Runtime's threads wait for each other, so others' load costs it more. Processor times hardly depend on it.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, NotImplemented, RuntimeException

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf.toolchain import Program, ToolError, table  # noqa: E402


def session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """`threads` 0: what ONNX Runtime takes by itself."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def seconds(run, clock=time.perf_counter) -> float:
    begin = clock()
    run()
    return clock() - begin


def measure(model: Path, args) -> dict:
    """Best seconds: `default` (ONNX Runtime), `sim`; of the processor: `one` (ONNX Runtime with one thread), `sim_cpu`; and `gmac`."""
    best = dict.fromkeys(("default", "sim", "one", "sim_cpu"), float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        program = Program(args.tools, model, args.core, folder, args.shape)
        feeds = program.random_feeds()
        default, one = session(model, 0), session(model, 1)
        for turn in range(args.runs + 1):
            times = {"default": seconds(lambda: default.run(None, feeds)), "one": seconds(lambda: one.run(None, feeds), time.thread_time)}
            _, stats = program.run(feeds, "sim", args.memory)
            times |= {"sim": stats["host_ns"] / 1e9, "sim_cpu": stats["host_cpu_ns"] / 1e9}
            # The first turn warms ONNX Runtime's memory up.
            if turn > 0:
                best = {name: min(best[name], value) for name, value in times.items()}
    return best | {"gmac": stats["macs"] / 1e9}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", type=Path, nargs="+")
    p.add_argument("--tools", type=Path, default=Path("build/release/bin"))
    p.add_argument("--core", default="z7020")
    p.add_argument("--memory", default="ddr3-z7020")
    p.add_argument("--shape", action="append", default=[], help="dimensions of an input that the model leaves open, as agcc takes them")
    p.add_argument("--runs", type=int, default=7, help="turns that count")
    p.add_argument("--attempts", type=int, default=1, help="measurements of a model until one keeps the limit")
    p.add_argument("--limit", type=float, default=float("inf"), help="largest ratio to ONNX Runtime's default time")
    args = p.parse_args()
    if args.runs < 1 or args.attempts < 1:
        p.error("--runs and --attempts must be at least 1")
    rows, missed = [], []
    for model in args.models:
        try:
            for _ in range(args.attempts):
                found = measure(model, args)
                ratio = found["sim"] / found["default"]
                if ratio <= args.limit:
                    break
        except (ToolError, Fail, InvalidArgument, InvalidGraph, NotImplemented, RuntimeException) as error:
            sys.exit(f"simspeed: {model}: {error}")
        ms = {name: f"{1e3 * found[name]:.1f}" for name in ("default", "sim", "one", "sim_cpu")}
        rows.append([f"`{model.stem}`", f"{found['gmac']:.3f}", ms["default"], ms["sim"], f"{ratio:.2f} x", ms["one"], ms["sim_cpu"],
                     f"{found['sim_cpu'] / found['one']:.2f} x", f"{found['gmac'] / found['sim_cpu']:.0f}"])
        if ratio > args.limit:
            missed.append(f"{model.stem} takes {ratio:.2f} times ONNX Runtime's default time, more than {args.limit:g}")
    print(table(["model", "GMAC", "ONNX Runtime, ms", "simulator, ms", "ratio", "one thread, CPU ms", "simulator, CPU ms", "ratio", "GMAC/CPU s"], rows))
    if missed:
        sys.exit("simspeed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
