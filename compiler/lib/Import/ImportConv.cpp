// Conv with quantized constant weights.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>

namespace agc::import {

// A dense form of grouped weights larger than this is refused: it would run for longer than anyone waits.
static constexpr int64_t kMaxDenseWeights = int64_t(1) << 24;

// [O, I, KH, KW] or [O, I, KW], one scale for all or one per output channel; nothing, with a report, otherwise.
std::optional<ConvWeights> GraphImporter::convWeights(const onnx::NodeProto &node) {
  const Entry *entry = input(node, 1);
  if (!entry) {
    problem("lacks its weights");
    return std::nullopt;
  }
  if (entry->unknown())
    return std::nullopt;
  std::string name = "'" + printable(node.input(1)) + "'";
  if (!entry->dequantized) {
    problem(entry->constant ? "has weights " + name + " of type " + dataTypeName(entry->constant->type) +
                                  " without DequantizeLinear; quantize them to int8"
                            : "has weights " + name + " that are no constant; only constant weights are supported");
    return std::nullopt;
  }
  const DequantizedConst &source = *entry->dequantized;
  const ConstTensor &values = *source.values;
  size_t before = problems.size();
  if (!values.is(DataType::Int8) && !values.is(DataType::Uint8))
    problem("has weights " + name + " of type " + dataTypeName(values.type) + "; supported are int8 and uint8");
  if (values.dims.size() != 4 && values.dims.size() != 3)
    problem("has weights " + name + " of shape " + shapeText(values.dims) +
            "; only one- and two-dimensional convolutions are supported, weights [O, I, KW] or [O, I, KH, KW]");
  else if (source.scales.size() > 1 && source.axis != 0)
    problem("has weights " + name + " with scales along axis " + std::to_string(source.axis) + "; supported is one per output channel, axis 0");
  if (values.count() == 0)
    problem("has weights " + name + " without elements, shape " + shapeText(values.dims));
  if (problems.size() != before)
    return std::nullopt;
  return convWeightsOf(source);
}

// Real values of the bias, empty when there is none; nothing, with or without a report, when it can not be used.
std::optional<std::vector<float>> GraphImporter::convBias(const onnx::NodeProto &node, int64_t channels) {
  const Entry *entry = input(node, 2);
  if (!entry)
    return std::vector<float>();
  if (entry->unknown())
    return std::nullopt;
  std::string name = "'" + printable(node.input(2)) + "'";
  const std::optional<std::vector<float>> bias = constantReals(*entry);
  if (!bias) {
    problem("has a bias " + name + " that is neither float32 nor dequantized");
    return std::nullopt;
  }
  const std::vector<int64_t> &dims = entry->constant ? entry->constant->dims : entry->dequantized->values->dims;
  if (dims.size() != 1 || (channels && dims[0] != channels)) {
    problem("has a bias " + name + " of shape " + shapeText(dims) + " for " + std::to_string(channels) + " output channels");
    return std::nullopt;
  }
  for (float value : *bias)
    if (!std::isfinite(value)) {
      problem("has a bias " + name + " with a value that is not finite");
      return std::nullopt;
    }
  return bias;
}

// Two numbers in 1..limit, [y, x]; 1-D data has one, and 1 for y.
std::vector<int64_t> GraphImporter::convPair(Attributes &attributes, const char *name, int64_t limit, size_t spatial) {
  std::vector<int64_t> values = attributes.integers(name).value_or(std::vector<int64_t>(spatial, 1));
  bool good = values.size() == spatial && llvm::all_of(values, [&](int64_t value) { return value >= 1 && value <= limit; });
  if (!good) {
    problem(std::string("has ") + name + " = " + shapeText(values) + "; supported " + (spatial == 2 ? "are two numbers" : "is one number") +
            " in 1.." + std::to_string(limit));
    values.assign(spatial, 1);
  }
  if (spatial == 1)
    values.insert(values.begin(), 1);
  return values;
}

// [top, left, bottom, right]; with auto_pad SAME they depend on the input, which may be unknown (then empty).
std::vector<int64_t> GraphImporter::convPads(Attributes &attributes, mlir::Value input, llvm::ArrayRef<int64_t> kernel,
                                             llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations, size_t spatial) {
  std::string automatic = attributes.text("auto_pad", "NOTSET");
  std::vector<int64_t> pads = attributes.integers("pads").value_or(std::vector<int64_t>(2 * spatial, 0));
  if (pads.size() != 2 * spatial) {
    problem("has " + std::to_string(pads.size()) + " pads; a " + (spatial == 2 ? "two-dimensional convolution has four" : "one-dimensional convolution has two"));
    return {};
  }
  for (int64_t pad : pads)
    if (pad < 0 || pad > qnn::kMaxPad) {
      problem("has a padding of " + std::to_string(pad) + "; supported are 0.." + std::to_string(qnn::kMaxPad));
      return {};
    }
  if (spatial == 1)
    pads = {0, pads[0], 0, pads[1]};
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

bool GraphImporter::checkKernelShape(Attributes &attributes, const ConvWeights &weights, size_t spatial) {
  std::vector<int64_t> kernel = {weights.height, weights.width};
  kernel.erase(kernel.begin(), kernel.end() - spatial);
  size_t before = problems.size();
  if (std::optional<std::vector<int64_t>> declared = attributes.integers("kernel_shape"); declared && *declared != kernel)
    problem("has kernel_shape = " + shapeText(*declared) + " and weights with a kernel of " + shapeText(kernel));
  if (weights.height > qnn::kMaxKernel || weights.width > qnn::kMaxKernel)
    problem("has a kernel of " + shapeText(kernel) + "; supported are kernels up to 15x15");
  return problems.size() == before;
}

// Null, with a report, where the result is too large or empty.
mlir::Value GraphImporter::createConv(mlir::Location location, mlir::Value input, const ConvWeights &weights, const std::vector<float> &bias,
                                      llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations, llvm::ArrayRef<int64_t> pads,
                                      int64_t macs) {
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(input.getType()).getShape();
  int64_t height = qnn::convOutputSize(in[2], weights.height, strides[0], dilations[0], pads[0], pads[2]);
  int64_t width = qnn::convOutputSize(in[3], weights.width, strides[1], dilations[1], pads[1], pads[3]);
  mlir::Type type = mapType({1, weights.out, height, width}, builder.getF32Type());
  if (!type)
    return nullptr;
  auto weightType = mlir::RankedTensorType::get({weights.out, weights.in, weights.height, weights.width}, builder.getI8Type());
  return builder.create<qnn::ConvOp>(location, type, input, mlir::DenseElementsAttr::get(weightType, llvm::ArrayRef<int8_t>(weights.bytes())),
                                     weights.scales, bias, strides, dilations, pads, macs, weights.blockGrouped, mlir::StringAttr());
}

// The quantization of a float value that is a dequantized one, chosen from or cut off at zero; quantizing it again is exact.
static mlir::quant::UniformQuantizedType quantizationBehind(mlir::Value value) {
  while (mlir::Operation *op = value.getDefiningOp()) {
    if (auto dequantize = llvm::dyn_cast<qnn::DequantizeOp>(op))
      return qnn::quantTypeOf(dequantize.getInput());
    if (!llvm::isa<qnn::ReluOp, qnn::ResizeOp>(op))
      break;
    value = op->getOperand(0);
  }
  return nullptr;
}

bool GraphImporter::spendWeights(int64_t count) {
  constexpr int64_t kMost = int64_t(1) << 27;
  madeWeights = std::min(madeWeights + count, kMost + 1);
  if (madeWeights <= kMost)
    return true;
  problem("needs " + std::to_string(count) + " weights beside those of the file for its groups, asymmetric weights or factors, with those "
          "before it more than 2^27; quantize the weights symmetrically and export with fewer groups");
  return false;
}

mlir::Value GraphImporter::withCopies(mlir::Location location, mlir::Value input, ConvWeights &weights) {
  std::vector<int64_t> sources = splitLargeWeights(weights);
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(input.getType()).getShape();
  if (static_cast<int64_t>(sources.size()) == in[1])
    return input;
  mlir::quant::UniformQuantizedType quantized = quantizationBehind(input);
  if (!quantized) {
    problem("has weights outside of -127..127 (asymmetric ones, or -128) and an input that no DequantizeLinear makes; put a "
            "QuantizeLinear and DequantizeLinear pair in front of it, or quantize the weights symmetrically");
    return nullptr;
  }
  if (!spendWeights(static_cast<int64_t>(sources.size()) * in[1]))
    return nullptr;
  ConvWeights copy;
  copy.out = static_cast<int64_t>(sources.size());
  copy.in = in[1];
  copy.height = copy.width = 1;
  copy.scales = {1.0f};
  copy.values.assign(copy.out * copy.in, 0);
  for (int64_t channel = 0; channel < copy.out; ++channel)
    copy.values[channel * copy.in + sources[channel]] = 1;
  auto requantized = [&](mlir::Value value) -> mlir::Value {  // exact: the values are on the grid
    mlir::Value integer = builder.create<qnn::QuantizeOp>(location, qnn::withElement(value.getType(), quantized), value);
    return builder.create<qnn::DequantizeOp>(location, value.getType(), integer);
  };
  mlir::Value copied = createConv(location, requantized(input), copy, {}, {1, 1}, {1, 1}, {0, 0, 0, 0}, /*macs=*/0);
  return copied ? requantized(copied) : nullptr;
}

void GraphImporter::importConv(const onnx::NodeProto &node, Attributes &attributes) {
  size_t before = problems.size();
  if (!checkInputs(node, 2, 3))
    return;
  // All that can be wrong is looked at before the node is given up, so that one run names it all.
  std::optional<ConvWeights> weights = convWeights(node);
  std::optional<std::vector<float>> bias = convBias(node, weights ? weights->out : 0);
  mlir::Value map = floatMap(node, 0);
  const Entry *weightEntry = input(node, 1);
  size_t rank = weights ? weightEntry->dequantized->values->dims.size() : map ? input(node, 0)->rank : 4, spatial = rank - 2;
  int64_t groups = attributes.integer("group", 1);
  if (groups < 1 || (weights && weights->out % groups != 0)) {
    problem("has group = " + std::to_string(groups) + (weights ? " and " + std::to_string(weights->out) + " output channels" : "") +
            "; groups must divide the channels");
    groups = 1;
  }
  std::vector<int64_t> strides = convPair(attributes, "strides", qnn::kMaxStride, spatial),
                       dilations = convPair(attributes, "dilations", qnn::kMaxDilation, spatial), kernel = {1, 1};
  if (weights) {
    kernel = {weights->height, weights->width};
    checkKernelShape(attributes, *weights, spatial);
  } else {
    attributes.ignore("kernel_shape");
  }
  std::vector<int64_t> pads = convPads(attributes, map, kernel, strides, dilations, spatial);
  if (problems.size() != before || !weights || !bias || !map || pads.empty())
    return;

  const Entry &source = *input(node, 0);
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(map.getType()).getShape();
  if (source.rank != static_cast<int>(rank) || weights->in > qnn::kMaxDim || weights->in * groups != in[1])
    return problem("has weights of shape " + shapeText(weightEntry->dequantized->values->dims) +
                   (groups == 1 ? "" : " in " + std::to_string(groups) + " groups") + " for " + std::to_string(weights->in) +
                   " input channels" + (groups == 1 ? "" : " each") + " and an input of shape " + shapeText(onnxShape(source)));
  int64_t height = qnn::convOutputSize(in[2], kernel[0], strides[0], dilations[0], pads[0], pads[2]);
  int64_t width = qnn::convOutputSize(in[3], kernel[1], strides[1], dilations[1], pads[1], pads[3]);
  if (height < 1 || width < 1)
    return problem("has a kernel that does not fit its input of shape " + shapeText(onnxShape(source)) + "; the result would be empty");
  // Below 2^48: kernels are at most 15x15, maps and channels bounded by mapType.
  int64_t macs = weights->out * height * width * kernel[0] * kernel[1] * weights->in;
  // Copies of channels would not stay in their blocks.
  bool large = llvm::any_of(weights->values, [](int16_t value) { return value < -127 || value > 127; });
  std::optional<ConvWeights> plain = withoutGroups(*weights, groups, kMaxDenseWeights, /*blocks=*/!large);
  if (!plain)
    return problem("has group = " + std::to_string(groups) + " with " + std::to_string(weights->in) + " input and " +
                   std::to_string(weights->out / groups) +
                   " output channels each, which this version runs as a dense convolution with zeros; that would have more than 2^24 weights");
  if (groups != 1 && !spendWeights(static_cast<int64_t>(plain->values.size())))
    return;
  auto location = mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node)));
  mlir::Value read = plain->blockGrouped ? map : withCopies(location, map, *plain);
  if (!read)
    return;
  Entry entry;
  entry.rank = source.rank;
  entry.value = createConv(location, read, *plain, *bias, strides, dilations, pads, macs);
  if (entry.value)
    define(node, entry);
}

} // namespace agc::import
