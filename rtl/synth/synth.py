#!/usr/bin/env python3
"""Resources of the core, or of one of its modules, by Yosys' `synth_xilinx -family xc7`.

    synth.py [--core z7020|tiny|FILE.json] [--top agc_core] [--param NAME=VALUE]... [--flatten]
             [--json FILE] [--netlist FILE] [--log FILE] [--limits] [--expect COLUMN=NUMBER]...

Prints the cells of each module (all instances, without what is inside them) and the total, as LUT, FF, DSP, RAMB36, RAMB18.
    LUT     LUT1..6, inverters, shift registers, distributed RAM at its number of LUTs (a RAM64M is 4)
    RAMB36  whole block RAMs; the last column of the total adds half of the RAMB18
A module is mapped on its own and counted for each instance; --flatten dissolves them all, which is slower and tells no rows.
--json keeps the table, --netlist the mapped netlist (for paths.py), --log what Yosys says. --limits compares the total with what the product allows, --expect with numbers of a test.
Modules behind an interface of parameters are sized by the core file: the packages are generated from isa/ into a temporary folder.

Exit code 1 with a sentence: unknown core or module, a latch or an unmapped cell in the result, a limit exceeded. 77: there is no pyosys package.
"""

import argparse
import glob
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RTL = os.path.dirname(HERE)
ROOT = os.path.dirname(RTL)

LIMITS = {"LUT": 45000, "DSP": 215, "RAMB36+": 132}
COLUMNS = ["LUT", "FF", "DSP", "RAMB36", "RAMB18"]

# Cells that are neither logic nor memory, or that share the slice of a LUT that is counted already.
FREE = {"CARRY4", "MUXF7", "MUXF8", "BUFG", "IBUF", "OBUF", "OBUFT", "IOBUF", "VCC", "GND"}
WEIGHTS = {"INV": 1, "SRL16E": 1, "SRL16": 1, "SRLC32E": 1, "SRLC16E": 1,
           "RAM32X1S": 1, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4,
           "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM32M": 4, "RAM64M": 4}
WEIGHTS.update({f"LUT{k}": 1 for k in range(1, 7)})
FLIP_FLOPS = {"FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1"}
NET_PS = 700  # delay of a net for the mapper: one with two or three sinks in paths.py
LATCHES = re.compile(r"^(LDCE|LDPE|\$(_?dlatch|_DLATCH|_SR_|sr|adlatch).*)$", re.IGNORECASE)

# A Yosys error ends its process, so Yosys gets one of its own.
RUN = """
import sys
from pyosys import libyosys
design = libyosys.Design()
for command in open(sys.argv[1]).read().splitlines():
    libyosys.run_pass(command, design)
"""


class SynthError(Exception):
    """A sentence for the user."""


def core_file(name):
    path = name if name.endswith(".json") else os.path.join(ROOT, "isa", "cores", name + ".json")
    if not os.path.isfile(path):
        raise SynthError(f"core '{name}' is not known: give a file or one of isa/cores/")
    return os.path.abspath(path)


