"""Figures of single layers: cycles, utilisation, share of the memory's bandwidth, in Verilog and by the simulator's cycle model.

    python tests/perf/layers.py                                            the layers that have a bar, with their bars
    python tests/perf/layers.py '3x3:64->64@32x32:relu' '7x7:3->64@64x64'  any others, each alone and from cold
    python tests/perf/layers.py --network 6 '3x3:64->64@32x32:relu'      as a layer inside a network of six convolutions

How a layer is written: tests/perf/layer_spec.py. Weights and inputs are random. Alone, the figures are those of the whole run, from the doorbell to
done. Inside a network they are the layer's own row of `agc-run --stats`, the worst one where the layer is repeated. Utilisation is multiply-accumulates of the
graph by cycles and the core's peak; bandwidth is bytes read and written by cycles and what the memory profile allows. The exit code is 1 when
a bar is missed or the backends differ in a byte.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import onnx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf import layer_spec  # noqa: E402
from tests.perf.toolchain import PROFILE_BYTES, Program, ToolError, same_bytes, table  # noqa: E402


@dataclass(frozen=True)
class Bar:
    """What is asked of a layer; `network`: convolutions around it, 0 alone; `figure`: "utilisation" or "bandwidth"."""

    spec: str
    network: int
    figure: str
    least: float


BARS = [
    Bar("3x3:64->64@32x32:relu", 0, "utilisation", 0.92),
    Bar("3x3:64->64@32x32:relu", 6, "utilisation", 0.97),
    Bar("3x3:256->256@64x64", 0, "utilisation", 0.97),
    Bar("1x1:128->128@64x64", 0, "utilisation", 0.90),
    Bar("5x5s2:128->128@64x64", 0, "utilisation", 0.85),
    Bar("7x7:3->64@64x64", 0, "utilisation", 0.78),
    Bar("3x3:512->512@4x4", 0, "bandwidth", 0.90),
]
HEAD = ["layer", "where", "cycles", "model's cycles", "utilisation", "DRAM kB", "bandwidth", "bound by", "same bytes", "bar", "met"]


def rows_of(layers: list[dict], names: list[str]) -> list[dict]:
    """The rows of statistics or of a report that hold one of the nodes `names`. Throws ToolError."""
    rows = [r for r in layers if set(r["names"]) & set(names)]
    if not rows:
        raise ToolError(f"there is no row for the layer {names[0]}")
    return rows


def worst(layers: list[dict], names: list[str]) -> dict:
    return min(rows_of(layers, names), key=lambda row: row["mac_utilization"])


def measure(layer: layer_spec.Layer, network: int, args) -> dict:
    """-> figures of one layer: cycles (by backend), utilisation, bytes, bandwidth (None: no limit), bound, same."""
    net, names = layer_spec.stack(layer, network) if network else layer_spec.alone(layer)
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "layer.onnx"
        onnx.save(net.model(), model)
        program = Program(args.tools, model, args.core, Path(name))
        results = {b: program.run(net.feeds, b, args.memory) for b in args.backends}
    figures = {b: worst(stats["layers"], names) if network else stats for b, (_, stats) in results.items()}
    last = figures[args.backends[-1]]
    moved, limit = last["dram_bytes_read"] + last["dram_bytes_written"], PROFILE_BYTES.get(args.memory)
    return {"cycles": {b: f["cycles"] for b, f in figures.items()}, "utilisation": last["mac_utilization"], "bytes": moved,
            "bandwidth": moved / (limit * last["cycles"]) if limit else None, "bound": rows_of(program.report["layers"], names)[0]["bound_by"],
            "same": same_bytes(outputs for outputs, _ in results.values()) if len(results) > 1 else None}


def judge(found: dict, bar) -> bool:
    """Whether the layer does what is asked of it; without a bar it only has to have the same bytes everywhere."""
    if found["same"] is False:
        return False
    return bar is None or (found[bar.figure] is not None and found[bar.figure] >= bar.least)


def cells(layer, network: int, found: dict, bar, backends) -> list[str]:
    """One row of the table, in the order of HEAD."""
    percent = "{:.1%}".format
    cycles = found["cycles"]
    return [layer.text, f"in {network}" if network else "alone", f"{cycles[backends[-1]]:,}", f"{cycles['sim']:,}" if "sim" in cycles else "-",
            percent(found["utilisation"]), f"{found['bytes'] / 1e3:.1f}", "-" if found["bandwidth"] is None else percent(found["bandwidth"]),
            found["bound"], {True: "yes", False: "NO", None: "-"}[found["same"]], f"{bar.figure} {bar.least:.0%}" if bar else "-",
            "-" if bar is None else "yes" if judge(found, bar) else "NO"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("layers", nargs="*", help="default: those with a bar")
    p.add_argument("--network", type=int, default=0, metavar="N", help="measure each layer inside a network of N convolutions")
    p.add_argument("--tools", type=Path, default=Path("build/release/bin"))
    p.add_argument("--core", default="z7020")
    p.add_argument("--backends", type=lambda s: s.split(","), default=["sim", "verilator"], help="the last one gives the figures")
    p.add_argument("--memory", default="ddr3-z7020")
    args = p.parse_args()
    try:
        wanted = [(layer_spec.parse(s), args.network, None) for s in args.layers] or [(layer_spec.parse(b.spec), b.network, b) for b in BARS]
        rows, good = [], True
        for layer, network, bar in wanted:
            found = measure(layer, network, args)
            good &= judge(found, bar)
            rows.append(cells(layer, network, found, bar, args.backends))
    except (ToolError, layer_spec.BadSpec) as error:
        sys.exit(f"layers: {error}")
    print(f"core {args.core}, memory {args.memory}, cycles by {args.backends[-1]}")
    print(table(HEAD, rows))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
