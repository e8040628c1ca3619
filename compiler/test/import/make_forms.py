"""Writes one model of a form: make_forms.py FORM FILE."""
import pathlib
import sys

import numpy as np
import onnx

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "onnx"))
from builder import Builder  # noqa: E402
from qoperator import to_qoperator  # noqa: E402


def convolution(b, shape, weights, **attributes):
    x = b.qdq(b.input("x", shape), 0.5, 1)
    return b.qdq(b.node("Conv", [x, b.dequantized(np.asarray(weights, np.int8), 0.25)], name="/conv", **attributes), 2.0, 3)


def qdq(b):
    b.output(convolution(b, [1, 2, 4, 5], np.arange(6).reshape(3, 2, 1, 1)))


def groups(b):
    b.output(convolution(b, [1, 9, 4, 5], np.arange(9).reshape(9, 1, 1, 1), group=9))


def dense_groups(b):
    b.output(convolution(b, [1, 6, 4, 5], np.arange(1, 19).reshape(6, 3, 1, 1), group=2))


def split(b):
    b.output(convolution(b, [1, 2, 4, 5], np.array([1, -128]).reshape(1, 2, 1, 1)))


def batch(b):
    b.output(convolution(b, [3, 2, 4, 5], np.ones((1, 2, 1, 1))))


def line(b):
    b.output(convolution(b, [2, 2, 7], np.ones((1, 2, 3)), strides=[2], pads=[1, 1], dilations=[1]))


def normalization(b):
    x = b.qdq(b.input("x", [1, 2, 4, 5]), 0.5, 1)
    y = b.node("Conv", [x, b.dequantized(np.array([[3], [5]], np.int8).reshape(2, 1, 1, 1), 0.25)], group=2, name="/conv")
    constants = [b.constant(np.float32(v)) for v in ([2, -1], [1, 1], [0.5, 0.25], [4, 1])]
    b.output(b.qdq(b.node("BatchNormalization", [y, *constants], epsilon=0.0, name="/norm"), 2.0, 3))


def main(form, path):
    b = Builder()
    globals()["qdq" if form == "operator" else form](b)
    model = b.model()
    onnx.save(to_qoperator(model) if form == "operator" else model, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
