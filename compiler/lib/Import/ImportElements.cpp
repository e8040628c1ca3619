// Ops on each element, and on pairs of elements with broadcast.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>
#include <limits>

namespace agc::import {

namespace {

struct Parameter {
  const char *name;
  float otherwise;
};

// Attributes of the ops that have numbers for attributes, in the order of qnn.unary's parameters.
const std::map<std::string, std::vector<Parameter>> &unaryParameters() {
  static const std::map<std::string, std::vector<Parameter>> table = {
      {"Celu", {{"alpha", 1.0f}}},
      {"Elu", {{"alpha", 1.0f}}},
      {"HardSigmoid", {{"alpha", 0.2f}, {"beta", 0.5f}}},
      {"LeakyRelu", {{"alpha", 0.01f}}},
      {"Selu", {{"alpha", 1.67326319217681884765625f}, {"gamma", 1.05070102214813232421875f}}},
      {"Shrink", {{"lambd", 0.5f}, {"bias", 0.0f}}},
      {"Swish", {{"alpha", 1.0f}}},
      {"ThresholdedRelu", {{"alpha", 1.0f}}},
  };
  return table;
}

// Dimensions aligned to the right, with ones in front up to `rank`.
std::vector<int64_t> withRank(llvm::ArrayRef<int64_t> dims, size_t rank) {
  std::vector<int64_t> result(rank > dims.size() ? rank - dims.size() : 0, 1);
  result.insert(result.end(), dims.begin(), dims.end());
  return result;
}

} // namespace

void GraphImporter::importUnary(const onnx::NodeProto &node, Attributes &attributes) {
  if (!checkInputs(node, 1, 1))
    return;
  std::string kind = node.op_type();
  std::vector<float> parameters;
  if (auto found = unaryParameters().find(kind); found != unaryParameters().end())
    for (const Parameter &parameter : found->second)
      parameters.push_back(attributes.real(parameter.name).value_or(parameter.otherwise));
  if (kind == "Gelu") {
    std::string approximate = attributes.text("approximate", "none");
    if (approximate != "none" && approximate != "tanh")
      return problem("has approximate = '" + printable(approximate) + "'; supported are none and tanh");
    parameters.push_back(approximate == "tanh" ? 1.0f : 0.0f);
  }
  for (float parameter : parameters)
    if (!std::isfinite(parameter))
      return problem("has an attribute that is not finite");
  const Entry *source = elements(node, 0, /*floatOnly=*/true);
  if (!source)
    return;
  Entry entry = *source;
  entry.value = builder.create<qnn::UnaryOp>(location(node), source->value.getType(), source->value, kind, parameters);
  define(node, entry);
}

std::optional<std::vector<float>> GraphImporter::constantReals(const Entry &entry) {
  if (entry.dequantized)
    return entry.dequantized->real();
  if (entry.constant && entry.constant->is(DataType::Float))
    return entry.constant->floats;
  return std::nullopt;
}

// Input `index` as a map whose ONNX shape has been given `rank` dimensions. Constants must be one number or one per channel.
std::optional<GraphImporter::Operand> GraphImporter::operandOf(const onnx::NodeProto &node, int index, size_t rank, bool anyType) {
  const Entry *entry = input(node, index);
  if (!entry) {
    problem("lacks its input " + std::to_string(index));
    return std::nullopt;
  }
  std::string name = "'" + printable(node.input(index)) + "'";
  if (entry->isConstant()) {
    const std::vector<int64_t> &dims = entry->constant ? entry->constant->dims : entry->dequantized->values->dims;
    std::optional<std::vector<float>> reals = constantReals(*entry);
    if (!reals || anyType) {
      problem("has a constant operand " + name + " that is not float32");
      return std::nullopt;
    }
    std::vector<int64_t> shape = mapShape(withRank(dims, rank));
    if (shape.empty())
      return std::nullopt;
    if (shape[0] != 1 || shape[2] != 1 || shape[3] != 1) {
      problem("has a constant operand " + name + " of shape " + shapeText(dims) + "; supported are one number, and one per channel");
      return std::nullopt;
    }
    for (float real : *reals)
      if (!std::isfinite(real)) {
        problem("has a constant operand " + name + " with a value that is not finite");
        return std::nullopt;
      }
    mlir::Type type = mapType(shape, builder.getF32Type());
    if (!type)
      return std::nullopt;
    return Operand{builder.create<qnn::ConstantOp>(location(node), type, *reals), true};
  }
  if (!elements(node, index, !anyType))
    return std::nullopt;
  Entry ranked = *entry;
  View view = viewOf(*entry);
  if (view.shape().size() < rank) {
    if (mixesImages(0))  // its images would be another dimension
      return std::nullopt;
    setView(ranked, view.reshaped(withRank(view.shape(), rank)));
  }
  mlir::Value value = materialize(ranked);
  return value ? std::optional<Operand>(Operand{value}) : std::nullopt;
}

// Null, with a report, when the shapes do not go together.
mlir::Value GraphImporter::combine(const onnx::NodeProto &node, llvm::StringRef kind, Operand left, Operand right) {
  auto leftType = llvm::cast<mlir::RankedTensorType>(left.value.getType()), rightType = llvm::cast<mlir::RankedTensorType>(right.value.getType());
  llvm::ArrayRef<int64_t> a = leftType.getShape(), b = rightType.getShape();
  if (leftType.getElementType() != rightType.getElementType()) {
    problem("reads integer tensors of different scales or zero points; put DequantizeLinear in front of it");
    return nullptr;
  }
  std::vector<int64_t> shape;
  for (int axis = 0; axis < 4; ++axis) {
    if (a[axis] != b[axis] && a[axis] != 1 && b[axis] != 1) {
      problem("has operands of shapes " + shapeText(a) + " and " + shapeText(b) + ", which can not be broadcast");
      return nullptr;
    }
    shape.push_back(std::max(a[axis], b[axis]));
  }
  mlir::Type type = mapType(shape, leftType.getElementType());
  if (!type)
    return nullptr;
  if (kind == "Add" && a == b && !left.isConstant && !right.isConstant)
    return builder.create<qnn::AddOp>(location(node), type, left.value, right.value);
  // One number is a bound like those of Clip.
  auto number = [](Operand operand) {
    return operand.isConstant && llvm::cast<mlir::RankedTensorType>(operand.value.getType()).getNumElements() == 1;
  };
  if ((kind == "Max" || kind == "Min") && (number(left) || number(right))) {
    mlir::Value map = number(left) ? right.value : left.value;
    float bound = (number(left) ? left : right).value.getDefiningOp<qnn::ConstantOp>().getValues()[0];
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    return builder.create<qnn::ClipOp>(location(node), type, map, builder.getF32FloatAttr(kind == "Max" ? bound : -kInfinity),
                                       builder.getF32FloatAttr(kind == "Max" ? kInfinity : bound));
  }
  return builder.create<qnn::BinaryOp>(location(node), type, left.value, right.value, kind);
}

// All inputs of the node, combined from the left.
void GraphImporter::defineElementwise(const onnx::NodeProto &node, llvm::StringRef kind, bool anyType) {
  size_t rank = 0;
  bool isUint8 = false;
  std::vector<int64_t> shape;
  for (int index = 0; index < node.input_size(); ++index) {
    const Entry *entry = input(node, index);
    if (!entry)
      return problem("lacks its input " + std::to_string(index));
    if (entry->unknown())
      return;
    std::vector<int64_t> dims = entry->value         ? imageShape(*entry)
                                : entry->constant    ? entry->constant->dims
                                                     : entry->dequantized->values->dims;
    rank = std::max(rank, dims.size());
    isUint8 |= entry->isUint8;
    std::vector<int64_t> here = withRank(dims, std::max(dims.size(), shape.size()));
    shape = withRank(shape, here.size());
    for (size_t axis = 0; axis < shape.size(); ++axis)
      shape[axis] = std::max(shape[axis], here[axis]);  // whether they go together is found out by combine
  }
  bool allConstant = true;
  for (int index = 0; index < node.input_size(); ++index)
    allConstant &= input(node, index)->isConstant();
  if (allConstant)
    return problem("has constant operands only; fold it (python -m onnxruntime.quantization.preprocess does)");
  Operand result;
  for (int index = 0; index < node.input_size(); ++index) {
    std::optional<Operand> operand = operandOf(node, index, std::max<size_t>(rank, 2), anyType);
    if (!operand)
      return;
    if (index == 0) {
      result = *operand;
      continue;
    }
    result.value = combine(node, kind, result, *operand);
    result.isConstant = false;
    if (!result.value)
      return;
  }
  define(node, tensorOf(result.value, shape, isUint8));
}

void GraphImporter::importBinary(const onnx::NodeProto &node, Attributes &) {
  if (!checkInputs(node, 2, 2))
    return;
  std::string kind = node.op_type();
  const Entry *second = input(node, 1);
  if ((kind == "Pow" || kind == "PRelu") && second && !second->isConstant()) {
    if (!second->unknown())
      problem(kind == "Pow" ? "has an exponent that is no constant" : "has a slope that is no constant");
    return;
  }
  defineElementwise(node, kind, /*anyType=*/false);
}

void GraphImporter::importMaxMin(const onnx::NodeProto &node, Attributes &) {
  if (node.input_size() < 1)
    return problem("has no inputs");
  const Entry *first = input(node, 0);
  bool integers = first && first->value && !qnn::isFloatTensor(first->value.getType());
  if (node.op_type() == "Sum" && node.input_size() > 2)
    return problem("adds " + std::to_string(node.input_size()) + " tensors, which rounds once in the file; write it as Adds with QuantizeLinear "
                   "and DequantizeLinear between");
  if (node.op_type() == "Sum" && integers)
    return problem("reads '" + printable(node.input(0)) + "', which is an integer tensor; put a DequantizeLinear between");
  defineElementwise(node, node.op_type() == "Sum" ? "Add" : node.op_type(), integers);
}

} // namespace agc::import
