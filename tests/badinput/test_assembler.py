"""agc-as and agc-objdump --sections: programs to text and back, and everything that can be wrong with the text or the files beside it.

Run by ctest, or by hand:
    test_assembler.py --bin BUILD/bin
"""

import argparse
import json
import random
import resource
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import test_runtime  # noqa: E402
from agcbin import Container  # noqa: E402

PROGRAMS = ("copy.bin", "conv.bin", "conv_z7020.bin", "image.bin", "race.bin", "custom.bin")

# 16 words from the input to the output in two turns of a loop, as in docs/tools.md; the second LOAD would overwrite what the first STORE reads.
BY_HAND = """
      LOOP body=done count=2 d_load=8 d_store=8
        LOAD  seg=3 n0=0x8 post=1   # 8 words a turn
        STORE seg=4 n0=8 wait=1
done: END
"""


class AssemblerTest(test_runtime.ToolTest):
    def assemble(self, *arguments):
        self.assertEqual(self.accepted(*arguments, tool="agc-as"), "")

    def text_of(self, program, folder="s"):
        return self.accepted(program, "--sections", folder, tool="agc-objdump")

    def refused_text(self, *arguments, says, problems=1, **options):
        """Each problem is a line `place: error: sentence`, then one line with their number; the folder looks as before."""
        before = self.snapshot()
        result = self.run_tool("agc-as", *arguments, **options)
        lines = result.stderr.splitlines()
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(len(lines), problems + 1, result.stderr)
        self.assertIn(f"is not assembled for {problems} reason{'s' if problems > 1 else ''}; nothing is written", lines[-1])
        for line in lines[:-1]:
            self.assertIn(": error: ", line)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, result.stderr)
        self.assertEqual(self.snapshot(), before)

    def manifest(self, **more):
        return {"core": "tiny",
                "segments": [{"index": 3, "name": "inputs", "bytes": 128}, {"index": 4, "name": "outputs", "bytes": 128}],
                **{kind: [{"name": name, "shape": [1, 8, 1, 16], "dtype": "int8", "segment": segment, "offset": 0, "bytes": 128,
                           "layout": "C8", "quant": {"type": "int8", "scale": 1, "zero_point": 0}}]
                   for kind, name, segment in (("inputs", "x", 3), ("outputs", "y", 4))}, **more}


class RoundTrips(AssemblerTest):
    def test_the_same_bytes(self):
        for program in PROGRAMS:
            text = self.text_of(program)
            self.put("p.s", text.encode())
            self.assemble("p.s", "--sections", "s", "-o", "q.bin")
            self.assertEqual((self.folder / "q.bin").read_bytes(), (self.folder / program).read_bytes(), program)
            self.assertEqual(self.text_of("q.bin"), text)

    def test_files_of_another_program_do_not_stay(self):
        self.text_of("conv.bin")
        self.put("p.s", self.text_of("copy.bin").encode())
        self.assertEqual((self.folder / "s/constants.bin").read_bytes(), b"")
        self.assemble("p.s", "--sections", "s", "-o", "q.bin")
        self.assertEqual((self.folder / "q.bin").read_bytes(), (self.folder / "copy.bin").read_bytes())

    def test_debug_section(self):
        container = Container((self.folder / "copy.bin").read_bytes())
        container.sections.append([b"DBUG", b'{"layers": [], "instructions": []}'])
        self.put("d.bin", container.pack())
        self.put("p.s", self.text_of("d.bin").encode())
        self.assemble("p.s", "--sections", "s", "-o", "q.bin")
        self.assertEqual((self.folder / "q.bin").read_bytes(), (self.folder / "d.bin").read_bytes())

    def test_other_bytes_are_announced(self):
        container = Container((self.folder / "copy.bin").read_bytes())
        container.sections.reverse()
        self.put("other.bin", container.pack())
        result = self.run_tool("agc-objdump", "other.bin", "--sections", "s")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("laid out otherwise", result.stderr)

    def test_by_hand(self):
        self.put("p.s", BY_HAND.encode())
        self.put("m.json", json.dumps(self.manifest()).encode())
        self.refused_text("p.s", "--manifest", "m.json", "-o", "q.bin", "--verify", says="no semaphore orders the two")
        self.assemble("p.s", "--manifest", "m.json", "-o", "q.bin")
        straight = BY_HAND[BY_HAND.index("LOAD"):BY_HAND.index("done:")]
        self.put("p.s", (straight + straight.replace("seg", "dram=8 sp=8 seg") + "END").encode())
        self.assemble("p.s", "--manifest", "m.json", "-o", "q.bin", "--verify")
        self.accepted("q.bin", "--input", "x=c.npy", "--output", "y=y.npy")
        self.assertEqual((self.folder / "y.npy").read_bytes()[-128:], bytes(range(128)))

    def test_changed_code_keeps_the_manifest_right(self):
        text = self.text_of("copy.bin")
        self.put("p.s", text.replace("END", "LOAD seg=3 sp=100\nEND").encode())
        self.assemble("p.s", "--sections", "s", "-o", "q.bin")
        segments = json.loads(Container((self.folder / "q.bin").read_bytes()).section(b"MNFT")[1])["segments"]
        self.assertEqual(segments[0]["bytes"], 4 * 32)


