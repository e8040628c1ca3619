#!/usr/bin/env python3
"""Seeded faults of the RTL: each must make the bench of the convolution engine fail.

mutants.json holds one change of one source file each: `old` occurs exactly once in the file and becomes `new`.

  mutants.py check --rtl DIR             every change can be applied (fast; a test)
  mutants.py run --rtl DIR ...           builds and runs the bench with every change; the target `rtl_mutants` does this

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


def build(options, sources, folder):
    """The bench with these sources: an executable, or RuntimeError with the tools' output."""
    model = folder / "model"
    shutil.rmtree(model, ignore_errors=True)
    steps = [
        [options.verilator, "--cc", "--prefix", options.prefix, "--top-module", "conv_bench_top", "-Mdir", str(model), "-O3", "--x-assign", "fast",
         "--x-initial", "unique", "-Wno-fatal", "-Wno-lint", "-Wno-style", *map(str, options.packages), *map(str, sources)],
        [options.make, "--silent", "-C", str(model), "-f", f"{options.prefix}.mk", f"CXX={options.cxx}", "OPT_FAST=-O1", "OPT_SLOW=-O0",
         "OPT_GLOBAL=-O1", f"{options.prefix}__ALL.a"],
        [options.cxx, "-std=c++17", "-O1", "-w", f"-DAGC_MODEL_HEADER=\"{options.prefix}.h\"", f"-DAGC_MODEL_CLASS={options.prefix}",
         f"-DAGC_CORE_NAME=\"{options.core}\"", f"-I{model}", *[f"-I{path}" for path in options.include], str(options.bench),
         str(model / f"{options.prefix}__ALL.a"), *map(str, options.libraries), "-lgtest", "-lpthread", "-o", str(folder / "bench")],
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
    failed = [line.split()[3].rstrip(",") for line in lines if line.startswith("[  FAILED  ] Conv.")]
    if result.returncode == 1 and failed:
        sentence = next((line for line in lines if "--count 1:" in line), "")
        return f"{failed[0]}: {sentence.split('--count 1: ')[-1][:90]}", True
    return ("passes" if result.returncode == 0 else f"ends with {result.returncode}"), False


def run(options):
    sources = [options.top, *sorted(path for path in options.rtl.glob("agc_*.sv") if path.name in options.sources)]
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        cases = [None, *load(options.names)]
        for mutant in cases:
            start = time.monotonic()
            name = mutant["name"] if mutant else "(unchanged)"
            try:
                used = sources
                if mutant:
                    changed = folder / mutant["file"]
                    changed.write_text(apply(mutant, options.rtl))
                    used = [changed if path.name == mutant["file"] else path for path in sources]
                    if changed not in used:
                        raise ValueError(f"mutant {name}: {mutant['file']} is not part of the bench")
                text, noticed = verdict(build(options, used, folder), options.limit)
            except (RuntimeError, ValueError) as error:
                text, noticed = str(error), not mutant
            right = noticed == bool(mutant)
            good &= right
            print(f"{'ok  ' if right else 'BAD '} {name:18} {time.monotonic() - start:5.0f} s  {text}", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["check", "run"])
    parser.add_argument("--rtl", type=pathlib.Path, required=True, help="folder of the RTL sources")
    parser.add_argument("--verilator", default="verilator")
    parser.add_argument("--make", default="make")
    parser.add_argument("--cxx", default="clang++-19")
    parser.add_argument("--prefix", default="Vconv_mutant", help="class of the verilated model")
    parser.add_argument("--core", default="tiny")
    parser.add_argument("--packages", type=pathlib.Path, nargs="*", default=[], help="generated packages, in order")
    parser.add_argument("--sources", nargs="*", default=[], help="names of the RTL files of the bench")
    parser.add_argument("--top", type=pathlib.Path, help="bench top")
    parser.add_argument("--bench", type=pathlib.Path, help="C++ source of the bench")
    parser.add_argument("--include", nargs="*", default=[])
    parser.add_argument("--libraries", nargs="*", default=[])
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
