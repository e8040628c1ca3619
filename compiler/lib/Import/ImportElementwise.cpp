// Relu, Clip, Add.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>
#include <limits>

namespace agc::import {

void GraphImporter::importRelu(const onnx::NodeProto &node, Attributes &) {
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, /*floatOnly=*/true);
  if (!source)
    return;
  Entry entry = *source;
  entry.value = builder.create<qnn::ReluOp>(location(node), source->value.getType(), source->value);
  define(node, entry);
}

// A bound from input `index` or, as older opsets have it, from the attribute `name`.
std::optional<float> GraphImporter::clipBound(const onnx::NodeProto &node, Attributes &attributes, int index, const char *name,
                                              float otherwise) {
  std::optional<float> attribute = attributes.real(name);
  const Entry *entry = input(node, index);
  float bound = attribute.value_or(otherwise);
  if (entry) {
    if (entry->unknown())
      return std::nullopt;
    const std::vector<float> values = constantReals(*entry).value_or(std::vector<float>());
    if (values.size() != 1) {
      problem("has a bound '" + printable(node.input(index)) + "' that is no single float32 constant");
      return std::nullopt;
    }
    bound = values[0];
  }
  if (std::isnan(bound)) {
    problem(std::string("has NaN as its ") + name);
    return std::nullopt;
  }
  return bound;
}

void GraphImporter::importClip(const onnx::NodeProto &node, Attributes &attributes) {
  if (!checkInputs(node, 1, 3))
    return;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::optional<float> low = clipBound(node, attributes, 1, "min", -kInfinity);
  std::optional<float> high = clipBound(node, attributes, 2, "max", kInfinity);
  const Entry *source = elements(node, 0, /*floatOnly=*/true);
  if (low && high && *low > *high)
    return problem("has a lower bound " + std::to_string(*low) + " above its upper bound " + std::to_string(*high));
  if (!low || !high || !source)
    return;
  Entry entry = *source;
  entry.value = builder.create<qnn::ClipOp>(location(node), source->value.getType(), source->value, builder.getF32FloatAttr(*low),
                                            builder.getF32FloatAttr(*high));
  define(node, entry);
}

void GraphImporter::importAdd(const onnx::NodeProto &node, Attributes &) {
  if (checkInputs(node, 2, 2))
    defineElementwise(node, "Add", /*anyType=*/false);
}

} // namespace agc::import
