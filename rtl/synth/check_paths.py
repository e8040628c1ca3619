#!/usr/bin/env python3
"""Maps modules, each by itself, and fails on a register-to-register path over the limit or an unregistered DSP or block RAM (see paths.py).

    check_paths.py [--core z7020|tiny|FILE.json] [--limit 8.0] [--net 0.55] [--fanout 0.12] MODULE[,NAME=VALUE]...

A module's own ports have no time here: what goes through several modules is seen only in the netlist of the whole core (MODULE agc_core).
Exit code 1 with a sentence for each module that fails. 77: there is no pyosys package.
"""

import argparse
import importlib.util
import os
import sys
import tempfile

import paths
import synth


def check(core, text, limit, net, fanout):
    """The sentences about one module; none where it is good."""
    module, *settings = text.split(",")
    if not all(len(setting.split("=")) == 2 for setting in settings):
        raise synth.SynthError(f"{text}: expected MODULE,NAME=VALUE,...")
    with tempfile.TemporaryDirectory(prefix="agc-paths-") as folder:
        file = os.path.join(folder, "netlist.json")
        synth.synthesize(core, module, [tuple(setting.split("=")) for setting in settings], False, folder, file)
        netlist = paths.read_netlist(file)
    rows, ends = paths.register_pairs(netlist, paths.Timing(netlist, net, fanout))
    loose = paths.hygiene(netlist)
    (first, last, port), (longest, _) = max(rows.items(), key=lambda item: item[1][0], default=(("-", "-", "-"), (0, 0)))
    print(f"{text}: {ends} register inputs, longest path {longest / 1000:.2f} ns, {first} -> {last} ({port})", flush=True)
    over = sum(1 for time, _ in rows.values() if time > limit * 1000)
    sentences = [f"{text}: {over} register pairs over the limit of {limit} ns"] if over else []
    return sentences + ([f"{text}: {loose} DSP or block RAM pins without their register"] if loose else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", metavar="MODULE[,NAME=VALUE]...")
    parser.add_argument("--core", default="z7020")
    parser.add_argument("--limit", type=float, default=8.0, help="nanoseconds (125 MHz)")
    parser.add_argument("--net", type=float, default=0.55)
    parser.add_argument("--fanout", type=float, default=0.12)
    args = parser.parse_args()
    if importlib.util.find_spec("pyosys") is None:
        print("check_paths.py: this Python has no pyosys; ./setup.sh installs it", file=sys.stderr)
        return 77
    failures = []
    for text in args.modules:
        try:
            failures += check(synth.core_file(args.core), text, args.limit, args.net, args.fanout)
        except (synth.SynthError, OSError, ValueError, KeyError) as error:
            failures.append(f"{text}: {error}")
    for sentence in failures:
        print(f"check_paths.py: {sentence}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
