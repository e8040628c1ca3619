"""Files that the fuzzers begin with, and the dictionary of the assembler, made at build time.

    make_seeds.py OUT PROGRAM_SEEDS     OUT/TARGET/... for every target, OUT/TARGET.dict where there is one
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/badinput"), str(ROOT / "compiler/test/onnx"), str(ROOT)]
from agcbin import Container, npy, png  # noqa: E402
from builder import Builder  # noqa: E402


def assembler_seeds(isa):
    """One line for each instruction with every field at its largest value, and a program with the rest of the syntax."""
    lines = []
    for item in isa["instructions"]:
        fields = [f for f in item["fields"] if not f.get("reserved")]
        values = [f"{f['name']}={f.get('max', (1 << f['width'] - bool(f.get('signed'))) - 1)}" for f in fields]
        semaphores = [] if "SEMAPHORE" in item["faults"] else ["wait=1,2,3,31 post=0,4"]
        lines.append(" ".join([item["mnemonic"], *values, *semaphores, "layer=65535"]))
        yield item["mnemonic"].lower(), lines[-1].encode()
    labels = [f"a{n}: {item['mnemonic']} {field['name']}=b # words\n" for n, item in enumerate(isa["instructions"]) for field in item["fields"]
              if field.get("label")]
    yield "labels", ("# comment\n\n" + "".join(labels) + "\t" + lines[-1] + "\r\nb:\nc: " + lines[0] + "\n").encode()


def assembler_words(isa):
    for item in isa["instructions"]:
        yield item["mnemonic"]
        yield from (f["name"] + "=" for f in item["fields"] if not f.get("reserved"))
    yield from ("wait=", "post=", "layer=", "0x", "-1", "#", ":", ",")


def conv(b, x, shape, **options):
    return b.conv(x, shape, [0.002] * shape[0], **options)


def importer_seeds():
    """A model for each form that the importer knows; small weights keep the files small."""
    def model(name, build, shape=(1, 4, 6, 6), **options):
        b = Builder(**options)
        build(b, b.qdq(b.input("x", list(shape)), 0.02, 3))
        data = b.model().SerializeToString()
        return name, data

    def out(b, y, **options):
        b.output(b.qdq(y, 0.03, -5, **options))

    yield model("conv", lambda b, x: out(b, conv(b, x, (3, 4, 3, 3), pads=[1, 1, 1, 1], bias=np.ones(3))))
    yield model("conv_attributes", lambda b, x: out(b, conv(b, x, (2, 4, 3, 2), strides=[2, 1], dilations=[1, 2], kernel_shape=[3, 2])))
    yield model("auto_pad", lambda b, x: out(b, conv(b, x, (2, 4, 3, 3), auto_pad="SAME_UPPER")))
    yield model("groups", lambda b, x: out(b, conv(b, x, (4, 1, 3, 3), group=4)))
    yield model("relu", lambda b, x: out(b, b.node("Relu", [conv(b, x, (2, 4, 1, 1))])))
    yield model("clip", lambda b, x: out(b, b.node("Clip", [x, b.constant(np.float32(-1)), b.constant(np.float32(1))])))
    yield model("add", lambda b, x: out(b, b.node("Add", [x, x])))
    yield model("resize", lambda b, x: out(b, b.resize(x)))
    yield model("uint8", lambda b, x: b.output(b.quantize(x, 0.02, 128, np.uint8), dtype=onnx.TensorProto.UINT8))
    yield model("residual", lambda b, x: out(b, b.node("Add", [b.qdq(conv(b, x, (4, 4, 1, 1)), 0.05), x])))
    for op, attributes in (("LeakyRelu", {"alpha": 0.1}), ("Sigmoid", {}), ("MaxPool", {"kernel_shape": [2, 2]}), ("Concat", {"axis": 1}),
                           ("DepthToSpace", {"blocksize": 2}), ("Transpose", {"perm": [0, 1, 3, 2]}), ("Identity", {})):
        yield model(op.lower(), lambda b, x: out(b, b.node(op, [x], **attributes)))
    yield model("opset13", lambda b, x: out(b, x), opset=13)
    b = Builder()
    y = b.node("QLinearConv", [b.quantize(b.input("x", [1, 4, 4, 4]), 0.02), b.constant(np.float32(0.02)), b.constant(np.int8(0)),
                               b.constant(np.ones((2, 4, 1, 1), np.int8)), b.constant(np.float32(0.01)), b.constant(np.int8(0)),
                               b.constant(np.float32(0.05)), b.constant(np.int8(0))])
    b.output(b.dequantize(y, 0.05))
    yield "qlinearconv", b.model().SerializeToString()


def npy_seeds():
    for n, (kind, descr, size) in enumerate(((0, "<f4", 4), (1, "|i1", 1), (2, "|u1", 1))):
        for s, shape in enumerate(((1, 3, 4, 8), (2, 3, 5), (1, 8), (7,), (1, 1, 1, 1))):
            yield f"{descr[1:]}_{s}", bytes([kind, s]) + npy(descr, shape, bytes(int(np.prod(shape)) * size), fortran=(n + s) % 2 == 1)


def png_seeds():
    for colour in (0, 2, 3, 4, 6):
        for depth in (8, 16) if colour != 3 else (8,):
            for kind in (0, 1):
                yield f"c{colour}_d{depth}_t{kind}", bytes([kind | (4 if colour in (0, 4) else 0)]) + png(5, 3, colour, depth)


def json_seeds(programs):
    for core in sorted((ROOT / "isa/cores").glob("*.json")):
        yield core.stem, core.read_bytes()
    for program in sorted(programs.glob("*.bin"))[:3]:
        yield program.stem, Container(program.read_bytes()).section(b"MNFT")[1]
    yield "short", b'{"core": "tiny", "segments": [{"index": 0, "name": "c", "bytes": 1}]}'


def words_of(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield f'"{key}"'
            yield from words_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from words_of(item)
    elif isinstance(value, str):
        yield f'"{value}"'


def write_dictionary(path, words):
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in sorted(set(words)) if len(word) < 60)
    path.write_text("".join(f'"{word}"\n' for word in escaped))


def main(out, program_seeds):
    isa = json.loads((ROOT / "isa/isa.json").read_text())
    programs = out / "program"
    programs.mkdir(parents=True, exist_ok=True)
    subprocess.run([program_seeds, programs], check=True)
    for target, seeds in (("assembler", assembler_seeds(isa)), ("importer", importer_seeds()), ("npy", npy_seeds()), ("png", png_seeds()),
                          ("json", json_seeds(programs))):
        (out / target).mkdir(exist_ok=True)
        for name, data in seeds:
            (out / target / name).write_bytes(data)
    write_dictionary(out / "assembler.dict", assembler_words(isa))
    write_dictionary(out / "json.dict", (word for _, data in json_seeds(programs) for word in words_of(json.loads(data))))
    write_dictionary(out / "npy.dict", ("'descr'", "'fortran_order'", "'shape'", "True", "False", "<f4", "|i1", "|u1", ">f4", "(1, 3, 4, 8)", "(7,)"))
    write_dictionary(out / "png.dict", ("IHDR", "IDAT", "IEND", "PLTE", "tRNS", "gAMA", "iCCP", "sRGB", "zTXt", "iTXt", "tEXt", "cHRM", "pHYs", "sBIT", "bKGD", "hIST"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
