"""Comparison of the integer model with ONNX Runtime: counts of equal steps, and PSNR of whole models."""

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime

from .cases import Case
from .executor import Executor
from .qmodel import ADD_BITS, MULTIPLIER_BITS

TIE = 2.0 ** -10  # steps around a rounding tie in which either neighbour is right


def reference_session(model: onnx.ModelProto | str) -> onnxruntime.InferenceSession:
    """ONNX Runtime with graph optimisation disabled: the literal meaning of the file."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    data = model if isinstance(model, str) else model.SerializeToString()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@dataclass
class Result:
    """Counts over the outputs that do not saturate (in either implementation); `max_difference` is over all."""

    counted: int
    equal: int  # of counted
    outside_ties: int
    equal_outside_ties: int
    max_difference: int
    saturated: float  # fraction of all outputs
    distinct: int
    factor: float  # the largest requantization factor

    @property
    def fraction(self) -> float:
        return self.equal_outside_ties / max(1, self.outside_ties)


def compare(case: Case, bits: int = MULTIPLIER_BITS, add_bits: int = ADD_BITS, reference: np.ndarray | None = None) -> Result:
    """One case whose output is a dequantized tensor; `reference` saves running ONNX Runtime again."""
    if reference is None:
        reference = reference_session(case.model).run(None, case.feeds)[0]
    executor = Executor(case.model, bits, add_bits)
    ours = executor(case.feeds)[0]
    quantize = [n for n in case.model.graph.node if n.op_type == "QuantizeLinear"][-1]
    scale = {t.name: t for t in case.model.graph.initializer}[quantize.input[1]]
    step = float(onnx.numpy_helper.to_array(scale))
    difference = np.rint((ours.astype(np.float64) - reference) / step).astype(np.int64)
    real, q = executor.real[quantize.output[0]], executor.steps[quantize.output[0]]
    # Saturated by the type or by a Relu or Clip: the real value lies outside the values that came out.
    inside = (real > q.min()) & (real < q.max()) & (q > -128) & (q < 127)
    clear = inside & (np.abs(real - np.floor(real) - 0.5) > TIE)
    equal = difference == 0
    return Result(int(inside.sum()), int((equal & inside).sum()), int(clear.sum()), int((equal & clear).sum()),
                  int(np.abs(difference).max()), float(np.mean((q == -128) | (q == 127))), int(np.unique(q).size),
                  executor.factor[quantize.output[0]])


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """dB, for a peak of 1 where b lies in [0, 1], otherwise b's largest magnitude; inf when equal."""
    peak = 1.0 if b.min() >= 0 and b.max() <= 1 else float(np.abs(b).max())
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(peak ** 2 / error))
