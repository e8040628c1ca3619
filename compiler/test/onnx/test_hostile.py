"""Files that are no models, damaged models and models made to hurt: a sentence and exit code 1, quickly and in little memory."""
import random
import resource
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from builder import Builder


def model(hidden=6):
    b = Builder()
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.02, 3)
    y = b.qdq(b.node("Relu", [b.conv(x, (hidden, 4, 3, 3), [0.002] * hidden, bias=np.ones(hidden))]), 0.03, -128)
    b.output(b.qdq(b.resize(y), 0.03, -128))
    return b.model()


def survive(importer, data):
    """Any outcome but a crash, within 1 GB of address space beyond the libraries and 20 s."""
    path = importer.folder / "hostile.onnx"
    path.write_bytes(data)
    limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
    done = subprocess.run([importer.program, str(path), "--canonical"], capture_output=True, timeout=20, preexec_fn=limit)
    assert done.returncode in (0, 1), (done.returncode, done.stderr[-500:])
    if done.returncode == 1:
        lines = done.stderr.decode(errors="replace").splitlines()
        assert lines and done.stdout == b"" and all(line.startswith("error: ") for line in lines), lines[:5]
    return done.returncode, done.stderr.decode(errors="replace")


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"hello, this is no model", b"PK\x03\x04" + b"\0" * 60, bytes(range(256)) * 20])
def test_no_model(importer, data):
    code, errors = survive(importer, data)
    assert code == 1 and len(errors.splitlines()) == 1


def test_truncated_everywhere(importer):
    data = model().SerializeToString()
    for length in random.Random(1).sample(range(len(data)), 40):
        code, _ = survive(importer, data[:length])
        assert code == 1, length


def test_flipped_bytes(importer):
    data = model().SerializeToString()
    rng = random.Random(2)
    for _ in range(80):
        broken = bytearray(data)
        for _ in range(rng.choice([1, 1, 3])):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        survive(importer, bytes(broken))


def mutated(change):
    proto = model()
    change(proto.graph)
    return proto.SerializeToString()


def set_dims(tensor, dims):
    del tensor.dims[:]
    tensor.dims.extend(dims)


def external(graph):
    graph.initializer[0].data_location = TensorProto.EXTERNAL
    graph.initializer[0].external_data.add(key="location", value="/etc/passwd")


def deep(graph):
    inner = graph
    for _ in range(300):
        node = inner.node.add(op_type="If", name="deep")
        attribute = node.attribute.add(name="then_branch", type=onnx.AttributeProto.GRAPH)
        inner = attribute.g


MUTATIONS = {
    "short data": (lambda g: g.initializer[4].ClearField("raw_data"), "needs"),
    "huge shape": (lambda g: set_dims(g.initializer[4], [1 << 40, 1 << 40]), "has a shape that no memory can hold"),
    "overflowing shape": (lambda g: set_dims(g.initializer[4], [1 << 32, 1 << 31, 2]), "has a shape that no memory can hold"),
    "zero and huge": (lambda g: set_dims(g.initializer[4], [0, 1 << 62, 1 << 62]), "has a shape that no memory can hold"),
    "negative shape": (lambda g: set_dims(g.initializer[4], [-6, 4, 3, 3]), "has a shape that no memory can hold"),
    "many dimensions": (lambda g: set_dims(g.initializer[4], [1] * 1000), "dimensions"),
    "external data": (external, "is no path inside the model's folder"),
    "deep nesting": (deep, ""),
    "no outputs": (lambda g: g.ClearField("output"), "the graph has no outputs"),
    "no inputs": (lambda g: g.ClearField("input"), "the graph has no inputs"),
    "control characters": (lambda g: setattr(g.node[3], "op_type", "\x1b[31mConv\n"), r"\x1b[31mConv\x0a"),
    "no node outputs": (lambda g: g.node[3].ClearField("output"), "has no result"),
    "long name": (lambda g: setattr(g.node[3], "op_type", "A" * 100000), "AAAA..."),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_made_to_hurt(importer, name):
    change, sentence = MUTATIONS[name]
    code, errors = survive(importer, mutated(change))
    assert code == 1 and sentence in errors and len(errors) < 20000, errors[:2000]


def test_many_small_nodes(importer):
    """A file of a few kilobytes with many wide elementwise ops stays cheap."""
    b = Builder()
    x = y = b.qdq(b.input("x", [1, 60000, 1, 1]), 0.02, 3)
    for _ in range(40):
        y = b.qdq(b.node("Add", [x, y]), 0.021, 2)
    b.output(y)
    survive(importer, b.model().SerializeToString())
