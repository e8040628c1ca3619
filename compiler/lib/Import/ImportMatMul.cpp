// Gemm and MatMul with constant weights: 1x1 convolutions.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>

namespace agc::import {

// `weights` as int8 in -127..127 with zero point 0; null, with a report, otherwise.
static std::string matrixProblem(const DequantizedConst &weights, int64_t outputAxis) {
  const ConstTensor &values = *weights.values;
  bool isUint8 = values.is(DataType::Uint8);
  if (!values.is(DataType::Int8) && !isUint8)
    return "of type " + dataTypeName(values.type) + "; supported is int8";
  if (values.dims.size() != 2 || values.count() == 0)
    return "of shape " + shapeText(values.dims) + "; supported are matrices";
  if (weights.scales.size() > 1 && weights.axis != outputAxis)
    return "with scales along axis " + std::to_string(weights.axis) + "; supported is one per output, axis " + std::to_string(outputAxis);
  for (int64_t zero : weights.zeros)
    if (zero != (isUint8 ? 128 : 0))
      return "with a zero point of " + std::to_string(zero) + "; quantize them symmetrically (extra_options WeightSymmetric=True)";
  for (int64_t index = 0; index < values.count(); ++index)
    if (values.integer(index) == (isUint8 ? 0 : -128))
      return "with a weight of -128; the machine takes -127..127: quantize symmetrically to that range";
  return {};
}

// The constant matrix that is input 1; null, with or without a report, when it is none.
std::shared_ptr<const DequantizedConst> GraphImporter::matrixOf(const onnx::NodeProto &node, int64_t outputAxis) {
  const Entry *entry = input(node, 1);
  if (!entry || entry->unknown()) {
    if (!entry)
      problem("lacks its input 1");
    return nullptr;
  }
  std::string name = "'" + printable(node.input(1)) + "'";
  if (!entry->dequantized) {
    problem(entry->constant ? "has weights " + name + " of type " + dataTypeName(entry->constant->type) + " without DequantizeLinear; quantize them to int8"
                            : "multiplies by " + name + ", which is no constant; only constant weights are supported");
    return nullptr;
  }
  if (std::string wrong = matrixProblem(*entry->dequantized, outputAxis); !wrong.empty()) {
    problem("has weights " + name + " " + wrong);
    return nullptr;
  }
  return entry->dequantized;
}

mlir::Value GraphImporter::product(const onnx::NodeProto &node, mlir::Value value, const DequantizedConst &weights, bool outputFirst,
                                   llvm::ArrayRef<float> bias, float factor) {
  const ConstTensor &values = *weights.values;
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
  int64_t outputs = values.dims[outputFirst ? 0 : 1], inputs = values.dims[outputFirst ? 1 : 0];
  std::vector<int8_t> matrix(outputs * inputs);
  int64_t offset = values.is(DataType::Uint8) ? 128 : 0;
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < inputs; ++i)
      matrix[o * inputs + i] = static_cast<int8_t>(values.integer(outputFirst ? o * inputs + i : i * outputs + o) - offset);
  std::vector<float> scales = weights.scales;
  for (float &scale : scales)
    scale *= factor;
  mlir::Type type = mapType({in[0], outputs, in[2], in[3]}, builder.getF32Type());
  if (!type)
    return nullptr;
  auto weightType = mlir::RankedTensorType::get({outputs, inputs, 1, 1}, builder.getI8Type());
  return builder.create<qnn::ConvOp>(
      location(node), type, value, mlir::DenseElementsAttr::get(weightType, llvm::ArrayRef<int8_t>(matrix)), scales, bias,
      llvm::ArrayRef<int64_t>{1, 1}, llvm::ArrayRef<int64_t>{1, 1}, llvm::ArrayRef<int64_t>{0, 0, 0, 0}, outputs * inputs * in[2] * in[3], /*block_grouped=*/false, builder.getStringAttr(node.op_type()));
}

