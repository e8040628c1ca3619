"""Weights in files beside the model: read where they lie in its folder, refused in words where anything about them is wrong."""
import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from builder import Builder, reference
from test_numerics import agree, image


def model(b):
    x = b.qdq(b.input("x", [1, 4, 8, 8]), 0.0311, 3)
    y = b.conv(x, (6, 4, 3, 3), [0.004] * 6, bias=b.rng.normal(0, 0.2, 6))
    b.output(b.qdq(y, 0.0207, 0))
    return b.model()


def stored(proto, folder, file="weights.data", **fields):
    """Moves weights, scales and bias of `proto` to one file, with gaps between; `fields` replaces what is said of the weights."""
    data = b"junk"
    for tensor in proto.graph.initializer:
        if tensor.dims and len(tensor.raw_data) >= 24:
            offset, raw = len(data), tensor.raw_data
            data += raw + b"\0" * 13
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            said = {"location": file, "offset": str(offset), "length": str(len(raw))}
            if tensor.data_type == TensorProto.INT8:
                said |= fields
            for key, value in said.items():
                if value is not None:
                    tensor.external_data.add(key=key, value=value)
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return proto


def test_beside_the_model(importer):
    b = Builder()
    inside = model(b)
    feeds = {"x": image(b.rng, 1, 4, 8, 8)}
    expected = reference(inside, feeds)
    text = importer.run(inside, "--canonical")
    for file in ("weights.data", "deep/er/weights.bin"):
        assert importer.run(stored(onnx.ModelProto.FromString(inside.SerializeToString()), importer.folder, file), "--canonical") == text
    ours, scales = importer.graph(stored(inside, importer.folder, length=None)).run(feeds)
    for name in expected:
        agree(ours[name], expected[name], scales[name], 0.999)


def test_as_onnx_saves_it(importer, monkeypatch):
    """onnx.save with all tensors in one file, found from any working directory."""
    b = Builder()
    inside = model(b)
    text = importer.run(inside, "--canonical")
    path = importer.folder / "split.onnx"
    onnx.save(inside, str(path), save_as_external_data=True, location="split.onnx.data", size_threshold=0)
    assert importer.run(str(path), "--canonical") == text
    monkeypatch.chdir(importer.folder)
    assert importer.run("split.onnx", "--canonical") == text


HOSTILE = {
    "parent": (dict(location="../weights.data"), "which is no path inside the model's folder"),
    "hidden parent": (dict(location="a/../../weights.data"), "which is no path inside the model's folder"),
    "absolute": (dict(location="/proc/self/exe"), "which is no path inside the model's folder"),
    "empty": (dict(location=""), "which is no path inside the model's folder"),
    "nothing": (dict(location=None), "which is no path inside the model's folder"),
    "missing": (dict(location="other.data"), "which can not be opened (No such file or directory)"),
    "folder": (dict(location="."), "which is no file"),
    "device": (dict(location="pipe"), "which is no file"),
    "link": (dict(location="link"), "a link that leads out of the model's folder"),
    "link to a folder": (dict(location="up/secret"), "a link that leads out of the model's folder"),
    "long": (dict(location="x" * 5000), "which can not be opened"),
    "offset": (dict(offset="1000000"), "from byte 1000000 on, but the file has"),
    "huge offset": (dict(offset="4611686018427387904"), "from byte 4611686018427387904 on, but the file has"),
    "no number": (dict(offset="-4"), "with offset '-4', which is no number"),
    "overflow": (dict(length="99999999999999999999"), "with length '99999999999999999999', which is no number"),
    "length": (dict(length="7"), "with 7 bytes where its shape needs 216"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_places(importer, name, tmp_path_factory):
    fields, sentence = HOSTILE[name]
    os.mkfifo(importer.folder / "pipe")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_bytes(bytes(1000))
    os.symlink(outside / "secret", importer.folder / "link")
    os.symlink(outside, importer.folder / "up")
    (problem,) = importer.problems(stored(model(Builder()), importer.folder, **fields))
    assert problem.startswith("initializer 'c") and sentence in problem, problem


def test_short_file(importer):
    proto = stored(model(Builder()), importer.folder)
    (importer.folder / "weights.data").write_bytes(b"short")
    problems = importer.problems(proto)
    assert len(problems) == 3 and all("it is cut short or belongs to another model" in problem for problem in problems)


def test_huge_shape_of_a_small_file(importer):
    """A tensor's size is believed only as far as its file goes."""
    proto = stored(model(Builder()), importer.folder)
    for tensor in proto.graph.initializer:
        if tensor.data_type == TensorProto.INT8 and len(tensor.dims) == 4:
            tensor.dims[0] = 1 << 25
    problems = importer.problems(proto)
    assert "1207959552 are needed" in problems[0] or "bytes where its shape needs 1207959552" in problems[0], problems


def test_bytes_used_again_and_again(importer):
    """Tied weights share bytes; a thousand tensors on one file are an attempt to fill the memory."""
    b = Builder()
    proto = stored(model(b), importer.folder)
    (weights,) = [tensor for tensor in proto.graph.initializer if len(tensor.dims) == 4]
    for index in range(1000):
        copy = proto.graph.initializer.add()
        copy.CopyFrom(weights)
        copy.name = f"copy{index}"
    problems = importer.problems(proto)
    assert "whose bytes are used by so many tensors that the model is damaged" in problems[0]
