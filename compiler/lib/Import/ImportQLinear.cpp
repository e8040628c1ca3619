// The operator-oriented form (quant_format=QuantFormat.QOperator): each op is imported as DequantizeLinear of its operands,
// the op on float, and QuantizeLinear of the result, so that both forms of a network become the same qnn ops.
#include "QLinear.h"

#include "GraphImporter.h"
#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <algorithm>

namespace agc::import {

const QLinearForm *qlinearForm(const std::string &opType) {
  // Inputs as onnx.ai and the contrib operators of ONNX Runtime document them.
  static const std::map<std::string, QLinearForm> table = {
      {"QGemm", {"Gemm", 2, 0, 7, 8, 6}},
      {"QLinearAdd", {"Add", 2, 0, 6, 7}},
      {"QLinearAveragePool", {"AveragePool", 1, 0, 3, 4}},
      {"QLinearConcat", {"Concat", -1, 2, 0, 1}},
      {"QLinearConv", {"Conv", 2, 0, 6, 7, 8}},
      {"QLinearGlobalAveragePool", {"GlobalAveragePool", 1, 0, 3, 4}},
      {"QLinearLeakyRelu", {"LeakyRelu", 1, 0, 3, 4}},
      {"QLinearMatMul", {"MatMul", 2, 0, 6, 7}},
      {"QLinearMul", {"Mul", 2, 0, 6, 7}},
      {"QLinearSigmoid", {"Sigmoid", 1, 0, 3, 4}},
  };
  auto found = table.find(opType);
  return found == table.end() ? nullptr : &found->second;
}

std::vector<QuantizedOperand> quantizedOperands(const onnx::NodeProto &node) {
  static const QLinearForm kDequantize = {"", 1, 0, 0, 0};
  const QLinearForm *form = node.op_type() == "DequantizeLinear" ? &kDequantize : qlinearForm(node.op_type());
  std::vector<QuantizedOperand> operands;
  for (int index = form ? form->first : 0; form && index < node.input_size(); index += 3) {
    if (form->operands >= 0 && static_cast<int>(operands.size()) == form->operands)
      break;
    operands.push_back({index, index + 1, index + 2});
  }
  return operands;
}

std::vector<std::string> GraphImporter::qlinearOps() {
  std::vector<std::string> names;
  for (const char *name : {"QGemm", "QLinearAdd", "QLinearAveragePool", "QLinearConcat", "QLinearConv", "QLinearGlobalAveragePool",
                           "QLinearLeakyRelu", "QLinearMatMul", "QLinearMul", "QLinearSigmoid"})
    if (handlers().count(qlinearForm(name)->op))
      names.push_back(name);
  return names;
}

// A tensor name that the file does not use.
std::string GraphImporter::freshName(const std::string &wanted) {
  std::string name = wanted;
  while (entries.count(name) || read.count(name))
    name = wanted + " " + std::to_string(++freshNames);
  return name;
}

// Its name; the entry is unknown where a problem was reported, as for any node.
std::string GraphImporter::dequantizedInput(const onnx::NodeProto &node, int index, int64_t axis) {
  if (index >= node.input_size() || node.input(index).empty()) {
    problem("lacks its input " + std::to_string(index));
    return freshName("missing input");
  }
  onnx::NodeProto inner;
  inner.set_op_type("DequantizeLinear");
  inner.set_name(nodeTitle(node));
  for (int at = index; at < index + 3 && at < node.input_size(); ++at)
    inner.add_input(node.input(at));
  if (inner.input_size() == 3 && inner.input(2).empty())
    inner.mutable_input()->RemoveLast();
  onnx::AttributeProto *attribute = inner.add_attribute();
  attribute->set_name("axis");
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(axis);
  inner.add_output(freshName(node.input(index) + " (dequantized)"));
  entries.emplace(inner.output(0), Entry());
  runHandler(&GraphImporter::importDequantize, inner);
  return inner.output(0);
}

// The int32 bias of a convolution or product counts in the accumulator's unit: scale of the input times scale of the weights.
std::string GraphImporter::accumulatorBias(const onnx::NodeProto &node, int index) {
  std::string name = freshName(node.input(index) + " (dequantized)");
  Entry &result = entries[name];
  const Entry *bias = input(node, index), *left = input(node, 1), *right = input(node, 4);
  if (bias->unknown() || !left || !right || left->unknown() || right->unknown())
    return name;
  if (!bias->constant || !bias->constant->is(DataType::Int32)) {
    problem("has a bias '" + printable(node.input(index)) + "' that is no int32 constant");
    return name;
  }
  if (!left->constant || !right->constant || left->constant->floats.size() != 1 || right->constant->floats.empty())
    return name;  // reported with the operands
  DequantizedConst constant;
  constant.values = bias->constant;
  for (float scale : right->constant->floats)
    constant.scales.push_back(left->constant->floats[0] * scale);
  constant.zeros.assign(constant.scales.size(), 0);
  int64_t count = bias->constant->count();
  if (constant.scales.size() != 1 && static_cast<int64_t>(constant.scales.size()) != count)
    problem("has a bias '" + printable(node.input(index)) + "' of shape " + shapeText(bias->constant->dims) + " and " +
            std::to_string(constant.scales.size()) + " scales of weights");
  else
    result.dequantized = std::make_shared<DequantizedConst>(std::move(constant));
  return name;
}

void GraphImporter::importQLinear(const onnx::NodeProto &node, Attributes &attributes) {
  const QLinearForm &form = *qlinearForm(node.op_type());
  for (const onnx::AttributeProto &attribute : node.attribute())
    attributes.ignore(attribute.name());  // the inner op looks at them
  auto handler = handlers().find(form.op);
  if (handler == handlers().end())
    return refuseOp(node);
  if (attributes.integer("channels_last", 0) != 0)
    return problem("has channels_last = 1; supported is the order N, C, H, W");
  int leastInputs = form.operands < 0 ? form.first + 3 : std::max(form.first + 3 * form.operands - 1, form.scale + 1);
  int mostInputs = form.operands < 0 ? 1 << 20 : std::max({form.zero + 1, form.bias + 1, leastInputs});
  if (!checkInputs(node, leastInputs, mostInputs))
    return;

  onnx::NodeProto inner;
  inner.set_op_type(form.op);
  inner.set_name(nodeTitle(node));
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() != "channels_last")
      *inner.add_attribute() = attribute;
  std::vector<QuantizedOperand> operands = quantizedOperands(node);
  for (const QuantizedOperand &operand : operands) {
    // Scales per output channel: rows of Conv's weights, columns of MatMul's, either of Gemm's.
    bool weights = operand.data != form.first;
    int64_t axis = !weights || std::string(form.op) == "Conv" ? 0 : -1;
    if (std::string(form.op) == "Gemm" && weights)
      axis = attributes.integer("transB", 0) ? 0 : 1;
    inner.add_input(dequantizedInput(node, operand.data, axis));
  }
  if (form.bias >= 0 && form.bias < node.input_size() && !node.input(form.bias).empty())
    inner.add_input(accumulatorBias(node, form.bias));
  bool isFloat = form.scale >= node.input_size() || node.input(form.scale).empty();
  if (isFloat && std::string(form.op) != "Gemm")
    return problem("lacks the scale of its result");
  inner.add_output(isFloat ? node.output(0) : freshName(node.output(0) + " (real)"));
  entries.emplace(inner.output(0), Entry());
  runHandler(handler->second, inner);
  if (isFloat)
    return;  // QGemm may leave its result in float

  onnx::NodeProto outer;
  outer.set_op_type("QuantizeLinear");
  outer.set_name(nodeTitle(node));
  outer.add_input(inner.output(0));
  outer.add_input(node.input(form.scale));
  if (form.zero < node.input_size() && !node.input(form.zero).empty()) {
    outer.add_input(node.input(form.zero));
  } else if (const Entry *first = input(node, form.first); first && first->value) {  // the result has the operands' type
    onnx::AttributeProto *type = outer.add_attribute();
    type->set_name("output_dtype");
    type->set_type(onnx::AttributeProto::INT);
    type->set_i(static_cast<int>(first->isUint8 ? DataType::Uint8 : DataType::Int8));
  }
  outer.add_output(node.output(0));
  runHandler(&GraphImporter::importQuantize, outer);
}

} // namespace agc::import
