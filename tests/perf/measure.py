"""Figures of whole networks: cycles, utilisation, DRAM traffic, distance to the reference.

    python tests/perf/measure.py [--tools build/release/bin] [--core z7020] [--backends sim,verilator] [--shape NAME=DxDxDxD] MODEL.onnx ...

Prints one row a model. Inputs and references are the cases MODEL_K.npz (`in_NAME`, `out_NAME`) beside a model; without any, or with --shape, one input is
drawn at random in the range of its quantization and there is no PSNR. Definitions: cycles, utilisation and compulsory DRAM
traffic as `agc-run --stats` gives them; PSNR against a peak of 1 for pictures in [0, 1], else the reference's largest magnitude; the
least of the cases. The last column says whether all backends gave the same bytes for every case.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf.toolchain import Program, ToolError, same_bytes, table  # noqa: E402


def psnr(ours: np.ndarray, reference: np.ndarray) -> float:
    error = float(np.mean((ours.astype(np.float64) - reference) ** 2))
    peak = 1.0 if reference.min() >= 0 and reference.max() <= 1 else float(np.abs(reference).max())
    return float("inf") if error == 0 else 10 * np.log10(peak * peak / error)


def measure(model: Path, args) -> dict:
    """-> the model's name, `stats` by backend (of its last case), `code_bytes` of the program, least `psnr` (None: no reference), `same`."""
    found = [] if args.shape else sorted(model.parent.glob(f"{model.stem}_[0-9].npz"))
    stats, same, decibels = {}, True, []
    with tempfile.TemporaryDirectory() as folder:
        program = Program(args.tools, model, args.core, Path(folder), args.shape)
        cases = [dict(np.load(path)) for path in found]
        cases = cases or [{f"in_{name}": value for name, value in program.random_feeds().items()}]
        for seed, case in enumerate(cases):
            feeds = {key[3:]: value for key, value in case.items() if key.startswith("in_")}
            runs = {backend: program.run(feeds, backend, args.memory, seed) for backend in args.backends}
            stats = {backend: figures for backend, (_, figures) in runs.items()}
            same &= same_bytes(outputs for outputs, _ in runs.values())
            decibels += [psnr(value, case[f"out_{name}"]) for name, value in runs[args.backends[0]][0].items() if f"out_{name}" in case]
    return {"model": model.stem, "stats": stats, "same": same, "psnr": min(decibels, default=None),
            "code_bytes": program.report["segments"]["code"]}


def cells(row: dict, args) -> list[str]:
    last = row["stats"][args.backends[-1]]
    traffic = last["dram_bytes_read"] + last["dram_bytes_written"]
    return [row["model"], args.core, f"{last['macs'] / 1e9:.3f}", *(f"{row['stats'][b]['cycles']:,}" for b in args.backends), f"{last['mac_utilization']:.1%}",
            f"{traffic / 1e6:.1f}", f"{traffic / last['dram_bytes_compulsory']:.2f} x", f"{row['code_bytes']:,}",
            "-" if row["psnr"] is None else f"{row['psnr']:.1f}", "yes" if row["same"] else "NO"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", type=Path, nargs="+")
    p.add_argument("--tools", type=Path, default=Path("build/release/bin"))
    p.add_argument("--core", default="z7020")
    p.add_argument("--backends", type=lambda s: s.split(","), default=["sim", "verilator"])
    p.add_argument("--memory", default="ddr3-z7020")
    p.add_argument("--shape", action="append", default=[], metavar="NAME=DxDxDxD", help="dimensions of an input, for all models")
    args = p.parse_args()
    try:
        rows = [measure(model, args) for model in args.models]
    except ToolError as error:
        sys.exit(f"measure: {error}")
    print(table(["model", "core", "GMAC", *(f"cycles, {b}" for b in args.backends), "MAC utilisation", "DRAM read + written, MB", "of compulsory",
                 "code, bytes", "least PSNR, dB", "same bytes"], [cells(row, args) for row in rows]))


if __name__ == "__main__":
    main()