void GraphImporter::importGemm(const onnx::NodeProto &node, Attributes &attributes) {
  size_t before = problems.size();
  float alpha = attributes.real("alpha").value_or(1.0f), beta = attributes.real("beta").value_or(1.0f);
  bool transposeInput = attributes.integer("transA", 0) != 0, outputFirst = attributes.integer("transB", 0) != 0;
  if (!checkInputs(node, 2, 3))
    return;
  if (!(alpha > 0) || !std::isfinite(alpha) || !std::isfinite(beta))
    problem("has alpha = " + std::to_string(alpha) + " and beta = " + std::to_string(beta) + "; alpha must be above zero");
  std::shared_ptr<const DequantizedConst> weights = matrixOf(node, outputFirst ? 0 : 1);
  const Entry *source = elements(node, 0, true);
  std::vector<float> bias;
  const Entry *third = input(node, 2);
  if (third && !third->unknown()) {
    std::optional<std::vector<float>> reals = constantReals(*third);
    if (!reals)
      problem("has a bias '" + printable(node.input(2)) + "' that is neither float32 nor dequantized");
    else
      bias = *reals;
  }
  if (problems.size() != before || !weights || !source || (third && third->unknown()))
    return;
  View view = viewOf(*source);
  if (view.shape().size() != 2)
    return problem("has an input of shape " + shapeText(view.shape()) + "; Gemm takes matrices");
  if (transposeInput && mixesImages(0))
    return;
  if (transposeInput)
    view = view.transposed({1, 0});
  int64_t outputs = weights->values->dims[outputFirst ? 0 : 1], inputs = weights->values->dims[outputFirst ? 1 : 0];
  if (view.shape()[1] != inputs)
    return problem("has weights for " + std::to_string(inputs) + " inputs and an input of shape " + shapeText(view.shape()));
  if (bias.size() == 1)
    bias.assign(outputs, bias[0]);
  if (!bias.empty() && static_cast<int64_t>(bias.size()) != outputs)
    return problem("has a bias of " + std::to_string(bias.size()) + " numbers for " + std::to_string(outputs) + " outputs");
  for (float &value : bias) {
    value *= beta;
    if (!std::isfinite(value))
      return problem("has a bias with a value that is not finite");
  }
  productOfRows(node, *source, view, *weights, outputFirst, bias, alpha);
}

void GraphImporter::importMatMul(const onnx::NodeProto &node, Attributes &) {
  if (!checkInputs(node, 2, 2))
    return;
  if (const Entry *first = input(node, 0); first && first->isConstant())
    return problem("multiplies a constant by a feature map; supported is a feature map times a constant");
  std::shared_ptr<const DequantizedConst> weights = matrixOf(node, 1);
  const Entry *source = elements(node, 0, true);
  if (!weights || !source)
    return;
  View view = viewOf(*source);
  if (view.shape().size() < 2 || view.shape().back() != weights->values->dims[0])
    return problem("has weights for " + std::to_string(weights->values->dims[0]) + " inputs and an input of shape " + shapeText(view.shape()));
  productOfRows(node, *source, view, *weights, /*outputFirst=*/false, {}, 1.0f);
}

// The rows of `view` are pixels of one row of a map, the last dimension is their channels.
void GraphImporter::productOfRows(const onnx::NodeProto &node, const Entry &source, const View &view, const DequantizedConst &weights, bool outputFirst,
                                  std::vector<float> bias, float factor) {
  std::vector<int64_t> shape = view.shape().vec();
  int64_t inputs = shape.back(), rows = view.count() / inputs;
  constexpr int64_t kMaxRows = int64_t(1) << 20;
  if (rows > kMaxRows)
    return problem("has an input of " + std::to_string(rows) + " rows; supported are up to 2^20");
  // Where rows were the pixels of a map, its height and width are tried first: then nothing moves.
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(source.value.getType()).getShape();
  std::vector<std::pair<int64_t, int64_t>> sizes = {{1, rows}};
  if (in[2] * in[3] == rows)
    sizes.insert(sizes.begin(), {in[2], in[3]});
  Entry channelsFirst = source;
  for (auto [height, width] : sizes) {
    View map = view.reshaped({rows, inputs}).transposed({1, 0}).reshaped({1, inputs, height, width});
    channelsFirst.view = std::make_shared<View>(map);
    if (selectionOf(map, in, map.shape()))
      break;
  }
  mlir::Value value = materialize(channelsFirst);
  if (!value)
    return;
  int64_t outputs = weights.values->dims[outputFirst ? 0 : 1];
  shape.back() = outputs;
  mlir::Value made = product(node, value, weights, outputFirst, bias, factor);
  if (!made)
    return;
  Entry entry;
  entry.value = made;
  defineView(node, 0, entry, viewOf(entry).reshaped({outputs, rows}).transposed({1, 0}).reshaped(shape));
}

} // namespace agc::import