class Texts(AssemblerTest):
    def setUp(self):
        super().setUp()
        self.text = self.text_of("conv.bin")
        self.arguments = ("bad.s", "--sections", "s", "-o", "q.bin")

    def refused_as(self, text, **options):
        self.put("bad.s", text.encode("latin1") if isinstance(text, str) else text)
        self.refused_text(*self.arguments, **options)

    def test_all_problems_at_once(self):
        (self.folder / "s/constants.bin").write_bytes(b"abc")
        (self.folder / "s/manifest.json").write_bytes(b"{}")
        self.refused_as("LOAD seg=8 sp=x\nJUMP\n LOOP body=a count=1\n", problems=7,
                        says=["bad.s:1:10: error: LOAD: seg must be 0 to 7, not 8.", "bad.s:1:15: error: LOAD: 'x' for 'sp' is not a number",
                              "bad.s:2:1: error: There is no instruction 'JUMP'", "bad.s:3:12: error: LOOP: there is no label 'a'",
                              "bad.s:3:20: error: LOOP: count must be 2 to 16383, not 1.", "s/constants.bin: error: it has 3 bytes",
                              "s/manifest.json: error: manifest: core_config is missing"])

    def test_an_output_that_exists_stays(self):
        self.put("q.bin", b"old")
        self.refused_as(self.text + "JUMP\n", says="There is no instruction 'JUMP'")

    def test_odd_texts(self):
        for text in ("", "# nothing\n", "\0" * 1000, "x:" * 100000, "END\0", "\xff" * 5000, "LOAD " + "a=1 " * 3, "LOAD seg=" + "9" * 100000):
            self.put("bad.s", text.encode("latin1"))
            result = self.run_tool("agc-as", *self.arguments)
            self.assertEqual(result.returncode, 1, text[:20])
            self.assertTrue(result.stderr.startswith("bad.s:"), result.stderr[:200])
            self.assertFalse((self.folder / "q.bin").exists())

    def test_many_problems_are_cut_short(self):
        self.put("bad.s", b"A\n" * 5000)
        result = self.run_tool("agc-as", *self.arguments)
        self.assertEqual(result.stderr.count("\n"), 1002)
        self.assertIn("... and 4000 more\n", result.stderr)
        self.assertIn("for 5000 reasons", result.stderr)

    def test_random_edits_never_crash(self):
        chance = random.Random(5)
        for _ in range(60):
            text = bytearray(self.text.encode())
            for _ in range(chance.randrange(1, 6)):
                text[chance.randrange(len(text))] = chance.choice(b"\n\r \t:#=,-x09AZ\0\xff")
            self.put("bad.s", bytes(text))
            result = self.run_tool("agc-as", *self.arguments)
            self.assertIn(result.returncode, (0, 1), result.stderr)

    def test_arguments(self):
        self.put("p.s", self.text.encode())
        self.refused("p.s", "-o", "q.bin", tool="agc-as", says="a program needs a manifest")
        self.refused("p.s", "--sections", "s", tool="agc-as", says="--output is required")
        self.refused("p.s", "--sections", "s", "-o", "no/q.bin", tool="agc-as", says="cannot write no/q.bin: No such file")
        self.refused("p.s", "--sections", "s", "-o", ".", tool="agc-as", says="Is a directory")
        self.refused_text("none.s", "--sections", "s", "-o", "q.bin", says="cannot open none.s: No such file")
        self.refused("copy.bin", "--sections", "c.npy", tool="agc-objdump", says="cannot ")
        self.refused("copy.bin", "--sections", "a/b", tool="agc-objdump", says="cannot make the folder a/b: No such file")
        for tool in ("agc-as", "agc-objdump"):
            self.assertIn("--sections", self.accepted("--help", tool=tool))
        self.assertIn("agc-as", self.accepted("--version", tool="agc-as"))

    @unittest.skipUnless(hasattr(resource, "RLIMIT_FSIZE"), "needs file size limits")
    def test_a_disk_that_is_full(self):
        self.put("p.s", self.text.encode())
        limit = 4096 if len(self.text) < 4096 else 8192
        self.put("big.bin", b"\0" * 64 * 1000)
        self.refused("p.s", "--sections", "s", "--constants", "big.bin", "-o", "q.bin", tool="agc-as", says="cannot write q.bin: File too large",
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))


