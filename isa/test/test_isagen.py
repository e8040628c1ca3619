"""The generator refuses every kind of broken description in words, and its output is stable.

    python3 -m unittest isa/test/test_isagen.py
"""

import contextlib
import copy
import io
import os
import sys
import tempfile
import unittest

ISA_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ISA_FOLDER)

from gen import check, emit_sv, isagen, model  # noqa: E402

ISA_PATH = os.path.join(ISA_FOLDER, "isa.json")
CORE_FOLDER = os.path.join(ISA_FOLDER, "cores")
CORE_PATHS = sorted(os.path.join(CORE_FOLDER, name) for name in os.listdir(CORE_FOLDER))


def instruction(isa, mnemonic):
    return next(item for item in isa["instructions"] if item["mnemonic"] == mnemonic)


def field(owner, name):
    return next(item for item in owner["fields"] if item["name"] == name)


def register(isa, name):
    return next(item for item in isa["registers"] if item["name"] == name)


def header(isa, name):
    return next(item for item in isa["header"] if item["name"] == name)


# What is done to a good description, and a piece of the sentence that must come of it.
BROKEN = [
    (lambda isa: field(instruction(isa, "CONV"), "in").update(lsb=65), "instruction CONV: the fields in and in_h overlap at bit 84"),
    (lambda isa: field(instruction(isa, "CONV"), "in").update(width=19), "instruction CONV: bit 83 belongs to no field"),
    (lambda isa: instruction(isa, "END")["fields"].pop(), "instruction END: bit 64 belongs to no field (192 such bits)"),
    (lambda isa: field(instruction(isa, "STORE"), "reserved").update(width=23), "outside of 255:64"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(lsb=63), "outside of 255:64"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(lsb=-1), "lsb must be a whole number from 0 to 255"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(width=0), "width must be a whole number from 1 to 32"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(width=True), "width must be a whole number"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(name="dram"), "the field name dram is used by both"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(name="class"), "a field cannot be called class"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(name="Seg"), "must match"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").pop("doc"), "instruction STORE, field seg: lacks doc"),
    (lambda isa: field(instruction(isa, "STORE"), "seg").update(widht=3), "has the unknown key widht"),
    (lambda isa: field(instruction(isa, "LOOP"), "d_in").update(label=True), "such a field counts instructions, so it has no sign"),
    (lambda isa: field(instruction(isa, "LOOP"), "body").update(label=1), "label must be true or absent"),
    (lambda isa: field(instruction(isa, "LOAD"), "n0").update(min=8192), "min must be a whole number from 0 to 8191"),
    (lambda isa: instruction(isa, "LOAD").update(opcode=64), "the opcode 64 is used by both LOAD and STORE"),
    (lambda isa: instruction(isa, "LOAD").update(opcode=256), "opcode must be a whole number from 1 to 255"),
    (lambda isa: instruction(isa, "LOAD").update(mnemonic="STORE"), "the mnemonic STORE is used by both"),
    (lambda isa: instruction(isa, "LOAD").update(engine="LAOD"), "there is no engine 'LAOD'"),
    (lambda isa: instruction(isa, "LOAD").update(faults=["SP_RNAGE"]), "there is no fault 'SP_RNAGE'"),
    (lambda isa: header(isa, "wait1").update(lsb=12), "header: the fields wait0 and wait1 overlap at bit 12"),
    (lambda isa: header(isa, "layer").update(width=15), "header: bit 63 belongs to no field"),
    (lambda isa: header(isa, "wait2").update(semaphore="signal"), 'semaphore must be "wait" or "post"'),
    (lambda isa: header(isa, "wait2").pop("semaphore"), "neither opcode nor layer nor a semaphore"),
    (lambda isa: isa.update(semaphores=16), "5 bits do not number 16 semaphores"),
    (lambda isa: isa["engines"][2].update(id=1), "the engine number 1 is used by both LOAD and WLOAD"),
    (lambda isa: isa["engines"][2].update(name="LOAD"), "the engine name LOAD is used by both"),
    (lambda isa: isa["faults"][3].update(code=2), "the fault number 2 is used by both"),
    (lambda isa: isa["faults"].pop(1), "the decoder needs a fault named BAD_OPCODE"),
    (lambda isa: register(isa, "STATUS").update(offset=16), "the register address 16 is used by both CTRL and STATUS"),
    (lambda isa: register(isa, "SEG_BYTES").update(offset=72), "the register address 72 is used by both SEG_BASE[1] and SEG_BYTES[0]"),
    (lambda isa: register(isa, "STATUS").update(offset=18), "must be multiples of 4"),
    (lambda isa: register(isa, "STATUS").update(name="CTRL"), "the register name CTRL is used by both"),
    (lambda isa: register(isa, "STATUS").update(access="r"), "access must be"),
    (lambda isa: register(isa, "STATUS").update(reset="core_hsah"), "reset must be"),
    (lambda isa: register(isa, "SEM").update(offset=4000), "beyond the 4096 bytes"),
    (lambda isa: register(isa, "SEM").pop("stride"), "count and stride come together"),
    (lambda isa: register(isa, "CTRL")["fields"][1].update(lsb=0), "register CTRL: the fields start and reset overlap"),
    (lambda isa: register(isa, "CTRL")["fields"][1].update(lsb=32), "outside of 31:0"),
    (lambda isa: isa.pop("segments"), "isa: lacks segments"),
    (lambda isa: isa.update(header={}), "header must be a list"),
    (lambda isa: isa.update(version={"major": 1}), "version must be"),
    (lambda isa: isa.update(instructions=[3]), "instructions must be a list of objects"),
]


class Descriptions(unittest.TestCase):
    def setUp(self):
        self.isa = model.load_json(ISA_PATH)

    def test_the_committed_description_is_right(self):
        self.assertEqual(check.check_isa(self.isa), [])
        for path in CORE_PATHS:
            self.assertEqual(check.check_core(path, model.load_json(path)), [])

    def test_broken_descriptions(self):
        for damage, sentence in BROKEN:
            isa = copy.deepcopy(self.isa)
            damage(isa)
            problems = check.check_isa(isa)
            with self.subTest(sentence):
                self.assertTrue(any(sentence in problem for problem in problems), problems)
                self.assertTrue(all(problem.endswith(".") for problem in problems), problems)

    def test_broken_cores(self):
        core = model.load_json(CORE_PATHS[0])
        for change, sentence in (({"pixels": 0}, "pixels must be"), ({"pixels": "8"}, "pixels must be"), ({"pxels": 8}, "unknown key pxels"),
                                 ({"name": "../x"}, "must match")):
            problems = check.check_core("x.json", {**core, **change})
            self.assertTrue(any(sentence in problem for problem in problems), problems)
        self.assertIn("lacks pixels", check.check_core("x.json", {k: v for k, v in core.items() if k != "pixels"})[0])

    def test_core_hash_is_crc32c_of_sorted_keys(self):
        self.assertEqual(model.crc32c(b"123456789"), 0xE3069283)
        core = model.load_json(CORE_PATHS[0])
        shuffled = dict(sorted(core.items(), reverse=True), description="another")
        self.assertEqual(model.core_hash(core), model.core_hash(shuffled))
        self.assertNotEqual(model.core_hash(core), model.core_hash({**core, "banks": 2 * core["banks"]}))

    def test_minimum_above_one_reaches_the_checker(self):
        field(instruction(self.isa, "LOAD"), "n0")["min"] = 5
        self.assertEqual(check.check_isa(self.isa), [])
        self.assertIn("(instr_i[111:99] < 13'd5)", emit_sv.field_checker(self.isa))

    def test_maximum_reaches_the_checker(self):
        n0 = field(instruction(self.isa, "LOAD"), "n0")
        n0["max"] = 700
        self.assertEqual(check.check_isa(self.isa), [])
        self.assertIn("(instr_i[111:99] > 13'd700)", emit_sv.field_checker(self.isa))
        for change, sentence in (({"max": 8192}, "max must be"), ({"max": 2, "min": 3}, "is below min"), ({"signed": True}, "cannot have a max")):
            broken = copy.deepcopy(self.isa)
            field(instruction(broken, "LOAD"), "n0").update(change)
            self.assertTrue(any(sentence in problem for problem in check.check_isa(broken)), sentence)


class CommandLine(unittest.TestCase):
    def run_generator(self, *arguments):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            code = isagen.main(list(arguments))
        return code, errors.getvalue()

    def test_refusals(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "isa.json")
            with open(ISA_PATH, encoding="utf-8") as file:
                text = file.read()
            cases = [("{", "is not JSON"), ("[" * 100000, "is not JSON"), ("3", "must be an object"), ("null", "must be an object"),
                     (text.replace('"name": "agc",', '"name": "agc", "name": "agc",'), "appears twice"),
                     (text.replace('"opcode": 16', '"opcode": 32'), "the opcode 32 is used by both")]
            for content, sentence in cases:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(content)
                code, errors = self.run_generator("--isa", path, "--out", os.path.join(folder, "out"))
                self.assertEqual(code, 1)
                self.assertIn(sentence, errors)
                self.assertFalse(os.path.exists(os.path.join(folder, "out")), "nothing is written for a wrong description")
            code, errors = self.run_generator("--isa", os.path.join(folder, "missing.json"))
            self.assertEqual(code, 1)
            self.assertIn("cannot be read", errors)
            code, errors = self.run_generator("--isa", ISA_PATH, "--cores", CORE_PATHS[0], CORE_PATHS[0])
            self.assertEqual(code, 1)
            self.assertIn("two core files have the name", errors)

    def test_same_bytes_and_untouched_files(self):
        with tempfile.TemporaryDirectory() as folder:
            arguments = ("--isa", ISA_PATH, "--cores", *CORE_PATHS, "--out", folder, "--rtl", folder,
                         "--doc", os.path.join(folder, "isa.md"))
            self.assertEqual(self.run_generator(*arguments), (0, ""))
            files = sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)
            self.assertEqual(len(files), 6 + len(CORE_PATHS))
            for path in files:
                os.utime(path, (1, 1))
            self.assertEqual(self.run_generator(*arguments), (0, ""))
            self.assertEqual({os.stat(path).st_mtime for path in files}, {1.0})

    def test_doc_mentions_every_name(self):
        isa = model.load_json(ISA_PATH)
        text = isagen.emit_md.reference(isa, [model.load_json(path) for path in CORE_PATHS])
        for item in isa["instructions"]:
            self.assertIn(f"### {item['mnemonic']}\n", text)
            for entry in item["fields"]:
                self.assertIn(f"`{entry['name']}`", text)
        for item in isa["registers"] + isa["faults"] + isa["engines"]:
            self.assertIn(f"| {item['name']} |", text)


if __name__ == "__main__":
    unittest.main()