def generate_packages(core, folder):
    """The generated SystemVerilog of a core, in the order in which it is read."""
    command = [sys.executable, os.path.join(ROOT, "isa", "gen", "isagen.py"), "--isa", os.path.join(ROOT, "isa", "isa.json"),
               "--cores", core, "--out", os.path.join(folder, "cpp"), "--rtl", os.path.join(folder, "rtl")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SynthError(result.stderr.strip() or "isa/gen/isagen.py failed")
    name = json.load(open(core, encoding="utf-8"))["name"]
    rtl = os.path.join(folder, "rtl")
    return [os.path.join(rtl, "agc_isa_pkg.sv"), os.path.join(rtl, name, "agc_cfg_pkg.sv"), os.path.join(rtl, "agc_isa_check.sv")]


def files_of(top):
    """The files of a module and of all that it names, directly or not: one module a file."""
    available = {os.path.basename(path)[:-3]: path for path in glob.glob(os.path.join(RTL, "agc_*.sv"))}
    if top not in available:
        raise SynthError(f"module '{top}' is not known: there is no rtl/{top}.sv")
    found, queue = {top}, [top]
    while queue:
        with open(available[queue.pop()], encoding="utf-8") as file:
            code = re.sub(r"//[^\n]*", "", file.read())
        for name in set(re.findall(r"\bagc_\w+", code)) & available.keys() - found:
            found.add(name)
            queue.append(name)
    return [available[name] for name in sorted(found)]


def hoist_imports(paths, folder):
    """Copies with the package imports in front of the module: Yosys' own front end knows them only there."""
    pattern = re.compile(r"^\s*(import\s+\w+::\*;)\s*$", re.MULTILINE)
    copies = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        copies.append(os.path.join(folder, os.path.basename(path)))
        with open(copies[-1], "w", encoding="utf-8") as file:
            # On one line, so that line numbers in messages stay right.
            file.write(" ".join(pattern.findall(text)) + " " + pattern.sub("//", text))
    return copies


def run_yosys(commands, folder, log=None):
    script, log = os.path.join(folder, "script.ys"), log or os.path.join(folder, "yosys.log")
    with open(script, "w", encoding="utf-8") as file:
        file.write("\n".join(commands) + "\n")
    with open(log, "w", encoding="utf-8") as output:
        code = subprocess.run([sys.executable, "-c", RUN, script], stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if code:
        text = open(log, encoding="utf-8", errors="replace").read()
        errors = [line for line in text.splitlines() if "ERROR" in line or "Error" in line]
        raise SynthError("Yosys: " + (errors[0].strip() if errors else "failed: " + text[-400:]))


def synthesize(core, top, params, flatten, folder, netlist=None, log=None):
    """Statistics of Yosys (`stat -json`) of the mapped design."""
    sources = generate_packages(core, folder) + hoist_imports(files_of(top), folder)
    stat = os.path.join(folder, "stat.json")
    commands = ["read_verilog -sv " + " ".join(sources)]
    chosen = " ".join(f"-chparam {name} {value}" for name, value in params)
    commands.append(f"hierarchy -check -top {top} {chosen}")
    # The mapper's own figure for a net is 0.3 ns, half of what paths.py assumes: it would trade levels of logic for area where paths are long.
    commands.append(f"scratchpad -set synth_xilinx.abc9.W {NET_PS}")
    # With parameters the top gets a generated name, so it is not named again.
    commands.append(f"synth_xilinx -family xc7 -noiopad -noclkbuf {'-flatten' if flatten else ''}")
    commands.append("check -mapped")
    commands.append(f"tee -q -o {stat} stat -json")
    if netlist:
        # Paths cross module boundaries.
        commands += ["setattr -mod -unset keep_hierarchy", "flatten", "opt_clean", f"write_json {os.path.abspath(netlist)}"]
    run_yosys(commands, folder, log)
    return json.load(open(stat, encoding="utf-8"))


def tidy(name):
    """\\$paramod\\agc_fifo\\Width=s32'...: agc_fifo[Width=64]."""
    name = name.lstrip("\\")
    if not name.startswith("$paramod"):
        return name
    parts = [part for part in name.split("\\") if part and not part.startswith("$paramod")]
    if name.startswith("$paramod$"):
        return parts[-1] + "[*]"
    values = []
    for part in parts[1:]:
        match = re.match(r"(\w+)=(?:s|u)?(\d+)'([01xz]+)$", part)
        if match:
            bits = match.group(3).replace("x", "0").replace("z", "0")
            values.append(f"{match.group(1)}={int(bits, 2)}")
    return parts[0] + (f"[{','.join(values)}]" if values else "")


def count(cells, modules):
    """Resources of a dictionary of cells; submodules are left out."""
    row = dict.fromkeys(COLUMNS, 0)
    for cell, number in cells.items():
        if isinstance(number, dict):
            number = number.get("count", number.get("num_cells", 0))
        if LATCHES.match(cell):
            raise SynthError(f"{number} latches ({cell}) in the mapped design")
        if cell in WEIGHTS:
            row["LUT"] += WEIGHTS[cell] * number
        elif cell in FLIP_FLOPS:
            row["FF"] += number
        elif cell == "DSP48E1":
            row["DSP"] += number
        elif cell == "RAMB36E1":
            row["RAMB36"] += number
        elif cell == "RAMB18E1":
            row["RAMB18"] += number
        elif cell not in FREE and cell not in modules and cell not in ("$scopeinfo",):
            raise SynthError(f"cell type {cell} is not mapped to the part (or not known to synth.py)")
    return row


def tabulate(stat, top):
    """Rows (name, instances, resources of one instance without submodules) and the total."""
    modules = {name.lstrip("\\"): data["num_cells_by_type"] for name, data in stat["modules"].items()}
    modules = {name: {cell.lstrip("\\"): number for cell, number in cells.items()} for name, cells in modules.items()}
    instances = {name: 0 for name in modules}
    roots = [name for name in modules if not any(name in cells for cells in modules.values())]
    root = next((name for name in roots if name == top or tidy(name).split("[")[0] == top), None)
    if root is None:
        raise SynthError(f"'{top}' is not in Yosys' statistics")

    def visit(name, times):
        instances[name] += times
        for cell, number in modules[name].items():
            if cell in modules:
                visit(cell, times * number)

    visit(root, 1)
    rows, total = [], dict.fromkeys(COLUMNS, 0)
    for name, cells in modules.items():
        if not instances[name]:
            continue
        row = count(cells, modules)
        rows.append((tidy(name), instances[name], row))
        for column in COLUMNS:
            total[column] += row[column] * instances[name]
    rows.sort(key=lambda item: -item[1] * item[2]["LUT"])
    total["RAMB36+"] = total["RAMB36"] + total["RAMB18"] / 2
    return rows, total


def report(rows, total):
    """One row a module, all its parameters and instances together."""
    modules = {}
    for name, times, row in rows:
        sums = modules.setdefault(name.split("[")[0], dict.fromkeys(["instances"] + COLUMNS, 0))
        sums["instances"] += times
        for column in COLUMNS:
            sums[column] += times * row[column]
    width = max(len(name) for name in modules)
    print(f"{'module':{width}} {'instances':>9}" + "".join(f"{column:>8}" for column in COLUMNS))
    for name, sums in sorted(modules.items(), key=lambda item: -item[1]["LUT"]):
        print(f"{name:{width}} {sums['instances']:9d}" + "".join(f"{sums[column]:8d}" for column in COLUMNS))
    print(f"{'total':{width}} {'':9}" + "".join(f"{total[column]:8d}" for column in COLUMNS) + f"   RAMB36 + RAMB18/2 = {total['RAMB36+']:g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--core", default="z7020")
    parser.add_argument("--top", default="agc_core")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--flatten", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--netlist", metavar="FILE")
    parser.add_argument("--log", metavar="FILE")
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--expect", action="append", default=[], metavar="COLUMN=NUMBER")
    args = parser.parse_args()
    if importlib.util.find_spec("pyosys") is None:
        print("synth.py: this Python has no pyosys; ./setup.sh installs it", file=sys.stderr)
        return 77
    try:
        for text in args.expect:
            if not re.fullmatch(f"({'|'.join(COLUMNS)})=\\d+", text):
                raise SynthError(f"--expect {text}: expected one of {', '.join(COLUMNS)}, = and a number")
        params = []
        for text in args.param:
            if not re.fullmatch(r"\w+=\S+", text):
                raise SynthError(f"--param {text}: expected NAME=VALUE")
            params.append(tuple(text.split("=", 1)))
        core = core_file(args.core)
        with tempfile.TemporaryDirectory(prefix="agc-synth-") as folder:
            stat = synthesize(core, args.top, params, args.flatten, folder, args.netlist, args.log)
        rows, total = tabulate(stat, args.top)
        report(rows, total)
        if args.json:
            table = {"core": json.load(open(core, encoding="utf-8"))["name"], "top": args.top, "parameters": dict(params),
                     "flatten": args.flatten, "total": total,
                     "modules": [{"module": name, "instances": times, **row} for name, times, row in rows]}
            with open(args.json, "w", encoding="utf-8") as file:
                json.dump(table, file, indent=1)
                file.write("\n")
        for column, value in (text.split("=") for text in args.expect):
            if total[column] != int(value):
                raise SynthError(f"{args.top} has {total[column]} {column}, expected {value}")
        if args.limits:
            over = [f"{column} {total[column]:g} > {limit}" for column, limit in LIMITS.items() if total[column] > limit]
            if over:
                raise SynthError("over the limit: " + ", ".join(over))
    except (SynthError, OSError) as error:
        print(f"synth.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
