#!/usr/bin/env python3
"""Longest register-to-register paths of a mapped netlist (synth.py --netlist).

    paths.py NETLIST.json [--top-paths 20] [--limit 8.0] [--net 0.55] [--fanout 0.12] [--detail]

Cell delays and set-up times are those of Yosys' xc7 timing data (share/xilinx/cells_sim.v, for Artix-7 fabric).
There is no placement, so the time of a net is an assumption: `net` nanoseconds plus `fanout` for each doubling of the number of its sinks; nothing
inside a carry chain, a DSP cascade or from a LUT to its wide multiplexer. The result is a comparison between paths and a bar against accidents,
not a clock frequency. Paths with the same start and end registers (bit numbers left out) are one row.

Also counts what timing hygiene asks for: DSPs without registered input, product or output, and block RAM outputs that reach logic unregistered.
Exit code 1: a path over the limit, one of these cells, a combinational loop or a cell without timing data.
"""

import argparse
import json
import math
import re
import sys

LUT = {f"LUT{k}": delays for k, delays in enumerate(
    [[], [127], [238, 127], [407, 238, 127], [472, 407, 238, 127], [631, 472, 407, 238, 127], [642, 631, 472, 407, 238, 127]]) if k}
MUX = {"MUXF7": {"I0": 217, "I1": 223, "S": 296}, "MUXF8": {"I0": 104, "I1": 94, "S": 273}}
# CARRY4: from input (port, bit) to O and CO of a bit.
CARRY_O = [{"CYINIT": 482, "S0": 223, "CI": 222},
           {"CYINIT": 598, "DI0": 407, "S0": 400, "S1": 205, "CI": 334},
           {"CYINIT": 584, "DI0": 556, "DI1": 537, "S0": 523, "S1": 558, "S2": 226, "CI": 239},
           {"CYINIT": 642, "DI0": 615, "DI1": 596, "DI2": 438, "S0": 582, "S1": 618, "S2": 330, "S3": 227, "CI": 313}]
CARRY_CO = [{"CYINIT": 536, "DI0": 379, "S0": 340, "CI": 271},
            {"CYINIT": 494, "DI0": 465, "DI1": 445, "S0": 433, "S1": 469, "CI": 157},
            {"CYINIT": 592, "DI0": 540, "DI1": 520, "DI2": 356, "S0": 512, "S1": 548, "S2": 292, "CI": 228},
            {"CYINIT": 580, "DI0": 526, "DI1": 507, "DI2": 398, "DI3": 385, "S0": 508, "S1": 528, "S2": 378, "S3": 380, "CI": 114}]
RAM_READ = [642, 631, 472, 407, 238, 127]
FF_SETUP = {"D": 0, "CE": 109, "R": 404, "S": 404, "CLR": 404, "PRE": 404}


def number(cell, name, default=0):
    text = str(cell["parameters"].get(name, default))
    return int(text, 2) if re.fullmatch(r"[01]+", text) else int(text) if text.isdigit() else default


