// QuantizeLinear and DequantizeLinear, on feature maps and on constants.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>

namespace agc::import {

// Scales are float32 above zero; zero points are int8, uint8 or, of biases, int32, with as many elements.
std::optional<GraphImporter::Scale> GraphImporter::scaleOf(const onnx::NodeProto &node, Attributes &attributes, int type) {
  Scale result;
  result.axis = attributes.integer("axis", 1);
  if (attributes.integer("block_size", 0) != 0) {
    problem("has block-wise scales (block_size), which are not supported; use one scale per output channel");
    return std::nullopt;
  }
  // Later opsets let the type be named without a zero point, and other float types than float32 for the arithmetic.
  bool quantizes = node.op_type() == "QuantizeLinear";
  constexpr int64_t kFloat = static_cast<int64_t>(DataType::Float);
  int64_t outputType = attributes.integer("output_dtype", 0), precision = quantizes ? attributes.integer("precision", 0) : 0;
  if (quantizes)
    attributes.ignore("saturate");  // of float8 results
  if ((!quantizes && outputType != 0 && outputType != kFloat) || (precision != 0 && precision != kFloat)) {
    problem("computes in " + dataTypeName(static_cast<int>(quantizes ? precision : outputType)) + " (" +
            (quantizes ? "precision" : "output_dtype") + "), which rounds differently; supported is float32");
    return std::nullopt;
  }
  if (!checkInputs(node, 2, 3))
    return std::nullopt;
  const Entry *scale = input(node, 1), *zero = input(node, 2);
  if (!scale) {
    problem("lacks its scale");
    return std::nullopt;
  }
  if (scale->unknown() && !scale->value)
    return std::nullopt;  // reported where it was made
  if (!scale->constant || (zero && !zero->unknown() && !zero->constant)) {
    problem("has a scale or zero point that is no constant; quantize statically");
    return std::nullopt;
  }
  if (!scale->constant->is(DataType::Float)) {
    problem("has a scale of type " + dataTypeName(scale->constant->type) + "; supported is float32");
    return std::nullopt;
  }
  if (scale->constant->dims.size() > 1 || scale->constant->floats.empty()) {
    problem("has a scale of shape " + shapeText(scale->constant->dims) + "; supported are one for all or one per channel");
    return std::nullopt;
  }
  result.scales = scale->constant->floats;
  for (float value : result.scales)
    // Subnormal numbers are not exact enough to divide by, and many processors flush them to zero.
    if (!std::isnormal(value) || value < 0) {
      problem("has a scale of " + (std::isnan(value) ? std::string("NaN") : std::to_string(value)) +
              "; scales must be normal float32 numbers above zero");
      return std::nullopt;
    }
  result.type = type ? type : quantizes && outputType ? static_cast<int>(outputType) : static_cast<int>(DataType::Uint8);
  result.zeros.assign(result.scales.size(), 0);
  if (zero) {
    if (!zero->constant)
      return std::nullopt;
    result.type = zero->constant->type;
    if (quantizes && outputType && outputType != result.type) {
      problem("has output_dtype " + dataTypeName(static_cast<int>(outputType)) + " and a zero point of type " + dataTypeName(result.type) +
              "; they must agree");
      return std::nullopt;
    }
    if (zero->constant->isInteger()) {
      if (zero->constant->count() != static_cast<int64_t>(result.scales.size())) {
        problem("has " + std::to_string(result.scales.size()) + " scales and " + std::to_string(zero->constant->count()) + " zero points");
        return std::nullopt;
      }
      for (size_t index = 0; index < result.zeros.size(); ++index)
        result.zeros[index] = zero->constant->integer(index);
    }
  }
  return result;
}

static bool is8Bit(int type) { return type == static_cast<int>(DataType::Int8) || type == static_cast<int>(DataType::Uint8); }

// The element type of a feature map; null, with a report, when the scale is not of one.
mlir::Type GraphImporter::quantizedElement(const Scale &scale) {
  if (!is8Bit(scale.type)) {
    problem("is of type " + dataTypeName(scale.type) + "; feature maps may be int8 or uint8: quantize with activation_type=QuantType.QInt8");
    return nullptr;
  }
  if (scale.scales.size() != 1) {
    problem("has " + std::to_string(scale.scales.size()) + " scales; feature maps have one scale for all channels");
    return nullptr;
  }
  bool isUint8 = scale.type == static_cast<int>(DataType::Uint8);
  return qnn::int8Type(&context, scale.scales[0], scale.zeros[0] - (isUint8 ? 128 : 0));
}

// A constant in float that the file quantizes: done here, as QuantizeLinear would.
static ConstTensor quantizeConstant(const ConstTensor &real, const std::vector<float> &scales, const std::vector<int64_t> &zeros,
                                    int type, int64_t axis) {
  ConstTensor result;
  result.type = type;
  result.dims = real.dims;
  int64_t inner = 1;
  for (size_t dim = axis + 1; dim < real.dims.size(); ++dim)
    inner *= real.dims[dim];
  float low = type == static_cast<int>(DataType::Int8) ? -128.0f : 0.0f;
  for (size_t index = 0; index < real.floats.size(); ++index) {
    size_t channel = scales.size() == 1 ? 0 : (index / inner) % scales.size();
    float steps = std::nearbyint(real.floats[index] / scales[channel]) + static_cast<float>(zeros[channel]);
    float clamped = steps >= low ? std::min(steps, low + 255.0f) : low;  // NaN goes to the lower end
    result.bytes.push_back(static_cast<int8_t>(static_cast<int>(clamped)));
  }
  return result;
}

// A negative axis counts from the end. Nothing when it does not exist or does not have as many entries as there are scales.
static std::optional<int64_t> channelAxis(const std::vector<int64_t> &dims, int64_t axis, size_t scales) {
  if (scales == 1)
    return 0;
  int64_t rank = dims.size();
  axis += axis < 0 ? rank : 0;
  if (axis < 0 || axis >= rank || dims[axis] != static_cast<int64_t>(scales))
    return std::nullopt;
  return axis;
}

void GraphImporter::importQuantize(const onnx::NodeProto &node, Attributes &attributes) {
  std::optional<Scale> scale = scaleOf(node, attributes, 0);
  if (!scale)
    return;
  const Entry *source = input(node, 0);
  if (source && source->constant) {
    std::optional<int64_t> axis = channelAxis(source->constant->dims, scale->axis, scale->scales.size());
    if (!source->constant->is(DataType::Float) || !is8Bit(scale->type) || !axis)
      return problem("quantizes a constant in a way that is not supported; supported is float32 to int8 or uint8, with one scale for all or per channel");
    Entry entry;
    entry.constant = std::make_shared<ConstTensor>(quantizeConstant(*source->constant, scale->scales, scale->zeros, scale->type, *axis));
    return define(node, entry);
  }
  mlir::Type element = quantizedElement(*scale);
  source = elements(node, 0, /*floatOnly=*/true);
  if (!element || !source)
    return;
  mlir::Value real = source->value;
  Entry entry = *source;
  entry.isUint8 = scale->type == static_cast<int>(DataType::Uint8);
  auto location = mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node)));
  entry.value = builder.create<qnn::QuantizeOp>(location, qnn::withElement(real.getType(), element), real);
  if (options.keepIntermediates && !entry.view)  // a reordered one has no map of its own
    intermediates.push_back({node.output(0), entry});
  define(node, entry);
}

