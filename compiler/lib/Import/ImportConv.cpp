// Conv with quantized constant weights.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>

namespace agc::import {

// int8 [O, I, KH, KW] with zero point 0, one scale for all or one per output channel; null, with a report, otherwise.
std::shared_ptr<const DequantizedConst> GraphImporter::convWeights(const onnx::NodeProto &node) {
  const Entry *entry = input(node, 1);
  if (!entry) {
    problem("lacks its weights");
    return nullptr;
  }
  if (entry->unknown())
    return nullptr;
  std::string name = "'" + printable(node.input(1)) + "'";
  if (!entry->dequantized) {
    problem(entry->constant ? "has weights " + name + " of type " + dataTypeName(entry->constant->type) +
                                  " without DequantizeLinear; quantize them to int8"
                            : "has weights " + name + " that are no constant; only constant weights are supported");
    return nullptr;
  }
  const DequantizedConst &source = *entry->dequantized;
  const ConstTensor &values = *source.values;
  size_t before = problems.size();
  bool isUint8 = values.is(DataType::Uint8);
  if (!values.is(DataType::Int8) && !isUint8)
    problem("has weights " + name + " of type " + dataTypeName(values.type) + "; supported is int8");
  if (values.dims.size() != 4)
    problem("has weights " + name + " of shape " + shapeText(values.dims) + "; only two-dimensional convolutions are supported, weights [O, I, KH, KW]");
  else if (source.scales.size() > 1 && source.axis != 0)
    problem("has weights " + name + " with scales along axis " + std::to_string(source.axis) + "; supported is one per output channel, axis 0");
  if (values.count() == 0)
    problem("has weights " + name + " without elements, shape " + shapeText(values.dims));
  for (int64_t zero : source.zeros)
    if (zero != (isUint8 ? 128 : 0)) {
      problem("has weights " + name + " with a zero point of " + std::to_string(zero) +
              "; quantize them symmetrically (extra_options WeightSymmetric=True)");
      break;
    }
  if (problems.size() != before)
    return nullptr;
  auto result = std::make_shared<DequantizedConst>(source);
  if (isUint8) {  // q - 128 in two's complement
    auto moved = std::make_shared<ConstTensor>(values);
    moved->type = static_cast<int>(DataType::Int8);
    for (int8_t &value : moved->bytes)
      value ^= static_cast<int8_t>(-128);
    result->values = moved;
  }
  int64_t lowest = llvm::count(result->values->bytes, int8_t(-128));
  if (lowest > 0) {
    problem("has " + std::to_string(lowest) + " weights of -128 in " + name +
            "; the machine takes -127..127: quantize symmetrically to that range, or replace -128 by -127");
    return nullptr;
  }
  return result;
}

// Real values of the bias, empty when there is none; nothing, with or without a report, when it can not be used.
std::optional<std::vector<float>> GraphImporter::convBias(const onnx::NodeProto &node, int64_t channels) {
  const Entry *entry = input(node, 2);
  if (!entry)
    return std::vector<float>();
  if (entry->unknown())
    return std::nullopt;
  std::string name = "'" + printable(node.input(2)) + "'";
  std::vector<float> bias;
  if (entry->dequantized)
    bias = entry->dequantized->real();
  else if (entry->constant && entry->constant->is(DataType::Float))
    bias = entry->constant->floats;
  else {
    problem("has a bias " + name + " that is neither float32 nor dequantized");
    return std::nullopt;
  }
  const std::vector<int64_t> &dims = entry->constant ? entry->constant->dims : entry->dequantized->values->dims;
  if (dims.size() != 1 || (channels && dims[0] != channels)) {
    problem("has a bias " + name + " of shape " + shapeText(dims) + " for " + std::to_string(channels) + " output channels");
    return std::nullopt;
  }
  for (float value : bias)
    if (!std::isfinite(value)) {
      problem("has a bias " + name + " with a value that is not finite");
      return std::nullopt;
    }
  return bias;
}

// [top, left, bottom, right]; with auto_pad SAME they depend on the input, which may be unknown (then empty).
std::vector<int64_t> GraphImporter::convPads(Attributes &attributes, mlir::Value input, llvm::ArrayRef<int64_t> kernel,
                                             llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations) {
  std::string automatic = attributes.text("auto_pad", "NOTSET");
  std::vector<int64_t> pads = attributes.integers("pads").value_or(std::vector<int64_t>(4, 0));
  if (pads.size() != 4) {
    problem("has " + std::to_string(pads.size()) + " pads; a two-dimensional convolution has four");
    return {};
  }
  for (int64_t pad : pads)
    if (pad < 0 || pad > qnn::kMaxPad) {
      problem("has a padding of " + std::to_string(pad) + "; supported are 0.." + std::to_string(qnn::kMaxPad));
      return {};
    }
  if (automatic == "NOTSET")
    return pads;
  if (automatic == "VALID")
    return std::vector<int64_t>(4, 0);
  if (automatic != "SAME_UPPER" && automatic != "SAME_LOWER") {
    problem("has an auto_pad of '" + printable(automatic) + "'; supported are NOTSET, VALID, SAME_UPPER and SAME_LOWER");
    return {};
  }
  if (!input)
    return {};
  llvm::ArrayRef<int64_t> shape = llvm::cast<mlir::RankedTensorType>(input.getType()).getShape();
  for (int axis = 0; axis < 2; ++axis) {
    int64_t size = shape[2 + axis], reach = dilations[axis] * (kernel[axis] - 1) + 1;
    int64_t total = std::max<int64_t>(((size + strides[axis] - 1) / strides[axis] - 1) * strides[axis] + reach - size, 0);
    int64_t smaller = total / 2;
    pads[axis] = automatic == "SAME_UPPER" ? smaller : total - smaller;
    pads[2 + axis] = total - pads[axis];
  }
  return pads;
}

void GraphImporter::importConv(const onnx::NodeProto &node, Attributes &attributes) {
  size_t before = problems.size();
  if (!checkInputs(node, 2, 3))
    return;
  // All that can be wrong is looked at before the node is given up, so that one run names it all.
  std::shared_ptr<const DequantizedConst> weights = convWeights(node);
  int64_t channels = weights ? weights->values->dims[0] : 0;
  std::optional<std::vector<float>> bias = convBias(node, channels);
  mlir::Value map = floatMap(node, 0);
  if (int64_t group = attributes.integer("group", 1); group != 1)
    problem("has group = " + std::to_string(group) + "; grouped convolutions are not supported in this version");
  auto pair = [&](const char *name, int64_t limit) {
    std::vector<int64_t> values = attributes.integers(name).value_or(std::vector<int64_t>(2, 1));
    bool good = values.size() == 2 && llvm::all_of(values, [&](int64_t value) { return value >= 1 && value <= limit; });
    if (!good) {
      problem(std::string("has ") + name + " = " + shapeText(values) + "; supported are two numbers in 1.." + std::to_string(limit));
      values = {1, 1};
    }
    return values;
  };
  std::vector<int64_t> strides = pair("strides", qnn::kMaxStride), dilations = pair("dilations", qnn::kMaxDilation);
  std::optional<std::vector<int64_t>> declaredKernel = attributes.integers("kernel_shape");
  std::vector<int64_t> kernel = {1, 1};
  if (weights) {
    kernel = {weights->values->dims[2], weights->values->dims[3]};
    if (declaredKernel && *declaredKernel != kernel)
      problem("has kernel_shape = " + shapeText(*declaredKernel) + " and weights of shape " + shapeText(weights->values->dims));
    if (kernel[0] > qnn::kMaxKernel || kernel[1] > qnn::kMaxKernel)
      problem("has a kernel of " + shapeText(kernel) + "; supported are kernels up to 15x15");
  }
  std::vector<int64_t> pads = convPads(attributes, map, kernel, strides, dilations);
  if (problems.size() != before || !weights || !bias || !map || pads.empty())
    return;

  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(map.getType()).getShape();
  if (weights->values->dims[1] != in[1])
    return problem("has weights for " + std::to_string(weights->values->dims[1]) + " input channels and an input of shape " + shapeText(in));
  int64_t height = qnn::convOutputSize(in[2], kernel[0], strides[0], dilations[0], pads[0], pads[2]);
  int64_t width = qnn::convOutputSize(in[3], kernel[1], strides[1], dilations[1], pads[1], pads[3]);
  if (height < 1 || width < 1)
    return problem("has a kernel that does not fit its input of shape " + shapeText(in) + "; the result would be empty");
  mlir::Type type = mapType({1, channels, height, width}, builder.getF32Type());
  if (!type)
    return;
  auto weightType = mlir::RankedTensorType::get(weights->values->dims, builder.getI8Type());
  // Below 2^48: kernels are at most 15x15, maps and channels bounded by mapType.
  int64_t macs = channels * height * width * kernel[0] * kernel[1] * in[1];
  Entry entry;
  entry.value = builder.create<qnn::ConvOp>(mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node))), type, map,
                                            mlir::DenseElementsAttr::get(weightType, llvm::ArrayRef<int8_t>(weights->values->bytes)),
                                            weights->scales, *bias, strides, dilations, pads, macs);
  define(node, entry);
}

} // namespace agc::import