class Netlist:
    """Cells, and the timing arcs between net bits."""

    def __init__(self, module):
        self.cells = {name: cell for name, cell in module["cells"].items() if not cell["type"].startswith("$scopeinfo")}
        self.source = {}                      # net bit -> (cell, port, index)
        self.fanout = {}
        for name, cell in self.cells.items():
            for port, bits in cell["connections"].items():
                out = cell["port_directions"][port] == "output"
                for index, bit in enumerate(bits):
                    if not isinstance(bit, int):
                        continue
                    if out:
                        self.source[bit] = (name, port, index)
                    else:
                        self.fanout[bit] = self.fanout.get(bit, 0) + 1
        self.names = {}
        for name, net in module["netnames"].items():
            for index, bit in enumerate(net["bits"]):
                old = self.names.get(bit)
                if isinstance(bit, int) and (old is None or (old[2], len(old[0])) > (net.get("hide_name", 0), len(name))):
                    self.names[bit] = (name, index, net.get("hide_name", 0))

    def name(self, bit):
        return self.names.get(bit, (f"net {bit}", 0, 1))[0]

    def start(self, cell, port):
        """Clock to output of a register or memory, None where the output is combinational."""
        kind = cell["type"]
        if kind.startswith("FD"):
            return 303
        if kind.startswith("SRL"):
            return 1114 if port == "Q31" else 1472
        if kind.startswith("RAMB"):
            registered = number(cell, "DOA_REG" if port.startswith(("DOA", "DOPA")) else "DOB_REG")
            return 882 if registered else 2454
        if kind.startswith("RAM"):
            return 1153
        if kind == "DSP48E1":
            extra = 120 if port == "PCOUT" else 0
            for register, delay in (("PREG", 329), ("MREG", 1671), ("AREG", 2952), ("BREG", 2813)):
                if number(cell, register):
                    return delay + extra
            return None
        return None

    def arcs(self, cell, port, index):
        """(input port, bit, delay) of the combinational ways to an output bit."""
        kind, connections = cell["type"], cell["connections"]
        if kind in LUT:
            return [(f"I{k}", 0, delay) for k, delay in enumerate(LUT[kind])]
        if kind == "INV":
            return [("I", 0, 127)]
        if kind in MUX:
            return [(pin, 0, delay) for pin, delay in MUX[kind].items()]
        if kind == "CARRY4":
            table = (CARRY_O if port == "O" else CARRY_CO)[index]
            return [(re.sub(r"\d", "", pin), int(pin[-1]) if pin[-1].isdigit() else 0, delay) for pin, delay in table.items()]
        if kind.startswith("SRL"):
            result = [(f"A{k}", 0, delay) for k, delay in enumerate(RAM_READ[1:5]) if f"A{k}" in connections]
            if "A" in connections and port == "Q":
                result += [("A", k, delay) for k, delay in enumerate(RAM_READ[:len(connections["A"])])]
            return result
        if kind.startswith("RAM") and not kind.startswith("RAMB"):
            pins = {"SPO": "A", "DPO": "DPRA", "O": "A"}.get(port, "ADDR" + port[-1])
            result = []
            for pin in connections:
                if pin == pins or re.fullmatch(pins + r"\d", pin):
                    first = int(pin[len(pins):] or 0)
                    result += [(pin, k, RAM_READ[min(first + k, 5)]) for k in range(len(connections[pin]))]
            return result
        if kind == "DSP48E1":
            if number(cell, "PREG"):
                return []
            result = [("PCIN", k, 1107) for k in range(48)]
            result += [("C", k, 1325) for k in range(48)] if not number(cell, "CREG") else []
            if not number(cell, "MREG"):
                result += [("A", k, 2823) for k in range(30)] if not number(cell, "AREG") else []
                result += [("B", k, 2690) for k in range(18)] if not number(cell, "BREG") else []
            return [arc for arc in result if arc[0] in connections]
        return []

    def setup(self, cell, port):
        """Set-up time of a clocked input, None where the input is not clocked."""
        kind = cell["type"]
        if kind.startswith("FD"):
            return FF_SETUP.get(port)
        if kind.startswith("SRL"):
            return {"D": 173, "CE": 109}.get(port)
        if kind.startswith("RAMB"):
            if port.startswith("ADDR"):
                return 566
            if port.startswith(("DI",)):
                return 737
            if port.startswith(("WE", "EN")):
                return 532
            return 360 if port.startswith(("REGCE", "RST")) else None
        if kind.startswith("RAM"):
            if port == "WE":
                return 654
            if port.startswith("D") and not port.startswith("DPRA"):
                return 461
            return 362 if re.fullmatch(r"A\d?|ADDRD|ADDR", port) else None
        if kind == "DSP48E1":
            late = bool(number(cell, "PREG"))
            if port == "A":
                return 254 if number(cell, "AREG") else 1416 if number(cell, "MREG") else 2739 if late else None
            if port == "B":
                return 324 if number(cell, "BREG") else 1285 if number(cell, "MREG") else 2608 if late else None
            if port == "D":
                return 248 if number(cell, "DREG") else 1195
            if port == "C":
                return 168 if number(cell, "CREG") else 1244 if late else None
            if port == "PCIN":
                return 1025 if late else None
            return 360 if port.startswith(("CE", "RST")) else None
        return None


