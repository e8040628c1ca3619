"""The trace of agc-run: rows that a viewer can draw, cycles that add up, the same from simulator and Verilog."""

import json
import os
import sys
from pathlib import Path

import onnx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.perf import layer_spec, timeline_png  # noqa: E402
from tests.perf.toolchain import Program, call  # noqa: E402

TOOLS = Path(os.environ.get("AGC_TOOLS", "build/release/bin"))
ENGINES = ("LOAD", "WLOAD", "CONV", "STORE")


@pytest.fixture(scope="module", params=["tiny", "z7020"])
def traces(request, tmp_path_factory):
    """(trace, statistics) by backend, and the program; a stack with residuals, streamed from DRAM on tiny."""
    folder = tmp_path_factory.mktemp("timeline")
    net, _ = layer_spec.stack(layer_spec.parse("3x3:32->32@24x40:relu:res"), 4)
    onnx.save(net.model(), folder / "net.onnx")
    program = Program(TOOLS, folder / "net.onnx", request.param, folder)
    found = {}
    for backend in ("sim", "verilator"):
        # Runs once for the inputs' files and the statistics, once with the trace.
        _, stats = program.run(net.feeds, backend, "ddr3-z7020", 1)
        inputs = sum((["--input", f"{name}={folder}/in_{k}.npy"] for k, name in enumerate(net.feeds)), [])
        call(TOOLS / "agc-run", program.path, "--backend", backend, "--seed", 1, "--timeline", folder / f"{backend}.json", *inputs)
        found[backend] = (json.loads((folder / f"{backend}.json").read_text()), stats)
    return found, program


def rows(trace: dict) -> dict:
    """Slices by the name of their row."""
    names = {e["tid"]: e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"}
    found = {name: [] for name in names.values()}
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            found[names[event["tid"]]].append(event)
    return found


def test_rows_are_engines_and_slices_do_not_overlap(traces):
    for trace, _ in traces[0].values():
        assert set(rows(trace)) == {f"{e}{s}" for e in ENGINES for s in ("", " stalls")}
        for name, slices in rows(trace).items():
            time = 0.0
            for event in slices:
                assert event["dur"] >= 0 and event["ts"] >= time - 1e-6, f"{name}: {event}"
                time = event["ts"] + event["dur"]


def test_slices_are_named_after_layers(traces):
    found, program = traces
    layers = {" + ".join(layer["names"]) for layer in program.report["layers"]}
    for trace, _ in found.values():
        assert {e["name"] for e in rows(trace)["CONV"]} == layers
        assert {e["name"] for e in rows(trace)["CONV stalls"]} <= {"starved", "drain", "registers", "reads"} | {f"waits for {e}" for e in ENGINES}


def test_cycles_and_bytes_add_up(traces):
    found, program = traces
    loops = call(TOOLS / "agc-objdump", program.path).count("\nLOOP ")
    for trace, stats in found.values():
        totals = trace["otherData"]["engines"]
        # The multipliers' cycles: useful, lost by cause, and at the end of the run what the last STORE takes.
        tail = max(e["args"]["end"] for e in rows(trace)["STORE"]) - max(e["args"]["end"] for e in rows(trace)["CONV"])
        assert abs(sum(totals["CONV"].values()) + tail - stats["cycles"]) < 100
        for engine in ENGINES:
            assert sum(totals[engine].values()) <= stats["cycles"]
            assert sum(e["args"]["cycles"] for e in rows(trace)[f"{engine} stalls"]) == sum(v for k, v in totals[engine].items() if k != "useful")
        moved = sum(e["args"].get("dram_bytes", 0) for row in rows(trace).values() for e in row)
        # What is fetched: every instruction that ran, and what was read ahead of the end and of each loop's first jump back.
        fetched = 32 * stats["instructions"] + 512 * (1 + loops)
        assert 0 <= stats["dram_bytes_read"] + stats["dram_bytes_written"] - moved <= fetched
        assert any(e["ph"] == "C" and e["args"]["read"] > 0 for e in trace["traceEvents"])


def test_simulator_and_verilog_show_the_same(traces):
    (sim, stats), (verilog, _) = traces[0]["sim"], traces[0]["verilator"]
    tolerance = 16 + 0.002 * stats["cycles"]
    for name, slices in rows(sim).items():
        others = rows(verilog)[name]
        if name.endswith("stalls"):
            continue
        assert [(e["name"], e["args"]["op"], e["args"]["index"]) for e in slices] == [(e["name"], e["args"]["op"], e["args"]["index"]) for e in others]
        for a, b in zip(slices, others):
            assert abs(a["args"]["taken"] - b["args"]["taken"]) <= tolerance and abs(a["args"]["end"] - b["args"]["end"]) <= tolerance
    for engine in ENGINES:
        a, b = sim["otherData"]["engines"][engine], verilog["otherData"]["engines"][engine]
        for cause in a.keys() | b.keys():
            assert abs(a.get(cause, 0) - b.get(cause, 0)) <= tolerance + 0.01 * stats["cycles"], f"{engine}: {cause}"


def test_a_picture_is_drawn(traces, tmp_path):
    trace, _ = traces[0]["sim"]
    picture = timeline_png.draw(trace, width=800)
    assert picture.size[0] == 800 and len(picture.getcolors(1 << 20)) > 5
    part = timeline_png.draw(trace, begin=100, end=900, width=800)
    assert part.tobytes() != picture.tobytes()
    with pytest.raises(ValueError, match="cycles"):
        timeline_png.draw(trace, begin=10, end=10)
    with pytest.raises(ValueError, match="agc-run"):
        timeline_png.draw({"traceEvents": []})
