"""A quantized decoder with the structure of a tiny auto-encoder's body and random weights, for benchmarks without the trained one.

    python tests/perf/stand_in.py --height 256 --width 256 -o body_256_s8.onnx

`feat` 1 x 64 x H/8 x W/8 -> `image` 1 x 3 x H x W. Three stages, each nearest x2, a 3x3 convolution and 3, 3, 1 residual blocks of three 3x3 convolutions of
64 channels; a 3x3 convolution to three channels ends it: 0.2644 MAC a pixel of the picture in millions, 17.33 GMAC at 256 x 256. Weights are normal
random numbers, He-scaled, the last one of a block smaller so that the sum does not grow from block to block. ONNX Runtime's static quantizer finds
the ranges on random features, on a small picture: scales do not depend on height and width, so every size has the same weights and scales. With the
same versions of numpy and ONNX Runtime the same arguments give the same file.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

STRIDE = 8               # picture rows for each feature row
BLOCKS = (3, 3, 1)       # residual blocks of each stage
CALIBRATION_SIZE = 64    # rows and columns of the picture
CALIBRATION_COUNT = 4


class _Float:
    """The network in float32, under construction."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.constants = [], [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")]

    def node(self, op: str, name: str, inputs, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [f"{name}_out"], name=name, **attributes))
        return f"{name}_out"

    def conv(self, name: str, x: str, inputs: int, outputs: int, gain: float = 1.0) -> str:
        weights = self.rng.normal(0, gain * (2 / (9 * inputs)) ** 0.5, (outputs, inputs, 3, 3))
        bias = self.rng.normal(0, 0.1, outputs)
        self.constants += [numpy_helper.from_array(weights.astype(np.float32), f"{name}.weight"),
                           numpy_helper.from_array(bias.astype(np.float32), f"{name}.bias")]
        return self.node("Conv", name, [x, f"{name}.weight", f"{name}.bias"], kernel_shape=(3, 3), pads=(1, 1, 1, 1))

    def block(self, name: str, x: str, channels: int) -> str:
        h = x
        for k in range(3):
            h = self.conv(f"{name}/conv{k}", h, channels, channels, 0.5 if k == 2 else 1.0)
            h = h if k == 2 else self.node("Relu", f"{name}/relu{k}", [h])
        return self.node("Relu", f"{name}/relu2", [self.node("Add", f"{name}/add", [h, x])])

    def model(self, channels: int, height: int, width: int) -> onnx.ModelProto:
        x = "feat"
        for stage, blocks in enumerate(BLOCKS):
            x = self.node("Resize", f"/stage{stage}/up", [x, "", "scales"], mode="nearest", coordinate_transformation_mode="asymmetric",
                          nearest_mode="floor")
            x = self.conv(f"/stage{stage}/conv", x, channels, channels)
            for k in range(blocks):
                x = self.block(f"/stage{stage}/block{k}", x, channels)
        x = self.conv("/last", x, channels, 3, 0.2)
        self.nodes[-1].output[0] = "image"
        graph = helper.make_graph(self.nodes, "stand_in", [_tensor("feat", channels, height // STRIDE, width // STRIDE)],
                                  [_tensor("image", 3, height, width)], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _tensor(name: str, *shape) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, *shape])


class _Features(CalibrationDataReader):
    def __init__(self, features):
        self._remaining = iter(features)

    def get_next(self):
        value = next(self._remaining, None)
        return None if value is None else {"feat": value}


def random_features(count: int, channels: int, height: int, width: int, seed: int) -> list[np.ndarray]:
    """Inputs for a picture of height x width: float32, what a Relu leaves of a normal distribution."""
    rng = np.random.default_rng([1, seed])
    return [np.maximum(rng.normal(0, 1, (1, channels, height // STRIDE, width // STRIDE)), 0).astype(np.float32) for _ in range(count)]


def stand_in(height: int, width: int, channels: int = 64, seed: int = 0) -> onnx.ModelProto:
    """The QDQ model: int8 activations (asymmetric), int8 weights (symmetric, by output channel). Sides are multiples of 8; throws ValueError."""
    if height < STRIDE or width < STRIDE or height % STRIDE or width % STRIDE:
        raise ValueError(f"a picture of {height} x {width} is not possible: both sides are multiples of {STRIDE}")
    if channels < 1:
        raise ValueError("the network needs at least one channel")
    logging.getLogger().setLevel(logging.ERROR)  # the quantizer advises on preprocessing, which has nothing to do here
    features = random_features(CALIBRATION_COUNT, channels, CALIBRATION_SIZE, CALIBRATION_SIZE, seed)
    with tempfile.TemporaryDirectory() as name:
        exact, quantized = Path(name) / "float.onnx", Path(name) / "int8.onnx"
        onnx.save(_Float(seed).model(channels, CALIBRATION_SIZE, CALIBRATION_SIZE), exact)
        quantize_static(str(exact), str(quantized), _Features(features), quant_format=QuantFormat.QDQ, per_channel=True, weight_type=QuantType.QInt8,
                        activation_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
                        extra_options={"WeightSymmetric": True, "ActivationSymmetric": False})
        model = onnx.load(quantized)
    del model.graph.value_info[:]
    for tensor, shape in ((model.graph.input[0], (channels, height // STRIDE, width // STRIDE)), (model.graph.output[0], (3, height, width))):
        tensor.CopyFrom(_tensor(tensor.name, *shape))
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--height", type=int, default=256)
    p.add_argument("--width", type=int, default=256)
    p.add_argument("--channels", type=int, default=64)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("-o", "--output", type=Path, required=True)
    args = p.parse_args()
    try:
        onnx.save(stand_in(args.height, args.width, args.channels, args.seed), args.output)
    except (ValueError, OSError) as error:
        sys.exit(f"stand_in: {error}")


if __name__ == "__main__":
    main()
