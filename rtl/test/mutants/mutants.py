#!/usr/bin/env python3
"""Seeded faults of the RTL: each must make a test fail.

mutants.json holds one change of one source file each: `old` occurs exactly once in the file and becomes `new`. `bench` names the test
that has to notice it: one of benches.json (which the build writes), "conv" where nothing is said, or a proof ("formal:NAME").

  mutants.py check --rtl DIR             every change can be applied (fast; a test)
  mutants.py run --rtl DIR --benches FILE [--only NAME...] [--quick]
                                         builds and runs the benches, unchanged and with each change; the targets `rtl_mutants` (all) and
                                         `rtl_mutants_quick` (those whose bench builds in seconds) do this

Exit code 0: all changes were noticed. 1: one was not, or could not be applied or built; a sentence says which.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time


def load(names):
    mutants = json.loads((pathlib.Path(__file__).parent / "mutants.json").read_text())
    unknown = set(names) - {mutant["name"] for mutant in mutants}
    if unknown:
        sys.exit(f"mutants.py: no mutant named {', '.join(sorted(unknown))}; mutants.json lists them")
    return [mutant for mutant in mutants if not names or mutant["name"] in names]


def apply(mutant, rtl):
    """Text of the changed file."""
    text = (rtl / mutant["file"]).read_text()
    count = text.count(mutant["old"])
    if count != 1:
        raise ValueError(f"mutant {mutant['name']}: its text occurs {count} times in {mutant['file']}, expected once; adapt mutants.json")
    return text.replace(mutant["old"], mutant["new"])


def check(options):
    for mutant in load([]):
        apply(mutant, options.rtl)
    print(f"{len(load([]))} mutants can be applied")
    return True


def shell(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def build(tools, bench, sources, folder):
    """The bench with these sources: an executable, or RuntimeError with the tools' output."""
    model = folder / "model"
    shutil.rmtree(model, ignore_errors=True)
    prefix = bench["prefix"]
    steps = [
        [tools["verilator"], "--cc", "--prefix", prefix, "--top-module", bench["top"], "-Mdir", str(model), "-O3", "--x-assign", "fast",
         "--x-initial", "unique", "-Wno-fatal", "-Wno-lint", "-Wno-style", *bench["options"], *tools["packages"], *map(str, sources)],
        [tools["make"], "--silent", "-C", str(model), "-f", f"{prefix}.mk", f"CXX={tools['cxx']}", "OPT_FAST=-O1", "OPT_SLOW=-O0",
         "OPT_GLOBAL=-O1", f"{prefix}__ALL.a"],
        [tools["cxx"], "-std=c++17", "-O1", "-w", *[f"-D{define}" for define in bench["defines"]], f"-I{model}",
         *[f"-I{path}" for path in bench["include"] + tools["include"]], bench["test"], str(model / f"{prefix}__ALL.a"),
         *bench["libraries"], *tools["libraries"], "-lgtest", *bench["main"], "-lpthread", "-o", str(folder / "bench")],
    ]
    for step in steps:
        result = shell(step)
        if result.returncode != 0:
            raise RuntimeError(f"{step[0]} failed:\n{result.stdout[-2000:]}")
    return folder / "bench"


def verdict(bench, limit):
    """What the bench says: a sentence, and whether it noticed a failure."""
    try:
        result = shell([str(bench), "--gtest_fail_fast"], timeout=limit)
    except subprocess.TimeoutExpired:
        return f"no end within {limit} s", False
    lines = result.stdout.splitlines()
    failed = [line.split()[3].rstrip(",") for line in lines if line.startswith("[  FAILED  ] ") and "." in line]
    if result.returncode == 1 and failed:
        sentence = next((line for line in lines if "--count 1:" in line), "")
        return f"{failed[0]}: {sentence.split('--count 1: ')[-1][:90]}".rstrip(": "), True
    return ("passes" if result.returncode == 0 else f"ends with {result.returncode}"), False


def proved(options, proof, changed, folder):
    """The same for a proof of rtl/formal."""
    rtl = folder / "rtl"
    shutil.rmtree(rtl, ignore_errors=True)
    shutil.copytree(options.rtl, rtl, ignore=lambda _, names: [name for name in names if not name.endswith(".sv")])
    if changed:
        shutil.copy(changed, rtl)
    result = shell([sys.executable, "-B", str(options.rtl / "formal" / "formal.py"), "--rtl", str(rtl), proof], timeout=options.limit)
    first = next((line for line in result.stdout.splitlines() if line.startswith(("holds", "FAILS"))), "no answer")
    return ("passes" if result.returncode == 0 else f"formal {first[:60]}"), first.startswith("FAILS")


def attempt(options, tools, name, mutant, folder):
    """Runs the bench `name`, with the mutant if there is one; a sentence, and whether a failure was noticed."""
    changed = None
    if mutant:
        changed = folder / mutant["file"]
        changed.write_text(apply(mutant, options.rtl))
    if name.startswith("formal:"):
        return proved(options, name.split(":")[1], changed, folder)
    bench = tools["benches"][name]
    sources = [pathlib.Path(path) for path in bench["sources"]]
    if mutant:
        if mutant["file"] not in [path.name for path in sources]:
            raise ValueError(f"mutant {mutant['name']}: {mutant['file']} is not part of the bench {name}")
        sources = [changed if path.name == mutant["file"] else path for path in sources]
    return verdict(build(tools, bench, sources, folder), options.limit)


def run(options):
    tools = json.loads(options.benches.read_text())
    mutants = [mutant for mutant in load(options.names) if not options.quick or mutant.get("bench", "conv") != "conv"]
    cases = [(name, None) for name in dict.fromkeys(mutant.get("bench", "conv") for mutant in mutants)]
    cases += [(mutant.get("bench", "conv"), mutant) for mutant in mutants]
    good = True
    caught = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for bench, mutant in cases:
            start = time.monotonic()
            try:
                text, noticed = attempt(options, tools, bench, mutant, folder)
            except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
                text, noticed = str(error), not mutant
            right = noticed == bool(mutant)
            good &= right
            caught += bool(mutant) and right
            name = mutant["name"] if mutant else "(unchanged)"
            print(f"{'ok  ' if right else 'BAD '} {name:18} {bench:22} {time.monotonic() - start:5.0f} s  {text}", flush=True)
    print(f"{caught} of {len(mutants)} mutants caught")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["check", "run"])
    parser.add_argument("--rtl", type=pathlib.Path, required=True, help="folder of the RTL sources")
    parser.add_argument("--benches", type=pathlib.Path, help="benches.json of the build")
    parser.add_argument("--quick", action="store_true", help="leave out what the bench of the convolution engine notices")
    parser.add_argument("--only", nargs="*", default=[], dest="names", metavar="NAME", help="run these mutants instead of all")
    parser.add_argument("--limit", type=int, default=600, help="seconds for one run of the bench")
    options = parser.parse_args()
    try:
        good = check(options) if options.action == "check" else run(options)
    except (ValueError, OSError) as error:
        sys.exit(f"mutants.py: {error}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
