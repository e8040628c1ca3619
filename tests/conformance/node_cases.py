"""The ONNX project's own node tests of the ops that the compiler takes, wrapped in QuantizeLinear and DequantizeLinear.

    AGC_IMPORT=build/release/bin/agc-import python tests/conformance/node_cases.py [OP ...]

prints one line a case: passed, refused (with the compiler's sentence) or failed. Scales come from the data of each case. What is
compared is the canonical form, evaluated in numpy, with ONNX Runtime on the same quantized file, graph optimisation disabled."""
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "compiler" / "test" / "onnx"))
import canonical  # noqa: E402
from builder import reference  # noqa: E402

TIE = 2.0 ** -10
# Inputs that are parameters, by index: constants of the wrapped model. Of these, quantized ones are weights.
PARAMETERS = {"Clip": (1, 2), "Pad": (1, 2, 3), "Slice": (1, 2, 3, 4), "Split": (1,), "Reshape": (1,), "Squeeze": (1,), "Unsqueeze": (1,),
              "ReduceMean": (1,), "ReduceSum": (1,), "ReduceMax": (1,), "PRelu": (1,), "Pow": (1,), "Conv": (1, 2), "Gemm": (1, 2),
              "MatMul": (1,)}
WEIGHTS = {"Conv": (1,), "Gemm": (1,), "MatMul": (1,)}
# At most a hundredth of the outputs of these may differ by a step, of others a thousandth.
TRANSCENDENTAL = {"Sigmoid", "Tanh", "Elu", "Selu", "Celu", "Gelu", "Softplus", "Mish", "Erf", "Exp", "Log", "Sqrt", "HardSwish", "Softsign", "Pow",
                  "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Swish"}
OPS = sorted({"Conv", "Relu", "Clip", "LeakyRelu", "PRelu", "HardSigmoid", "Reciprocal", "Abs", "Neg", "Floor", "Ceil", "Round", "Sign", "Shrink",
              "ThresholdedRelu", "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
              "ReduceMean", "ReduceSum", "ReduceMax", "Concat", "Split", "Slice", "Pad", "DepthToSpace", "SpaceToDepth", "Transpose", "Reshape",
              "Flatten", "Squeeze", "Unsqueeze", "Gemm", "MatMul", "Identity"} | TRANSCENDENTAL)


def quantization(values):
    """Scale and zero point of int8 for the range of `values`, zero among them. The factor keeps ratios of scales from being simple."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    scale = np.float32(max(high - low, 1e-3) / 255 * 1.0371)
    return scale, np.int8(np.clip(round(-128 - low / scale), -128, 127))


class Wrapped:
    """`model` runs the case's node between QuantizeLinear and DequantizeLinear; `real` hands over what is quantized last."""

    def __init__(self, case):
        node = onnx.NodeProto.FromString(case.model.graph.node[0].SerializeToString())
        inputs, self.expected = case.data_sets[0]
        names = [value.name for value in case.model.graph.input]
        self.nodes, self.initializers, self.inputs, self.feeds = [], [], [], {}
        for name, data in zip(names, inputs):
            index = list(node.input).index(name)
            data = np.asarray(data)
            if index in PARAMETERS.get(node.op_type, ()) or data.dtype != np.float32:
                replaced = self.weight(name, data, node, index) if index in WEIGHTS.get(node.op_type, ()) else self.constant(name, data)
            else:
                replaced = self.feature_map(name, data)
            node.input[index] = replaced
        node.name = "node"
        self.nodes.append(node)
        real = []
        outputs = []
        for name, data in zip([name for name in node.output if name], self.expected):
            outputs.append(helper.make_tensor_value_info(self.pair(name, np.asarray(data)), TensorProto.FLOAT, None))
            real.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        # The ops mean the same in all of these; the package's cases name the newest.
        version = min(max(case.model.opset_import[0].version, 13), 23)
        self.opsets = [helper.make_opsetid("", version)]
        self.ir_version = case.model.ir_version
        self.model, self.real = self.build(outputs), self.build(outputs + real)

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def pair(self, name, data):
        scale, zero = quantization(data)
        parameters = [self.constant(f"{name}_scale", scale), self.constant(f"{name}_zero", zero)]
        self.nodes.append(helper.make_node("QuantizeLinear", [name] + parameters, [f"{name}_q"], name=f"{name}_q"))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{name}_q"] + parameters, [f"{name}_dq"], name=f"{name}_dq"))
        return f"{name}_dq"

    def feature_map(self, name, data):
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, data.shape))
        self.feeds[name] = data
        return self.pair(name, data)

    def weight(self, name, data, node, index):
        scale = np.float32(max(float(np.abs(data).max()), 1e-3) / 127)
        values = np.rint(data / scale).clip(-127, 127).astype(np.int8)
        self.nodes.append(helper.make_node("DequantizeLinear", [self.constant(f"{name}_w", values), self.constant(f"{name}_w_scale", scale),
                                                                self.constant(f"{name}_w_zero", np.int8(0))], [f"{name}_dq"], name=f"{name}_dq"))
        return f"{name}_dq"

    def build(self, outputs):
        graph = helper.make_graph(self.nodes, "case", self.inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=self.opsets)
        model.ir_version = min(self.ir_version, 10)
        return model


