"""Figures of whole networks: cycles, utilisation, DRAM traffic, distance to the reference.

    python tests/perf/measure.py [--tools build/release/bin] [--core z7020] [--backends sim,verilator] MODEL.onnx ...

Prints one row a model. Inputs and references are the cases MODEL_K.npz (`in_NAME`, `out_NAME`) beside a model; without any, one input is
drawn at random in the range of the input's first QuantizeLinear and there is no PSNR. Definitions: cycles, utilisation and compulsory DRAM
traffic as `agc-run --stats` gives them; PSNR against a peak of 1 for pictures in [0, 1], else the reference's largest magnitude; the
least of the cases. The last column says whether all backends gave the same bytes for every case.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def call(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"measure: {done.stderr.strip()}")


def random_case(model: Path) -> dict:
    """One input for each graph input, uniform over what its first QuantizeLinear can represent."""
    graph = onnx.load(str(model)).graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    generator = np.random.default_rng(1)
    case = {}
    for tensor in graph.input:
        shape = [d.dim_value for d in tensor.type.tensor_type.shape.dim]
        scale = next((float(constants[n.input[1]]) for n in graph.node if n.op_type == "QuantizeLinear" and n.input[0] == tensor.name), 1 / 127)
        case[f"in_{tensor.name}"] = generator.uniform(-128 * scale, 127 * scale, shape).astype(np.float32)
    return case


def psnr(ours: np.ndarray, reference: np.ndarray) -> float:
    error = float(np.mean((ours.astype(np.float64) - reference) ** 2))
    peak = 1.0 if reference.min() >= 0 and reference.max() <= 1 else float(np.abs(reference).max())
    return float("inf") if error == 0 else 10 * np.log10(peak * peak / error)


def measure(model: Path, args) -> dict:
    row = {"model": model.stem, "psnr": float("nan"), "same": True}
    found = sorted(model.parent.glob(f"{model.stem}_[0-9].npz"))
    cases = [dict(np.load(path)) for path in found] or [random_case(model)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        call(args.tools / "agcc", model, "-o", folder / "prog.bin", "--core", args.core)
        worst = []
        for seed, case in enumerate(cases):
            inputs, outputs = [], [o.name for o in onnx.load(str(model), load_external_data=False).graph.output]
            for key in (k for k in case if k.startswith("in_")):
                np.save(folder / f"{key}.npy", case[key])
                inputs += ["--input", f"{key[3:]}={folder / key}.npy"]
            results = {}
            for backend in args.backends.split(","):
                targets = sum((["--output", f"{o}={folder / backend}_{k}.npy"] for k, o in enumerate(outputs)), [])
                call(args.tools / "agc-run", folder / "prog.bin", "--backend", backend, "--memory", args.memory, "--seed", seed,
                     "--stats", folder / "stats.json", *inputs, *targets)
                row[backend] = json.loads((folder / "stats.json").read_text())
                results[backend] = [np.load(f"{folder / backend}_{k}.npy") for k in range(len(outputs))]
            first = next(iter(results.values()))
            row["same"] &= all(a.tobytes() == b.tobytes() for other in results.values() for a, b in zip(first, other))
            worst += [psnr(y, case[f"out_{o}"]) for o, y in zip(outputs, first) if f"out_{o}" in case]
        if worst:
            row["psnr"] = min(worst)
    return row


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", type=Path, nargs="+")
    p.add_argument("--tools", type=Path, default=Path("build/release/bin"))
    p.add_argument("--core", default="z7020")
    p.add_argument("--backends", default="sim,verilator")
    p.add_argument("--memory", default="ddr3-z7020")
    args = p.parse_args()
    backends = args.backends.split(",")
    print("| model | core | GMAC | " + " | ".join(f"cycles, {b}" for b in backends) +
          " | MAC utilisation | DRAM read + written, MB | of compulsory | least PSNR, dB | same bytes |")
    print("|" + "---|" * (8 + len(backends)))
    for model in args.models:
        row = measure(model, args)
        last = row[backends[-1]]
        traffic = last["dram_bytes_read"] + last["dram_bytes_written"]
        print(f"| {row['model']} | {args.core} | {last['macs'] / 1e9:.3f} | " + " | ".join(f"{row[b]['cycles']:,}" for b in backends) +
              f" | {last['mac_utilization']:.1%} | {traffic / 1e6:.1f} | {traffic / last['dram_bytes_compulsory']:.2f} x | {row['psnr']:.1f} | "
              f"{'yes' if row['same'] else 'NO'} |", flush=True)


if __name__ == "__main__":
    main()
