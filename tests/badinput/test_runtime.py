"""agc-run and agc-objdump with everything wrong that a user or a broken disk can come up with.

Each refusal is exit code 1, one line on stderr, and a folder that looks as before. Run by ctest, or by hand:
    test_runtime.py --bin BUILD/bin
"""

import argparse
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from agcbin import Container, chunk, npy, png  # noqa: E402

BIN = None


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="agc-badinput-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        core = json.loads((Path(__file__).resolve().parents[2] / "isa/cores/tiny.json").read_text())
        core.update(name="custom", bank_words=1024)
        self.put("custom.json", json.dumps(core).encode())
        subprocess.run([BIN / "agc-test-programs", self.folder, self.folder / "custom.json"], check=True)
        self.put("c.npy", npy("|i1", (1, 8, 1, 16), bytes(range(128))))
        self.put("x.npy", npy("|i1", (1, 8, 4, 6), bytes(range(192))))
        self.put("p.png", png(8, 4))

    def put(self, name, data):
        (self.folder / name).write_bytes(data)
        return name

    def run_tool(self, tool, *arguments, **options):
        return subprocess.run([BIN / tool, *arguments], cwd=self.folder, capture_output=True, text=True, errors="replace", timeout=60,
                              stdin=subprocess.DEVNULL, **options)

    def snapshot(self):
        return {p.name: p.read_bytes() if p.is_file() and not p.is_symlink() else None for p in self.folder.iterdir()}

    def refused(self, *arguments, says, tool="agc-run", **options):
        """The tool refuses in one line that holds each text of `says`, and leaves no trace."""
        before = self.snapshot()
        result = self.run_tool(tool, *arguments, **options)
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith(tool + ": "), result.stderr)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, result.stderr)
        self.assertEqual(self.snapshot(), before)
        return result.stderr

    def accepted(self, *arguments, tool="agc-run", **options):
        result = self.run_tool(tool, *arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        return result.stdout

    def copy(self, *more, program="copy.bin"):
        return [program, "--input", "x=c.npy", "--output", "y=y.npy", *more]


class GoodRuns(ToolTest):
    def test_copy(self):
        self.assertEqual(self.accepted(*self.copy("--stats", "s.json")), "")
        self.assertEqual((self.folder / "y.npy").read_bytes()[-128:], bytes(range(128)))
        stats = json.loads((self.folder / "s.json").read_text())
        self.assertEqual((stats["backend"], stats["core"], stats["memory"], stats["instructions"]), ("sim", "tiny", "ddr3-z7020", 3))
        self.assertEqual(stats["layers"][0]["names"], ["copy"])
        self.assertGreater(stats["cycles"], 0)

    def test_quiet_without_a_terminal(self):
        self.assertEqual(self.accepted(*self.copy()), "")

    def test_stats_on_standard_output(self):
        self.assertIn("cycles", json.loads(self.accepted(*self.copy("--stats", "-"))))
        self.assertFalse((self.folder / "-").exists())

    def test_convolution_on_both_cores(self):
        for program in ("conv.bin", "conv_z7020.bin"):
            self.accepted(program, "--input", "x=x.npy", "--output", "y=y.npy")
            self.assertEqual((self.folder / "y.npy").read_bytes()[-192:], bytes(range(192)))

    def test_picture_keeps_every_byte(self):
        self.accepted("image.bin", "--input", "picture=p.png", "--output", "picture_out=q.png")
        self.accepted("image.bin", "--input", "picture=q.png", "--output", "picture_out=q.npy")
        values = struct.unpack("<96f", (self.folder / "q.npy").read_bytes()[-384:])
        want = [(7 * (y * 24 + x * 3 + c)) & 255 for c in range(3) for y in range(4) for x in range(8)]
        self.assertEqual([round(v * 255) for v in values], want)

    def test_fortran_order(self):
        c_order = bytes(range(192))
        shape, strides = (1, 8, 4, 6), (192, 24, 6, 1)
        fortran = bytearray()
        for i3 in range(shape[3]):
            for i2 in range(shape[2]):
                for i1 in range(shape[1]):
                    fortran.append(c_order[i1 * strides[1] + i2 * strides[2] + i3])
        self.put("f.npy", npy("|i1", shape, bytes(fortran), fortran=True))
        self.accepted("conv.bin", "--input", "x=f.npy", "--output", "y=y.npy")
        self.assertEqual((self.folder / "y.npy").read_bytes()[-192:], c_order)

    def test_custom_core_runs_on_the_simulator(self):
        self.accepted(*self.copy(program="custom.bin"))

    def test_an_existing_output_is_replaced(self):
        self.put("y.npy", b"old")
        self.accepted(*self.copy())
        self.assertNotEqual((self.folder / "y.npy").read_bytes(), b"old")

    def test_verify_and_dump(self):
        self.assertEqual(self.accepted("conv.bin", "--verify", tool="agc-objdump"), "")
        self.assertIn("CONV ", self.accepted("conv.bin", tool="agc-objdump"))

    def test_help_and_version(self):
        for tool in ("agc-run", "agc-objdump"):
            self.assertIn("prog.bin", self.accepted("--help", tool=tool))
            self.assertIn(tool, self.accepted("--version", tool=tool))


class Programs(ToolTest):
    def test_missing_and_odd_files(self):
        self.refused(*self.copy(program="nothing.bin"), says="cannot open nothing.bin: No such file")
        self.refused(*self.copy(program="."), says="cannot read .: Is a directory")
        self.refused(*self.copy(program="c.npy"), says="c.npy: ")
        self.put("empty.bin", b"")
        self.refused(*self.copy(program="empty.bin"), says="empty.bin: ")

    def test_truncated_anywhere(self):
        good = (self.folder / "copy.bin").read_bytes()
        for size in sorted({*range(0, len(good), 97), 31, 32, 33, len(good) - 1}):
            self.put("bad.bin", good[:size])
            self.refused(*self.copy(program="bad.bin"), says="bad.bin: ")

    def test_flipped_bits(self):
        good = (self.folder / "copy.bin").read_bytes()
        chance = random.Random(1)
        for _ in range(60):
            bad = bytearray(good)
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
            self.put("bad.bin", bytes(bad))
            self.refused(*self.copy(program="bad.bin"), says="bad.bin: ")

    def changed(self, change):
        c = Container((self.folder / "copy.bin").read_bytes())
        change(c)
        return self.put("bad.bin", c.pack())

    def test_repacked_container_is_still_good(self):
        self.changed(lambda c: None)
        self.assertEqual((self.folder / "bad.bin").read_bytes(), (self.folder / "copy.bin").read_bytes())

    def test_other_versions(self):
        now = Container((self.folder / "copy.bin").read_bytes())
        for field, value, says in (("container", 2, "version 2"), ("isa_major", now.isa_major + 1, f"instruction set {now.isa_major + 1}.{now.isa_minor}"),
                                   ("isa_minor", 99, f"instruction set {now.isa_major}.99")):
            self.changed(lambda c: setattr(c, field, value))
            self.refused(*self.copy(program="bad.bin"), says=says)

    def test_other_core_hash(self):
        self.changed(lambda c: setattr(c, "core_hash", c.core_hash ^ 1))
        self.refused(*self.copy(program="bad.bin"), says="core_config has hash")

    def test_hostile_manifests(self):
        def manifest(edit):
            def change(c):
                section = c.section(b"MNFT")
                m = json.loads(section[1])
                edit(m)
                section[1] = json.dumps(m).encode()
            return change

        for edit, says in (
                (lambda m: m.pop("inputs"), "inputs is missing"),
                (lambda m: m["segments"][2].update(bytes=2**63), "is not a whole number"),
                (lambda m: m["inputs"][0].update(shape=[2**20] * 4), "larger than 1 GiB"),
                (lambda m: m["inputs"][0].update(bytes=136), "has 128 bytes"),
                (lambda m: m["outputs"][0].update(offset=2**29), "does not lie inside segment 4"),
                (lambda m: m["core_config"].update(banks=2**31), "bank"),
                (lambda m: m["layers"].clear(), "layer 1 is not in the manifest")):
            self.changed(manifest(edit))
            self.refused(*self.copy(program="bad.bin"), says=says)
        for text in (b"", b"{", b"[" * 100000, b"\xff\xff", b"null", b'{"generator": 1}'):
            self.changed(lambda c: c.section(b"MNFT").__setitem__(1, text))
            self.refused(*self.copy(program="bad.bin"), says="bad.bin: ")

    def test_names_with_control_characters_stay_on_one_line(self):
        def change(c):
            section = c.section(b"MNFT")
            m = json.loads(section[1])
            m["inputs"][0]["name"] = "a\nb\x1b[31m"
            m["layers"][0]["names"] = ["x\ny"]
            section[1] = json.dumps(m).encode()
        self.changed(change)
        self.refused(*self.copy(program="bad.bin"), says='missing input "a\\nb\\x1b[31m"')
        self.assertNotIn("\x1b", self.accepted("bad.bin", tool="agc-objdump"))
        self.assertIn("# layer 1: x\\ny", self.accepted("bad.bin", tool="agc-objdump"))

    def test_unknown_operation(self):
        self.changed(lambda c: c.section(b"CODE").__setitem__(1, b"\xee" + c.section(b"CODE")[1][1:]))
        self.refused(*self.copy(program="bad.bin"), says="instruction 0 does not decode")

    def test_random_instructions_never_crash(self):
        chance = random.Random(2)
        for _ in range(40):
            def change(c):
                code = bytearray(c.section(b"CODE")[1])
                for _ in range(chance.randrange(1, 4)):
                    code[chance.randrange(len(code))] ^= 1 << chance.randrange(8)
                c.section(b"CODE")[1] = bytes(code)
            self.changed(change)
            result = self.run_tool("agc-objdump", "--verify", "bad.bin")
            self.assertIn(result.returncode, (0, 1))

    def test_verifier_speaks(self):
        self.refused(*self.copy(program="race.bin"), says=["race.bin: the program is refused: instruction 1 (STORE", "no semaphore orders the two"])
        self.refused("race.bin", "--verify", tool="agc-objdump", says="refused for 1 reason")

    def test_core_without_a_verilated_model(self):
        self.refused(*self.copy("--backend", "verilator", program="custom.bin"), says="build")


class Tensors(ToolTest):
    def with_input(self, data, says, program="copy.bin", name="x", ending=".npy"):
        self.put("bad" + ending, data)
        self.refused(program, "--input", name + "=bad" + ending, "--output", ("y" if name == "x" else "picture_out") + "=y.npy", says=["bad" + ending, f'"{name}"', says])

    def test_arrays(self):
        good = npy("|i1", (1, 8, 1, 16), bytes(128))
        self.with_input(npy("|i1", (1, 8, 16, 1), bytes(128)), "has shape (1, 8, 16, 1) but (1, 8, 1, 16) is needed")
        self.with_input(npy("<f4", (1, 8, 1, 16), bytes(512)), "holds float32 (<f4) but int8 is needed")
        self.with_input(npy("<f8", (1, 8, 1, 16), bytes(1024)), "holds float64")
        self.with_input(npy("|O", (1, 8, 1, 16), bytes(1024)), "holds |O")
        self.with_input(good[:-1], "cut short")
        self.with_input(good + b"x", "too long")
        self.with_input(b"", "not an .npy file")
        self.with_input(b"PK\x03\x04" + bytes(100), "not an .npy file")
        for size in range(0, len(good), 7):
            self.with_input(good[:size], "bad.npy")

    def test_pictures(self):
        def picture(data, says):
            self.with_input(data, says, program="image.bin", name="picture", ending=".png")

        picture(png(8, 5), "is 8 wide and 5 high but the tensor has shape 1x3x4x8")
        picture(png(8, 4, colour=0), "is a grey picture")
        picture(png(8, 4, colour=6), "alpha")
        picture(png(8, 4, colour=2, extra=chunk(b"tRNS", bytes(6))), "alpha")
        picture(png(8, 4, colour=3), "palette")
        picture(png(8, 4, colour=2, depth=16), "16 bits per channel")
        picture(b"GIF89a" + bytes(50), "not a PNG")
        good = png(8, 4)
        for size in range(8, len(good), 5):
            picture(good[:size], "damaged PNG")
        self.refused("copy.bin", "--input", "x=p.png", "--output", "y=y.npy", says='p.png cannot hold tensor "x"')
        self.refused("copy.bin", "--input", "x=c.npy", "--output", "y=y.png", says='y.png cannot hold tensor "y"')

    def test_names(self):
        self.refused("copy.bin", "--input", "z=c.npy", "--output", "w=y.npy", says=['missing input "x"', 'unknown input "z"', 'unknown output "w"', '"y" (int8 1x8x1x16)'])
        self.refused("copy.bin", "--output", "y=y.npy", says='missing input "x"')
        self.refused("copy.bin", "--input", "x", "--output", "y=y.npy", says="NAME=FILE")
        self.refused(*self.copy("--input", "x=c.npy"), says='input "x" given more than once')
        self.refused("copy.bin", "--input", "x=c.txt", "--output", "y=y.npy", says="c.txt ends in neither .npy nor .png")
        self.refused("copy.bin", "--input", "x=nothing.npy", "--output", "y=y.npy", says="cannot open nothing.npy")


class Arguments(ToolTest):
    def test_wrong_arguments(self):
        self.refused(says="program is required")
        self.refused(tool="agc-objdump", says="program is required")
        self.refused(*self.copy("--frobnicate"), says="--frobnicate")
        self.refused(*self.copy("--seed", "x"), says="--seed")
        self.refused(*self.copy("--memory", "sram"), says="sram")
        self.refused(*self.copy("--backend", "fpga"), says="fpga")
        self.refused(*self.copy("--backend", "zynq"), says="device")
        self.refused("copy.bin", "second.bin", says="second.bin")


class Outputs(ToolTest):
    def test_unwritable(self):
        for path, says in (("nowhere/y.npy", "No such file"), ("c.npy/y.npy", "Not a directory")):
            self.refused("copy.bin", "--input", "x=c.npy", "--output", "y=" + path, says=["cannot write " + path, says])
            self.refused(*self.copy("--stats", path), says=["cannot write " + path, says])
            self.refused(*self.copy("--timeline", path), says=["cannot write " + path, says])
        (self.folder / "folder.npy").mkdir()
        self.refused("copy.bin", "--input", "x=c.npy", "--output", "y=folder.npy", says="Is a directory")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_no_permission(self):
        (self.folder / "locked").mkdir(mode=0o500)
        self.refused("copy.bin", "--input", "x=c.npy", "--output", "y=locked/y.npy", says="Permission denied")

    def test_disk_full(self):
        (self.folder / "full.npy").symlink_to("/dev/full")
        self.refused("copy.bin", "--input", "x=c.npy", "--output", "y=full.npy", says=["cannot write full.npy", "No space left"])
        self.refused(*self.copy("--stats", "full.npy"), says=["cannot write full.npy", "No space left"])

    def test_file_size_limit(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        self.refused(*self.copy(), says=["cannot write y.npy", "File too large"], preexec_fn=limit)
        self.put("y.npy", b"old")
        self.refused(*self.copy(), says=["cannot write y.npy", "File too large"], preexec_fn=limit)

    def test_standard_output_full(self):
        with open("/dev/full", "wb") as full:
            for tool, arguments in (("agc-objdump", ["conv.bin"]), ("agc-run", self.copy("--stats", "-"))):
                result = subprocess.run([BIN / tool, *arguments], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(result.returncode, 1)
                self.assertIn("cannot write to standard output", result.stderr)

    def test_all_or_nothing(self):
        # The second of two outputs fails: the first must not appear either.
        (self.folder / "full.json").symlink_to("/dev/full")
        self.refused(*self.copy("--stats", "full.json"), says="No space left")
        self.assertFalse((self.folder / "y.npy").exists())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=Path, help="folder of the built tools")
    options, rest = parser.parse_known_args()
    BIN = options.bin.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