def cases(ops=OPS):
    from onnx.backend.test.loader import load_model_tests

    for case in load_model_tests(kind="node"):
        nodes = load(case).graph.node
        if len(nodes) == 1 and nodes[0].op_type in ops and nodes[0].domain in ("", "ai.onnx"):
            yield case


def load(case):
    """With its model and data, from the onnx package's own folder where they are not in memory."""
    if case.model is None:
        case.model = onnx.load(os.path.join(case.model_dir, "model.onnx"))
    return case.model


def data_sets(case):
    if case.data_sets:
        return
    sets = []
    for folder in sorted(pathlib.Path(case.model_dir).glob("test_data_set_*")):
        read = lambda kind: [numpy_helper.to_array(onnx.load_tensor(str(path)))
                             for path in sorted(folder.glob(f"{kind}_*.pb"), key=lambda p: int(p.stem.split("_")[1]))]
        sets.append((read("input"), read("output")))
    case.data_sets = sets


def inapplicable(case):
    """Why there is no float feature map in a case, or None."""
    graph = load(case).graph
    types = {value.type.tensor_type.elem_type for value in list(graph.output)}
    if types != {TensorProto.FLOAT}:
        return "no float result"
    if graph.input and graph.input[0].type.tensor_type.elem_type != TensorProto.FLOAT:
        return "no float input"
    try:
        data_sets(case)
    except Exception:  # sequences and optionals
        return "no tensors"
    return None


def compare(wrapped, text):
    """Empty when the contract of one op is kept, else what is wrong."""
    graph = canonical.Graph(text)
    ours, scales = graph.run(wrapped.feeds)
    theirs = reference(wrapped.real, wrapped.feeds)
    node = next(node for node in wrapped.model.graph.node if node.name == "node")
    allowed = 0.01 if node.op_type in TRANSCENDENTAL else 0.001
    for output in wrapped.model.graph.output:
        expected, step = theirs[output.name], scales[output.name]
        real = theirs[output.name.removesuffix("_dq")] / step
        if ours[output.name].shape != expected.shape:
            return f"shape {ours[output.name].shape} instead of {expected.shape}"
        apart = np.abs(ours[output.name] - expected) / step
        tie = np.abs(real - np.floor(real) - 0.5) < TIE
        different = int(((apart > 0.5) & ~tie).sum())
        if apart.max() > 1.01 or different > allowed * apart.size:
            return f"{different} of {apart.size} differ, by up to {apart.max():.0f} steps"
    return ""


def run(case, program):
    """("passed" | "refused" | "failed" | "inapplicable", detail)"""
    if why := inapplicable(case):
        return "inapplicable", why
    try:
        wrapped = Wrapped(case)
        reference(wrapped.model, wrapped.feeds)
    except Exception as error:  # an op or type that ONNX Runtime has no kernel for
        return "inapplicable", "ONNX Runtime: " + str(error).splitlines()[0][:100]
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(wrapped.model.SerializeToString())
        file.flush()
        done = subprocess.run([program, file.name, "--canonical"], capture_output=True, text=True, timeout=120)
    if done.returncode == 0:
        wrong = compare(wrapped, done.stdout)
        return ("failed", wrong) if wrong else ("passed", "")
    lines = done.stderr.splitlines()
    if done.returncode == 1 and lines and all(line.startswith("error: ") for line in lines):
        return "refused", lines[0].removeprefix("error: ")
    return "failed", f"exit code {done.returncode}: {done.stderr[-200:]}"


def main():
    program = os.environ["AGC_IMPORT"]
    counts = {}
    for case in cases(set(sys.argv[1:]) or OPS):
        outcome, detail = run(case, program)
        counts[outcome] = counts.get(outcome, 0) + 1
        print(f"{outcome:12} {case.name:60} {detail}")
    print(counts)
    return 1 if counts.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
