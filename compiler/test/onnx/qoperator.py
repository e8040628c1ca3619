"""Rewrites a QDQ model into the operator-oriented form, as ONNX Runtime's quantizer writes it (QuantFormat.QOperator)."""
import onnx
from onnx import helper, numpy_helper

UNARY = {"LeakyRelu", "Sigmoid", "GlobalAveragePool", "AveragePool"}
BINARY = {"Add", "Mul"}


def to_qoperator(model):
    """DequantizeLinear -> op -> QuantizeLinear becomes one QLinear op where there is one; node names stay with the op."""
    result = onnx.ModelProto.FromString(model.SerializeToString())
    graph = result.graph
    makers = {output: node for node in graph.node for output in node.output}
    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    dropped, added = [], {}
    for node in graph.node:
        behind = readers.get(node.output[0], [])
        sources = [makers.get(name) for name in node.input]
        quantized = all(source is not None and source.op_type == "DequantizeLinear" for source in sources)
        if not quantized or len(behind) != 1 or behind[0].op_type != "QuantizeLinear":
            continue
        triples = [name for source in sources[:2] for name in source.input]
        scale = list(behind[0].input[1:])
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Conv":
            bias = [sources[2].input[0]] if len(sources) > 2 else []
            fused = helper.make_node("QLinearConv", triples + scale + bias, behind[0].output, name=node.name, **attributes)
        elif node.op_type in BINARY or node.op_type in UNARY:
            fused = helper.make_node("QLinear" + node.op_type, triples + scale, behind[0].output, name=node.name,
                                     domain="com.microsoft", **attributes)
        else:
            continue
        dropped += [node.output[0], behind[0].output[0]]
        added[node.output[0]] = fused
    nodes = []
    for node in graph.node:
        if node.output[0] in added:
            nodes.append(added[node.output[0]])
        elif node.output[0] not in dropped:
            nodes.append(node)
    while True:  # DequantizeLinear that nobody reads any more
        used = {name for node in nodes for name in node.input} | {output.name for output in graph.output}
        kept = [node for node in nodes if node.output[0] in used]
        if len(kept) == len(nodes):
            break
        nodes = kept
    del graph.node[:]
    graph.node.extend(nodes)
    result.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return result
