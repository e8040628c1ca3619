#include "Attributes.h"

#include "onnx/onnx.pb.h"

namespace agc::import {

Attributes::Attributes(const onnx::NodeProto &node, std::function<void(const std::string &)> problem)
    : node(node), problem(std::move(problem)) {
  std::set<std::string> seen;
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (!seen.insert(attribute.name()).second)
      this->problem("has the attribute '" + attribute.name() + "' twice");
}

const onnx::AttributeProto *Attributes::find(const std::string &name, int type, const char *typeName) {
  used.insert(name);
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.name() != name)
      continue;
    if (attribute.type() == type)
      return &attribute;
    problem("has an attribute '" + name + "' that is not " + typeName);
    return nullptr;
  }
  return nullptr;
}

bool Attributes::has(const std::string &name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return true;
  return false;
}

int64_t Attributes::integer(const std::string &name, int64_t otherwise) {
  const onnx::AttributeProto *attribute = find(name, onnx::AttributeProto::INT, "an integer");
  return attribute ? attribute->i() : otherwise;
}

std::optional<float> Attributes::real(const std::string &name) {
  const onnx::AttributeProto *attribute = find(name, onnx::AttributeProto::FLOAT, "a float");
  return attribute ? std::optional<float>(attribute->f()) : std::nullopt;
}

std::string Attributes::text(const std::string &name, const std::string &otherwise) {
  const onnx::AttributeProto *attribute = find(name, onnx::AttributeProto::STRING, "a string");
  return attribute ? attribute->s() : otherwise;
}

std::optional<std::vector<int64_t>> Attributes::integers(const std::string &name) {
  const onnx::AttributeProto *attribute = find(name, onnx::AttributeProto::INTS, "a list of integers");
  if (!attribute)
    return std::nullopt;
  return std::vector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

std::optional<std::vector<float>> Attributes::reals(const std::string &name) {
  const onnx::AttributeProto *attribute = find(name, onnx::AttributeProto::FLOATS, "a list of floats");
  if (!attribute)
    return std::nullopt;
  return std::vector<float>(attribute->floats().begin(), attribute->floats().end());
}

const onnx::TensorProto *Attributes::tensor(const std::string &name) {
  const onnx::AttributeProto *attribute = find(name, onnx::AttributeProto::TENSOR, "a tensor");
  return attribute ? &attribute->t() : nullptr;
}

void Attributes::finish() {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (!used.count(attribute.name()))
      problem("has an attribute '" + attribute.name() + "', which " + node.op_type() + " does not have");
}

} // namespace agc::import