KNOWN = re.compile(r"LUT[1-6]|INV|MUXF[78]|CARRY4|FD[RSCP]E(_1)?|SRL.*|RAM.*|DSP48E1|BUFG|IBUF|OBUF|GND|VCC")


class Timing:
    """Latest arrival of each net bit, in picoseconds after the clock edge."""

    def __init__(self, netlist, net, fanout):
        self.netlist, self.net, self.doubling = netlist, net * 1000, fanout * 1000
        self.arrival, self.previous = {}, {}

    def wire(self, bit, sink, port):
        source = self.netlist.source.get(bit)
        if source is None:
            return 0                          # an input of the module: the border has no time of its own
        kind, out = self.netlist.cells[source[0]]["type"], source[1]
        sink = sink["type"]
        if (kind == sink == "CARRY4" and port == "CI") or out == "PCOUT" or (sink.startswith("MUXF") and port != "S"):
            return 0
        if kind.startswith("LUT") and sink == "CARRY4" and port == "S" and self.netlist.fanout.get(bit, 1) == 1:
            return 0
        if kind == "CARRY4" and sink.startswith("FD") and port == "D":
            return 0
        return self.net + self.doubling * math.log2(max(self.netlist.fanout.get(bit, 1), 1))

    def run(self, bit):
        """Depth first without recursion: chains are long."""
        stack, open_bits = [(bit, False)], set()
        while stack:
            bit, done = stack.pop()
            if bit in self.arrival and not done:
                continue
            source = self.netlist.source.get(bit)
            if source is None or not isinstance(bit, int):
                self.arrival[bit] = 0
                continue
            cell = self.netlist.cells[source[0]]
            start = self.netlist.start(cell, source[1])
            arcs = self.netlist.arcs(cell, source[1], source[2])
            inputs = []
            for port, index, delay in arcs:
                bits = cell["connections"].get(port, [])
                if index < len(bits) and isinstance(bits[index], int):
                    inputs.append((bits[index], port, delay))
            missing = [entry[0] for entry in inputs if entry[0] not in self.arrival]
            if missing and not done:
                if bit in open_bits:
                    raise ValueError(f"combinational loop through {self.netlist.name(bit)}")
                open_bits.add(bit)
                stack.append((bit, True))
                stack.extend((entry, False) for entry in missing)
                continue
            best, previous = (start, None) if start is not None else (0, None)
            for entry, port, delay in inputs:
                if entry not in self.arrival:
                    raise ValueError(f"combinational loop through {self.netlist.name(entry)}")
                time = self.arrival[entry] + self.wire(entry, cell, port) + delay
                if time > best:
                    best, previous = time, entry
            self.arrival[bit], self.previous[bit] = best, previous
            open_bits.discard(bit)

    def trace(self, bit):
        chain = [bit]
        while self.previous.get(chain[-1]) is not None:
            chain.append(self.previous[chain[-1]])
        return chain[::-1]


def register_name(netlist, name, cell):
    """The net that a register drives says more than the name of its cell."""
    for port, bits in cell["connections"].items():
        if cell["port_directions"][port] == "output" and bits and isinstance(bits[0], int) and not cell["type"].startswith("RAMB"):
            return netlist.name(bits[0])
    return re.sub(r"\$.*", "", name) or cell["type"]


