// Constant, Identity and what is an identity at inference: names for other things.
#include "GraphImporter.h"

#include "onnx/onnx.pb.h"

namespace agc::import {

void GraphImporter::importConstant(const onnx::NodeProto &node, Attributes &attributes) {
  checkInputs(node, 0, 0);
  ConstTensor tensor;
  if (const onnx::TensorProto *value = attributes.tensor("value")) {
    onnx::TensorProto copy = *value;
    std::string why;
    std::optional<ConstTensor> read = readTensor(copy, external, why);
    if (!read)
      return problem(why);
    tensor = std::move(*read);
  } else if (auto real = attributes.real("value_float")) {
    tensor.type = static_cast<int>(DataType::Float);
    tensor.floats = {*real};
  } else if (auto reals = attributes.reals("value_floats")) {
    tensor.type = static_cast<int>(DataType::Float);
    tensor.floats = *reals;
    tensor.dims = {static_cast<int64_t>(reals->size())};
  } else if (attributes.has("value_int")) {
    tensor.type = static_cast<int>(DataType::Int64);
    tensor.ints = {attributes.integer("value_int", 0)};
  } else if (auto integers = attributes.integers("value_ints")) {
    tensor.type = static_cast<int>(DataType::Int64);
    tensor.ints = *integers;
    tensor.dims = {static_cast<int64_t>(integers->size())};
  } else {
    for (const char *other : {"sparse_value", "value_string", "value_strings"})
      attributes.ignore(other);
    return problem("has no value of numbers; supported are value, value_float, value_floats, value_int and value_ints");
  }
  Entry entry;
  entry.constant = std::make_shared<ConstTensor>(std::move(tensor));
  define(node, entry);
}

void GraphImporter::importIdentity(const onnx::NodeProto &node, Attributes &) {
  if (node.op_type() == "Identity" && !checkInputs(node, 1, 1))
    return;
  const Entry *entry = input(node, 0);
  if (!entry)
    return problem("lacks its input 0");
  define(node, *entry);
}

void GraphImporter::importDropout(const onnx::NodeProto &node, Attributes &attributes) {
  attributes.ignore("ratio");
  attributes.ignore("seed");
  if (!checkInputs(node, 1, 3))
    return;
  if (const Entry *training = input(node, 2); training && !training->unknown()) {
    const ConstTensor *flag = training->constant.get();
    if (!flag || !flag->is(DataType::Bool) || flag->count() != 1 || flag->integer(0) != 0)
      return problem("may be in training mode; export the model for inference (model.eval())");
  }
  importIdentity(node, attributes);
}

void GraphImporter::importCast(const onnx::NodeProto &node, Attributes &attributes) {
  int64_t to = attributes.integer("to", 0);
  attributes.ignore("saturate");
  attributes.ignore("round_mode");
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *entry = input(node, 0);
  if (!entry)
    return problem("lacks its input 0");
  if (entry->unknown())
    return;
  int type = entry->constant      ? entry->constant->type
             : entry->dequantized || qnn::isFloatTensor(entry->value.getType()) ? static_cast<int>(DataType::Float)
             : static_cast<int>(entry->isUint8 ? DataType::Uint8 : DataType::Int8);
  if (to != type)
    return problem("casts " + dataTypeName(type) + " to " + dataTypeName(static_cast<int>(to)) +
                   "; a feature map keeps its type, use QuantizeLinear and DequantizeLinear");
  define(node, *entry);
}

} // namespace agc::import
