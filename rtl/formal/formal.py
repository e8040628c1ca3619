#!/usr/bin/env python3
"""Formal proofs of the small modules that everything hangs on: FIFOs, arbiters, semaphores.

  formal.py [NAME...] [--list] [--rtl DIR]

Each proof is a wrapper module of this folder with assumptions about its inputs and assertions about the module in it. Yosys' own SAT
solver does the proofs (pyosys is there for the synthesis anyway, so no other solver is needed): `induction` holds for all time, `bounded` for
the stated number of cycles behind a reset.

Exit code 1 when a proof fails, with the lines of the counterexample; 77: there is no pyosys package.
"""

import argparse
import importlib.util
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent

# name, wrapper, modules, parameters of the wrapper, kind, cycles (induction: most that are tried)
PROOFS = [
    *[(f"fifo_{depth}", "formal_fifo", ["agc_fifo"], {"Depth": depth}, "induction", 4) for depth in (1, 2, 3, 4, 5, 8)],
    ("skid", "formal_skid", ["agc_skid"], {}, "induction", 4),
    *[(f"burst_router_{ports}", "formal_burst_router", ["agc_burst_router"], {"Ports": ports}, "induction", 6) for ports in (1, 2, 3)],
    *[(f"semaphores_{engines}", "formal_semaphores", ["agc_semaphores"], {"Engines": engines}, "induction", 12) for engines in (2, 4)],
    *[(f"bank_arbiter_{banks}", "formal_scratchpad", ["agc_scratchpad", "agc_sp_bank"], {"Banks": banks}, "induction", 10) for banks in (2, 4)],
    ("bank_data", "formal_scratchpad", ["agc_scratchpad", "agc_sp_bank"], {"Banks": 2, "Data": 1}, "bounded", 9),
]


def prove(rtl, proof):
    """Runs one proof; Yosys ends the process with 1 when it fails."""
    from pyosys import libyosys
    _, wrapper, modules, parameters, kind, cycles = proof
    design = libyosys.Design()

    def run(*commands):
        for command in commands:
            libyosys.run_pass(command, design)

    run(f"read_verilog -sv -formal {' '.join(str(rtl / f'{module}.sv') for module in modules)} {HERE / (wrapper + '.sv')}")
    if wrapper == "formal_burst_router" and "end_q" in (rtl / "agc_burst_router.sv").read_text():
        parameters = {**parameters, "LateEnds": 1}
    if parameters:
        run(f"chparam {' '.join(f'-set {key} {value}' for key, value in parameters.items())} {wrapper}")
    # Registers of memories become wires, and those that a wrapper names are joined when the hierarchy goes.
    run(f"hierarchy -check -top {wrapper}", "rename -top proof", "proc -noopt", "memory_collect", "memory_map")
    connect_arrays(design)
    run("flatten", "select -assert-none a:hierconn", "async2sync", "chformal -lower", "dffunmap", "opt -full")
    only = " -tempinduct-baseonly" if kind == "bounded" else ""
    run(f"sat -prove-asserts -set-assumes -verify -show-public -tempinduct{only} -maxsteps {cycles} proof")


def connect_arrays(design):
    """A wire `name.all` for each array `name` of registers, so that a wrapper can look at it with an index."""
    from pyosys import libyosys
    for module in list(design.modules_.values()):
        arrays = {}
        for wire in list(module.wires_.values()):
            found = re.fullmatch(r"\\(\w+)\[(\d+)\]", wire.name.str())
            if found:
                arrays.setdefault(found[1], {})[int(found[2])] = wire
        for name, wires in arrays.items():
            everything = libyosys.SigSpec()
            for index in range(len(wires)):
                everything.append(libyosys.SigSpec(wires[index]))
            whole = module.addWire(libyosys.IdString(f"\\{name}.all"), everything.size())
            module.connect(libyosys.SigSpec(whole), everything)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rtl", type=pathlib.Path, default=HERE.parent, help="folder of the modules")
    parser.add_argument("--list", action="store_true", help="the proofs and their kinds")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.list:
        for name, _, modules, _, kind, cycles in PROOFS:
            print(f"{name:18} {modules[0]:18} {kind}" + (f", {cycles} cycles" if kind == "bounded" else ""))
        return 0
    if importlib.util.find_spec("pyosys") is None:
        print("formal.py: this Python has no pyosys; ./setup.sh installs it", file=sys.stderr)
        return 77
    unknown = set(args.names) - {proof[0] for proof in PROOFS}
    if unknown:
        print(f"formal.py: no proof named {', '.join(sorted(unknown))}; --list shows them", file=sys.stderr)
        return 1
    chosen = [proof for proof in PROOFS if not args.names or proof[0] in args.names]
    if args.one:
        prove(args.rtl.resolve(), chosen[0])
        return 0
    failed = 0
    for proof in chosen:
        start = time.monotonic()
        result = subprocess.run([sys.executable, "-B", __file__, "--one", "--rtl", str(args.rtl), proof[0]], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        steps = re.findall(r"\[induction step (\d+)\]", result.stdout)
        if proof[4] == "bounded":
            how = f"bounded, {proof[5]} cycles behind the reset"
        else:
            how = f"for all time, by induction over {steps[-1] if steps else '?'} cycles"
        held = result.returncode == 0
        word = "holds" if held else "FAILS" if "proof did fail" in result.stdout else "ERROR"
        print(f"{word} {proof[0]:18} {how}, {time.monotonic() - start:.1f} s", flush=True)
        if not held:
            failed += 1
            print("\n".join(result.stdout.splitlines()[-100:]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