def hygiene(netlist):
    """Prints the counts and returns their sum."""
    dsps = {"input": 0, "product": 0, "output": 0}
    total, loose = 0, 0
    sinks = {}
    for cell in netlist.cells.values():
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "input":
                for bit in bits:
                    sinks.setdefault(bit, set()).add((cell["type"][:2], port))
    for cell in netlist.cells.values():
        if cell["type"] == "DSP48E1":
            total += 1
            dsps["input"] += not (number(cell, "AREG") and number(cell, "BREG"))
            dsps["product"] += not number(cell, "MREG")
            dsps["output"] += not number(cell, "PREG")
        elif cell["type"].startswith("RAMB"):
            for port, bits in cell["connections"].items():
                if port.startswith("DO") and not number(cell, "DOA_REG" if port.startswith(("DOA", "DOPA")) else "DOB_REG"):
                    loose += sum(1 for bit in bits if isinstance(bit, int) and any(s != ("FD", "D") for s in sinks.get(bit, ())))
    print(f"DSPs {total}: without a register at an input {dsps['input']}, behind the product {dsps['product']}, at the output {dsps['output']}")
    print(f"block RAM output bits that reach logic before a register: {loose}")
    return sum(dsps.values()) + loose


def read_netlist(path):
    with open(path, encoding="utf-8") as file:
        modules = json.load(file)["modules"]
    tops = [module for module in modules.values() if int(str(module["attributes"].get("top", "0")), 2)]
    if len(tops) != 1:
        raise ValueError("the netlist has no single top module: write it with synth.py --netlist")
    netlist = Netlist(tops[0])
    unknown = {cell["type"] for cell in netlist.cells.values() if not KNOWN.fullmatch(cell["type"])}
    if unknown:
        raise ValueError("no timing data for " + ", ".join(sorted(unknown)))
    return netlist


def register_pairs(netlist, timing):
    """The longest time, in picoseconds, and its last net bit for each (start, end, port); and the number of register inputs."""
    rows, ends = {}, 0
    for name, cell in netlist.cells.items():
        for port, bits in cell["connections"].items():
            setup = netlist.setup(cell, port) if cell["port_directions"][port] == "input" else None
            if setup is None:
                continue
            for bit in bits:
                if not isinstance(bit, int):
                    continue
                ends += 1
                timing.run(bit)
                time = timing.arrival[bit] + timing.wire(bit, cell, port) + setup
                first = bit
                while timing.previous.get(first) is not None:
                    first = timing.previous[first]
                key = (netlist.name(first), register_name(netlist, name, cell), port)
                if time > rows.get(key, (0,))[0]:
                    rows[key] = (time, bit)
    return rows, ends


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("netlist")
    parser.add_argument("--top-paths", type=int, default=20)
    parser.add_argument("--limit", type=float, default=8.0, help="nanoseconds (125 MHz)")
    parser.add_argument("--net", type=float, default=0.55)
    parser.add_argument("--fanout", type=float, default=0.12)
    parser.add_argument("--detail", action="store_true", help="the cells of the longest path")
    args = parser.parse_args()
    try:
        netlist = read_netlist(args.netlist)
        timing = Timing(netlist, args.net, args.fanout)
        rows, ends = register_pairs(netlist, timing)
    except (OSError, ValueError, KeyError) as error:
        print(f"paths.py: {error}", file=sys.stderr)
        return 1
    ranked = sorted(rows.items(), key=lambda item: -item[1][0])
    print(f"{ends} register inputs; net delay assumed {args.net} ns + {args.fanout} ns per doubling of the fan-out")
    loose = hygiene(netlist)
    print(f"{'ns':>6} {'cells':>5}  path")
    for (first, last, port), (time, bit) in ranked[:args.top_paths]:
        print(f"{time / 1000:6.2f} {len(timing.trace(bit)) - 1:5d}  {first} -> {last} ({port})")
    if args.detail and ranked:
        for bit in timing.trace(ranked[0][1][1]):
            cell, port, index = netlist.source.get(bit, ("input", "", 0))
            kind = netlist.cells[cell]["type"] if cell in netlist.cells else "input"
            print(f"   {timing.arrival[bit] / 1000:6.2f}  {kind}.{port}[{index}]  fan-out {netlist.fanout.get(bit, 0)}  {netlist.name(bit)}")
    over = sum(1 for time, _ in rows.values() if time > args.limit * 1000)
    print(f"{over} of {len(rows)} register pairs over the limit of {args.limit} ns")
    return 1 if over or loose else 0


if __name__ == "__main__":
    sys.exit(main())