class Sections(AssemblerTest):
    def test_missing_files(self):
        self.put("p.s", self.text_of("conv.bin").encode())
        self.refused_text("p.s", "--sections", "none", "-o", "q.bin", problems=3,
                          says=["cannot open none/manifest.json", "cannot open none/constants.bin", "cannot open none/debug.json"])
        self.refused_text("p.s", "--sections", "s", "--constants", "none.bin", "-o", "q.bin", says="cannot open none.bin")

    def test_manifests(self):
        self.put("p.s", b"END\n")
        for manifest, says in (
                (b"", "not valid JSON"), (b"[]", "it is not a JSON object"), (b"{}", "core_config is missing"), (b'{"core": "huge"}', "huge"),
                (b"\xff", "not valid JSON"), (b'{"core": 3, "core_config": 3}', "core_config"), (b'{"a":' * 300000 + b"1" + b"}" * 300000, "nest deeper"),
                (json.dumps(self.manifest(inputs=[{}])).encode(), "inputs[0].name is missing"),
                (json.dumps(self.manifest(segments=[1, {"index": 0}])).encode(), "segments[0] is not an object")):
            self.put("m.json", manifest)
            self.refused_text("p.s", "--manifest", "m.json", "-o", "q.bin", says=["m.json: error: ", says])

    def test_what_is_missing_is_filled_in(self):
        self.put("p.s", b"END\n")
        self.put("m.json", b'{"core": "tiny"}')
        self.assemble("p.s", "--manifest", "m.json", "-o", "q.bin")
        container = Container((self.folder / "q.bin").read_bytes())
        manifest = json.loads(container.section(b"MNFT")[1])
        self.assertEqual(manifest["core_config"]["name"], "tiny")
        self.assertTrue(manifest["generator"].startswith("agc-as "))
        self.assertEqual(container.core_hash, struct.unpack_from("<I", (self.folder / "copy.bin").read_bytes(), 16)[0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=Path, help="folder of the built tools")
    options, rest = parser.parse_known_args()
    test_runtime.BIN = options.bin.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