void GraphImporter::importDequantize(const onnx::NodeProto &node, Attributes &attributes) {
  const Entry *source = input(node, 0);
  int type = source && source->constant ? source->constant->type
             : source && source->value  ? static_cast<int>(source->isUint8 ? DataType::Uint8 : DataType::Int8)
                                        : 0;
  std::optional<Scale> scale = scaleOf(node, attributes, type);
  if (!scale)
    return;
  if (type && scale->type != type)
    return problem("has a zero point of type " + dataTypeName(scale->type) + " for an input of type " + dataTypeName(type));
  if (source && source->constant) {
    std::optional<int64_t> axis = channelAxis(source->constant->dims, scale->axis, scale->scales.size());
    if (!source->constant->isInteger() || source->constant->is(DataType::Int64))
      return problem("dequantizes a constant of type " + dataTypeName(type) + "; supported are int8, uint8 and int32");
    if (!axis)
      return problem("has " + std::to_string(scale->scales.size()) + " scales along axis " + std::to_string(scale->axis) +
                     " of a constant of shape " + shapeText(source->constant->dims));
    Entry entry;
    entry.dequantized =
        std::make_shared<DequantizedConst>(DequantizedConst{source->constant, scale->scales, scale->zeros, *axis});
    return define(node, entry);
  }
  mlir::Type element = source && source->unknown() ? nullptr : quantizedElement(*scale);
  source = elements(node, 0, /*floatOnly=*/false);
  if (!element || !source)
    return;
  mlir::Value integer = source->value;
  if (qnn::isFloatTensor(integer.getType()))
    return problem("reads '" + printable(node.input(0)) + "', which is float32 already; remove the node");
  if (qnn::quantTypeOf(integer) != element)
    return problem("has another scale or zero point than what made '" + printable(node.input(0)) + "'; use the same on both sides");
  Entry entry = *source;
  entry.isUint8 = false;
  auto location = mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node)));
  entry.value = builder.create<qnn::DequantizeOp>(location, qnn::withElement(integer.getType(), builder.getF32Type()), integer);
  define(node, entry);
}

} // namespace agc::import
